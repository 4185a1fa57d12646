//! Zed: `~/.local/share/zed/threads/threads.db`, a database of all threads; each is a document in one row, packed, and
//! written anew at each turn.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::rendered::{first, is_something, say, title};
use crate::agents::agent::{Agent, Form, Recognised};
use crate::agents::facts::{Claim, Notes, TitleRank};
use crate::agents::names::{PathTail, is_holder_name};
use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::agents::stray::Stray;
use crate::environment::Environment;
use crate::message::{Kind, Mark, Outcome, Role, Text};
use crate::recipe::{Schema, Table};

const ID: &str = "zed";

static SCHEMAS: [Schema; 1] = [Schema {
    together: &[],
    sessions: &[
        "SELECT id, parent_id, updated_at FROM threads ORDER BY updated_at DESC",
        "SELECT id, NULL, updated_at FROM threads ORDER BY updated_at DESC",
    ],
    marks: &["SELECT id, NULL, summary, octet_length(data) FROM threads"],
    tables: &[Table {
        name: "threads",
        id: "id",
        rows: "SELECT * FROM threads WHERE id = ?1",
        below: &[],
        split: Some(("data", &["messages"])),
    }],
}];

pub(crate) struct Zed;

#[allow(private_interfaces, reason = "see the trait")]
impl Agent for Zed {
    fn id(&self) -> &'static str {
        ID
    }

    fn label(&self) -> &'static str {
        "Zed"
    }

    /// `zed/threads` of `$XDG_DATA_HOME`, else of `~/.local/share`; macOS and Windows have places of their own.
    fn roots(&self, environment: &Environment) -> Vec<PathBuf> {
        let data = environment.path("XDG_DATA_HOME");
        let data = data.map_or_else(|| environment.in_home(".local/share"), |data| vec![data]);
        let mut roots: Vec<PathBuf> = data.into_iter().map(|data| data.join("zed/threads")).collect();
        roots.extend(environment.in_home("Library/Application Support/Zed/threads"));
        roots.extend(environment.path("LOCALAPPDATA").map(|data| data.join("Zed/threads")));
        roots
    }

    fn given_names(&self) -> &'static [&'static str] {
        &["zed", "Zed", "threads"]
    }

    fn recognise(&self, path: &PathTail<'_>) -> Option<Recognised> {
        let is_own = path.name() == b"threads.db";
        is_own.then(|| Recognised::session(ID, None))
    }

    fn form(&self, _path: &Path) -> Form {
        Form::Database(&SCHEMAS)
    }

    fn place(&self, stray: &Stray<'_>) -> Option<PathBuf> {
        let is_ours = is_holder_name(stray.name().as_bytes())
            && stray.has_columns(&["threads.id", "threads.data_type", "threads.data"]);
        is_ours.then(|| PathBuf::from(".local/share/zed/threads/threads.db"))
    }

    fn claim(&self, _record: &Record<'_>) -> Option<Claim> {
        None
    }

    fn note(&self, record: &Record<'_>, notes: &mut Notes) {
        for member in ["created_at", "updated_at"] {
            if let Some(time) = record.get(member) {
                notes.time(time);
            }
        }
        notes.title(TitleRank::Generated, record.text("summary"));
        let Some(data) = record.record("data") else { return };
        notes.title(TitleRank::Given, data.text("title"));
        notes.model(data.inside("model", "model").and_then(Value::filled_text));
        let trees = data.inside("initial_project_snapshot", "worktree_snapshots");
        if let Some(tree) = trees.and_then(|trees| trees.elements().next()) {
            notes.cwd(tree.member("worktree_path").and_then(Value::filled_text));
            let branch = tree.member("git_state").and_then(|state| state.member("current_branch"));
            notes.git_branch(branch.and_then(Value::filled_text));
        }
        // Of several directories, one a line.
        let folders = record.text("folder_paths");
        let first = |folders: Cow<'_, str>| folders.lines().next().map(|first| Cow::Owned(first.to_owned()));
        notes.cwd(folders.and_then(first));
        if notes.wants_prompt() {
            let content = data.inside("User", "content").into_iter().flat_map(|content| content.elements());
            content.filter_map(|block| block.member("Text")).for_each(|text| notes.prompt(Some(text)));
            if data.is("role", "user") {
                notes.prompt(data.get("segments"));
            }
        }
    }

    fn messages(&self, record: &Record<'_>, told: &mut Telling<'_>) {
        let data = record.record("data");
        // What was split off a thread has no columns.
        if record.has("updated_at") {
            told.time(record.get("updated_at"));
            let find = |key: &str| data.as_ref().and_then(|data| data.get(key));
            told.from_here(data.as_ref().and_then(|data| data.inside("model", "model")));
            title(told, first_title(find("title"), record.get("summary")));
            told.text(
                Role::Assistant,
                Kind::Summary,
                find("detailed_summary").and_then(|all| all.member("text")),
            );
            // Of a thread as a whole: messages do not say what they cost.
            told.tokens(tokens(find("cumulative_token_usage"), Cached::Apart));
            return told.state(Text::Named("session"));
        }
        let Some(data) = data else { return };
        if let Some(user) = data.record("User") {
            told.id(user.get("id"));
            blocks(Role::User, user.get("content"), told);
        } else if let Some(agent) = data.record("Agent") {
            blocks(Role::Assistant, agent.get("content"), told);
            let results = agent.record("tool_results");
            for (_, result) in results.iter().flat_map(Record::members) {
                result.record().iter().for_each(|result| answer(result, told));
            }
        } else {
            message(&data, told);
        }
        told.state_otherwise(Text::Named("message"));
    }
}

