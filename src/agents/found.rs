//! What a walk hands on: a file, and whose it may be as far as its path tells.

use crate::locator::{Locator, Stamp};
use std::path::Path;

/// One file found by a walk; nothing of it was read.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub locator: Locator,
    pub stamp: Stamp,
    /// Agent, session and part as far as path and name tell.
    pub guess: Guess,
}

/// Identity as far as a path tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// `None`: ask the records.
    pub agent: Option<&'static str>,
    /// From the file's name; `None`: ask the records.
    pub session_id: Option<String>,
    /// Set when the path says that this is a part of a session (a subagent, a tool result).
    pub part_id: Option<String>,
}

/// Tells of a path what all agents together know of it.
pub(crate) type GuessPath = fn(&Path) -> Guess;
