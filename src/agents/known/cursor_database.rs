//! Cursor CLI's databases: `~/.cursor/chats/<hash of the directory>/<session>/store.db`, one a session, which holds what was
//! sent to the model, and `meta.json` beside it. Both are parts of the session that the readable transcript tells.
//!
//! The agent's records in lines are not this file's business: it says what the agent that has both needs.

use std::path::{Path, PathBuf};

use super::rendered::{say, title};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::identity::id_of_name;
use crate::message::{Kind, Mark, Role, Text};
use crate::recipe::{Schema, Shape, Table};

const ID: &str = "cursor";

/// The directory in Cursor's home that holds the databases.
const CHATS: &str = ".cursor/chats";

static SCHEMAS: [Schema; 1] = [Schema {
    // The database is one session's.
    together: &[],
    sessions: &["SELECT '', NULL, NULL FROM meta LIMIT 1", "SELECT '', NULL, NULL FROM blobs LIMIT 1"],
    marks: &[],
    tables: &[
        Table { name: "meta", id: "key", rows: "SELECT * FROM meta ORDER BY key", below: &[], split: None },
        Table {
            name: "blobs",
            id: "id",
            rows: "SELECT * FROM blobs ORDER BY rowid",
            below: &[],
            split: None,
        },
    ],
}];

/// Returns the directories that hold databases.
pub(crate) fn roots(environment: &Environment) -> Vec<PathBuf> {
    environment.in_home(CHATS)
}

/// Recognises a database, and what lies beside it.
pub(crate) fn recognise(path: &PathTail<'_>) -> Option<Recognised> {
    if path.above(3) != b"chats" {
        return None;
    }
    let part = match path.name() {
        b"store.db" => "store",
        b"meta.json" if path.above(4) == b".cursor" => "meta",
        _ => return None,
    };
    Some(Recognised::part(ID, id_of_name(path.above(1)), part.to_owned()))
}

/// Returns what a file that was [recognised](recognise) is; `None` for others.
pub(crate) fn form(path: &Path) -> Option<Form> {
    match path.file_name()?.to_str()? {
        "store.db" => Some(Form::Database(&SCHEMAS)),
        "meta.json" => Some(Form::Documents(vec![(path.to_path_buf(), Shape::Whole)])),
        _ => None,
    }
}

/// Takes what a row or a document tells; false for what is neither.
pub(crate) fn note(record: &Record<'_>, notes: &mut Notes) -> bool {
    let told = match (record.text("table").as_deref(), record.text("document").as_deref()) {
        (Some("meta"), _) => record.record("value"),
        (Some("blobs"), _) | (_, Some(_)) => record.record("data"),
        _ => return false,
    };
    let Some(told) = told else { return true };
    if told.is("role", "user") {
        // What stands before a prompt is the agent's.
        notes.prompt(told.get("content"));
    }
    for member in ["createdAt", "createdAtMs", "updatedAtMs"] {
        if let Some(time) = told.get(member) {
            notes.time(time);
        }
    }
    for member in ["name", "title"] {
        notes.title(TitleRank::Generated, told.text(member).filter(|_| !told.has("role")));
    }
    notes.model(told.get("lastUsedModel").and_then(Value::filled_text));
    notes.cwd(told.text("workspacePath").or_else(|| told.text("cwd")));
    true
}

