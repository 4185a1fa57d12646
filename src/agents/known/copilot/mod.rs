//! GitHub Copilot CLI: `~/.copilot/session-state/<session>/events.jsonl`, earlier `session-state/<session>.jsonl`. Beside it
//! lie `workspace.yaml`, a plan, checkpoints and other text, which are parts.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say, and
//! `settings` has its hooks.

mod said;
mod settings;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::found::Guess;
use crate::agents::known::beside;
use crate::agents::known::documents::copilot_history;
use crate::agents::lost::{Lost, Resume, with_member};
use crate::agents::names::{PathTail, part_id};
use crate::agents::record::Record;
use crate::agents::said::Telling;
use crate::agents::settings::{HookCall, Settings, Wanted};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{id_of_name, is_uuid, uuid_in, with_hash};

const ID: &str = "copilot";

/// Directory of all sessions.
const STATE: &[u8] = b"session-state";

/// What is known of a session, beside its transcript.
const WORKSPACE: &str = "workspace.yaml";

/// What the names of files of text end with. The others are databases, locks and pictures.
const TEXTS: [&[u8]; 8] = [b"yaml", b"yml", b"md", b"txt", b"json", b"jsonl", b"log", b"diff"];

pub(crate) struct Copilot;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Copilot {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "GitHub Copilot CLI"
    }

    /// `$COPILOT_HOME`, else `~/.copilot`.
    fn homes(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.path("COPILOT_HOME").map_or_else(|| environment.in_home(".copilot"), |home| vec![home])
    }

    /// `session-state/`, and that of its first version, of its homes.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let all = |home: &PathBuf| [home.join("session-state"), home.join(copilot_history::DIRECTORY)];
        self.homes(environment).iter().flat_map(all).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".copilot"]
    }

    fn settings(&self, home: &Path) -> Option<Settings> {
        Some(settings::of_home(home))
    }

    fn wanted_hooks(&self, home: &Path, call: &HookCall) -> Vec<Wanted> {
        settings::wanted_hooks(home, call)
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let ours = |session_id| Some(Recognised::Ours(Guess { agent: Some(ID), session_id, part_id: None }));
        let directory = path.above(1);
        if path.name() == b"events.jsonl" && (path.above(2) == STATE || is_uuid(directory)) {
            return ours((!directory.is_empty()).then(|| id_of_name(directory)));
        }
        if directory == STATE
            && let Some(stem) = path.jsonl_stem()
        {
            return ours(uuid_in(stem));
        }
        if let Some(history) = copilot_history::recognise(ID, path) {
            return Some(history);
        }
        let components = path.components();
        let below = components.iter().rposition(|name| *name == STATE).map(|at| &components[at + 1..])?;
        let (session, below) = below.split_first()?;
        Some(Recognised::part(ID, id_of_name(session), text_part(below)?))
    }

    /// Of a session's text each file is a part, whatever it is called.
    fn takes_any_name(&self, directory: &PathTail<'_>) -> bool {
        directory.components().iter().rev().skip(1).any(|name| *name == STATE)
    }

    fn form(&self, path: &Path) -> Form {
        // In a tree of another name the form alone tells.
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let is_named = name.starts_with(b"session_") && name.ends_with(b".json");
        let is_history = is_named && !path.with_file_name("events.jsonl").is_file();
        match is_history || copilot_history::recognise(ID, &PathTail::new(path)).is_some() {
            true => copilot_history::form(path),
            false => beside::form(path),
        }
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let name = stray.name();
        if name == "events.jsonl" {
            let is_ours = stray.begins_with(|record| record.is("type", "session.start"));
            return is_ours.then(|| stray.in_root(".copilot/session-state", 2));
        }
        let is_ours = name.ends_with(".json")
            && stray.is_document(|document| document.has("chatMessages") && document.has("sessionId"));
        is_ours.then(|| stray.in_root(".copilot", 0).join(copilot_history::DIRECTORY).join(name))
    }

    /// `workspace.yaml`: lines such as `name: Sort it`.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let Some(text) = beside::read(&path.with_file_name(WORKSPACE)) else { return };
        for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
            let value = yaml_text(value);
            match key {
                "cwd" if Path::new(value).has_root() => notes.cwd(Some(value.into())),
                "branch" => notes.git_branch(Some(value.into()).filter(|_| !value.is_empty())),
                "summary" => notes.title(TitleRank::Summary, Some(value.into())),
                "title" => notes.title(TitleRank::Generated, Some(value.into())),
                "name" => notes.title(TitleRank::Given, Some(value.into())),
                _ => {}
            }
        }
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let data = record.record("data").filter(|_| record.is("type", "session.start"))?;
        data.text("sessionId").map(Claim::session)
    }

    fn home_variable(&self) -> Option<&'static str> {
        Some("COPILOT_HOME")
    }

    fn session_path(&self, lost: &Lost<'_>) -> Option<PathBuf> {
        Some(PathBuf::from_iter([lost.session_id, "events.jsonl"]))
    }

    fn resume(&self, lost: &Lost<'_>, _path: &Path) -> Option<Resume> {
        Resume::in_directory(["copilot", &format!("--resume={}", lost.session_id)])
    }

    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        let data = record.get("data").filter(|_| record.is("type", "session.start"))?;
        with_member(line, data.raw(), "forkedFromSessionId", &format!("\"{original}\""))
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"session.start\""]
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        if !copilot_history::tell(record, told) {
            said::tell(record, told);
        }
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        if copilot_history::note(record, notes) {
            return;
        }
        let Some(data) = record.record("data") else { return };
        match record.text("type").as_deref() {
            Some("session.start" | "session.resume") => {
                notes.copied_by_header(&data);
                notes.lineage().id(data.text("sessionId"));
                let context = data.record("context");
                notes.cwd(context.as_ref().and_then(|context| context.text("cwd")));
                notes.git_branch(context.as_ref().and_then(|context| context.text("branch")));
                notes.model(data.text("selectedModel"));
            }
            Some("session.model_change") => notes.model(data.text("newModel")),
            Some("user.message") => notes.prompt(data.get("content")),
            _ => {}
        }
    }
}

