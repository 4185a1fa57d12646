//! What was said in the sessions that are kept: read, put in order, shown.
//!
//! In comes a transcript or an archive, out go messages in the order in which they were said, and what is made of them. The
//! rooms in the order in which they are met: [`mod@reading`] reads a transcript and joins what its lines say to one
//! conversation; [`session`] finds what somebody named and reads it with its parts; [`call`] says what tools did; [`json`] is
//! how programs see a message, [`ndjson`] how tables of them are made; [`opened`] is an archive and whose it is;
//! [`mod@counts`] adds up what a store holds; [`html`] is how browsers see a session, [`site`] the list of many; and [`export`]
//! writes them.

pub(crate) mod call;
pub(crate) mod counts;
pub(crate) mod export;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod ndjson;
pub(crate) mod opened;
pub(crate) mod reading;
pub(crate) mod session;
pub(crate) mod site;
