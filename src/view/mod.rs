//! What was said in the sessions that are kept: read, put in order, shown.
//!
//! In comes a transcript or an archive, out go messages in the order in which they were said, and what is made of them. The
//! rooms in the order in which they are met: [`mod@reading`] reads a transcript and joins what its lines say to one
//! conversation; [`opened`] is an archive and whose it is; [`session`] finds what somebody named and reads it with its parts,
//! [`about`] is what is known of it beside, and a [`choice`] what of it is wanted; [`call`] says what tools did. [`json`] is how
//! programs see a message, [`ndjson`] how tables of them are made; people see a session by a [`rendering`]: [`terminal`] or
//! [`mod@markdown`]; [`html`] is how browsers do, [`site`] the list of many sessions, and [`export`] writes them all; and
//! [`mod@counts`] adds up what a store holds.

pub(crate) mod about;
pub(crate) mod call;
pub(crate) mod choice;
pub(crate) mod counts;
pub(crate) mod export;
pub(crate) mod html;
pub(crate) mod markdown;
pub(crate) mod ndjson;
pub(crate) mod opened;
pub(crate) mod reading;
pub(crate) mod rendering;
pub(crate) mod session;
pub(crate) mod site;
pub(crate) mod terminal;

pub(crate) use crate::message::json;
