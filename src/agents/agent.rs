//! What every agent answers: where its sessions are, how its records read, what it keeps beside them, and how its
//! settings call us. Each agent answers in its own file in `known`; whoever asks needs to know none of them.

use std::path::{Path, PathBuf};

use super::facts::{Claim, Notes};
use super::found::Guess;
use super::lost::{Lost, Resume};
use super::names::PathTail;
use super::record::Record;
use super::said::{Telling, tell_any};
use super::settings::{HookCall, Settings, Wanted};
use super::stray::Stray;
use crate::environment::Environment;
use crate::recipe::{Schema, Shape};

/// What an agent says about a path by its shape alone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// A transcript or a part of one.
    Ours(Guess),
    /// The agent's bookkeeping: an index, a temp file. Never a transcript, whatever its name ends with.
    NotATranscript,
}

impl Recognised {
    /// Returns the transcript of a session; without an id, the records know it.
    pub(crate) fn session(agent: &'static str, session_id: Option<String>) -> Recognised {
        Recognised::Ours(Guess { agent: Some(agent), session_id, part_id: None })
    }

    /// Returns a part of a session.
    pub(crate) fn part(agent: &'static str, session_id: String, part_id: String) -> Recognised {
        Recognised::Ours(Guess { agent: Some(agent), session_id: Some(session_id), part_id: Some(part_id) })
    }
}

/// Text of the user's that an agent keeps beside its sessions: names of directories in its [homes](Agent::homes).
pub(crate) struct Attachments {
    /// Of what was pasted into prompts, `<hash>.txt` each.
    pub pastes: &'static str,
    /// Of files as they were before each edit, `<session>/<hash>@v<number>` each.
    pub edits: &'static str,
    /// What stands before the hash where a prompt history names a paste.
    pub before_paste_hash: &'static [u8],
}

/// What a file is that an agent keeps sessions in.
#[derive(Debug)]
pub(crate) enum Form {
    /// Text that grows: copied as it is.
    Text,
    /// A database of many sessions; the schemas that it may have.
    Database(&'static [Schema]),
    /// Markdown, in which sessions follow each other.
    Chat,
    /// Documents that are written anew: all files of the session or part that this one stands for, itself among them.
    Documents(Vec<(PathBuf, Shape)>),
}

/// One coding agent: where its sessions are and how to read their ends. Stateless; shared by all threads.
#[allow(private_interfaces, reason = "the methods that name private types are for this module's own files")]
pub trait Agent: Sync {
    /// Returns the short name that archives carry for ever: `claude-code`.
    fn id(&self) -> &'static str;

    /// Returns the agent whose form of records this one's have, if that is another. Records alone never tell the two
    /// apart: the path does.
    fn family(&self) -> Option<&'static dyn Agent> {
        None
    }

    /// Returns the name to show to people: `Claude Code`.
    fn label(&self) -> &'static str;

    /// Returns the directories that hold this agent's settings and what it keeps beside its sessions; some or all may not
    /// exist. None where nothing there matters to us.
    fn homes(&self, _environment: &Environment) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Returns the directories that hold this agent's sessions; some or all may not exist.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf>;

