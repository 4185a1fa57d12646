//! What Droid's records say: those that it keeps, messages of Anthropic's form, and those that it prints where it is asked for
//! a stream of them.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, exit_code, role_named, tokens};
use crate::message::{Kind, Mark, Outcome, Role, Side, Text};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("timestamp"));
    told.id(record.get("id"));
    told.parent(record.get("parentId"));
    match record.text("type").as_deref() {
        Some("session_start") => {
            let text = told.optional(record.get("cwd"));
            told.event(Text::Named("session_start"), text);
            told.title(record.get("sessionTitle").or_else(|| record.get("title")));
        }
        Some("message") => message(record, told),
        Some("compaction_state" | "compaction") => {
            told.mark(Mark::Compaction);
            told.text(
                Role::System,
                Kind::Summary,
                record.get("summaryText").or_else(|| record.get("summary")),
            );
        }
        Some("tool_call") => {
            let id = record.get("toolCallId").or_else(|| record.get("id"));
            told.call(Role::Assistant, id, record.get("toolName"), record.get("parameters"));
        }
        Some("tool_result") => {
            let id = record.get("toolCallId").or_else(|| record.get("id"));
            let value = record.get("value").or_else(|| record.get("error"));
            let code = value.and_then(|value| value.member("exitCode")).and_then(Value::number);
            let output = value.and_then(|value| value.member("stdout")).or(value);
            let is_error = record.get("isError").map(Value::is_true);
            let outcome = Outcome { is_error, exit_code: code.map(|code| code as i64) };
            told.result(id, record.get("toolName"), output, outcome);
        }
        Some("completion") => {
            // What all of the run cost; its last answer may stand before it as a message.
            if let Some(paid) = tokens(record.get("usage"), Cached::Apart) {
                told.tokens(Some(paid));
                told.event(Text::Named("tokens"), Text::None);
            }
            told.twin(Side::Screen, Role::Assistant, Kind::Text, record.get("finalText"));
        }
        // The first line of a stream.
        Some("system") => {
            let (name, text) = (told.optional(record.get("type")), told.optional(record.get("cwd")));
            told.event(name, text);
            told.from_here(record.get("model"));
        }
        _ => {}
    }
}

fn message(record: &Record<'_>, told: &mut Telling<'_>) {
    let inner = record.record("message");
    let message = inner.as_ref().unwrap_or(record);
    let Some(role) = message.get("role").and_then(role_named) else { return };
    told.model(message.get("model"));
    told.tokens(tokens(message.get("usage"), Cached::Apart));
    let said = message.get("content").or_else(|| message.get("text"));
    let is_list = said.is_some_and(|said| said.raw().starts_with(b"["));
    if !is_list {
        return told.sided(Side::Record, |told| told.content(role, said));
    }
    for block in said.into_iter().flat_map(Value::elements) {
        match block.record().filter(|block| block.is("type", "tool_result")) {
            Some(result) => {
                let output = result.get("content");
                let is_error = result.get("is_error").map(Value::is_true);
                let exit_code = output.and_then(|output| exit_code(output, &[b"(exit code: "]));
                let outcome = Outcome { is_error, exit_code };
                told.result(result.get("tool_use_id"), None, output, outcome);
            }
            None => told.content(role, Some(block)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn kept_records_and_printed_ones_are_told() {
        let lines = r#"{"type":"session_start","id":"s","title":"Running","cwd":"/w"}
{"type":"message","id":"1","timestamp":"2026-01-02T03:04:05Z","message":{"role":"user","content":[{"type":"text","text":"<system-reminder>\nBe safe.\n</system-reminder>"},{"type":"text","text":"run"}]}}
{"type":"message","id":"2","parentId":"1","message":{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"Execute","input":{"command":"ls"}}]}}
{"type":"message","id":"3","parentId":"2","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"Error: Command failed (exit code: 1)\nls"}]}}
{"type":"system","subtype":"init","model":"m","cwd":"/w"}
{"type":"message","role":"user","text":"<system-reminder>\nBe safe.\n</system-reminder>\n\nList","id":"4"}
{"type":"tool_call","id":"d","toolName":"Execute","parameters":{"command":"ls"}}
{"type":"tool_result","id":"d","isError":true,"value":{"stdout":"a","exitCode":2}}
{"type":"completion","finalText":"Done","usage":{"input_tokens":10,"output_tokens":5}}
{"type":"error","message":"no"}"#;
        assert_eq!(
            told("droid", lines),
            [
                "system event session_start: /w",
                "system event title: Running",
                "user text [injected]: <system-reminder>\nBe safe.\n</system-reminder>",
                "user text: run",
                r#"assistant tool_call Execute (c): {"command":"ls"}"#,
                "tool tool_result (c) exit 1: Error: Command failed (exit code: 1)\nls",
                "system event system: /w",
                "system event introduction by m: ",
                "user text: <system-reminder>\nBe safe.\n</system-reminder>\n\nList",
                r#"assistant tool_call Execute (d): {"command":"ls"}"#,
                "tool tool_result (d) failed exit 2: a",
                "system event tokens 10+5+0+0: ",
                "assistant text: Done",
                &format!("system event error: {}", lines.lines().last().unwrap()),
            ]
        );
    }
}
