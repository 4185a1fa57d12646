//! What the records of a transcript tell, whichever agent wrote it. In come bytes of it and what its path tells; out come
//! its identity, its description and what it has to do with other sessions.
//!
//! The files in the order in which they are met: [`mod@identify`] says whose transcript it is, [`mod@describe`] when, where and
//! what about, [`other_ids`] of which other sessions its records say that they are, and [`mod@steps`] what it has after
//! those that it shares with another.

mod describe;
mod identify;
mod other_ids;
mod steps;

#[cfg(test)]
mod lineage_tests;

pub use describe::describe;
pub(crate) use describe::{END_BYTES, add_told, describe_all, describe_beginning, describe_with_beside};
pub use identify::identify;
pub(crate) use identify::{IdFrom, Identified, is_own_text};
pub(crate) use other_ids::{find_ids, has_ids_in_records};
pub(crate) use steps::{Own, Step, parting, steps};
