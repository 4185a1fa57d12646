//! What Grok's records say: the conversation, in words like OpenAI's; and beside it the screen, in updates of the Agent
//! Client Protocol.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Telling, role_named};
use crate::message::{Kind, Mark, Outcome, Role};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("timestamp").or_else(|| record.get("time")));
    let update = record.record("params").and_then(|params| params.record("update"));
    if let Some(update) = update.or_else(|| record.record("update")) {
        told.otherwise(&[update.get("sessionUpdate")]);
        return screen(&update, told);
    }
    told.model(record.get("model_id"));
    let content = record.get("content");
    match record.text("type").as_deref() {
        Some("system") => {
            told.mark(Mark::Injected);
            told.content(Role::System, content);
        }
        Some("user") => {
            if record.has("synthetic_reason") {
                told.mark(Mark::Injected);
            }
            told.content(Role::User, content);
        }
        Some("assistant") => {
            told.content(Role::Assistant, content);
            for call in record.get("tool_calls").into_iter().flat_map(Value::elements) {
                told.tool_call(Role::Assistant, call);
            }
        }
        Some("reasoning") => {
            told.content_of(Role::Assistant, Kind::Thinking, record.get("summary"));
            told.nothing();
        }
        Some("tool_result") => {
            told.result(record.get("tool_call_id"), record.get("name"), content, Outcome::default());
        }
        // A tool that ran at the model's maker.
        Some("backend_tool_call") => {
            let Some(kind) = record.record("kind") else { return };
            told.call(Role::Assistant, kind.get("id"), kind.get("tool_type"), kind.get("action"));
        }
        _ => {}
    }
}

/// What the screen showed, piece by piece.
fn screen(update: &Record<'_>, told: &mut Telling<'_>) {
    let content = update.get("content");
    match update.text("sessionUpdate").as_deref() {
        Some("user_message_chunk") => told.content(Role::User, content),
        Some("agent_message_chunk") => told.content(Role::Assistant, content),
        Some("agent_thought_chunk") => told.content_of(Role::Assistant, Kind::Thinking, content),
        Some("tool_call") => {
            told.call(
                Role::Assistant,
                update.get("toolCallId"),
                update.get("title"),
                update.get("rawInput").or(content),
            );
        }
        Some("tool_call_update") => {
            let is_error = update.text("status").filter(|status| status == "failed").map(|_| true);
            let output = update.get("rawOutput").or(content);
            if output.is_some() {
                let outcome = Outcome { is_error, exit_code: None };
                told.result(update.get("toolCallId"), None, output, outcome);
            }
        }
        Some("session_info_update") => told.title(update.get("title")),
        _ => {
            let role = update.get("role").and_then(role_named);
            if let Some(role) = role {
                told.content(role, content);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn the_conversation_and_the_screen_are_told() {
        let lines = r#"{"type":"system","content":"You are"}
{"type":"user","content":[{"type":"text","text":"OS: x"}],"synthetic_reason":"environment_context"}
{"type":"user","content":[{"type":"image","url":"data:image/png;base64,aGk="},{"type":"text","text":"look"}],"prompt_index":0}
{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"x"}
{"type":"assistant","content":"Well","tool_calls":[{"id":"c","name":"read_file","arguments":"{\"a\":1}"}],"model_id":"g"}
{"type":"tool_result","tool_call_id":"c","content":"hello"}
{"type":"backend_tool_call","kind":{"tool_type":"web_search","action":{"query":"q"},"id":"w","status":"completed"}}
{"timestamp":1767323045,"method":"session/update","params":{"sessionId":"s","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"We"}}}}
{"method":"session/update","params":{"update":{"sessionUpdate":"tool_call","toolCallId":"c","title":"Read","rawInput":{"a":1}}}}
{"method":"session/update","params":{"update":{"sessionUpdate":"tool_call_update","toolCallId":"c","status":"failed","content":[{"type":"content","content":{"type":"text","text":"none"}}]}}}
{"method":"session/update","params":{"update":{"sessionUpdate":"plan","entries":[]}}}"#;
        assert_eq!(
            told("grok", lines),
            [
                "system text [injected]: You are",
                "user text [injected]: OS: x",
                "user image: data:image/png;base64,aGk=",
                "user text: look",
                "assistant thinking: hm",
                "assistant text by g: Well",
                r#"assistant tool_call read_file (c) by g: {"a":1}"#,
                "tool tool_result (c): hello",
                r#"assistant tool_call web_search (w): {"query":"q"}"#,
                "assistant text: We",
                r#"assistant tool_call Read (c): {"a":1}"#,
                "tool tool_result (c) failed: none",
                &format!("system event plan: {}", lines.lines().last().unwrap()),
            ]
        );
    }
}
