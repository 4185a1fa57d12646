//! All phases of a session, on all threads.

pub(crate) mod compress;
pub(crate) mod find;
pub(crate) mod finish;
pub(crate) mod phases;
pub(crate) mod scan;
pub(crate) mod schedule;
