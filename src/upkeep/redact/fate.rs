//! What is asked for, and what becomes of files.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::masking::Counts;
use crate::error::{Error, Kind};
use crate::platform::opened::Holder;
use crate::report::terminal_safe;

/// What to mask.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Files, with the parts of their sessions that lie beside them; none: all that `agents` have.
    pub files: Vec<PathBuf>,
    /// Ids of agents.
    pub agents: Vec<&'static str>,
    /// Files that were written to later are left alone.
    pub min_age: Duration,
}

/// Why a file is left as it is.
#[derive(Debug)]
pub(crate) enum Reason {
    /// It was written to lately.
    Young,
    /// A process has it open: this one, as far as it can be told.
    Open(Option<Holder>),
    /// It has so many names, and under the others it would keep what is masked under this one.
    Linked(u64),
    /// It was written to meanwhile.
    Changed,
    /// The store has it not, or not as it is now.
    NotArchived,
    Odd(&'static str),
    /// A process that came between wrote behind what is replaced, and that could not be taken over.
    Lost,
    Failed(Error),
}

impl Reason {
    pub(super) fn cannot(what: &str, path: &Path, error: std::io::Error) -> Reason {
        Reason::Failed(Error::io(Kind::Source, what, path, error))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Young => f.write_str("modified a short time ago"),
            Reason::Open(Some(holder)) => {
                let name = terminal_safe(holder.name.as_bytes());
                write!(f, "open in process {} ({name}): end it first", holder.process)
            }
            Reason::Open(None) => f.write_str("open in another process: end it first"),
            Reason::Linked(count) => {
                write!(f, "it has {count} names (hard links); the others would keep what is masked here")
            }
            Reason::Changed => f.write_str("changed while it was looked at"),
            Reason::NotArchived => f.write_str("not archived as it is now, so not touched"),
            Reason::Odd(what) => f.write_str(what),
            Reason::Lost => f.write_str("masked, but what was added meanwhile could not be masked with it"),
            Reason::Failed(error) => write!(f, "{error}"),
        }
    }
}

/// What became of a file, or would.
#[derive(Debug)]
pub(crate) enum Fate {
    /// There is nothing to mask in it.
    Clean,
    Masked(Counts),
    LeftAlone(Reason),
}

/// One file.
#[derive(Debug)]
pub(crate) struct Looked {
    /// Masked: a path may hold a secret, too.
    pub path: String,
    pub agent: &'static str,
    /// Bytes of the file.
    pub bytes: u64,
    pub fate: Fate,
}

/// All files of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub files: Vec<Looked>,
    /// What went wrong beside single files.
    pub errors: Vec<Error>,
    pub is_done: bool,
}

impl Report {
    /// Returns how many files are, or would be, masked, and what is masked in them in all.
    pub(crate) fn masked(&self) -> (u64, Counts) {
        let mut sum = (0, Counts::default());
        for looked in &self.files {
            if let Fate::Masked(counts) = &looked.fate {
                sum.0 += u64::from(counts.lines > 0);
                sum.1.add(counts);
            }
        }
        sum
    }

    /// Returns the files that are left alone for another reason than their age, or for whatever reason where files were
    /// named.
    pub(crate) fn left_alone(&self, is_named: bool) -> u64 {
        let is_left = |looked: &&Looked| match &looked.fate {
            Fate::LeftAlone(Reason::Young) => is_named,
            Fate::LeftAlone(_) => true,
            Fate::Masked(counts) => counts.uncovered > 0,
            Fate::Clean => false,
        };
        self.files.iter().filter(is_left).count() as u64
    }
}
