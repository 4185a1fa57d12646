//! Hermes: `~/.hermes/state.db`, a database of all sessions; before it a document each, `~/.hermes/sessions/*.json`. Both may
//! hold a session; the database's counts. Rows that the user rewound are still there, marked `active` 0.

use std::path::{Path, PathBuf};

use super::rendered::{is_something, plain, say, sums, title};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::{Kind, Mark, Outcome, Role, Text};
use crate::recipe::{NO_SESSIONS, Schema, Shape, Table};

const ID: &str = "hermes";

const BY_PARENT: &str = "SELECT id, parent_session_id, started_at FROM sessions ORDER BY started_at DESC";

const BY_START: &str = "SELECT id, NULL, started_at FROM sessions ORDER BY started_at DESC";

const MARKS: &[&str] = &[
    "SELECT id, ended_at, title, model FROM sessions",
    "SELECT id, NULL, title, archived FROM sessions",
    "SELECT session_id, max(timestamp), count(*), max(id) FROM messages GROUP BY session_id",
    "SELECT session_id, NULL, count(*), sum(octet_length(content)), max(rowid) FROM messages GROUP BY session_id",
    "SELECT session_id, NULL, sum(octet_length(tool_calls)) FROM messages GROUP BY session_id",
    "SELECT session_id, NULL, sum(active) FROM messages GROUP BY session_id",
];

static TABLES: [Table; 2] = [
    Table {
        name: "sessions",
        id: "id",
        rows: "SELECT * FROM sessions WHERE id = ?1",
        below: &[],
        split: None,
    },
    Table {
        name: "messages",
        id: "id",
        rows: "SELECT * FROM messages WHERE session_id = ?1 ORDER BY rowid",
        below: &[],
        split: None,
    },
];

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[&["sessions", "messages"]],
    sessions: &[BY_PARENT, BY_START],
    marks: MARKS,
    tables: &TABLES,
}];

/// Of a database that is called as this agent's is, and lies where anybody's may.
static SCHEMAS_ELSEWHERE: [Schema; 1] = [Schema {
    together: &[&["sessions", "messages"]],
    sessions: &[BY_PARENT, BY_START, NO_SESSIONS],
    marks: MARKS,
    tables: &TABLES,
}];

pub(crate) struct Hermes;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Hermes {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Hermes"
    }

    /// `$HERMES_HOME`, else `~/.hermes`.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let own = environment.path("HERMES_HOME");
        own.map_or_else(|| environment.in_home(".hermes"), |own| vec![own])
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".hermes", "sessions", "profiles"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let name = path.name();
        if name == b"state.db" {
            return Some(Recognised::session(ID, None));
        }
        if path.above(1) != b"sessions" || path.above(2) != b".hermes" {
            return None;
        }
        if let Some(stem) = path.jsonl_stem() {
            return Some(Recognised::session(ID, Some(id_of_name(stem))));
        }
        let stem = name.strip_suffix(b".json")?;
        let stem = stem.strip_prefix(b"session_").unwrap_or(stem);
        // An index, and what was sent when a request failed.
        let is_other = stem == b"sessions" || stem.starts_with(b"request_dump");
        Some(match is_other {
            true => Recognised::NotATranscript,
            false => Recognised::session(ID, Some(id_of_name(stem))),
        })
    }

    /// Of its home, where the database is, only the directory of sessions, and those of its profiles, which are homes.
    fn enters(&self, path: &PathTail<'_>) -> bool {
        path.name() == b"sessions" || path.name() == b"profiles" || path.above(1) == b"profiles"
    }

    fn form(&self, path: &Path) -> Form {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("db") if path.components().any(|part| part.as_os_str() == ".hermes") => {
                Form::Database(&SCHEMAS)
            }
            Some("db") => Form::Database(&SCHEMAS_ELSEWHERE),
            Some("json") => Form::Documents(vec![(path.to_path_buf(), Shape::Lists(&["messages"]))]),
            _ => Form::Text,
        }
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        if is_holder_name(stray.name().as_bytes()) {
            let is_ours = stray.has_columns(&["sessions.started_at", "messages.role", "messages.tool_calls"]);
            return is_ours.then(|| PathBuf::from(".hermes/state.db"));
        }
        let is_ours = stray.name().ends_with(".json")
            && stray.is_document(|document| {
                document.has("session_id") && document.has("session_start") && document.has("messages")
            });
        is_ours.then(|| stray.in_root(".hermes/sessions", 1))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        let data = record.record("data").filter(|_| record.has("document"));
        let told = data.as_ref().unwrap_or(record);
        for member in ["started_at", "session_start", "timestamp", "ended_at", "last_updated"] {
            if let Some(time) = told.get(member) {
                notes.time(time);
            }
        }
        if told.has("role") {
            if told.is("role", "user") {
                let content = told.get("content");
                notes.prompt(content.and_then(|content| content.member("json")).or(content));
            }
            return;
        }
        notes.title(TitleRank::Given, told.text("title"));
        notes.model(told.get("model").and_then(Value::filled_text));
        notes.cwd(told.text("cwd"));
        notes.git_branch(told.text("git_branch"));
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let data = record.record("data").filter(|_| record.has("document"));
        tell(data.as_ref().unwrap_or(record), told);
    }
}