/// Cursor CLI as far as its databases go.
pub(crate) struct CursorDatabase;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for CursorDatabase {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Cursor"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        roots(environment)
    }

    fn given_names(&self) -> &'static [&'static str] {
        &[".cursor", "chats"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        recognise(path)
    }

    fn form(&self, path: &Path) -> Form {
        form(path).unwrap_or(Form::Text)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = is_holder_name(stray.name().as_bytes())
            && stray.has_columns(&["blobs.id", "blobs.data", "meta.key", "meta.value"]);
        is_ours.then(|| stray.in_root(CHATS, 3))
    }

    fn stands_alone(&self, part_id: &str) -> bool {
        part_id == "store"
    }

    fn tells_of_session(&self, part_id: &str) -> bool {
        matches!(part_id, "store" | "meta")
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        note(record, notes);
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        match record.text("table").as_deref() {
            Some("meta") => {
                let Some(meta) = record.record("value") else { return };
                told.time(meta.get("createdAt"));
                told.from_here(meta.get("lastUsedModel").filter(|model| model.filled_text().is_some()));
                title(told, meta.get("name"));
                told.state(Text::Named("session"));
            }
            Some("blobs") => {
                if let Some(data) = record.record("data") {
                    tell(&data, told);
                }
                told.state_otherwise(Text::Named("blob"));
            }
            _ => {}
        }
    }
}

/// Tells a blob that is a message; the others are nodes of the tree that the messages hang in.
fn tell(message: &Record<'_>, told: &mut Telling<'_>) {
    let content = message.get("content");
    match message.text("role").as_deref() {
        Some("user") => say(told, Role::User, Kind::Text, content),
        Some("assistant") => say(told, Role::Assistant, Kind::Text, content),
        Some("tool") => say(told, Role::Tool, Kind::ToolResult, content),
        Some("system") => {
            told.mark(Mark::Injected);
            say(told, Role::System, Kind::Text, content);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_database_is_a_part_of_the_session_that_its_directory_names() {
        let session = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";
        let path = format!("/h/.cursor/chats/d41d8cd98f00b204e9800998ecf8427e/{session}/store.db");
        let guess = guess_path(Path::new(&path));
        assert_eq!(guess.agent, Some(ID));
        assert_eq!((guess.session_id.as_deref(), guess.part_id.as_deref()), (Some(session), Some("store")));
    }

    #[test]
    fn rows_tell_title_directory_and_model() {
        let rows = br#"{"table":"meta","id":"0","key":"0","value":{"agentId":"a","name":"Fix","createdAt":1788000000000,"workspacePath":"/w/app","lastUsedModel":"m"}}
{"table":"blobs","id":"ab","data":{"role":"user","content":[{"type":"text","text":"do it"}]}}
"#;
        let told = describe(ID, rows, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("Fix"), Some("/w/app")));
        assert_eq!((told.model.as_deref(), told.started_at.unwrap().as_second()), (Some("m"), 1_788_000_000));
    }

    #[test]
    fn blobs_that_are_messages_are_told_and_the_others_are_events() {
        let rows = r#"{"table":"meta","id":"0","key":"0","value":{"name":"Fix","createdAt":1788000000000,"lastUsedModel":"m"}}
{"table":"blobs","id":"a","data":{"role":"system","content":"You are"}}
{"table":"blobs","id":"b","data":{"role":"user","content":[{"type":"text","text":"<user_info>\nOS\n</user_info>"}]}}
{"table":"blobs","id":"c","data":{"role":"user","content":[{"type":"text","text":"do it"}]}}
{"table":"blobs","id":"d","data":{"role":"assistant","content":[{"type":"reasoning","text":"hm"},{"type":"text","text":"I do."},{"type":"tool-call","toolCallId":"c1","toolName":"Shell","args":{"command":"ls"}}]}}
{"table":"blobs","id":"e","data":{"role":"tool","content":[{"type":"tool-result","toolCallId":"c1","toolName":"Shell","result":"a"}]}}
{"table":"blobs","id":"f","data":{"bytes":["x",{"base64":"/w=="}]}}"#;
        assert_eq!(
            told(&CursorDatabase, rows),
            [
                r#"system event introduction """#,
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
                r#"system text "You are" +injected"#,
                r#"user text "<user_info>\nOS\n</user_info>" +injected"#,
                r#"user text "do it""#,
                r#"assistant thinking "hm""#,
                r#"assistant text "I do.""#,
                r#"assistant tool_call Shell @c1 "{"command":"ls"}""#,
                r#"tool tool_result Shell @c1 "a""#,
                r#"system event blob "LINE""#,
            ]
        );
    }
}
