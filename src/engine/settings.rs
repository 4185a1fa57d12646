//! What users ask of a run: how it is to be done, and where it is to look.

use std::path::PathBuf;

/// Which sources are archived again though all their bytes are archived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Again {
    /// None.
    #[default]
    None,
    /// Those of sessions of which an archive was masked with other rules than today's: what one source teaches is masked in
    /// the others, those that were archived with today's rules but without it among them.
    Stale,
    /// All that are looked at.
    All,
}

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
    /// This run is a hook's worker: it does not wait for an import, nor keep one out.
    pub is_hook: bool,
    /// Paths of new archives go to stdout.
    pub lists_archives: bool,
    /// `--again`: what was pruned is archived again.
    pub takes_pruned: bool,
    /// A source without a recorded directory is named after the one that it lies in (`archive`, as the original).
    pub names_by_directory: bool,
    /// Which sources are archived again though nothing in them is new; unless none, all sources are looked at, unchanged ones
    /// too.
    pub again: Again,
}

/// Where an import looks.
#[derive(Clone, Debug)]
pub enum Where {
    /// An agent's own directories.
    Agent(&'static str),
    /// A directory that the user named, a pattern as `Path.rglob` has it, and the agent that all there is taken for.
    Directory { path: PathBuf, pattern: String, agent: Option<&'static str> },
}
