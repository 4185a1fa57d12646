//! What setup did, or would do, as data.

use crate::setup::PlannedFile;
use crate::setup::schedule::Step;
use crate::upkeep::doctor::Checkup;

/// What was done, or would be.
pub(super) struct Done {
    pub files: Vec<PlannedFile>,
    pub schedule: ScheduleDone,
    /// Archived and skipped, of an import that was made.
    pub imported: Option<Imported>,
    pub checkup: Option<Checkup>,
    /// What the user has to know besides.
    pub notes: Vec<String>,
}

/// What came of the schedule.
pub(super) enum ScheduleDone {
    /// It was not wanted.
    Left,
    /// Somebody made one that runs an import, in this place.
    IsElsewhere(String),
    /// One of ours: what it is, and what was or would be done.
    Ours { label: &'static str, steps: Vec<Step> },
    /// There is none and none can be made: why.
    ByHand(String),
}

/// What an import did.
pub(super) struct Imported {
    pub archived: u64,
    pub skipped: u64,
    pub code: u8,
}
