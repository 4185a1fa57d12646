//! Kiro CLI's first generations: `~/.local/share/kiro-cli/data.sqlite3`, a database of all conversations, each a document in
//! one row; in the first version one a directory. The other tables hold settings and tokens, and are left alone.
//!
//! The agent's records in lines are not this file's business: it says what the agent that has both needs.

use std::path::{Path, PathBuf};

use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::recipe::{NO_SESSIONS, Schema, Table};

const ID: &str = "kiro";

/// Lists that grow with a conversation, or slide along it.
const LISTS: &[&str] = &["history", "transcript"];

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[],
    sessions: &[
        "SELECT conversation_id, NULL, updated_at, octet_length(value) FROM conversations_v2 ORDER BY updated_at DESC",
        "SELECT coalesce(CASE WHEN json_valid(value) THEN json_extract(value, '$.conversation_id') END, key), NULL, NULL, \
         octet_length(value) FROM conversations",
        NO_SESSIONS,
    ],
    marks: &[],
    tables: &[
        Table {
            name: "conversations_v2",
            id: "conversation_id",
            rows: "SELECT * FROM conversations_v2 WHERE conversation_id = ?1",
            below: &[],
            split: Some(("value", LISTS)),
        },
        Table {
            name: "conversations",
            id: "key",
            rows: "SELECT * FROM conversations WHERE ?1 = \
                   coalesce(CASE WHEN json_valid(value) THEN json_extract(value, '$.conversation_id') END, key)",
            below: &[],
            split: Some(("value", LISTS)),
        },
    ],
}];

/// Returns the directories that hold a database: `kiro-cli` of `$XDG_DATA_HOME`, else of `~/.local/share`; on macOS in
/// its own place.
pub(crate) fn roots(environment: &Environment) -> Vec<PathBuf> {
    let data = environment.path("XDG_DATA_HOME");
    let data = data.map_or_else(|| environment.in_home(".local/share"), |data| vec![data]);
    let mut roots: Vec<PathBuf> = data.into_iter().map(|data| data.join("kiro-cli")).collect();
    roots.extend(environment.in_home("Library/Application Support/kiro-cli"));
    roots
}

/// Recognises a database.
pub(crate) fn recognise(path: &PathTail<'_>) -> Option<Recognised> {
    let is_own = path.name() == b"data.sqlite3" && path.above(1) == b"kiro-cli";
    is_own.then(|| Recognised::session(ID, None))
}

/// Returns what a database is; `None` for other files.
pub(crate) fn form(path: &Path) -> Option<Form> {
    path.extension().is_some_and(|extension| extension == "sqlite3").then_some(Form::Database(&SCHEMAS))
}

/// Takes what a row tells; false for what is none.
pub(crate) fn note(record: &Record<'_>, notes: &mut Notes) -> bool {
    if !record.text("table").is_some_and(|table| table.starts_with("conversations")) {
        return false;
    }
    for member in ["created_at", "updated_at"] {
        if let Some(time) = record.get(member) {
            notes.time(time);
        }
    }
    // The key is the directory.
    notes.cwd(record.text("key").filter(|key| key.starts_with('/') || key.contains(":\\")));
    if let Some(model) = record.inside("value", "model_info") {
        notes.model(model.member("model_id").and_then(Value::filled_text));
    }
    let user = record.inside("data", "user");
    if let Some(user) = user {
        if let Some(time) = user.member("timestamp") {
            notes.time(time);
        }
        let content = user.member("content");
        notes.prompt(content.and_then(|content| content.member("Prompt")?.member("prompt")));
    }
    true
}

/// Kiro CLI as far as its databases go.
pub(crate) struct KiroDatabase;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for KiroDatabase {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Kiro CLI"
    }

    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        roots(environment)
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["kiro-cli"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        recognise(path)
    }

    fn form(&self, path: &Path) -> Form {
        form(path).unwrap_or(Form::Text)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_new = || stray.has_columns(&["conversations_v2.conversation_id", "conversations_v2.value"]);
        let is_old = || stray.has_columns(&["conversations.key", "conversations.value"]);
        let is_ours = is_holder_name(stray.name().as_bytes()) && (is_new() || is_old());
        is_ours.then(|| PathBuf::from(".local/share/kiro-cli/data.sqlite3"))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        note(record, notes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_conversation_tells_directory_prompt_and_times() {
        let rows = br#"{"table":"conversations_v2","id":"c","key":"/w/app","conversation_id":"c","value":{"history":[],"model_info":{"model_id":"m"}},"created_at":1788000000000,"updated_at":1788000009000}
{"table":"conversations_v2","id":"c/history/0","data":{"user":{"content":{"Prompt":{"prompt":"do it"}},"timestamp":"2026-08-29T10:40:01Z"},"assistant":{}}}
"#;
        let told = describe(ID, rows, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("do it"), Some("/w/app")));
        assert_eq!((told.model.as_deref(), told.ended_at.unwrap().as_second()), (Some("m"), 1_788_000_009));
        assert_eq!(guess_path(Path::new("/h/.local/share/kiro-cli/data.sqlite3")).agent, Some(ID));
    }
}
