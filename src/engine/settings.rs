//! What users ask of a run: how it is to be done, and where it is to look.

use std::path::PathBuf;

/// How a run is to be done.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub is_dry_run: bool,
    /// `--force`: start, and go on, however little room the disk has.
    pub is_forced: bool,
    /// `--project`.
    pub project: Option<String>,
    /// The configuration cannot be read and the built-in rules stand in (hook only): archives are marked so that they are
    /// masked again.
    pub is_rule_set_incomplete: bool,
    /// Archives that were made by other rules than today's are made anew where their sources are there: all sources are
    /// looked at, unchanged ones too.
    pub masks_anew: bool,
    /// This run is a hook's worker: it does not wait for an import, nor keep one out.
    pub is_hook: bool,
    /// Paths of new archives go to stdout.
    pub lists_archives: bool,
    /// `--again`: what was pruned is archived again.
    pub takes_pruned: bool,
    /// A source without a recorded directory is named after the one that it lies in (`archive`, as the original).
    pub names_by_directory: bool,
}

/// Where an import looks.
#[derive(Clone, Debug)]
pub enum Where {
    /// An agent's own directories.
    Agent(&'static str),
    /// A directory that the user named, a pattern as `Path.rglob` has it, and the agent that all there is taken for.
    Directory { path: PathBuf, pattern: String, agent: Option<&'static str> },
}
