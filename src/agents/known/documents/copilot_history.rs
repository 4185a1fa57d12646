//! What GitHub Copilot CLI wrote at first: `~/.copilot/history-session-state/session_<uuid>_<time>.json`, one document a
//! session.

use std::path::Path;

use super::told::{guess, note_message, note_times};
use crate::agents::agent::{Form, Recognised};
use crate::agents::facts::Notes;
use crate::agents::known::rendered::{event, first, is_something, say};
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::identity::{id_of_name, uuid_in};
use crate::message::{Kind, Mark, Outcome, Role, Side, Text};
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

/// The conversation stands there twice, as the model has it and as the user saw it.
const SCOPE: &[u8] = b"copilot";

/// Tells what a line of such a document says; returns whether it is one.
pub(in crate::agents::known) fn tell(record: &Record<'_>, told: &mut Telling<'_>) -> bool {
    if !record.has("document") {
        return false;
    }
    let Some(data) = record.record("data") else { return true };
    told.time(first(&data, &["timestamp", "startTime"]));
    told.id(data.get("id"));
    match data.has("role") {
        true => message(&data, told),
        false if data.has("type") => seen(&data, told),
        false => {
            told.from_here(data.get("selectedModel").filter(|model| model.filled_text().is_some()));
            told.state(Text::Named("session"));
        }
    }
    true
}

/// A message to or from the model.
fn message(data: &Record<'_>, told: &mut Telling<'_>) {
    let before = told.count();
    let content = data.get("content");
    match data.text("role").as_deref() {
        Some("user") => {
            say(told, Role::User, Kind::Text, content);
            // The model is given more than the user typed: the prompts are counted, not compared.
            return told.copied_as(before, Side::Record, SCOPE, "prompt");
        }
        Some("assistant") => {
            say(told, Role::Assistant, Kind::Thinking, first(data, &["reasoning_text", "reasoning"]));
            say(told, Role::Assistant, Kind::Text, content);
            for call in data.get("tool_calls").into_iter().flat_map(Value::elements) {
                told.tool_call(Role::Assistant, call);
            }
        }
        Some("tool") => told.result(data.get("tool_call_id"), data.get("name"), content, Outcome::default()),
        Some("system") => {
            told.mark(Mark::Injected);
            say(told, Role::System, Kind::Text, content);
        }
        _ => {}
    }
    told.copied(before, Side::Record, SCOPE);
}

/// What the user saw.
fn seen(data: &Record<'_>, told: &mut Telling<'_>) {
    let before = told.count();
    let (call, name) = (data.get("callId"), first(data, &["name", "toolTitle"]));
    match data.text("type").as_deref() {
        Some("user") => {
            say(told, Role::User, Kind::Text, data.get("text"));
            return told.copied_as(before, Side::Screen, SCOPE, "prompt");
        }
        Some("copilot") => say(told, Role::Assistant, Kind::Text, data.get("text")),
        Some("reasoning") => say(told, Role::Assistant, Kind::Thinking, data.get("text")),
        Some("tool_call_requested") => drop(told.call(Role::Assistant, call, name, data.get("arguments"))),
        Some("tool_call_completed") => {
            told.call(Role::Assistant, call, name, data.get("arguments"));
            let result = data.record("result");
            let failed = result.as_ref().and_then(|result| result.text("type"));
            let is_error = failed.map(|sort| matches!(&*sort, "failure" | "rejected" | "denied"));
            let output =
                result.as_ref().and_then(|result| first(result, &["log", "content", "error", "markdown"]));
            told.result(call, name, output, Outcome { is_error, exit_code: None });
        }
        Some("error") => event(told, "error", data.get("text").filter(|text| is_something(*text))),
        Some("info") => event(told, "info", data.get("text")),
        _ => {}
    }
    told.copied(before, Side::Screen, SCOPE);
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

    #[test]
    fn what_the_user_saw_of_what_the_model_was_told_is_named_alike() {
        let lines = r#"{"document":"s.json","id":"chatMessages/0","data":{"role":"user","content":"fix it <now>2026</now>"}}
{"document":"s.json","id":"chatMessages/1","data":{"role":"assistant","content":"I do.","tool_calls":[{"id":"c1","type":"function","function":{"name":"bash","arguments":"{}"}}]}}
{"document":"s.json","id":"chatMessages/2","data":{"role":"tool","tool_call_id":"c1","content":"a"}}
{"document":"s.json","id":"timeline/0","data":{"id":"0","timestamp":"2026-01-02T03:04:06Z","type":"user","text":"fix it"}}
{"document":"s.json","id":"timeline/1","data":{"id":"1","type":"copilot","text":"I do."}}
{"document":"s.json","id":"timeline/2","data":{"id":"2","type":"tool_call_completed","callId":"c1","name":"bash","arguments":{},"result":{"type":"success","log":"a"}}}
{"document":"s.json","id":"timeline/3","data":{"id":"3","type":"info","text":"a note"}}
{"document":"s.json","id":null,"data":{"sessionId":"x","startTime":"2026-01-02T03:04:05Z"}}"#;
        let mut messages = Vec::new();
        for line in lines.lines() {
            crate::agents::tell_line(
                crate::agents::agent("copilot"),
                line.as_bytes(),
                0..line.len(),
                1,
                &mut messages,
            );
        }
        let of = |side: Side| -> Vec<u64> {
            let copies = messages.iter().filter_map(|message| message.joints.copy);
            copies.filter(|(_, of)| *of == side).map(|(number, _)| number).collect()
        };
        assert_eq!(of(Side::Record).len(), 4);
        assert_eq!(of(Side::Screen)[..4], of(Side::Record)[..]);
        let kinds: Vec<&str> = messages.iter().map(|message| message.kind.name()).collect();
        let said = ["text", "text", "tool_call", "tool_result"];
        assert_eq!(kinds, [&said[..], &said[..], &["event", "event"][..]].concat());
    }
}
