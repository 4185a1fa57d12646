//! What was said in the sessions that are kept: read, put in order, shown.
//!
//! In comes a transcript or an archive, out go messages in the order in which they were said, and what is made of them. The
//! rooms in the order in which they are met: [`mod@reading`] reads a transcript and joins what its lines say to one
//! conversation; [`opened`] is an archive and whose it is; [`session`] finds what somebody named and reads it with its parts;
//! [`call`] says what tools did, [`about`] what a session is, and a [`choice`] which of its messages are wanted.
//!
//! They are shown to people ([`rendering`]) in a [`terminal`] and as [`markdown`]; [`json`] is how programs see a message,
//! [`ndjson`] how tables of them are made; and [`mod@counts`] adds up what a store holds.

pub(crate) mod about;
pub(crate) mod call;
pub(crate) mod choice;
pub(crate) mod counts;
pub(crate) mod markdown;
pub(crate) mod ndjson;
pub(crate) mod opened;
pub(crate) mod reading;
pub(crate) mod rendering;
pub(crate) mod session;
pub(crate) mod terminal;

pub(crate) use crate::message::json;
