//! Factory Droid: `~/.factory/sessions/<project>/<session>.jsonl`, with model and token counts in
//! `<session>.settings.json`. What `droid exec` prints as a stream of records may be kept anywhere.
//!
//! Here is what its paths and records tell of a session; `said` is what its records say.

mod said;

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::known::beside;
use crate::agents::lost::{Lost, Resume, with_own_member};
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::{is_uuid, uuid_in};

const ID: &str = "droid";

pub(crate) struct Droid;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Droid {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Factory Droid"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".factory/sessions")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".factory", "sessions"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let settings = path.name().strip_suffix(b".settings.json");
        let stem = settings.or_else(|| path.jsonl_stem()).filter(|stem| is_uuid(stem))?;
        let is_ours = [(2, 3), (1, 2)]
            .iter()
            .any(|(sessions, home)| path.above(*sessions) == b"sessions" && path.above(*home) == b".factory");
        let session_id = if is_ours { uuid_in(stem)? } else { return None };
        Some(match settings {
            Some(_) => Recognised::part(ID, session_id, "settings".to_owned()),
            None => Recognised::session(ID, Some(session_id)),
        })
    }

    fn form(&self, path: &Path) -> Form {
        beside::form(path)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = stray.name().ends_with(".jsonl")
            && stray.begins_with(|record| record.is("type", "session_start") && record.has("id"));
        is_ours.then(|| stray.in_root(".factory/sessions", 1))
    }

    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        if is_streamed(record) {
            return streamed_id(record).map(Claim::session);
        }
        record.text("id").filter(|_| record.is("type", "session_start")).map(Claim::session)
    }

    fn session_path(&self, lost: &Lost<'_>) -> Option<PathBuf> {
        let directory = lost.cwd.replace(['/', '\\', ':'], "-");
        let name = format!("{}.jsonl", lost.session_id);
        (!directory.is_empty()).then(|| PathBuf::from_iter([directory, name]))
    }

    fn resume(&self, lost: &Lost<'_>, _path: &Path) -> Option<Resume> {
        Resume::in_directory(["droid", "--resume", lost.session_id])
    }

    fn marked_copy(&self, line: &[u8], record: &Record<'_>, original: &str) -> Option<Vec<u8>> {
        let is_header = record.is("type", "session_start");
        is_header.then(|| with_own_member(line, "forkedFrom", &format!("\"{original}\"")))?
    }

    fn id_needles(&self) -> &'static [&'static [u8]] {
        &[b"\"session_start\"", b"\"session_id\"", b"\"sessionId\""]
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        said::tell(record, told);
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        match record.text("type").as_deref() {
            Some("session_start") => {
                notes.copied_by_header(record);
                notes.lineage().id(record.text("id"));
                notes.cwd(record.text("cwd"));
                notes.title(TitleRank::Generated, record.text("title"));
                notes.title(TitleRank::Generated, record.text("sessionTitle"));
            }
            Some("system") => {
                notes.cwd(record.text("cwd"));
                notes.model(record.get("model").and_then(Value::filled_text));
            }
            Some("message") if record.is("role", "user") => notes.prompt(record.get("text")),
            Some("message") => {
                let message = record.record("message").filter(|message| message.is("role", "user"));
                notes.prompt(message.and_then(|message| message.get("content")));
            }
            _ => {}
        }
    }

    /// `<session>.settings.json`.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let Some(text) = beside::read(&path.with_extension("settings.json")) else { return };
        notes.model(
            Record::of_document(text.as_bytes())
                .and_then(|settings| settings.get("model").and_then(Value::filled_text)),
        );
    }
}

/// Returns whether a record is one that Droid prints when it is asked for a stream of them and that no other agent's stream
/// has in this form.
fn is_streamed(record: &Record<'_>) -> bool {
    match record.text("type").as_deref() {
        Some("message") => record.has("role") && record.has("text"),
        Some("tool_call") => record.has("toolName") && record.has("parameters"),
        Some("completion") => record.has("finalText"),
        _ => false,
    }
}

/// Returns the session that a streamed record names.
fn streamed_id<'r>(record: &'r Record<'_>) -> Option<std::borrow::Cow<'r, str>> {
    record.text("session_id").or_else(|| record.text("sessionId"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path, identify};
    use std::fs;

    #[test]
    fn a_stream_that_was_kept_is_droids_wherever_it_lies() {
        let head = br#"{"type":"system","subtype":"init","sessionId":"sid","model":"m","cwd":"/w","id":"s"}
{"type":"message","sessionId":"sid","timestamp":1767812641000,"role":"user","text":"List","id":"1"}
{"type":"completion","sessionId":"sid","finalText":"Done"}"#;
        let path = Path::new("/x/output.jsonl");
        let found = identify(path, &guess_path(path), head);
        assert_eq!((found.agent, &*found.session_id), (ID, "sid"));
        let told = describe(ID, head, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("List"), Some("/w")));
        assert_eq!(told.model.as_deref(), Some("m"));
        let others = br#"{"type":"message","sessionId":"sid","role":"user","content":"List"}"#;
        assert_ne!(identify(path, &guess_path(path), others).agent, ID);
    }

    #[test]
    fn the_settings_of_a_session_are_a_part_that_tells_the_model() {
        let session = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let guess = |path: String| guess_path(Path::new(&path));
        let part = guess(format!("/h/.factory/sessions/-w/{session}.settings.json"));
        assert_eq!((part.session_id.as_deref(), part.part_id.as_deref()), (Some(session), Some("settings")));
        assert_eq!(guess(format!("/h/x/{session}.settings.json")).agent, None);
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("a.settings.json"), "{\n  \"model\": \"m\"\n}").unwrap();
        let told = describe_with_beside(ID, &home.path().join("a.jsonl"), describe(ID, b"", b""));
        assert_eq!(told.model.as_deref(), Some("m"));
    }
}
