//! What is asked of a restore, and what it did.

use std::path::{Path, PathBuf};

use crate::environment::Environment;

/// How sessions are to be put back.
pub(crate) struct Request<'a> {
    pub environment: &'a Environment,
    /// Root of the store.
    pub store: &'a Path,
    /// An absolute path that stands for the agent's home.
    pub to: Option<&'a Path>,
    /// Under a new id.
    pub is_new: bool,
    pub is_dry_run: bool,
    /// Of a session whose source was rewritten.
    pub version: Option<u32>,
}

/// What became of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its agent finds it; or would, after a dry run.
    Restored,
    /// Nothing was missing.
    AlreadyThere,
    /// Its lines were written, which its agent does not take.
    Lines,
}

/// What was done with one session.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub state: State,
    /// The id that it has where it lies now.
    pub session_id: String,
    /// The id that it is archived under, if that is another.
    pub copied_from: Option<String>,
    pub agent: String,
    /// What people call the agent.
    pub label: String,
    /// The transcript.
    pub path: PathBuf,
    /// Files that were written, or would be.
    pub written: Vec<PathBuf>,
    /// Files that were there.
    pub known: Vec<PathBuf>,
    pub bytes: u64,
    /// The command line that goes on with it.
    pub command: Option<String>,
    /// What is to be known of it, a sentence each.
    pub remarks: Vec<String>,
}
