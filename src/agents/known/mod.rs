//! The agents that there are, and what they say together: the first that knows, answers.

mod antigravity_database;
mod claude_code;
mod codex;
mod copilot;
mod crush;
mod cursor_database;
mod cursor_ide;
mod droid;
mod gemini;
mod goose;
mod hermes;
mod kimi;
mod kiro_database;
mod opencode;
mod pi;
mod qwen;
mod zed;

use std::path::{Path, PathBuf};

use super::agent::{Agent, Form, Recognised};
use super::found::Guess;
use super::names::{self, PathTail};

/// All agents that sessionkeep knows. A file whose records nobody claims belongs to [`FILES`](crate::identity::FILES).
///
/// The order matters where shapes overlap: the first agent that recognises a path or a record wins.
pub fn registry() -> &'static [&'static dyn Agent] {
    &[
        &claude_code::ClaudeCode,
        &codex::Codex,
        &qwen::Qwen,
        &gemini::Gemini,
        &pi::Pi,
        &copilot::Copilot,
        &droid::Droid,
        &kimi::Kimi,
        &opencode::KILO,
        &opencode::MIMO,
        &opencode::OPENCODE,
        &goose::Goose,
        &crush::Crush,
        &hermes::Hermes,
        &cursor_database::CursorDatabase,
        &cursor_ide::CursorIde,
        &zed::Zed,
        &kiro_database::KiroDatabase,
        &antigravity_database::AntigravityDatabase,
    ]
}

/// Returns the agent with this [`Agent::id`].
pub(crate) fn agent(id: &str) -> Option<&'static dyn Agent> {
    registry().iter().copied().find(|agent| agent.id() == id)
}

/// Returns whether an agent gives this name to a file or directory by itself: [`Agent::gives_name`].
pub(crate) fn is_given_name(name: &str) -> bool {
    registry().iter().any(|agent| agent.gives_name(name))
}

/// Returns what an agent calls the directory of a project in `cwd`: [`Agent::project_name`].
pub(crate) fn project_name(agent_id: &str, cwd: &str) -> Option<String> {
    agent(agent_id)?.project_name(cwd)
}

/// Returns whether transcripts of an agent may be of two sessions though they are the same, byte for byte.
pub(crate) fn is_named_by_path(agent_id: &str) -> bool {
    agent(agent_id).is_some_and(|agent| agent.is_named_by_path())
}

/// Returns the id under which the part at `path` of a session of an agent may have been archived when its own was shared
/// by others; `None` where it never had another.
pub(crate) fn former_part_id(agent_id: &str, path: &Path) -> Option<String> {
    agent(agent_id)?.former_part_id(&PathTail::new(path))
}

/// Returns the file in which the agent of the transcript at `path` may note the sessions that it took over from other
/// agents; `None` for agents that do no such thing. Read it with [`imports`](crate::agents::imports).
pub(crate) fn imports_file(agent_id: &str, path: &Path) -> Option<PathBuf> {
    agent(agent_id)?.imports_file(path)
}

/// Returns what `path` tells of the identity of its file, wherever the file lies: the same for a walk of an
/// agent's own root, for a directory named by the user, and for a hook.
pub fn guess_path(path: &Path) -> Guess {
    match recognise(&PathTail::new(path)) {
        Some((_, Recognised::Ours(guess))) => guess,
        _ => names::guess_name(path),
    }
}

/// Returns what the file at `path` is, which was taken for one of this agent's: [`Agent::form`].
pub(crate) fn form(agent_id: &str, path: &Path) -> Form {
    agent(agent_id).map_or(Form::Text, |agent| agent.form(path))
}

/// Returns the first agent that recognises the path's shape.
pub(crate) fn recognise(path: &PathTail<'_>) -> Option<(&'static dyn Agent, Recognised)> {
    registry().iter().find_map(|agent| agent.recognise(path).map(|recognised| (*agent, recognised)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    #[test]
    fn each_agent_has_an_id_and_a_directory_in_the_home_of_its_own() {
        let ids: Vec<&str> = registry().iter().map(|agent| agent.id()).collect();
        let own: Vec<&str> = registry().iter().map(|agent| agent.given_names()[0]).collect();
        for (at, (id, name)) in ids.iter().zip(&own).enumerate() {
            assert!(!ids[..at].contains(id), "{id}");
            assert!(!own[..at].contains(name), "{id}: {name}");
            let roots = agent(id).unwrap().roots(&Environment::with_home("/h"));
            let is_named = |root: &PathBuf| root.components().any(|part| part.as_os_str() == *name);
            assert!(roots.iter().any(is_named), "{id}: {roots:?}");
        }
    }

    #[test]
    fn what_agents_call_their_directories_and_rollouts_tells_nothing_and_what_users_call_theirs_may() {
        let thread = "01a204f9-4e0b-7c61-aa63-10970996f82a";
        for name in [
            ".claude",
            "archived_sessions",
            "agent",
            &format!("rollout-2026-01-02T03-04-05-{thread}.jsonl.zst"),
        ] {
            assert!(is_given_name(name), "{name}");
        }
        for name in
            ["customer-one", "rollout-customer", &format!("rollout-customer-one-is-it--{thread}.jsonl")]
        {
            assert!(!is_given_name(name), "{name}");
        }
    }
}
