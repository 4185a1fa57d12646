//! What Gemini CLI before 0.40, and Qwen Code of that time, wrote: `tmp/<project>/chats/session-<time>-<id8>.json`, one
//! document a session. It names its session as the `.jsonl` of later does; the file's name has but a part of that.

use std::path::Path;

use super::told::guess;
use crate::agents::agent::{Form, Recognised};
use crate::agents::facts::{Notes, TitleRank};
use crate::agents::known::rendered::{exit_code_in, first, is_something, say, title};
use crate::agents::names::PathTail;
use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::identity::{id_of_name, is_uuid, uuid_in};
use crate::message::{Kind, Outcome, Role, Text, Tokens};
use crate::recipe::Shape;

/// Beside the directory of the chats: the path of the project.
const PROJECT: &str = ".project_root";

/// Recognises a session's document, whose id only its content tells, or that of a subagent.
pub(in crate::agents::known) fn recognise(agent: &'static str, path: &PathTail<'_>) -> Option<Recognised> {
    let stem = path.name().strip_suffix(b".json")?;
    if path.above(1) == b"chats" && stem.starts_with(b"session-") {
        return Some(Recognised::Ours(guess(agent, None, None)));
    }
    let is_part = path.above(2) == b"chats" && is_uuid(path.above(1)) && !stem.is_empty();
    is_part.then(|| Recognised::Ours(guess(agent, uuid_in(path.above(1)), Some(id_of_name(stem)))))
}

/// Returns the documents of the session or part at `path`.
pub(in crate::agents::known) fn form(path: &Path) -> Form {
    let this = (path.to_path_buf(), Shape::Lists(&["messages", "history"]));
    let chats = path.ancestors().find(|above| above.file_name().is_some_and(|name| name == "chats"));
    let project = chats.and_then(Path::parent).map(|project| (project.join(PROJECT), Shape::Whole));
    Form::Documents(project.into_iter().chain([this]).collect())
}

/// Returns the id that a document gives its session, not cleaned; `head` is its beginning.
pub(in crate::agents::known) fn session_id(head: &[u8]) -> Option<String> {
    Record::of_document(head)?.text("sessionId").map(|id| id.into_owned())
}

/// Takes what a line of such a document tells; returns whether it is one.
pub(in crate::agents::known) fn note(record: &Record<'_>, notes: &mut Notes) -> bool {
    if !record.has("document") {
        return false;
    }
    if record.text("document").is_some_and(|name| name.ends_with(PROJECT)) {
        notes.cwd(record.text("data").map(|path| path.trim().to_owned().into()));
        return true;
    }
    let Some(data) = record.record("data") else { return true };
    for member in ["startTime", "start_time", "timestamp", "ts", "lastUpdated"] {
        data.get(member).into_iter().for_each(|time| notes.time(time));
    }
    let is_unknown = notes.description().model.is_none();
    let asked_first = || data.inside("meta", "model").filter(|_| is_unknown)?.filled_text();
    notes.model(data.text("model").or_else(asked_first));
    if data.is("type", "user") {
        notes.prompt(data.get("content"));
    }
    if data.is("role", "user") {
        notes.prompt(data.get("parts"));
    }
    notes.title(TitleRank::Summary, data.text("summary"));
    let directory = data.get("directories").and_then(|list| list.elements().next()).and_then(Value::text);
    notes.cwd(directory);
    true
}

/// Tells what a line of such a document says; returns whether it is one.
pub(in crate::agents::known) fn tell(record: &Record<'_>, told: &mut Telling<'_>) -> bool {
    if !record.has("document") {
        return false;
    }
    let Some(data) = record.record("data") else {
        told.state(Text::Named("directory"));
        return true;
    };
    told.time(first(&data, &["timestamp", "ts", "startTime", "start_time"]));
    told.id(data.get("id"));
    let sort = first(&data, &["type", "role"]).and_then(Value::text);
    match sort.as_deref() {
        Some("user") => say(told, Role::User, Kind::Text, first(&data, &["content", "parts"])),
        Some("gemini" | "qwen" | "model" | "assistant") => answer(&data, told),
        Some("info" | "error" | "warning") => {
            let (name, text) = (told.optional(data.get("type")), told.optional(data.get("content")));
            told.event(name, text);
        }
        Some(_) => {}
        None => {
            told.from_here(data.inside("meta", "model"));
            title(told, data.get("summary"));
            told.state(Text::Named("session"));
        }
    }
    told.state_otherwise(Text::Named("message"));
    true
}

/// What the model thought, said and called, and what the tools answered.
fn answer(data: &Record<'_>, told: &mut Telling<'_>) {
    told.model(data.get("model"));
    told.tokens(paid(data.get("tokens")));
    for thought in data.get("thoughts").into_iter().flat_map(Value::elements) {
        let Some(thought) = thought.record() else { continue };
        told.text(Role::Assistant, Kind::Thinking, first(&thought, &["description", "subject", "text"]));
    }
    say(told, Role::Assistant, Kind::Text, first(data, &["content", "parts"]));
    for call in data.get("toolCalls").into_iter().flat_map(Value::elements) {
        let Some(call) = call.record() else { continue };
        told.call(Role::Assistant, call.get("id"), call.get("name"), call.get("args"));
        let is_error = call.text("status").map(|status| matches!(&*status, "error" | "cancelled"));
        let answers = call.get("result").filter(|result| is_something(*result));
        let Some(answers) = answers.or_else(|| first(&call, &["resultDisplay"])) else { continue };
        let outcome = Outcome { is_error, exit_code: exit_code_in(answers.raw()) };
        let response =
            answers.elements().find_map(|part| part.member("functionResponse")?.member("response"));
        let said = response.map(|response| {
            ["output", "error"].iter().find_map(|key| response.member(key)).unwrap_or(response)
        });
        told.result(call.get("id"), call.get("name"), said.or(Some(answers)), outcome);
    }
}