    /// Returns the names of directories that the agent makes for itself, in its home or where a variable says.
    fn given_names(&self) -> &'static [&'static str];

    /// Returns whether the agent gives this name to a file or directory by itself, so that it tells nothing of the user
    /// but perhaps a time and an id.
    fn gives_name(&self, name: &str) -> bool {
        self.given_names().contains(&name)
    }

    /// Returns what the agent calls the directory in which it keeps the sessions of a project that lies in `cwd`; `None`
    /// where that name does not tell the project's.
    fn project_name(&self, _cwd: &str) -> Option<String> {
        None
    }

    /// Recognises a file by the last components of its path, wherever the tree lies. `None`: the path says nothing.
    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised>;

    /// Returns where below a home a transcript or database would lie in a tree of this agent's own: asked of a file whose
    /// path does not tell whose it is, and of one that is known to be its own. `None` if it is another's, or a part.
    fn place(&self, _stray: &Stray<'_>) -> Option<PathBuf> {
        None
    }

    /// Returns what the file at `path` is, which the agent [recognised](Agent::recognise). May list directories; opens
    /// nothing but a document that says which others belong to it.
    fn form(&self, _path: &Path) -> Form {
        Form::Text
    }

    /// Returns the id, not cleaned, that a document gives its session where the path tells none; `head` is the beginning of
    /// its text.
    fn id_in_document(&self, _head: &[u8]) -> Option<String> {
        None
    }

    /// Returns the files, as paths below a project's directory, in which the agent keeps the sessions of that project
    /// there. They are looked for in the directories of the sessions that are archived.
    fn in_projects(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns whether a session that began below a project's directory tells of the project as well, as far up as its
    /// repository goes.
    fn is_in_repositories(&self) -> bool {
        false
    }

    /// Returns whether a walk of this agent's own roots should enter the directory at `path`.
    fn enters(&self, _path: &PathTail<'_>) -> bool {
        true
    }

    /// Returns whether any file in the directory at `path` may be a part of a session, whatever its name ends with.
    fn takes_any_name(&self, _path: &PathTail<'_>) -> bool {
        false
    }

    /// Returns the id that the part at `path` has in archives that were made before parts of one name were told apart.
    fn former_part_id(&self, _path: &PathTail<'_>) -> Option<String> {
        None
    }

    /// Says whether `record` is of this agent's making, and whose session it belongs to.
    fn claim(&self, record: &Record<'_>) -> Option<Claim>;

    /// Takes what a description wants from `record`.
    fn note(&self, record: &Record<'_>, notes: &mut Notes);

    /// Tells what is said in `record`: see [`said`](super::said).
    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        tell_any(record, told);
    }

    /// Takes what the path of a session's transcript and the documents beside it tell of the session. It fills what the
    /// records leave open, and a title is better than a prompt.
    fn note_beside(&self, _path: &Path, _notes: &mut Notes) {}

    /// Returns literals one of which stands in the raw text of each record that names its session: before the id, or
    /// anywhere.
    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[]
    }

    /// Returns the id that `record` gives its session, not cleaned.
    fn recorded_id(&self, record: &Record<'_>) -> Option<String> {
        self.claim(record)?.session_id
    }

    /// Returns whether the path alone tells a session's id: no record names it, so that a copy under another id is the
    /// same bytes.
    fn is_named_by_path(&self) -> bool {
        false
    }

    /// Returns whether somebody else's words stand in the part of this id, whatever they look like: what they say of times
    /// and directories is not said of the session.
    fn is_foreign_part(&self, _part_id: &str) -> bool {
        false
    }

    /// Returns whether the part of this id is the session's transcript where there is no other.
    fn stands_alone(&self, _part_id: &str) -> bool {
        false
    }

    /// Returns whether what the part of this id says of title, model, directory and times is said of the session.
    fn tells_of_session(&self, _part_id: &str) -> bool {
        false
    }

    /// Returns the name of the file in each home in which the prompts of all sessions stand.
    fn prompt_history(&self) -> Option<&'static str> {
        None
    }

    /// Returns whether a file whose first record this is is a [prompt history](Agent::prompt_history), wherever it lies.
    fn is_prompt_history(&self, _first: &Record<'_>) -> bool {
        false
    }

    /// Returns where the agent keeps text of the user's beside its sessions, if it does.
    fn attachments(&self) -> Option<Attachments> {
        None
    }

    /// Returns what the settings in one of its homes say of hooks; `None`: the agent has no hook that could call us.
    fn settings(&self, _home: &Path) -> Option<Settings> {
        None
    }

    /// Returns what the settings in one of its homes should have so that the agent makes this `call` whenever a session
    /// ends or begins. Reads them where it must, writes nothing. Nothing: the agent has no hook that could call us, and
    /// a schedule archives its sessions.
    fn wanted_hooks(&self, _home: &Path, _call: &HookCall) -> Vec<Wanted> {
        Vec::new()
    }

    /// Returns what the settings in one of its homes should have so that the agent keeps its sessions for `days` days,
    /// never 0. Nothing: it keeps them for as long already, or for ever.
    fn wanted_days(&self, _home: &Path, _days: u64) -> Vec<Wanted> {
        Vec::new()
    }

    /// Returns the days after which the agent deletes a session, the fewest of its homes; `None` for never.
    fn cleanup_days(&self, _environment: &Environment) -> Option<u64> {
        None
    }

    /// Returns the file in which the agent whose transcript lies at `path` notes which sessions it took over from other
    /// agents.
    fn imports_file(&self, _path: &Path) -> Option<PathBuf> {
        None
    }

    /// Returns the variable that names another home to the agent, to keep its sessions below.
    fn home_variable(&self) -> Option<&'static str> {
        None
    }

    /// Returns where below the first of its [roots](Agent::roots) the agent looks for the transcript of a session; `None`
    /// where that cannot be told of a session whose file is gone.
    fn session_path(&self, _lost: &Lost<'_>) -> Option<PathBuf> {
        None
    }

    /// Returns where the part of this id lies, seen from the directory of its session's transcript; `None` where its id
    /// does not tell.
    fn part_path(&self, _lost: &Lost<'_>, _part_id: &str) -> Option<PathBuf> {
        None
    }

    /// Returns how the agent is told to go on with the session whose transcript lies at `path`; `None` where it cannot be
    /// told on a command line, or that is not known.
    fn resume(&self, _lost: &Lost<'_>, _path: &Path) -> Option<Resume> {
        None
    }

    /// Returns `line`, whose record this is, changed so that it says that its session is a copy of the session `original`;
    /// `None` where this record is none that can say so.
    fn marked_copy(&self, _line: &[u8], _record: &Record<'_>, _original: &str) -> Option<Vec<u8>> {
        None
    }
}
