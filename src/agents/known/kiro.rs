//! Kiro CLI: `~/.kiro/sessions/cli/<session>.jsonl`, with directory and times in `<session>.json`; its third version
//! `~/.kiro/sessions/<workspace>/<session>/messages.jsonl`. Older ones keep a database.
//!
//! Its records carry no session id: the path is all there is.

use std::path::{Path, PathBuf};

use super::beside;
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, stem};
use crate::agents::record::{Record, Value};
use crate::agents::said::{Telling, tell_any};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::{Kind, Outcome, Role};

const ID: &str = "kiro";

pub(crate) struct Kiro;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Kiro {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Kiro CLI"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        environment.in_home(".kiro/sessions")
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".kiro", "sessions", "cli"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let name = path.name();
        let (is_lines, is_document) = (name.ends_with(b".jsonl"), name.ends_with(b".json"));
        if path.above(1) == b"cli" && path.above(2) == b"sessions" && path.above(3) == b".kiro" {
            let session_id = id_of_name(stem(name));
            return match (is_lines, is_document) {
                (true, _) => Some(Recognised::session(ID, Some(session_id))),
                (_, true) => Some(Recognised::part(ID, session_id, "session".to_owned())),
                _ => None,
            };
        }
        if path.above(3) != b"sessions" || path.above(4) != b".kiro" || !(is_lines || is_document) {
            return None;
        }
        let session_id = id_of_name(path.above(1));
        Some(match name {
            b"messages.jsonl" => Recognised::session(ID, Some(session_id)),
            _ => Recognised::part(ID, session_id, id_of_name(stem(name))),
        })
    }

    fn form(&self, path: &Path) -> Form {
        beside::form(path)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        if !stray.name().ends_with(".jsonl") {
            return None;
        }
        if stray.name() == "messages.jsonl" {
            let is_ours = stray.begins_with(|record| {
                let members = ["id", "role", "content", "created_at"];
                members.iter().all(|member| record.has(member)) && !stray.has_beside("meta.json")
            });
            return is_ours.then(|| stray.in_root(".kiro/sessions", 3));
        }
        let is_ours = stray.begins_with(|record| self.claim(record).is_some());
        is_ours.then(|| stray.in_root(".kiro/sessions/cli", 1))
    }

    /// Of records as the command line writes them; those of the third version have nothing of their own.
    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let is_ours =
            ["Prompt", "AssistantMessage", "ToolResults"].iter().any(|kind| record.is("kind", kind));
        (is_ours && record.has("data")).then(Claim::agent_only)
    }

    fn is_named_by_path(&self) -> bool {
        true
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        told.time(record.get("timestamp"));
        let Some(data) = record.record("data") else { return tell_any(record, told) };
        told.time(data.inside("meta", "timestamp"));
        told.id(data.get("message_id"));
        let role = match record.text("kind").as_deref() {
            Some("Prompt") => Role::User,
            Some("AssistantMessage") => Role::Assistant,
            Some("ToolResults") => Role::Tool,
            _ => return,
        };
        let content = data.get("content");
        match content.filter(|content| content.raw().starts_with(b"[")) {
            Some(list) => list.elements().for_each(|block| tell_block(role, block, told)),
            None => told.content(role, content),
        }
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.model(record.text("model"));
        if record.is("role", "user") {
            notes.prompt(record.get("content"));
        }
        let Some(data) = record.record("data") else { return };
        if let Some(time) = data.inside("meta", "timestamp") {
            notes.time(time);
        }
        if record.is("kind", "Prompt") {
            let blocks = data.get("content");
            let text = blocks.and_then(|blocks| blocks.elements().find_map(|block| block.member("data")));
            notes.prompt(text.or(blocks));
        }
    }

    /// `<session>.json`; in the third version `session.json` and `metadata.json`.
    fn note_beside(&self, path: &Path, notes: &mut Notes) {
        let is_third = path.file_name().is_some_and(|name| name == "messages.jsonl");
        let documents = match is_third {
            true => vec![path.with_file_name("session.json"), path.with_file_name("metadata.json")],
            false => vec![path.with_extension("json")],
        };
        for text in documents.iter().filter_map(|document| beside::read(document)) {
            if let Some(document) = Record::of_document(text.as_bytes()) {
                note_document(&document, notes);
            }
        }
    }
}

fn note_document(document: &Record<'_>, notes: &mut Notes) {
    notes.cwd(document.text("cwd").or_else(|| document.text("workspaceDirectory")));
    notes.title(TitleRank::Generated, document.text("title"));
    let times = ["created_at", "createdAt", "updated_at", "updatedAt"];
    times.iter().filter_map(|member| document.get(member)).for_each(|time| notes.time(time));
    let state = document.record("session_state").and_then(|state| state.record("rts_model_state"));
    let model = state.and_then(|state| state.inside("model_info", "model_id"));
    notes.model(model.and_then(Value::filled_text));
}

