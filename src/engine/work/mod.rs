//! All phases of all sessions, on all threads.
//!
//! In: plans. Out: finished archives, for the committer. Met in this order: `schedule` spreads sessions and blocks over the
//! threads, `phases` leads a session from one phase to the next, `scan` and `compress` are the two that work on blocks (both
//! by `find`; `news` in place of `compress` where the archive of a rendered source is continued), `finish` hands over.

pub(crate) mod compress;
pub(crate) mod find;
pub(crate) mod finish;
pub(crate) mod news;
pub(crate) mod phases;
pub(crate) mod scan;
pub(crate) mod schedule;
