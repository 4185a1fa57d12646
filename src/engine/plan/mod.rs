//! From what users ask for to sessions to work on.
//!
//! In: agents' roots, directories, files, hooks' markers. Out: plans, largest session first. Met in this order:
//! `discover` (walks), `marked` (what hooks
//! asked for), `rendered` (what databases and documents hold), `histories` (whose a prompt history is), `waiting` (what is too young, and what has waited for too
//! long), `group` (sources into sessions), `space` (room on the disk).

pub(crate) mod discover;
pub(crate) mod group;
pub(crate) mod histories;
pub(crate) mod marked;
pub(crate) mod rendered;
pub(crate) mod space;
pub(crate) mod waiting;

use crate::agents::Found;
use std::path::Path;
use std::sync::Arc;
use waiting::Since;

/// A source that was found, and the label of the group that it counts for.
pub(crate) struct Candidate {
    pub found: Found,
    pub group: Arc<str>,
}

/// One source of a session as planned: found by a walk, not opened yet.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub found: Found,
    /// Label of the group that it counts for.
    pub group: Arc<str>,
    /// Nothing about it changed since it was archived; it is looked at only for what it teaches about the session.
    pub is_unchanged: bool,
    /// It is to be archived in spite of being young: what it holds, or its session does, has waited for long.
    pub has_waited: bool,
    /// Since when what it holds itself waits, where that is why.
    pub waits_since: Option<Since>,
}

/// All sources of one session that were found; at least one of them is to be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub sources: Vec<Planned>,
    /// Bytes of all sources, for the order of work and for progress.
    pub bytes: u64,
    /// How often this session was tried before and found changing or overtaken by another run.
    pub tries: u32,
    /// The kept part of an archive turned out to be masked otherwise than it would be today: make it anew.
    pub refuses_growth: bool,
}

impl Plan {
    /// Returns whether the file at `path` is among the sources.
    pub(crate) fn is_of(&self, path: &Path) -> bool {
        self.sources.iter().any(|planned| planned.found.locator.path() == path)
    }
}
