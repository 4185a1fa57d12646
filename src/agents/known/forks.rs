//! Forks: agents that write what another one does, in a directory of their own. Each is a line of a table; the user may add
//! more ([`OwnAgent`]).
//!
//! A fork answers as its family does, under its own name. Its records are the family's, so that nothing but the path tells
//! the two apart: what lies in one of its roots, wherever that is, is the fork's.

use std::path::{Path, PathBuf};

use super::beside;
use super::claude_code::ClaudeCode;
use super::codex::Codex;
use super::openclaw_database::OpenClawDatabase;
use super::pi::Pi;
use crate::agents::agent::{Agent, Attachments, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::found::Guess;
use crate::agents::lost::Lost;
use crate::agents::names::{PathTail, guess_tail, is_holder_name, is_transcript_name, set_aside_stem};
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in};

/// One line of the table.
struct Line {
    id: &'static str,
    label: &'static str,
    family: &'static dyn Agent,
    /// `~` is the user's home, and `%APPDATA%` what that variable says.
    roots: &'static [&'static str],
    /// Directories of an application, which hold much else than sessions: in these only the family's own names count.
    applications: &'static [&'static str],
    /// Names of directories that the fork makes for itself, its home first.
    given_names: &'static [&'static str],
    /// What reads the databases that it keeps and its family does not.
    database: Option<&'static dyn Agent>,
}

#[rustfmt::skip]
const TABLE: &[Line] = &[
    Line { id: "openclaude", label: "OpenClaude", family: &ClaudeCode, roots: &["~/.openclaude/projects"], applications: &[], given_names: &[".openclaude"], database: None },
    Line { id: "qoder", label: "Qoder", family: &ClaudeCode, roots: &["~/.qoder/projects", "~/.qoderwork/projects"], applications: QODER, given_names: &[".qoder", ".qoderwork", "Qoder"], database: None },
    Line { id: "workbuddy", label: "WorkBuddy", family: &ClaudeCode, roots: &["~/.workbuddy/projects"], applications: &[], given_names: &[".workbuddy"], database: None },
    Line { id: "iflow", label: "iFlow", family: &ClaudeCode, roots: &["~/.iflow/projects"], applications: &[], given_names: &[".iflow"], database: None },
    Line { id: "openclaw", label: "OpenClaw", family: &Pi, roots: &["~/.openclaw/agents", "~/.clawdbot/agents"], applications: &[], given_names: &[".openclaw", ".clawdbot", "agents"], database: Some(&OpenClawDatabase) },
    Line { id: "qclaw", label: "QClaw", family: &Pi, roots: &["~/.qclaw/agents"], applications: &[], given_names: &[".qclaw"], database: None },
    Line { id: "ohmypi", label: "OhMyPi", family: &Pi, roots: &["~/.omp/agent/sessions"], applications: &[], given_names: &[".omp"], database: None },
    Line { id: "prime", label: "Prime", family: &Pi, roots: &["~/.prime/agent/sessions"], applications: &[], given_names: &[".prime"], database: None },
    Line { id: "traex", label: "TraeX", family: &Codex, roots: &["~/.trae/cli/sessions", "~/.trae/cli/archived_sessions"], applications: &[], given_names: &[".trae", "cli"], database: None },
];

const QODER: &[&str] = &["~/.config/Qoder", "~/Library/Application Support/Qoder", "%APPDATA%/Qoder"];

/// Directories of an application that hold no sessions, and many files.
const CACHES: [&[u8]; 8] = [
    b"Cache",
    b"Code Cache",
    b"GPUCache",
    b"CachedData",
    b"CachedExtensionVSIXs",
    b"extensions",
    b"History",
    b"node_modules",
];

/// The directory of applications' data on Windows: what the variable says, which is called `Roaming`.
const APPDATA: &str = "%APPDATA%";

/// So many of the last names of a root tell it from other directories, if it has so many.
const TELLING_NAMES: usize = 3;

/// An agent that the user names in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnAgent {
    /// Of `[a-z0-9-]`; no other agent's.
    pub name: String,
    pub label: String,
    /// The [`Agent::id`] of the agent whose form its sessions have.
    pub family: String,
    /// Absolute, or below `~`.
    pub roots: Vec<String>,
}

