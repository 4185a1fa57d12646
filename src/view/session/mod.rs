//! A session as people name it and read it: its transcript, and the parts that ran in it.
//!
//! In comes what somebody wrote for a session, or for one message of it; out go its files, and all that was said with the
//! parts at the places where they ran. To be met in this order: an [`address`] is what was written; [`mod@find`] finds the
//! session that it names in the store, or it is [`unarchived`]; [`parts`] are the archives beside its own; and [`whole`] reads them as one.

mod address;
mod find;
mod parts;
mod unarchived;
mod whole;

pub(crate) use address::{Address, Name};
pub(crate) use find::{Found, all, candidate_line, find};
pub(crate) use parts::{Part, parts_of};
pub(crate) use unarchived::Unarchived;
pub(crate) use whole::{Placer, Step, read_whole};
