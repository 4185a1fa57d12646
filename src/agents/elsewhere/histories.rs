//! What outlives the transcripts: prompt histories, which are kept like sessions.
//!
//! Agents delete transcripts after some weeks; the prompts typed in all of them stay in one file each, and are then all
//! that is left of those sessions.

use std::{fs, io};

use crate::agents::agent::Agent;
use crate::agents::found::{Found, Guess};
use crate::agents::names::HISTORY_ID;
use crate::agents::walk::{WalkProblem, WalkReason, check_link};
use crate::environment::Environment;
use crate::locator::Stamp;

/// Calls `found` for the prompt history of an agent, if it keeps one, in each directory that it is configured for. All are
/// guessed to be [`HISTORY_ID`]: who knows what is archived tells them apart. One that a link leads to must be the
/// user's own.
pub(crate) fn prompt_histories(
    agent: &dyn Agent,
    environment: &Environment,
    found: &mut dyn FnMut(Found),
) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    if let Some(name) = agent.prompt_history() {
        for path in agent.homes(environment).iter().map(|home| home.join(name)) {
            if let Some(reason) = check_link(&path) {
                problems.push(WalkProblem { path, reason });
                continue;
            }
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => {
                    let agent = Some(agent.id());
                    let guess = Guess { agent, session_id: Some(HISTORY_ID.to_owned()), part_id: None };
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