/// Returns the forks that sessionkeep knows.
pub(crate) fn known_forks() -> impl Iterator<Item = &'static dyn Agent> {
    let fork = |line: &Line| {
        let Line { id, label, family, given_names, database, .. } = *line;
        let roots = [line.roots, line.applications].concat();
        leaked(Fork {
            given_names,
            database,
            applications: marks(line.applications),
            ..Fork::new(id, label, family, roots)
        })
    };
    TABLE.iter().map(fork)
}

/// Returns the agent that the user names, of the family of that name among `families`.
pub(crate) fn own_fork(own: &OwnAgent, families: &[&'static dyn Agent]) -> Option<&'static dyn Agent> {
    let named = *families.iter().find(|family| family.id() == own.family)?;
    // What a fork writes is its family's, but for what it keeps in databases of its own.
    let family = named.family().unwrap_or(named);
    let database = TABLE.iter().find(|line| line.id == named.id()).and_then(|line| line.database);
    let text = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let roots = own.roots.iter().map(|root| text(root)).collect();
    Some(leaked(Fork { database, ..Fork::new(text(&own.name), text(&own.label), family, roots) }))
}

/// Agents live as long as the program does.
fn leaked(fork: Fork) -> &'static dyn Agent {
    Box::leak(Box::new(fork))
}

/// An agent that writes what its family does.
struct Fork {
    id: &'static str,
    label: &'static str,
    family: &'static dyn Agent,
    roots: Vec<&'static str>,
    /// The names by which a path below a root is known, of each root.
    marks: Vec<Mark>,
    /// Those of the directories of an application.
    applications: Vec<Mark>,
    given_names: &'static [&'static str],
    database: Option<&'static dyn Agent>,
}

impl Fork {
    fn new(
        id: &'static str,
        label: &'static str,
        family: &'static dyn Agent,
        roots: Vec<&'static str>,
    ) -> Fork {
        let marks = marks(&roots);
        Fork { id, label, family, marks, roots, applications: Vec::new(), given_names: &[], database: None }
    }

    /// Returns whether the path leads through the directory of an application.
    fn is_of_application(&self, path: &PathTail<'_>) -> bool {
        leads_through(path, &self.applications)
    }

    /// Places a file in a root whose name is none that the family gives.
    fn otherwise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let name = path.name();
        if self.is_of_application(path) {
            return is_transcript_name(name).then_some(Recognised::NotATranscript);
        }
        if let Some(stem) = set_aside_stem(name) {
            let session_id = uuid_in(stem).unwrap_or_else(|| id_of_name(stem));
            return Some(Recognised::session(self.id, Some(session_id)));
        }
        if is_companion(name) {
            return uuid_in(name)
                .map(|session_id| Recognised::part(self.id, session_id, "session".to_owned()));
        }
        if is_holder_name(name) {
            // Whatever it is called: what lies in it says whether it is one.
            let is_database = matches!(self.family.form(Path::new("x.db")), Form::Database(_));
            return is_database.then(|| Recognised::session(self.id, None));
        }
        let ours = || Recognised::Ours(Guess { agent: Some(self.id), ..guess_tail(path) });
        is_transcript_name(name).then(ours)
    }
}

/// The last names of a root: by them a path below it is known.
type Mark = Vec<&'static [u8]>;

fn marks(roots: &[&'static str]) -> Vec<Mark> {
    let mark = |root: &&'static str| {
        let names = root.split(['/', '\\']).filter(|name| !["", "~"].contains(name));
        let mut names: Mark =
            names.map(|name| if name == APPDATA { b"Roaming" } else { name.as_bytes() }).collect();
        names.split_off(names.len().saturating_sub(TELLING_NAMES))
    };
    roots.iter().map(mark).filter(|mark| !mark.is_empty()).collect()
}

/// Returns whether the path leads through a directory with one of these marks, wherever that lies.
fn leads_through(path: &PathTail<'_>, marks: &[Mark]) -> bool {
    let components = path.components();
    // Asked about every file: most paths have not even the first name.
    marks.iter().any(|mark| {
        let begins = |name: &&[u8]| name.len() == mark[0].len() && *name == mark[0];
        let mut starts = components.iter().enumerate().filter(|(_, name)| begins(name));
        starts.any(|(at, _)| components[at..].starts_with(mark))
    })
}

/// Returns whether a file of this name is what Qoder writes beside a transcript.
fn is_companion(name: &[u8]) -> bool {
    name.strip_suffix(b"-session.json").is_some_and(is_uuid)
}

