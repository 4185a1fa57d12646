//! The agents that there are, and what they say together: the first that knows, answers.
//!
//! In comes an agent's id, a path or a record; out comes what the agent says that it belongs to. One file or folder an
//! agent, which no other knows, so that they may be met in any order; which is asked first is the order of [`registry`].

mod antigravity;
mod antigravity_database;
mod beside;
mod claude_code;
mod codex;
mod copilot;
mod crush;
mod cursor;
mod cursor_database;
mod cursor_ide;
mod documents;
mod droid;
mod dsh;
mod forks;
mod gemini;
mod goose;
mod gptme;
mod grok;
mod hermes;
mod joined;
mod kimi;
mod kiro;
mod kiro_database;
mod md5;
mod openclaw_database;
mod opencode;
mod pi;
mod qwen;
mod reasonix;
mod rendered;
mod vibe;
mod vscode;
mod zed;
mod zencoder;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::agent::{Agent, Form, Recognised};
use super::found::Guess;
use super::names::{self, PathTail};

pub(crate) use forks::OwnAgent;
use joined::Joined;

/// Agents of which some recognise a shape that others' trees have too. The first that recognises a path or a record wins.
const SHAPED: &[&dyn Agent] = &[
    &claude_code::ClaudeCode,
    &codex::Codex,
    &qwen::Qwen,
    &gemini::Gemini,
    &pi::Pi,
    &copilot::Copilot,
    &droid::Droid,
    &kimi::Kimi,
];

/// Agents that recognise no path but in a tree like their own.
const PLACED: &[&dyn Agent] = &[
    &grok::Grok,
    &Joined {
        text: &kiro::Kiro,
        database: &kiro_database::KiroDatabase,
        given: &[".kiro", "kiro-cli", "sessions", "cli"],
    },
    &vibe::Vibe,
    &gptme::Gptme,
    &zencoder::Zencoder,
    &reasonix::Reasonix,
    &dsh::Dsh,
    &vscode::VsCode,
    &Joined {
        text: &antigravity::Antigravity,
        database: &antigravity_database::AntigravityDatabase,
        given: &["antigravity-cli", "antigravity", "brain", ".system_generated", "logs", "conversations"],
    },
    &Joined {
        text: &cursor::Cursor,
        database: &cursor_database::CursorDatabase,
        given: &[".cursor", "projects", "agent-transcripts", "subagents", "chats"],
    },
    &goose::Goose,
    &crush::Crush,
    &hermes::Hermes,
    &cursor_ide::CursorIde,
    &zed::Zed,
    &opencode::KILO,
    &opencode::MIMO,
    &opencode::OPENCODE,
    &documents::ROO,
    &documents::KILO,
    &documents::CLINE,
    &documents::Amp,
    &documents::OpenHands,
    &documents::Cortex,
    &documents::DeepSeek,
    &documents::Aider,
];

static REGISTRY: OnceLock<Vec<&'static dyn Agent>> = OnceLock::new();

/// All agents that sessionkeep knows, and those of the user's own. A file whose records nobody claims belongs to
/// [`FILES`](crate::identity::FILES).
pub fn registry() -> &'static [&'static dyn Agent] {
    REGISTRY.get_or_init(|| with_own(&[]))
}

/// Adds the agents that the user names, for as long as the program runs. Only the first call counts, and only before
/// anybody asked for an agent.
pub(crate) fn add_own(own: &[OwnAgent]) {
    let _is_first = REGISTRY.set(with_own(own)).is_ok();
}

fn with_own(own: &[OwnAgent]) -> Vec<&'static dyn Agent> {
    let families: Vec<&'static dyn Agent> = families().collect();
    let known: Vec<&'static dyn Agent> = families.iter().copied().chain(forks::known_forks()).collect();
    let own: Vec<_> = own.iter().filter_map(|own| forks::own_fork(own, &known)).collect();
    known.into_iter().chain(own).collect()
}

/// Returns the agents that are no forks.
fn families() -> impl Iterator<Item = &'static dyn Agent> {
    SHAPED.iter().chain(PLACED).copied()
}

/// Returns whether an agent of the user's cannot be called so, because another is.
pub(crate) fn is_taken(name: &str) -> bool {
    name == crate::identity::FILES || families().chain(forks::known_forks()).any(|agent| agent.id() == name)
}

/// Returns the names of the agents whose form an agent of the user's may have.
pub(crate) fn family_names() -> Vec<&'static str> {
    families().chain(forks::known_forks()).map(|agent| agent.id()).collect()
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

/// Returns whether a part of a session of an agent is its transcript where there is no other: [`Agent::stands_alone`].
pub(crate) fn stands_alone(agent_id: &str, part_id: &str) -> bool {
    agent(agent_id).is_some_and(|agent| agent.stands_alone(part_id))
}

/// Returns whether a part of a session of an agent tells of the session: [`Agent::tells_of_session`].
pub(crate) fn tells_of_session(agent_id: &str, part_id: &str) -> bool {
    agent(agent_id).is_some_and(|agent| agent.tells_of_session(part_id))
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

/// Returns the id, not cleaned, that a document gives its session: [`Agent::id_in_document`].
pub(crate) fn id_in_document(agent_id: &str, head: &[u8]) -> Option<String> {
    agent(agent_id)?.id_in_document(head)
}

/// Returns the agent that recognises the path. One that knows its tree is asked before those that know a shape, and a fork
/// before its family.
pub(crate) fn recognise(path: &PathTail<'_>) -> Option<(&'static dyn Agent, Recognised)> {
    let forks = registry()[SHAPED.len() + PLACED.len()..].iter().rev();
    let mut agents = forks.chain(PLACED).chain(SHAPED);
    agents.find_map(|agent| agent.recognise(path).map(|recognised| (*agent, recognised)))
}

#[cfg(test)]
mod wanted_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    /// Agents that keep their sessions in the user's projects.
    const WITHOUT_ROOTS: [&str; 1] = ["aider"];

    #[test]
    fn each_agent_has_an_id_and_a_directory_of_its_own() {
        let ids: Vec<&str> = registry().iter().map(|agent| agent.id()).collect();
        let own: Vec<&str> = registry().iter().map(|agent| agent.given_names()[0]).collect();
        for (at, (id, name)) in ids.iter().zip(&own).enumerate() {
            assert!(!ids[..at].contains(id), "{id}");
            assert!(!own[..at].contains(name), "{id}: {name}");
            let roots = agent(id).unwrap().roots(&Environment::with_home("/h"));
            let is_named = |root: &PathBuf| root.components().any(|part| part.as_os_str() == *name);
            let is_found_elsewhere = WITHOUT_ROOTS.contains(id);
            assert!(is_found_elsewhere || roots.iter().any(is_named), "{id}: {roots:?}");
            assert!(roots.iter().all(|root| root.starts_with("/h")), "{id}: {roots:?}");
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
