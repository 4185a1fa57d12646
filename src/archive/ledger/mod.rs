//! What a store must remember although no archive says it: the sessions that were pruned, so that they are not archived
//! again, and those that are pinned, so that they are not pruned. Unlike the catalog it cannot be made anew.
//!
//! In come sessions that are to go, or to stay; out come lines in two files of the store's root, and, later, what they say.
//! Met in this order: a [`tombstone`] is what is kept of a pruned session, [`pruned`] the file of them; [`removal`] carries
//! them out, and finishes what a killed run began; [`texts`] are what else sources may hold; [`pins`] is the file of what stays.

pub(crate) mod pins;
pub(crate) mod pruned;
pub(crate) mod removal;
pub(crate) mod texts;
pub(crate) mod tombstone;