/// Returns where a root is, if that can be told.
fn place(root: &str, environment: &Environment) -> Option<PathBuf> {
    match root.strip_prefix(APPDATA) {
        Some(below) => environment.path("APPDATA").map(|data| data.join(below.trim_start_matches('/'))),
        None => Some(environment.expand(Path::new(root))).filter(|path| !path.starts_with("~")),
    }
}

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Fork {
    fn id(&self) -> &'static str {
        self.id
    }

    fn label(&self) -> &'static str {
        self.label
    }

    fn family(&self) -> Option<&'static dyn Agent> {
        Some(self.family)
    }

    /// The directories above roots that are called as the family calls its own.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        let mut homes: Vec<PathBuf> = Vec::new();
        for root in self.roots(environment) {
            let name = root.file_name().and_then(|name| name.to_str());
            let is_known = name.is_some_and(|name| self.family.given_names().contains(&name));
            if let Some(home) = root.parent().filter(|home| is_known && !homes.iter().any(|one| one == home))
            {
                homes.push(home.to_owned());
            }
        }
        homes
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        self.roots.iter().filter_map(|root| place(root, environment)).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        self.given_names
    }

    fn project_name(&self, cwd: &str) -> Option<String> {
        self.family.project_name(cwd)
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        if !leads_through(path, &self.marks) {
            return None;
        }
        if let Some(ours) = self.database.and_then(|database| database.recognise(path)) {
            return Some(ours);
        }
        match self.family.recognise(path) {
            Some(Recognised::Ours(guess)) => Some(Recognised::Ours(Guess { agent: Some(self.id), ..guess })),
            Some(Recognised::NotATranscript) => Some(Recognised::NotATranscript),
            None => self.otherwise(path),
        }
    }

    fn form(&self, path: &Path) -> Form {
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let is_of = |database: &&dyn Agent| {
            database.recognise(&PathTail::new(path)).is_some() || is_holder_name(name)
        };
        if let Some(database) = self.database.filter(is_of) {
            return database.form(path);
        }
        match is_companion(path.file_name().unwrap_or_default().as_encoded_bytes()) {
            true => beside::form(path),
            false => self.family.form(path),
        }
    }

    fn id_in_document(&self, head: &[u8]) -> Option<String> {
        self.family.id_in_document(head)
    }

    fn enters(&self, path: &PathTail<'_>) -> bool {
        self.family.enters(path) && !(CACHES.contains(&path.name()) && self.is_of_application(path))
    }

    fn takes_any_name(&self, path: &PathTail<'_>) -> bool {
        self.family.takes_any_name(path)
    }

    /// None: the family does, and the path tells that it is the fork.
    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        match self.database.filter(|_| record.has("table")) {
            Some(database) => database.note(record, notes),
            None => self.family.note(record, notes),
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        match self.database.filter(|_| record.has("table")) {
            Some(database) => database.messages(record, told),
            None => self.family.messages(record, told),
        }
    }

    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        self.family.note_beside(path, notes);
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        self.family.id_needles()
    }

    fn recorded_id(&self, record: &Record<'_>) -> Option<String> {
        self.family.recorded_id(record)
    }

    fn is_named_by_path(&self) -> bool {
        self.family.is_named_by_path()
    }

    fn is_foreign_part(&self, part_id: &str) -> bool {
        self.family.is_foreign_part(part_id)
    }

    fn stands_alone(&self, part_id: &str) -> bool {
        self.family.stands_alone(part_id)
    }

    fn tells_of_session(&self, part_id: &str) -> bool {
        self.family.tells_of_session(part_id)
    }

    fn prompt_history(&self) -> Option<&'static str> {
        self.family.prompt_history()
    }

    fn attachments(&self) -> Option<Attachments> {
        self.family.attachments()
    }

    fn imports_file(&self, path: &Path) -> Option<PathBuf> {
        self.family.imports_file(path)
    }

    fn session_path(&self, lost: &Lost<'_>) -> Option<PathBuf> {
        self.family.session_path(lost)
    }

    fn part_path(&self, lost: &Lost<'_>, part_id: &str) -> Option<PathBuf> {
        self.family.part_path(lost, part_id)
    }

    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        self.family.marked_copy(line, record, original)
    }
}

#[cfg(test)]
#[path = "forks_tests.rs"]
mod tests;
