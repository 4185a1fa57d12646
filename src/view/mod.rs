//! What was said in the sessions that are kept: read, put in order, shown.
//!
//! In comes a transcript or an archive, out go messages in the order in which they were said, and what is made of them. The
//! rooms in the order in which they are met: [`mod@reading`] reads a transcript and joins what its lines say to one
//! conversation; [`session`] finds what somebody named and reads it with its parts; [`call`] says what tools did; [`json`] is
//! how programs see a message.

pub(crate) mod about;
pub(crate) mod call;
pub(crate) mod choice;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod reading;
pub(crate) mod rendering;
pub(crate) mod session;
pub(crate) mod terminal;
