//! Whose copy a session is and what else it is called.
//!
//! In: what records say of their session, and files and archives of others that begin alike. Out: the session that it was
//! copied from, and what its archive says of that. Met in this order: `family` compares sessions that begin alike,
//! `owners` keeps what was looked up, `owner` finds the original when a source is opened, `descent` says so when it is
//! decided.

pub(crate) mod descent;
pub(crate) mod family;
pub(crate) mod owner;
pub(crate) mod owners;
