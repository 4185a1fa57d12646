//! What outlives the transcripts: prompt histories, which are kept like sessions, and what users pasted.
//!
//! Agents delete transcripts after some weeks; the prompts typed in all of them stay in one file each, and are then all
//! that is left of those sessions.

use std::fs;
use std::io;

use super::json::records;
use super::walk::{WalkProblem, WalkReason};
use super::{Environment, Found, Guess, Stat, walk_directory};

/// The session id that an agent's prompt history is kept under.
pub(super) const HISTORY_ID: &str = "history";

/// The file's name, in every agent's directory.
const HISTORY_NAME: &str = "history.jsonl";

/// An agent with a prompt history: its id, the variable that names its directory, and the directory in the home.
const KEEPERS: [(&str, &str, &str); 2] =
    [("claude-code", "CLAUDE_CONFIG_DIR", ".claude"), ("codex", "CODEX_HOME", ".codex")];

/// Directories beside Claude Code's sessions that hold text of the user's: pastes too long for a prompt, and files as
/// they were before each edit.
const PASTES: [&str; 2] = ["paste-cache", "file-history"];

/// Calls `found` for the prompt history of the agent with this id, in each directory that it is configured for.
pub fn prompt_histories(
    agent: &str,
    environment: &Environment,
    found: &mut dyn FnMut(Found),
) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    for (id, variable, default) in KEEPERS.iter().filter(|(id, ..)| *id == agent) {
        for path in environment.paths_or_home(variable, default).iter().map(|home| home.join(HISTORY_NAME)) {
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => {
                    let guess =
                        Guess { agent: Some(id), session_id: Some(HISTORY_ID.to_owned()), part_id: None };
                    found(Found { path, stat: Stat::of(&metadata), guess });
                }
                Ok(_) => problems.push(WalkProblem { path, reason: WalkReason::NotRegular }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => problems.push(WalkProblem { path, reason: WalkReason::Unreadable(error) }),
            }
        }
    }
    problems
}

/// Calls `found` for each file of text that users pasted or edited; to be looked through, not to be kept as sessions.
pub fn pastes(environment: &Environment, found: &mut dyn FnMut(Found)) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    for home in environment.paths_or_home("CLAUDE_CONFIG_DIR", ".claude") {
        for path in PASTES.iter().map(|name| home.join(name)).filter(|path| path.exists()) {
            match walk_directory(&path, "*", found) {
                Ok(more) => problems.extend(more),
                Err(error) => {
                    let reason = WalkReason::Unreadable(io::Error::other(error.to_string()));
                    problems.push(WalkProblem { path, reason });
                }
            }
        }
    }
    problems
}

/// Returns the agent whose prompt history begins with `head`, wherever the file lies: each record is of another session,
/// and the file is of none of them.
pub(super) fn keeper(head: &[u8]) -> Option<&'static str> {
    let record = records(head).next()?;
    let has = |keys: &[&str]| keys.iter().all(|key| record.has(key)) && !record.has("type");
    match () {
        () if has(&["display", "timestamp", "project"]) => Some("claude-code"),
        () if has(&["session_id", "ts", "text"]) => Some("codex"),
        () => None,
    }
}