/// Tells one block: `{"kind", "data"}`.
fn tell_block(role: Role, block: Value<'_>, told: &mut Telling<'_>) {
    let data = block.member("data");
    let of_data = |key: &str| data.and_then(|data| data.member(key));
    let kind = block.member("kind");
    match kind.and_then(Value::text).as_deref() {
        Some("text") => told.content(role, data),
        Some("thinking" | "reasoning") => {
            told.text(role, Kind::Thinking, of_data("text").or(data));
        }
        Some("toolUse") => {
            told.call(role, of_data("toolUseId"), of_data("name"), of_data("input"));
        }
        Some("toolResult") => {
            let is_error = of_data("status").and_then(Value::text).map(|status| status == "error");
            let (id, outcome) = (of_data("toolUseId"), Outcome { is_error, exit_code: None });
            let said: Vec<Value<'_>> = of_data("content").into_iter().flat_map(Value::elements).collect();
            if said.is_empty() {
                told.result(id, None, of_data("content"), outcome);
            }
            for (nth, piece) in said.into_iter().enumerate() {
                let outcome = if nth == 0 { outcome } else { Outcome::default() };
                told.result(id, None, piece.member("data").or(Some(piece)), outcome);
            }
        }
        Some("image") => {
            let text = told.optional(of_data("source").or(data));
            told.say(role, Kind::Image, text);
        }
        _ => told.record_as(kind, Some(block)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, describe_with_beside, guess_path, identify};
    use std::fs;

    const SESSION: &str = "1a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn both_generations_are_named_by_their_paths() {
        for (path, part) in [
            ("cli/SID.jsonl", None),
            ("cli/SID.json", Some("session")),
            ("my-space/SID/messages.jsonl", None),
            ("my-space/SID/session.json", Some("session")),
        ] {
            let path = format!("/h/.kiro/sessions/{}", path.replace("SID", SESSION));
            let head = br#"{"role":"user","content":"hi","timestamp":"2026-01-02T03:04:05Z"}"#;
            let found = identify(Path::new(&path), &guess_path(Path::new(&path)), head);
            assert_eq!(
                (found.agent, &*found.session_id, found.part_id.as_deref()),
                (ID, SESSION, part),
                "{path}"
            );
        }
        for other in
            ["/h/.kiro/sessions/cli/SID.lock", "/h/sessions/cli/SID.json", "/h/.kiro/settings/mcp.json"]
        {
            assert_eq!(guess_path(Path::new(other)).agent, None, "{other}");
        }
    }

    #[test]
    fn records_and_the_document_beside_them_describe_a_session() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(format!("{SESSION}.jsonl"));
        let head = br#"{"version":"v1","kind":"Prompt","data":{"message_id":"1","content":[{"kind":"text","data":"tidy up"}],"meta":{"timestamp":1767323045}}}
{"version":"v1","kind":"AssistantMessage","data":{"message_id":"2","content":[{"kind":"text","data":"done"}]}}"#;
        assert_eq!(identify(Path::new("a.jsonl"), &guess_path(Path::new("a.jsonl")), head).agent, ID);
        let description = describe(ID, head, b"");
        assert_eq!(description.title.as_deref(), Some("tidy up"));
        assert_eq!(description.started_at, "2026-01-02T03:04:05Z".parse().ok());
        let document = "{\n  \"session_id\": \"x\",\n  \"cwd\": \"/home/me/app\",\n  \"title\": \"Tidying\",\n  \"updated_at\": \"2026-01-02T04:00:00Z\"\n}";
        fs::write(path.with_extension("json"), document).unwrap();
        let told = describe_with_beside(ID, &path, description);
        assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/home/me/app"), Some("Tidying")));
        assert_eq!(told.ended_at, "2026-01-02T04:00:00Z".parse().ok());
    }

    #[test]
    fn prompts_answers_calls_and_results_are_told() {
        let lines = r#"{"version":"v1","kind":"Prompt","data":{"message_id":"1","content":[{"kind":"text","data":"hi"}],"meta":{"timestamp":1767323045}}}
{"version":"v1","kind":"AssistantMessage","data":{"message_id":"2","content":[{"kind":"text","data":"Well"},{"kind":"toolUse","data":{"toolUseId":"c","name":"shell","input":{"command":"ls"}}}]}}
{"version":"v1","kind":"ToolResults","data":{"message_id":"3","content":[{"kind":"toolResult","data":{"toolUseId":"c","content":[{"kind":"text","data":"none"}],"status":"error"}}]}}
{"version":"v1","kind":"Clear","data":{}}
{"role":"user","content":"third version"}"#;
        assert_eq!(
            crate::agents::said::testing::told(ID, lines),
            [
                "user text: hi",
                "assistant text: Well",
                r#"assistant tool_call shell (c): {"command":"ls"}"#,
                "tool tool_result (c) failed: none",
                r#"system event Clear: {"version":"v1","kind":"Clear","data":{}}"#,
                "user text: third version",
            ]
        );
    }
}