/// Returns a value of one line in YAML; nothing for one that stands in the lines below.
fn yaml_text(value: &str) -> &str {
    let value = value.trim();
    let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
    if value.starts_with(['|', '>']) || matches!(value, "null" | "~") { "" } else { value }
}

/// Returns the id of a file of text in a session's directory. Further down a hash of the path keeps it apart from others
/// that read the same without their dots and slashes.
fn text_part(below: &[&[u8]]) -> Option<String> {
    let (name, directories) = below.split_last()?;
    let dot = memchr::memrchr(b'.', name).filter(|dot| *dot > 0)?;
    let (stem, extension) = (&name[..dot], &name[dot + 1..]);
    if !TEXTS.contains(&extension) {
        return None;
    }
    let id = part_id(&[directories, &[stem, extension]].concat());
    Some(if directories.is_empty() { id } else { with_hash(&id, &below.join(&b'/')) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::guess_path;

    #[test]
    fn text_in_a_sessions_directory_is_a_part_of_it() {
        let session = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let part = |name: &str| {
            let guess = guess_path(&Path::new("/h/.copilot/session-state").join(session).join(name));
            assert!(guess.part_id.is_none() || guess.agent == Some(ID), "{name}");
            guess.session_id.filter(|id| id == session).and(guess.part_id)
        };
        assert_eq!(part("workspace.yaml").as_deref(), Some("workspace-yaml"));
        assert_eq!(part("plan.md").as_deref(), Some("plan-md"));
        let checkpoint = part("checkpoints/001-start.md").unwrap();
        assert!(checkpoint.starts_with("checkpoints-001-start-md-"), "{checkpoint}");
        for name in ["events.jsonl", "session.db", "inuse.12.lock", "files/picture.png"] {
            assert_eq!(part(name), None, "{name}");
        }
        let directory = PathTail::new(Path::new("/h/.copilot/session-state/x"));
        assert!(Copilot.takes_any_name(&directory));
        assert!(!Copilot.takes_any_name(&PathTail::new(Path::new("/h/.copilot/session-state"))));
    }
}