/// Tells what a row, an element or a line says.
fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(role) = record.text("role") else { return tell_session(record, told) };
    told.time(record.get("timestamp"));
    told.id(record.get("id"));
    if record.get("active").is_some_and(|active| matches!(active.raw(), b"0" | b"false")) {
        told.mark(Mark::Rewound);
    }
    let content = record.get("content");
    match &*role {
        "user" => say(told, Role::User, Kind::Text, content),
        "assistant" => {
            // The same thought under several names.
            let thought = ["reasoning", "reasoning_content"].iter().filter_map(|key| record.get(key));
            let thought = thought.map(plain).find(|thought| is_something(*thought));
            told.content_of(Role::Assistant, Kind::Thinking, thought);
            say(told, Role::Assistant, Kind::Text, content);
            for call in record.get("tool_calls").map(plain).into_iter().flat_map(Value::elements) {
                told.tool_call(Role::Assistant, call);
            }
        }
        "tool" => answer(record, content.map(plain), told),
        "system" => {
            told.mark(Mark::Injected);
            say(told, Role::System, Kind::Text, content);
        }
        _ => {}
    }
}

fn tell_session(session: &Record<'_>, told: &mut Telling<'_>) {
    if !(session.has("model") || session.has("started_at") || session.has("session_start")) {
        return;
    }
    told.time(session.get("started_at").or_else(|| session.get("session_start")));
    told.from_here(session.get("model").filter(|model| model.filled_text().is_some()));
    title(told, session.get("title"));
    // Of a session as a whole: messages do not say what they cost.
    told.tokens(sums(session, ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"]));
    told.state(Text::Named("session"));
}

/// What a tool answered. Commands answer with an object in which output, exit code and error are apart.
fn answer(record: &Record<'_>, content: Option<Value<'_>>, told: &mut Telling<'_>) {
    let inside = content.and_then(Value::record);
    let find = |key: &str| inside.as_ref().and_then(|inside| inside.get(key));
    let exit_code = find("exit_code").and_then(Value::number).map(|code| code as i64);
    let failed = find("error").is_some_and(is_something) || record.is("finish_reason", "error");
    let output = find("output").filter(|output| exit_code.is_some() && is_something(*output));
    let outcome = Outcome { is_error: failed.then_some(true), exit_code };
    told.result(record.get("tool_call_id"), record.get("tool_name"), output.or(content), outcome);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_row_and_a_document_tell_model_directory_and_times() {
        let rows = br#"{"table":"sessions","id":"s","model":"m","started_at":1788000000.25,"cwd":"/w/app","git_branch":"dev","title":null}
{"table":"messages","id":1,"role":"user","content":{"json":[{"type":"text","text":"do it"}]},"timestamp":1788000001.5}
"#;
        let told = describe(ID, rows, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("do it"), Some("/w/app")));
        assert_eq!((told.model.as_deref(), told.git_branch.as_deref()), (Some("m"), Some("dev")));
        assert_eq!(told.started_at.unwrap().as_millisecond(), 1_788_000_000_250);
        let lines = br#"{"document":"a.json","id":"messages/0","data":{"role":"user","content":"do it"}}
{"document":"a.json","id":null,"data":{"session_id":"a","model":"m","session_start":"2026-08-29T10:40:00Z","cwd":"/w/app","messages":[]}}
"#;
        let told = describe(ID, lines, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("do it"), Some("/w/app")));
        assert_eq!(told.started_at.unwrap().as_second(), 1_788_000_000);
    }

    #[test]
    fn a_document_is_told_from_what_lies_beside_it() {
        let guess = |path: &str| guess_path(Path::new(path));
        assert_eq!(guess("/h/.hermes/state.db").agent, Some(ID));
        let document = guess("/h/.hermes/sessions/session_20260429_a1.json");
        assert_eq!((document.agent, document.session_id.as_deref()), (Some(ID), Some("20260429_a1")));
        assert_eq!(guess("/h/.hermes/sessions/sessions.json").agent, None);
    }

    #[test]
    fn rows_and_elements_say_who_thought_called_and_answered_and_what_was_rewound() {
        let rows = r#"{"table":"sessions","id":"s","model":"m","started_at":1788000000.25,"title":"Fix","input_tokens":5}
{"table":"messages","id":1,"role":"user","content":{"json":[{"type":"text","text":"do it"}]},"active":1}
{"table":"messages","id":2,"role":"assistant","content":"","reasoning":"hm","reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"terminal","arguments":"{}"}}],"active":1}
{"table":"messages","id":3,"role":"tool","tool_call_id":"c1","tool_name":"terminal","content":{"output":"a\n","exit_code":1,"error":null},"active":1}
{"table":"messages","id":4,"role":"assistant","content":"Done.","active":0}
{"table":"messages","id":5,"role":"user","content":{"a":1},"active":1}
{"document":"a.json","id":"messages/0","data":{"role":"tool","content":"none","tool_call_id":"c","tool_name":"memory","finish_reason":"error"}}
{"document":"a.json","id":"messages/1","data":{"role":"session_meta"}}"#;
        assert_eq!(
            told(&Hermes, rows),
            [
                r#"system event introduction """#,
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
                r#"user text "do it""#,
                r#"assistant thinking "hm""#,
                r#"assistant tool_call terminal @c1 "{}""#,
                r#"tool tool_result terminal @c1 "a\n" exit=1"#,
                r#"assistant text "Done." +rewound"#,
                r#"user text "{"a":1}""#,
                r#"tool tool_result memory @c "none" error=true"#,
                r#"system event a.json "LINE""#,
            ]
        );
    }
}
