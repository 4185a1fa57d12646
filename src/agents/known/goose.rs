//! Goose: `~/.local/share/goose/sessions/sessions.db`, a database of all sessions; before it a transcript each beside it,
//! `<session>.jsonl`, which begins with a header. Both may hold a session; the database's counts.

use std::path::{Path, PathBuf};

use super::rendered::{first, is_something, say, sums, title};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::{Kind, Mark, Outcome, Role, Text};
use crate::recipe::{Schema, Table};

const ID: &str = "goose";

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[&["sessions", "messages"]],
    sessions: &["SELECT id, NULL, updated_at, working_dir FROM sessions ORDER BY updated_at DESC"],
    marks: &[
        "SELECT id, NULL, description FROM sessions",
        "SELECT id, NULL, name, total_tokens FROM sessions",
        "SELECT session_id, max(created_timestamp), count(*), sum(octet_length(content_json)) FROM messages GROUP BY session_id",
        "SELECT session_id, NULL, sum(octet_length(metadata_json)) FROM messages GROUP BY session_id",
    ],
    tables: &[
        Table {
            name: "sessions",
            id: "id",
            rows: "SELECT * FROM sessions WHERE id = ?1",
            below: &[],
            split: None,
        },
        Table {
            name: "messages",
            id: "id,message_id",
            // Sorted by their numbers alone, as what is said may be long; a limit keeps SQLite from leaving the order out.
            rows: "SELECT messages.* FROM (SELECT rowid AS place FROM messages WHERE session_id = ?1 \
                   ORDER BY created_timestamp, rowid LIMIT -1) CROSS JOIN messages ON messages.rowid = place",
            below: &[],
            split: None,
        },
    ],
}];

pub(crate) struct Goose;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Goose {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Goose"
    }

    /// `$GOOSE_PATH_ROOT/data/sessions`; `goose/sessions` of `$XDG_DATA_HOME`, else of `~/.local/share`; what macOS and
    /// Windows call so.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let own = environment.path("GOOSE_PATH_ROOT").map(|root| root.join("data/sessions"));
        let data = environment.path("XDG_DATA_HOME").map_or_else(
            || environment.in_home(".local/share/goose/sessions"),
            |data| vec![data.join("goose/sessions")],
        );
        let windows = environment.path("APPDATA").map(|data| data.join("Block/goose/data/sessions"));
        let mac = ["Block.goose/sessions", "Block/goose/sessions", "goose/sessions"]
            .map(|below| environment.in_home(&format!("Library/Application Support/{below}")));
        own.into_iter().chain(data).chain(windows).chain(mac.into_iter().flatten()).collect()
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["goose", "Block.goose", "sessions"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let is_in_sessions = path.above(1) == b"sessions";
        let is_own = matches!(path.above(2), b"goose" | b"Block.goose")
            || (path.above(2) == b"data" && path.above(3) == b"goose");
        if is_in_sessions && path.name() == b"sessions.db" {
            return Some(Recognised::session(ID, None));
        }
        let stem = path.jsonl_stem().filter(|_| is_in_sessions && is_own)?;
        Some(Recognised::session(ID, Some(id_of_name(stem))))
    }

    fn form(&self, path: &Path) -> Form {
        match path.extension().is_some_and(|extension| extension == "db") {
            true => Form::Database(&SCHEMAS),
            false => Form::Text,
        }
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = is_holder_name(stray.name().as_bytes())
            && stray.has_columns(&["sessions.working_dir", "messages.content_json"]);
        is_ours.then(|| PathBuf::from(".local/share/goose/sessions/sessions.db"))
    }

    /// The header of a transcript; it names no session.
    fn claim(&self, record: &Record<'_>) -> Option<Claim> {
        let is_header = record.has("working_dir")
            && record.has("description")
            && record.has("message_count")
            && !record.has("table");
        is_header.then(Claim::agent_only)
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        notes.cwd(record.text("working_dir"));
        for member in ["created_at", "created", "created_timestamp", "updated_at"] {
            if let Some(time) = record.get(member) {
                notes.time(time);
            }
        }
        let is_message = record.has("role");
        if !is_message {
            notes.title(TitleRank::Given, record.text("name"));
            notes.title(TitleRank::Given, record.text("description"));
            let model = record.record("model_config_json");
            notes.model(model.and_then(|model| model.text("model_name")));
        } else if record.is("role", "user") {
            notes.prompt(record.get("content_json").or_else(|| record.get("content")));
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        match record.has("role") {
            true => tell(record, told),
            false if record.has("working_dir") => tell_session(record, told),
            false => {}
        }
    }
}

fn tell_session(session: &Record<'_>, told: &mut Telling<'_>) {
    told.time(session.get("created_at"));
    told.from_here(session.inside("model_config_json", "model_name"));
    title(told, first(session, &["name", "description"]));
    // Of a session as a whole: messages do not say what they cost.
    told.tokens(sums(session, ["accumulated_input_tokens", "accumulated_output_tokens", "", ""]));
    told.state(Text::Named("session"));
}

