//! Kiro CLI's first generations: `~/.local/share/kiro-cli/data.sqlite3`, a database of all conversations, each a document in
//! one row; in the first version one a directory. The other tables hold settings and tokens, and are left alone.
//!
//! The agent's records in lines are not this file's business: it says what the agent that has both needs.

use std::path::{Path, PathBuf};

use super::rendered::{exit_code_in, first, say};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::message::{Kind, Mark, Outcome, Role, Side, Text};
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

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let data = record.get("data");
        if let Some(turn) = data.and_then(Value::record) {
            tell_turn(&turn, told);
        } else if let Some(line) = data.and_then(Value::text) {
            tell_shown(&line, data, told);
        } else if let Some(value) = record.record("value") {
            told.time(record.get("created_at"));
            told.from_here(value.inside("model_info", "model_id"));
            let summary = value.get("latest_summary").and_then(|all| all.elements().next());
            if summary.is_some_and(|summary| summary.filled_text().is_some()) {
                let text = told.optional(summary);
                told.say(Role::Assistant, Kind::Summary, text).marks.set(Mark::Compaction);
            }
            told.state(Text::Named("session"));
        }
    }
}

/// In what is shown to the user, tools that an answer calls are named at its end.
const SHOWN_TOOLS: &str = "[Tool uses: ";

/// Each turn is in what was shown to the user, too.
const SCOPE: &[u8] = b"kiro";

/// A turn: what the user said or tools answered, and what the model made of it.
fn tell_turn(turn: &Record<'_>, told: &mut Telling<'_>) {
    let before = told.count();
    if let Some(user) = turn.record("user") {
        told.time(user.get("timestamp"));
        let content = user.record("content");
        for (_, inner) in content.iter().flat_map(Record::members) {
            say(told, Role::User, Kind::Text, inner.member("prompt"));
            for result in inner.member("tool_use_results").into_iter().flat_map(Value::elements) {
                result.record().iter().for_each(|result| answer(result, told));
            }
        }
        for picture in user.get("images").into_iter().flat_map(Value::elements) {
            let text = told.place(picture);
            told.say(Role::User, Kind::Image, text);
        }
    }
    let Some(assistant) = turn.record("assistant") else { return told.copied(before, Side::Record, SCOPE) };
    told.model(turn.inside("request_metadata", "model_id"));
    for (_, inner) in assistant.members() {
        say(told, Role::Assistant, Kind::Text, inner.member("content"));
        for call in inner.member("tool_uses").into_iter().flat_map(Value::elements) {
            let Some(call) = call.record() else { continue };
            told.call(
                Role::Assistant,
                call.get("id"),
                call.get("name"),
                first(&call, &["args", "orig_args"]),
            );
        }
    }
    told.copied(before, Side::Record, SCOPE);
}

fn answer(result: &Record<'_>, told: &mut Telling<'_>) {
    let call = result.get("tool_use_id");
    let is_error = result.text("status").map(|status| status.eq_ignore_ascii_case("error"));
    let content = result.get("content");
    let before = told.count();
    for block in content.into_iter().flat_map(Value::elements) {
        let said = block.member("Text").or_else(|| block.member("Json")).unwrap_or(block);
        let exit_code = said.member("exit_status").and_then(|code| code.text()?.parse().ok());
        let outcome = Outcome { is_error, exit_code: exit_code.or_else(|| exit_code_in(said.raw())) };
        told.result(call, None, Some(said), outcome);
    }
    if told.count() == before {
        told.result(call, None, content, Outcome { is_error, exit_code: None });
    }
}

/// A piece of what was shown to the user: behind a `>` a prompt, else an answer. Told where no turn says it.
fn tell_shown(line: &str, data: Option<Value<'_>>, told: &mut Telling<'_>) {
    let before = told.count();
    let prompt = line.strip_prefix("> ");
    let words = prompt.unwrap_or(line);
    let words = words.rsplit_once(SHOWN_TOOLS).map_or(words, |(words, _)| words);
    // The name of a tool alone says nothing that its call does not.
    if words.trim().is_empty() {
        return told.state(Text::Named("shown"));
    }
    let role = if prompt.is_some() { Role::User } else { Role::Assistant };
    told.text(role, Kind::Text, data);
    told.copied_as(before, Side::Screen, SCOPE, words);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
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

    #[test]
    fn a_turn_is_told_as_what_was_said_called_and_answered() {
        let rows = r#"{"table":"conversations_v2","id":"c","key":"/w/app","conversation_id":"c","value":{"history":[],"model_info":{"model_id":"m"},"latest_summary":["so far",null]},"created_at":1788000000000}
{"table":"conversations_v2","id":"c/history/0","data":{"user":{"content":{"Prompt":{"prompt":"do it"}},"timestamp":"2026-08-29T10:40:01Z","images":null},"assistant":{"ToolUse":{"message_id":"m","content":"I do.","tool_uses":[{"id":"c1","name":"execute_bash","orig_name":"x","args":{"command":"ls"},"orig_args":{}}]}}}}
{"table":"conversations_v2","id":"c/history/1","data":{"user":{"content":{"ToolUseResults":{"tool_use_results":[{"tool_use_id":"c1","content":[{"Json":{"exit_status":"1","stdout":"a","stderr":""}}],"status":"Success"}]}}},"assistant":{"Response":{"message_id":"m","content":"Done."}}}}
{"table":"conversations_v2","id":"c/transcript/0","data":"> do it\n"}
{"table":"conversations_v2","id":"c/transcript/1","data":"I do.\n[Tool uses: execute_bash]"}
{"table":"conversations_v2","id":"c/transcript/2","data":"\n[Tool uses: execute_bash]"}"#;
        assert_eq!(
            told(&KiroDatabase, rows),
            [
                r#"system event introduction """#,
                r#"assistant summary "so far" +compaction"#,
                r#"system event session "LINE""#,
                r#"user text "do it""#,
                r#"assistant text "I do.""#,
                r#"assistant tool_call execute_bash @c1 "{"command":"ls"}""#,
                r#"tool tool_result @c1 "{"exit_status":"1","stdout":"a","stderr":""}" error=false exit=1"#,
                r#"assistant text "Done.""#,
                r#"user text "> do it\n""#,
                r#"assistant text "I do.\n[Tool uses: execute_bash]""#,
                r#"system event shown "LINE""#,
            ]
        );
    }
}
