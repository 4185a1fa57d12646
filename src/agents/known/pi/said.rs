//! What pi's records say, and OpenClaw's. A conversation is a tree of them by `id` and `parentId`; files of the first version
//! have neither.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::message::{Kind, Mark, Outcome, Role, Text};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("timestamp"));
    told.id(record.get("id"));
    told.parent(record.get("parentId"));
    let sort = record.text("type");
    match sort.as_deref() {
        Some("message") => message(record, told),
        Some("compaction" | "compact") => {
            told.mark(Mark::Compaction);
            told.text(Role::System, Kind::Summary, record.get("summary"));
        }
        // Of what was left behind where the user went back.
        Some("branch_summary") => told.text(Role::System, Kind::Summary, record.get("summary")),
        // An extension's words to the model.
        Some("custom_message") => {
            told.mark(Mark::Injected);
            told.content(Role::User, record.get("content"));
        }
        Some("custom") => told.otherwise(&[record.get("customType")]),
        Some("session_info") => told.title(record.get("name")),
        Some("model_change") => {
            let name = told.optional(record.get("type"));
            let model = told.optional(record.get("modelId"));
            told.event(name, model);
            told.from_here(record.get("modelId"));
        }
        _ => {}
    }
}

fn message(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(message) = record.record("message") else { return };
    told.time(message.get("timestamp"));
    told.otherwise(&[message.get("role")]);
    match message.text("role").as_deref() {
        Some("user") => told.content(Role::User, message.get("content")),
        Some("assistant") => assistant(&message, told),
        Some("toolResult") => {
            let is_error = message.get("isError").map(Value::is_true);
            let outcome = Outcome { is_error, exit_code: None };
            told.result(message.get("toolCallId"), message.get("toolName"), message.get("content"), outcome);
        }
        Some("bashExecution") => command(record, &message, told),
        Some("branchSummary" | "compactionSummary") => {
            told.text(Role::System, Kind::Summary, message.get("summary"));
        }
        Some("custom" | "hookMessage") => {
            told.mark(Mark::Injected);
            told.content(Role::User, message.get("content"));
        }
        Some("system") => told.content(Role::System, message.get("content")),
        _ => {}
    }
}

fn assistant(message: &Record<'_>, told: &mut Telling<'_>) {
    told.model(message.get("model"));
    told.tokens(tokens(message.get("usage"), Cached::Apart));
    told.content(Role::Assistant, message.get("content"));
    let error = told.optional(message.get("errorMessage"));
    if !error.is_empty() {
        told.event(Text::Named("error"), error);
    }
}

/// A command that the user ran: `!ls`.
fn command(record: &Record<'_>, message: &Record<'_>, told: &mut Telling<'_>) {
    let id = record.get("id");
    told.call(Role::User, id, None, message.get("command")).name = Text::Named("bash");
    let exit_code = message.get("exitCode").and_then(Value::number).map(|code| code as i64);
    let is_error = message.get("cancelled").map(Value::is_true).filter(|is_error| *is_error);
    let call = told.optional(id);
    let output = told.optional(message.get("output"));
    let result = told.say(Role::Tool, Kind::ToolResult, output);
    result.name = Text::Named("bash");
    result.call = call;
    result.outcome = Outcome { is_error, exit_code };
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn what_is_said_done_and_noted_is_told() {
        let lines = r#"{"type":"session","version":3,"id":"s","timestamp":"2026-01-02T03:04:05Z","cwd":"/w"}
{"type":"model_change","id":"a1","parentId":null,"provider":"p","modelId":"m1"}
{"type":"message","id":"a2","parentId":"a1","message":{"role":"user","content":[{"type":"text","text":"look"},{"type":"image","data":"aGk=","mimeType":"image/png"}]}}
{"type":"message","id":"a3","parentId":"a2","message":{"role":"assistant","model":"m1","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Yes"},{"type":"toolCall","id":"c1","name":"bash","arguments":{"command":"ls"}}],"usage":{"input":10,"output":2,"cacheRead":3,"cacheWrite":4}}}
{"type":"message","id":"a4","parentId":"a3","message":{"role":"toolResult","toolCallId":"c1","toolName":"bash","content":[{"type":"text","text":"no \"such\" file"}],"isError":true}}
{"type":"message","id":"a5","parentId":"a4","message":{"role":"bashExecution","command":"git status","output":"clean","exitCode":1,"cancelled":false}}
{"type":"message","id":"a6","parentId":"a5","message":{"role":"assistant","content":[],"stopReason":"error","errorMessage":"400"}}
{"type":"compaction","id":"a7","parentId":"a6","summary":"so far","firstKeptEntryId":"a5"}
{"type":"branch_summary","id":"a8","parentId":"a7","summary":"tried","fromId":"a6"}
{"type":"custom_message","id":"a9","parentId":"a8","customType":"x","content":"be kind","display":false}
{"type":"custom","id":"b1","parentId":"a9","customType":"ui_state","data":{"a":1}}
{"type":"session_info","id":"b2","parentId":"b1","name":"Looking"}
{"type":"thinking_level_change","id":"b3","parentId":"b2","thinkingLevel":"off"}"#;
        let told = told("pi", lines);
        let line = |number: usize| lines.lines().nth(number - 1).unwrap();
        assert_eq!(
            told,
            [
                &format!("system event session: {}", line(1)),
                "system event model_change: m1",
                "system event introduction by m1: ",
                "user text: look",
                "user image image/png: aGk=",
                "assistant thinking by m1 10+2+3+4: hm",
                "assistant text by m1: Yes",
                r#"assistant tool_call bash (c1) by m1: {"command":"ls"}"#,
                r#"tool tool_result bash (c1) failed: no "such" file"#,
                "user tool_call bash (a5): git status",
                "tool tool_result bash (a5) exit 1: clean",
                "system event error: 400",
                "system summary [compaction]: so far",
                "system summary: tried",
                "user text [injected]: be kind",
                &format!("system event ui_state: {}", line(11)),
                "system event title: Looking",
                &format!("system event thinking_level_change: {}", line(13)),
            ]
        );
    }

    #[test]
    fn openclaw_says_the_same() {
        let line = r#"{"type":"message","id":"m","message":{"role":"user","content":"hi"}}"#;
        assert_eq!(told("openclaw", line), ["user text: hi"]);
    }
}
