//! One session's sources, open, and how their bytes are reached.
//!
//! In: a plan. Out: works, whose bytes are cut into blocks. Met in this order: `open`, `blocks`, `held` (large packed text
//! in memory), `work` (the session on its way through all phases), `writer` (its archive as it is made).

pub(crate) mod access;
pub(crate) mod blocks;
pub(crate) mod changes;
pub(crate) mod ends;
pub(crate) mod held;
pub(crate) mod old;
pub(crate) mod open;
pub(crate) mod placement;
pub(crate) mod tail;
pub(crate) mod work;
pub(crate) mod writer;