/// What was read from a cache is among what was read; what was thought is not among what was written.
fn paid(usage: Option<Value<'_>>) -> Option<Tokens> {
    let mut paid = tokens(usage, Cached::Within)?;
    let thought = usage.and_then(|usage| usage.member("thoughts")).and_then(Value::number);
    paid.output = paid.output.saturating_add(thought.map_or(0, |thought| thought.max(0.0) as u64));
    Some(paid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    const SESSION: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn documents_of_chats_are_recognised_as_whose_tree_they_lie_in() {
        let of = |path: &str| {
            let guess = guess_path(Path::new(path));
            (guess.agent, guess.session_id, guess.part_id)
        };
        let name = "tmp/p/chats/session-2026-01-02T03-04-0a1b2c3d.json";
        assert_eq!(of(&format!("/h/.gemini/{name}")), (Some("gemini"), None, None));
        assert_eq!(of(&format!("/h/.qwen/{name}")), (Some("qwen"), None, None));
        let part = of(&format!("/h/.gemini/tmp/p/chats/{SESSION}/a1.json"));
        assert_eq!(part, (Some("gemini"), Some(SESSION.to_owned()), Some("a1".to_owned())));
    }

    #[test]
    fn a_document_names_its_session_even_where_it_is_cut() {
        let head = format!("{{\n  \"sessionId\": \"{SESSION}\",\n  \"messages\": [{{\"id\": \"x");
        assert_eq!(session_id(head.as_bytes()).as_deref(), Some(SESSION));
        assert_eq!(session_id(b"[1]"), None);
    }

    #[test]
    fn a_document_tells_what_the_session_was_about() {
        let head = br#"{"document":"tmp/p/.project_root","id":null,"data":"/w/app\n"}
{"document":"session.json","id":"messages/1","data":{"id":"1","timestamp":"2026-01-02T03:04:05Z","type":"user","content":"fix it"}}
{"document":"session.json","id":"messages/2","data":{"id":"2","timestamp":"2026-01-02T03:04:06Z","type":"gemini","model":"flash"}}
{"document":"session.json","id":null,"data":{"sessionId":"x","startTime":"2026-01-02T03:04:05Z","messages":[]}}
"#;
        for agent in ["gemini", "qwen"] {
            let told = describe(agent, head, b"");
            assert_eq!((told.cwd.as_deref(), told.title.as_deref()), (Some("/w/app"), Some("fix it")));
            assert_eq!(told.model.as_deref(), Some("flash"));
            assert_eq!(told.ended_at, "2026-01-02T03:04:06Z".parse().ok());
        }
    }

    #[test]
    fn an_answer_is_what_was_thought_said_called_and_answered() {
        let lines = r#"{"document":"tmp/p/.project_root","id":null,"data":"/w/app\n"}
{"document":"s.json","id":"messages/1","data":{"id":"1","type":"user","content":[{"text":"fix it"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}}
{"document":"s.json","id":"messages/2","data":{"id":"2","type":"gemini","model":"flash","thoughts":[{"subject":"x","description":"hm"}],"content":"I do.","tokens":{"input":9,"cached":4,"output":2,"thoughts":1},"toolCalls":[{"id":"c1","name":"run_shell_command","args":{"command":"ls"},"status":"success","result":[{"functionResponse":{"id":"c1","name":"run_shell_command","response":{"output":"a\\nExit Code: 1\\n"}}}],"resultDisplay":"a"}]}}
{"document":"s.json","id":"messages/3","data":{"id":"3","type":"info","content":"Cancelled."}}
{"document":"s.json","id":"history/0","data":{"role":"user","parts":[{"text":"earlier"}],"ts":1695000000}}
{"document":"s.json","id":null,"data":{"sessionId":"x","summary":"Fix","messages":[]}}"#;
        for agent in ["gemini", "qwen"] {
            assert_eq!(
                told(crate::agents::agent(agent).unwrap(), lines),
                [
                    r#"system event directory "LINE""#,
                    r#"user text "fix it""#,
                    r#"user image "AAAA""#,
                    r#"assistant thinking "hm""#,
                    r#"assistant text "I do.""#,
                    r#"assistant tool_call run_shell_command @c1 "{"command":"ls"}""#,
                    r#"tool tool_result run_shell_command @c1 "a\nExit Code: 1\n" error=false exit=1"#,
                    r#"system event info "Cancelled.""#,
                    r#"user text "earlier""#,
                    r#"system event title "Fix""#,
                    r#"system event session "LINE""#,
                ]
            );
        }
    }
}
