//! From what users ask for to sessions to work on.
//!
//! In: agents' roots, directories, files, hooks' markers. Out: plans, largest session first. Met in this order:
//! `discover` (walks), `histories` (whose a prompt history is), `waiting` (what is too young, and what has waited for too
//! long), `group` (sources into sessions), `space` (room on the disk).

pub(crate) mod discover;
pub(crate) mod group;
pub(crate) mod histories;
pub(crate) mod space;
pub(crate) mod waiting;
