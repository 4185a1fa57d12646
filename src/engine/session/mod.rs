//! One session's sources, open, and how their bytes are reached.
//!
//! In: a plan. Out: works, whose bytes are cut into blocks, and what is known of each as it goes through the phases. Met in
//! this order: `open` opens the sources of a session, `access` chooses how to reach their bytes,
//! `ends` reads what begins and ends them, `tail` finds the last whole line, `changes` tells whether they are still the
//! same, `blocks` cuts them; `old` is the archive that a source has grown from, `placement` where its next one
//! goes, `writer` that archive as it is made, `log` what the archive of a rendered source holds already. `work` holds all of
//! it together.

pub(crate) mod access;
pub(crate) mod blocks;
pub(crate) mod changes;
pub(crate) mod ends;
pub(crate) mod log;
pub(crate) mod old;
pub(crate) mod open;
pub(crate) mod placement;
pub(crate) mod tail;
pub(crate) mod work;
pub(crate) mod writer;
