//! What GitHub Copilot CLI wrote at first: `~/.copilot/history-session-state/session_<uuid>_<time>.json`, one document a
//! session.

use std::path::Path;

use super::told::{guess, note_message, note_times};
use crate::agents::agent::{Form, Recognised};
use crate::agents::facts::Notes;
use crate::agents::names::PathTail;
use crate::agents::record::Record;
use crate::identity::{id_of_name, uuid_in};
use crate::recipe::Shape;

/// The directory, beside that of later sessions.
pub(in crate::agents::known) const DIRECTORY: &str = "history-session-state";

/// Recognises a session's document.
pub(in crate::agents::known) fn recognise(agent: &'static str, path: &PathTail<'_>) -> Option<Recognised> {
    let stem = path.name().strip_suffix(b".json").filter(|stem| !stem.is_empty())?;
    let id = uuid_in(stem).unwrap_or_else(|| id_of_name(stem));
    (path.above(1) == DIRECTORY.as_bytes()).then(|| Recognised::Ours(guess(agent, Some(id), None)))
}

/// Returns the documents of the session at `path`.
pub(in crate::agents::known) fn form(path: &Path) -> Form {
    Form::Documents(vec![(path.to_path_buf(), Shape::Lists(&["chatMessages", "timeline"]))])
}

/// Takes what a line of such a document tells; returns whether it is one.
pub(in crate::agents::known) fn note(record: &Record<'_>, notes: &mut Notes) -> bool {
    if !record.has("document") {
        return false;
    }
    if let Some(data) = record.record("data") {
        note_times(&data, notes);
        note_message(&data, notes);
        notes.model(data.text("selectedModel"));
        notes.cwd(data.text("cwd"));
        if data.is("type", "user") {
            notes.prompt(data.get("text"));
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_document_is_named_by_its_session_and_tells_its_first_prompt() {
        let id = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let path = format!("/h/.copilot/history-session-state/session_{id}_1767323045678.json");
        let found = guess_path(Path::new(&path));
        assert_eq!((found.agent, found.session_id.as_deref()), (Some("copilot"), Some(id)));
        let head = br#"{"document":"s.json","id":"chatMessages/0","data":{"role":"user","content":"fix it"}}
{"document":"s.json","id":"timeline/1","data":{"id":"1","timestamp":"2026-01-02T03:04:06Z","type":"user","text":"fix it"}}
{"document":"s.json","id":null,"data":{"sessionId":"x","startTime":"2026-01-02T03:04:05Z","chatMessages":[],"timeline":[]}}
"#;
        let told = describe("copilot", head, b"");
        assert_eq!(told.title.as_deref(), Some("fix it"));
        assert_eq!(told.ended_at, "2026-01-02T03:04:06Z".parse().ok());
    }
}
