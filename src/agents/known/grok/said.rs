//! What Grok's records say: the conversation, in words like OpenAI's; and beside it the screen, in updates of the Agent
//! Client Protocol.

use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
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

/// What the screen showed, in pieces of a few letters, of a conversation that the other log tells whole: what is said in it
/// is no more than what happened on the screen. Pictures stand here alone.
fn screen(update: &Record<'_>, told: &mut Telling<'_>) {
    let content = update.get("content");
    if update.is("sessionUpdate", "session_info_update") {
        return told.title(update.get("title"));
    }
    if content.is_some_and(|content| content.member("type").is_some_and(|sort| sort.raw() == b"\"image\"")) {
        let is_user = update.is("sessionUpdate", "user_message_chunk");
        return told.content(if is_user { Role::User } else { Role::Assistant }, content);
    }
    let text =
        content.and_then(|content| content.member("text")).or_else(|| update.get("rawInput")).or(content);
    if text.is_some() {
        told.record_as(update.get("sessionUpdate"), text);
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
                "system event agent_message_chunk: We",
                r#"system event tool_call: {"a":1}"#,
                r#"system event tool_call_update: [{"type":"content","content":{"type":"text","text":"none"}}]"#,
                &format!("system event plan: {}", lines.lines().last().unwrap()),
            ]
        );
    }
}