fn first_title<'a>(title: Option<Value<'a>>, summary: Option<Value<'a>>) -> Option<Value<'a>> {
    title.filter(|title| is_something(*title)).or(summary)
}

/// Blocks are named by the only member that they have.
fn blocks(role: Role, content: Option<Value<'_>>, told: &mut Telling<'_>) {
    for value in content.into_iter().flat_map(Value::elements) {
        let block = value.record();
        let Some((name, inner)) = block.as_ref().and_then(|block| block.members().next()) else {
            say(told, role, Kind::Text, Some(value));
            continue;
        };
        match name {
            b"Text" => say(told, role, Kind::Text, Some(inner)),
            b"Thinking" => say(told, role, Kind::Thinking, inner.member("text")),
            b"RedactedThinking" => {}
            b"ToolUse" => {
                let Some(call) = inner.record() else { continue };
                told.call(role, call.get("id"), call.get("name"), first(&call, &["input", "raw_input"]));
            }
            b"Image" => {
                let text = told.optional(inner.member("source"));
                told.say(role, Kind::Image, text).media = Text::Named("image/png");
            }
            // What the user pointed at, with its content.
            b"Mention" => {
                let text = told.optional(inner.member("content").or(Some(inner)));
                told.say(role, Kind::Text, text).marks.set(Mark::Injected);
            }
            _ => {
                let text = told.place(value);
                told.event(Text::Named("block"), text);
            }
        }
    }
}

/// What a tool answered; earlier it was a list of such.
fn answer(result: &Record<'_>, told: &mut Telling<'_>) {
    let (call, name) = (result.get("tool_use_id"), result.get("tool_name"));
    let outcome = Outcome { is_error: result.get("is_error").map(Value::is_true), exit_code: None };
    let content = result.get("content");
    if let Some(source) = content.and_then(|content| content.member("Image")?.member("source")) {
        let (text, call, name) = (told.place(source), told.optional(call), told.optional(name));
        let message = told.say(Role::Tool, Kind::Image, text);
        (message.call, message.name, message.outcome) = (call, name, outcome);
        message.media = Text::Named("image/png");
        return;
    }
    let text = content.and_then(|content| content.member("Text")).or(content);
    told.result(call, name, text.or_else(|| result.get("output")), outcome);
}

