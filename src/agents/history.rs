//! What outlives the transcripts: prompt histories, which are kept like sessions.
//!
//! Agents delete transcripts after some weeks; the prompts typed in all of them stay in one file each, and are then all
//! that is left of those sessions.

use std::fs;
use std::io;

use super::json::records;
use super::walk::{WalkProblem, WalkReason, check_link};
use super::{Found, Guess};
use crate::environment::Environment;
use crate::locator::Stamp;

/// The session id that an agent's prompt history is kept under; where there are several, that of one of them.
pub(crate) const HISTORY_ID: &str = "history";

/// Digits by which one history's id differs from another's.
const NAMESAKE_DIGITS: usize = 8;

/// The file's name, in every agent's directory.
pub(super) const HISTORY_NAME: &str = "history.jsonl";

/// An agent with a prompt history: its id, the variable that names its directory, and the directory in the home.
const KEEPERS: [(&str, &str, &str); 2] =
    [("claude-code", "CLAUDE_CONFIG_DIR", ".claude"), ("codex", "CODEX_HOME", ".codex")];

/// Returns whether a session id is that of a prompt history: [`HISTORY_ID`], or that with what tells it from others.
pub(crate) fn is_history_id(id: &str) -> bool {
    let Some(rest) = id.strip_prefix(HISTORY_ID) else { return false };
    rest.is_empty()
        || rest.strip_prefix('-').is_some_and(|hash| {
            hash.len() == NAMESAKE_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// Calls `found` for the prompt history of the agent with this id, in each directory that it is configured for. All are
/// guessed to be [`HISTORY_ID`]: who knows what is archived tells them apart. One that a link leads to must be the
/// user's own.
pub(crate) fn prompt_histories(
    agent: &str,
    environment: &Environment,
    found: &mut dyn FnMut(Found),
) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    for (id, variable, default) in KEEPERS.iter().filter(|(id, ..)| *id == agent) {
        for path in environment.paths_or_home(variable, default).iter().map(|home| home.join(HISTORY_NAME)) {
            if let Some(reason) = check_link(&path) {
                problems.push(WalkProblem { path, reason });
                continue;
            }
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => {
                    let guess =
                        Guess { agent: Some(id), session_id: Some(HISTORY_ID.to_owned()), part_id: None };
                    found(Found { locator: path.into(), stamp: Stamp::of(&metadata), guess });
                }
                Ok(_) => problems.push(WalkProblem { path, reason: WalkReason::NotRegular }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => problems.push(WalkProblem { path, reason: WalkReason::Unreadable(error) }),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_histories_are_known_from_others() {
        for id in ["history", "history-0a1b2c3d"] {
            assert!(is_history_id(id), "{id}");
        }
        for id in [
            "",
            "histories",
            "history-",
            "history-0a1b2c3",
            "history-0a1b2c3g",
            "my-history",
            "history-0a1b2c3d4",
        ] {
            assert!(!is_history_id(id), "{id}");
        }
    }
}
