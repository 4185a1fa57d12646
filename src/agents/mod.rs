//! Where each agent keeps its sessions and how its records read. Lists and parses; opens nothing for writing.
//!
//! | question | answered by |
//! |---|---|
//! | which files are there? | [`walk()`], [`walk_directory`]: one `stat` a file, nothing opened |
//! | which are left alone, and why? | [`walk_telling`] |
//! | what outlives the transcripts? | [`prompt_histories`] |
//! | what did users paste and edit? | [`attachments()`], [`pastes`] |
//! | whose is this file, as far as its path tells? | [`guess_path`] |
//! | whose is it? | [`identify()`], from the first records |
//! | when, where, what about? | [`describe()`], from the first and last records |
//! | whose copy is it, what else is it called? | [`Lineage`], [`find_ids`], [`imports`] |
//! | what did a hook tell us? | [`hook`] |
//!
//! An agent is one file here that implements [`Agent`], and one line in [`registry`]. Agents that keep their
//! sessions in a database, or write one whole document again at each turn, are not here: only stores of
//! append-only JSON Lines can be kept by copying.

mod attachments;
mod claude_code;
mod codex;
mod copilot;
mod describe;
mod directory;
mod droid;
mod gemini;
mod history;
pub(crate) mod hook;
pub(crate) mod hook_input;
mod identify;
mod json;
mod kimi;
mod lineage;
mod names;
mod pi;
mod qwen;
mod steps;
mod walk;

use crate::environment::Environment;
use crate::locator::{Locator, Stamp};
use std::path::{Path, PathBuf};

pub(crate) use attachments::{ATTACHING_AGENT, attachments, pastes};
pub use describe::describe;
pub(crate) use describe::{Description, describe_all, describe_beginning, title_line};
pub(crate) use directory::{DEFAULT_PATTERN, walk_directory};
pub(crate) use history::{HISTORY_ID, is_history_id, prompt_histories};
pub use identify::identify;
pub(crate) use identify::{Identified, Origin, is_own_text};
pub(crate) use lineage::{Imports, Lineage, find_ids, has_ids_in_records};
pub(crate) use names::is_packed;
pub(crate) use steps::{Own, Step, parting, steps};
pub(crate) use walk::{LeftAlone, Tell, WalkProblem, WalkReason, locate, locate_parts, walk, walk_telling};

use describe::Notes;
use identify::Claim;
use json::Record;
use names::PathTail;

/// Bytes that [`identify()`] and [`describe()`] want of each end of a file. Claude Code writes a session's title again
/// about every 32 KiB, and the longest first record seen (Codex's `session_meta`) is 22 KB; more costs more.
pub(crate) const END_BYTES: usize = 64 << 10;

/// One file found by a walk; nothing of it was read.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub locator: Locator,
    pub stamp: Stamp,
    /// Agent, session and part as far as path and name tell.
    pub guess: Guess,
}

/// Identity as far as a path tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// `None`: ask the records.
    pub agent: Option<&'static str>,
    /// From the file's name; `None`: ask the records.
    pub session_id: Option<String>,
    /// Set when the path says that this is a part of a session (a subagent, a tool result).
    pub part_id: Option<String>,
}

/// What an agent says about a path by its shape alone.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// A transcript or a part of one.
    Ours(Guess),
    /// The agent's bookkeeping: an index, a temp file. Never a transcript, whatever its name ends with.
    NotATranscript,
}

/// One coding agent: where its sessions are and how to read their ends. Stateless; shared by all threads.
#[allow(private_interfaces, reason = "the methods that name private types are for this module's own files")]
pub trait Agent: Sync {
    /// Returns the short name that archives carry for ever: `claude-code`.
    fn id(&self) -> &'static str;

    /// Returns the name to show to people: `Claude Code`.
    fn label(&self) -> &'static str;

    /// Returns the directories that hold this agent's sessions; some or all may not exist.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf>;

    /// Recognises a file by the last components of its path, wherever the tree lies. `None`: the path says nothing.
    #[doc(hidden)]
    fn place(&self, path: &PathTail<'_>) -> Option<Place>;

    /// Returns whether a walk of this agent's own roots should enter the directory at `path`.
    #[doc(hidden)]
    fn enters(&self, _path: &PathTail<'_>) -> bool {
        true
    }

    /// Returns whether any file in the directory at `path` may be a part of a session, whatever its name ends with.
    #[doc(hidden)]
    fn takes_any_name(&self, _path: &PathTail<'_>) -> bool {
        false
    }

    /// Returns the id that the part at `path` has in archives that were made before parts of one name were told apart.
    #[doc(hidden)]
    fn former_part_id(&self, _path: &PathTail<'_>) -> Option<String> {
        None
    }

    /// Says whether `record` is of this agent's making, and whose session it belongs to.
    #[doc(hidden)]
    fn claim(&self, record: &Record<'_>) -> Option<Claim>;

    /// Takes what a description wants from `record`.
    #[doc(hidden)]
    fn note(&self, record: &Record<'_>, notes: &mut Notes);

    /// Returns literals one of which stands in the raw text of each record that names its session: before the id, or
    /// anywhere.
    #[doc(hidden)]
    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[]
    }

    /// Returns the id that `record` gives its session, not cleaned.
    #[doc(hidden)]
    fn recorded_id(&self, record: &Record<'_>) -> Option<String> {
        self.claim(record)?.session_id
    }

    /// Returns whether the path alone tells a session's id: no record names it, so that a copy under another id is the
    /// same bytes.
    #[doc(hidden)]
    fn is_named_by_path(&self) -> bool {
        false
    }

    /// Returns the file in which the agent whose transcript lies at `path` notes which sessions it took over from other
    /// agents.
    #[doc(hidden)]
    fn imports_file(&self, _path: &Path) -> Option<PathBuf> {
        None
    }
}

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
    ]
}

/// Returns the agent with this [`Agent::id`].
pub(crate) fn agent(id: &str) -> Option<&'static dyn Agent> {
    registry().iter().copied().find(|agent| agent.id() == id)
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
/// agents; `None` for agents that do no such thing. Read it with [`imports`].
pub(crate) fn imports_file(agent_id: &str, path: &Path) -> Option<PathBuf> {
    agent(agent_id)?.imports_file(path)
}

/// Returns the sessions of other agents that the bytes of an [`imports_file`] tell of, by the ids that they have now.
pub(crate) fn imports(bytes: &[u8]) -> Imports {
    lineage::read_imports(bytes)
}

/// Returns what `path` tells of the identity of its file, wherever the file lies: the same for a walk of an
/// agent's own root, for a directory named by the user, and for a hook.
pub fn guess_path(path: &Path) -> Guess {
    match place(&PathTail::new(path)) {
        Some((_, Place::Ours(guess))) => guess,
        _ => names::guess_name(path),
    }
}

/// Returns the first agent that recognises the path's shape.
fn place(path: &PathTail<'_>) -> Option<(&'static dyn Agent, Place)> {
    registry().iter().find_map(|agent| agent.place(path).map(|place| (*agent, place)))
}
