//! Where each agent keeps its sessions and how its records read. Lists and parses; opens nothing for writing.

use std::path::PathBuf;

/// What the file system says about a source, from one `statx`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stat {
    pub bytes: u64,
    /// Nanoseconds since 1970, UTC.
    pub mtime_ns: i64,
    /// Nanoseconds since 1970, UTC.
    pub ctime_ns: i64,
    pub inode: u64,
}

/// One file found by a walk; nothing of it was read.
#[derive(Clone, Debug)]
pub struct Found {
    pub path: PathBuf,
    pub stat: Stat,
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
