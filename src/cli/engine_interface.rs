//! What the archiving commands ask of the engine.

use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::report::Reporter;
use std::path::PathBuf;

/// What `archive` asks for.
#[derive(Clone, Debug, Default)]
pub struct ArchiveRequest {
    pub paths: Vec<PathBuf>,
    pub project: Option<String>,
    pub is_dry_run: bool,
}

/// What `import` asks for.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// Short names of agents; with no directory and none named, every agent found.
    pub agents: Vec<String>,
    /// `--from DIR` and the glob for its file names.
    pub directory: Option<(PathBuf, String)>,
    pub project: Option<String>,
    /// Leave alone what was modified in the last so many minutes.
    pub min_age_minutes: u64,
    pub is_dry_run: bool,
}

/// What `hook` asks for; the payload is on stdin.
#[derive(Clone, Debug, Default)]
pub struct HookRequest {
    /// Archive before returning instead of in a detached process.
    pub waits: bool,
    pub is_dry_run: bool,
}

/// How a run of the engine ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub exit_code: u8,
}

pub fn archive(_config: &Config, request: &ArchiveRequest, _reporter: &Reporter) -> Result<Outcome> {
    Err(unavailable(&format!("{request:?}")))
}

pub fn import(_config: &Config, request: &ImportRequest, _reporter: &Reporter) -> Result<Outcome> {
    Err(unavailable(&format!("{request:?}")))
}

pub fn hook(
    _config: &Config,
    request: &HookRequest,
    broken_config: Option<Error>,
    _reporter: &Reporter,
) -> Result<Outcome> {
    Err(unavailable(&format!("{request:?} {broken_config:?}")))
}

fn unavailable(what: &str) -> Error {
    Error::new(Kind::Internal, format!("the engine is not connected: {what}"))
}