/// A message as threads had them at first: segments, and what was called and answered beside them.
fn message(data: &Record<'_>, told: &mut Telling<'_>) {
    let role = match data.text("role").as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        _ => return,
    };
    if data.get("is_hidden").is_some_and(Value::is_true) {
        told.mark(Mark::Injected);
    }
    told.id(data.get("id"));
    if let Some(context) = data.get("context").filter(|context| context.filled_text().is_some()) {
        let text = told.place(context);
        told.say(role, Kind::Text, text).marks.set(Mark::Injected);
    }
    say(told, role, Kind::Text, data.get("segments"));
    for call in data.get("tool_uses").into_iter().flat_map(Value::elements) {
        told.tool_call(role, call);
    }
    for result in data.get("tool_results").into_iter().flat_map(Value::elements) {
        result.record().iter().for_each(|result| answer(result, told));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::known::rendered::told;
    use crate::agents::{describe, guess_path};

    #[test]
    fn a_thread_tells_title_model_directory_and_branch() {
        let rows = br#"{"table":"threads","id":"t","summary":"Fix","updated_at":"2026-08-29T10:40:00Z","data_type":"zstd","data":{"title":"Fix it","model":{"provider":"p","model":"m"},"initial_project_snapshot":{"worktree_snapshots":[{"worktree_path":"/w/app","git_state":{"current_branch":"dev"}}]},"messages":[]}}
{"table":"threads","id":"t/messages/0","data":{"User":{"id":"u","content":[{"Text":"do it"}]}}}
"#;
        let told = describe(ID, rows, b"");
        assert_eq!((told.title.as_deref(), told.cwd.as_deref()), (Some("Fix it"), Some("/w/app")));
        assert_eq!((told.model.as_deref(), told.git_branch.as_deref()), (Some("m"), Some("dev")));
        let untitled = describe(ID, &rows[rows.iter().position(|byte| *byte == b'\n').unwrap() + 1..], b"");
        assert_eq!(untitled.title.as_deref(), Some("do it"));
        assert_eq!(guess_path(Path::new("/h/.local/share/zed/threads/threads.db")).agent, Some(ID));
    }

    #[test]
    fn messages_of_both_forms_are_told() {
        let rows = r#"{"table":"threads","id":"t","summary":"Fix","updated_at":"2026-08-29T10:40:00Z","data":{"title":"Fix it","model":{"provider":"p","model":"m"},"cumulative_token_usage":{"input_tokens":3},"messages":[]}}
{"table":"threads","id":"t/messages/0","data":{"User":{"id":"u","content":[{"Text":"do it"},{"Mention":{"uri":{"File":{}},"content":"fn a"}},{"Image":{"source":"AAAA"}}]}}}
{"table":"threads","id":"t/messages/1","data":{"Agent":{"content":[{"Thinking":{"text":"hm","signature":"x"}},{"Text":"I do."},{"ToolUse":{"id":"c1","name":"terminal","raw_input":"{}","input":{"command":"ls"}}}],"tool_results":{"c1":{"tool_use_id":"c1","tool_name":"terminal","is_error":false,"content":{"Text":"a"},"output":null}}}}}
{"table":"threads","id":"t/messages/2","data":"Resume"}
{"table":"threads","id":"t/messages/3","data":{"id":1,"role":"assistant","segments":[{"type":"thinking","text":"hm"},{"type":"text","text":"Old."}],"tool_uses":[{"id":"c2","name":"grep","input":{}}],"tool_results":[{"tool_use_id":"c2","is_error":true,"content":"no","output":null}],"context":""}}"#;
        assert_eq!(
            told(&Zed, rows),
            [
                r#"system event introduction """#,
                r#"system event title "Fix it""#,
                r#"system event session "LINE""#,
                r#"user text "do it""#,
                r#"user text "fn a" +injected"#,
                r#"user image "AAAA""#,
                r#"assistant thinking "hm""#,
                r#"assistant text "I do.""#,
                r#"assistant tool_call terminal @c1 "{"command":"ls"}""#,
                r#"tool tool_result terminal @c1 "a" error=false"#,
                r#"system event threads "LINE""#,
                r#"assistant thinking "hm""#,
                r#"assistant text "Old.""#,
                r#"assistant tool_call grep @c2 "{}""#,
                r#"tool tool_result @c2 "no" error=true"#,
            ]
        );
    }
}