/// Tells a row, or a line of a transcript, that is a message.
fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("created_timestamp").or_else(|| record.get("created")));
    told.id(first(record, &["message_id", "id"]));
    let role = match record.text("role").as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => Role::System,
    };
    // What the model is given and the user is not shown.
    let metadata = record.record("metadata_json").or_else(|| record.record("metadata"));
    if metadata.is_some_and(|metadata| metadata.get("userVisible").is_some_and(|seen| seen.raw() == b"false"))
    {
        told.mark(Mark::Injected);
    }
    let Some(content) = record.get("content_json").or_else(|| record.get("content")) else { return };
    if !content.raw().starts_with(b"[") {
        return say(told, role, Kind::Text, Some(content));
    }
    for value in content.elements() {
        let Some(block) = value.record() else { continue };
        match block.text("type").as_deref() {
            Some("toolResponse") => answer(&block, told),
            Some("frontendToolRequest") => told.tool_call(role, value),
            Some("conversationCompacted" | "summarizationRequested" | "contextLengthExceeded") => {
                let (name, text) = (told.optional(block.get("type")), told.optional(block.get("msg")));
                told.event(name, text).marks.set(Mark::Compaction);
            }
            _ => told.content(role, Some(value)),
        }
    }
}

/// What a tool answered. Output that is meant for the model and for the user stands there twice.
fn answer(block: &Record<'_>, told: &mut Telling<'_>) {
    let Some(result) = block.record("toolResult") else { return };
    let value = result.get("value");
    let output = value.and_then(|value| value.member("content")).or(value);
    let output = output.or_else(|| result.get("error"));
    let is_error = result.is("status", "error")
        || value.and_then(|value| value.member("isError")).is_some_and(Value::is_true);
    let outcome = Outcome { is_error: Some(is_error), exit_code: None };
    let id = block.get("id");
    let is_list = output.is_some_and(|output| output.raw().starts_with(b"["));
    let items = || output.into_iter().flat_map(Value::elements);
    let is_for_model = |item: &Value<'_>| {
        let audience = item.member("annotations").and_then(|notes| notes.member("audience"));
        audience
            .filter(|audience| is_something(*audience))
            .is_none_or(|audience| audience.elements().any(|who| who.raw() == b"\"assistant\""))
    };
    let has_any_for_model = items().any(|item| is_for_model(&item));
    if !is_list || !has_any_for_model {
        return told.result(id, None, output, outcome);
    }
    for (nth, item) in items().filter(is_for_model).enumerate() {
        let outcome = if nth == 0 { outcome } else { Outcome::default() };
        told.result(id, None, Some(item), outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path, identify};

    #[test]
    fn a_transcript_and_a_database_tell_title_directory_and_times() {
        let path = Path::new("/h/.local/share/goose/sessions/20250615_120000.jsonl");
        let head = br#"{"working_dir":"/w/app","description":"Fix it","message_count":1,"total_tokens":5}
{"role":"user","created":1788000000,"content":[{"type":"text","text":"do it"}]}
"#;
        let told = identify(path, &guess_path(path), head);
        assert_eq!((told.agent, &*told.session_id), (ID, "20250615_120000"));
        let told = describe(ID, head, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("Fix it"), Some("/w/app")));
        assert_eq!(told.started_at.unwrap().as_second(), 1_788_000_000);
        let rows = br#"{"table":"sessions","id":"20260829_1","description":"","working_dir":"/w/app","created_at":"2026-08-29 10:40:00","updated_at":"2026-08-29 10:50:00","model_config_json":{"model_name":"m"}}
{"table":"messages","id":1,"role":"user","content_json":[{"type":"text","text":"do it"}],"created_timestamp":1788000001}
"#;
        let told = describe(ID, rows, b"");
        assert_eq!((told.title.as_deref(), told.model.as_deref()), (Some("do it"), Some("m")));
        assert_eq!(told.started_at.unwrap().as_second(), 1_788_000_000);
        assert_eq!(told.ended_at.unwrap().as_second(), 1_788_000_600);
        assert_eq!(guess_path(Path::new("/x/goose/data/sessions/sessions.db")).agent, Some(ID));
    }

    #[test]
    fn rows_and_lines_say_the_same_and_output_is_told_once() {
        let message = |before: &str, content: &str, role: &str| {
            format!(
                r#"{{{before}"role":"{role}","created_timestamp":1788000001,"{content}":[{{"type":"text","text":"do it"}},{{"type":"toolRequest","id":"c1","toolCall":{{"status":"success","value":{{"name":"shell","arguments":{{"a":1}}}}}}}},{{"type":"toolResponse","id":"c1","toolResult":{{"status":"success","value":[{{"type":"text","text":"out","annotations":{{"audience":["assistant"]}}}},{{"type":"text","text":"out","annotations":{{"audience":["user"],"priority":0.0}}}}]}}}},{{"type":"toolResponse","id":"c2","toolResult":{{"status":"error","error":"no"}}}},{{"type":"thinking","thinking":"hm"}}]}}"#
            )
        };
        let expected = [
            r#"assistant text "do it""#,
            r#"assistant tool_call shell @c1 "{"a":1}""#,
            r#"tool tool_result @c1 "out" error=false"#,
            r#"tool tool_result @c2 "no" error=true"#,
            r#"assistant thinking "hm""#,
        ];
        assert_eq!(
            told(&Goose, &message(r#""table":"messages","id":1,"#, "content_json", "assistant")),
            expected
        );
        assert_eq!(told(&Goose, &message("", "content", "assistant")), expected);
        let rest = r#"{"working_dir":"/w","description":"Fix","message_count":1}
{"table":"messages","id":2,"role":"user","content_json":[{"type":"text","text":"so far"}],"metadata_json":{"userVisible":false,"agentVisible":true}}
{"table":"messages","id":3,"role":"assistant","content_json":[{"type":"conversationCompacted","msg":"summed up"}]}"#;
        assert_eq!(
            told(&Goose, rest),
            [
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
                r#"user text "so far" +injected"#,
                r#"system event conversationCompacted "summed up" +compaction"#,
            ]
        );
    }
}
