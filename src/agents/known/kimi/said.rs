//! What Kimi Code's records say. A prompt stands in the turn that it began and in the context; what a step cost stands at
//! the step's end and in a record of its own. Of the older generation `context.jsonl` is the conversation, a message a line,
//! and `wire.jsonl` what its screen showed.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, exit_code, role_named, tokens};
use crate::message::{Kind, Mark, Outcome, Role, Side, Text};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("time").or_else(|| record.get("timestamp")));
    match record.text("type").as_deref() {
        Some("turn.prompt" | "turn.steer") => {
            mark_by_origin(record.inside("origin", "kind"), told);
            told.sided(Side::Screen, |told| told.content(Role::User, record.get("input")));
        }
        Some("context.append_message") => appended(record, told),
        Some("context.append_loop_event") => {
            let Some(event) = record.record("event") else { return };
            told.otherwise(&[event.get("type")]);
            step(&event, told);
        }
        Some("usage.record") => {
            told.model(record.get("model"));
            usage(Side::Screen, record.get("usage"), told);
        }
        Some("llm.request") => {
            let name = told.optional(record.get("type"));
            let model = told.optional(record.get("model"));
            told.event(name, model);
            told.from_here(record.get("model"));
        }
        Some("context.apply_compaction") => {
            told.mark(Mark::Compaction);
            told.text(Role::System, Kind::Summary, record.get("summary"));
        }
        Some(_) => {}
        None if record.has("role") => old_message(record, told),
        None if record.has("message") => screen(record, told),
        None => {}
    }
}

/// What nobody typed says where it comes from.
fn mark_by_origin(kind: Option<Value<'_>>, told: &mut Telling<'_>) {
    if kind.is_some_and(|kind| kind.raw() != b"\"user\"") {
        told.mark(Mark::Injected);
    }
}

fn appended(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(message) = record.record("message") else { return };
    let role = message.get("role").and_then(role_named).unwrap_or(Role::System);
    mark_by_origin(message.inside("origin", "kind").filter(|_| role == Role::User), told);
    if role == Role::Tool {
        let outcome = Outcome { is_error: message.get("isError").map(Value::is_true), exit_code: None };
        return told.result(message.get("toolCallId"), message.get("name"), message.get("content"), outcome);
    }
    told.sided(Side::Record, |told| told.content(role, message.get("content")));
    for call in message.get("toolCalls").into_iter().flat_map(Value::elements) {
        told.tool_call(role, call);
    }
}

/// What happens in a step of the model's.
fn step(event: &Record<'_>, told: &mut Telling<'_>) {
    match event.text("type").as_deref() {
        Some("content.part") => told.content(Role::Assistant, event.get("part")),
        Some("tool.call") => {
            told.call(Role::Assistant, event.get("toolCallId"), event.get("name"), event.get("args"));
        }
        Some("tool.result") => {
            let result = event.record("result");
            let find = |key: &str| result.as_ref()?.get(key);
            let output = find("output").or_else(|| event.get("result"));
            let is_error = find("isError").map(Value::is_true);
            let exit_code = output.filter(|_| is_error == Some(true));
            let exit_code = exit_code.and_then(|output| exit_code_of(output));
            told.result(event.get("toolCallId"), None, output, Outcome { is_error, exit_code });
        }
        Some("step.end") => usage(Side::Record, event.get("usage"), told),
        _ => {}
    }
}

fn exit_code_of(output: Value<'_>) -> Option<i64> {
    exit_code(output, &[b"failed with exit code: ", b"failed with exit code "])
}

/// What a step cost, which two records tell.
fn usage(side: Side, usage: Option<Value<'_>>, told: &mut Telling<'_>) {
    let paid = tokens(usage, Cached::Apart);
    told.tokens(paid);
    let number = usage.map_or(&b""[..], Value::raw);
    told.twin_of(side, &[b"tokens", number], |told| {
        told.event(Text::Named("tokens"), Text::None);
    });
}

/// A line of the older generation's context: `{"role": "user", "content": "..."}`, as OpenAI's.
fn old_message(record: &Record<'_>, told: &mut Telling<'_>) {
    told.otherwise(&[record.get("role")]);
    let Some(role) = record.get("role").and_then(role_named) else { return };
    let content = record.get("content");
    match role {
        Role::Tool => {
            let (id, name) = (record.get("tool_call_id"), record.get("name"));
            told.result(id, name, content, Outcome::default());
        }
        role => {
            if role == Role::System {
                told.mark(Mark::Injected);
            }
            told.content_of(role, Kind::Thinking, record.get("reasoning_content"));
            told.content(role, content);
            for call in record.get("tool_calls").into_iter().flat_map(Value::elements) {
                told.tool_call(role, call);
            }
        }
    }
}

/// A line of the older generation's screen: `{"timestamp", "message": {"type", "payload"}}`.
fn screen(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(message) = record.record("message") else { return };
    told.otherwise(&[message.get("type")]);
    let Some(payload) = message.record("payload") else { return };
    match message.text("type").as_deref() {
        Some("TurnBegin" | "SteerInput") => told.content(Role::User, payload.get("user_input")),
        Some("ContentPart") => told.content(Role::Assistant, message.get("payload")),
        Some("ToolCall") => {
            if let Some(call) = message.get("payload") {
                told.tool_call(Role::Assistant, call);
            }
        }
        Some("ToolResult") => {
            let inner = payload.record("return_value").or_else(|| payload.record("result"));
            let find = |key: &str| inner.as_ref()?.get(key);
            let outcome = Outcome { is_error: find("is_error").map(Value::is_true), exit_code: None };
            let output = find("output").or_else(|| payload.get("return_value"));
            told.result(payload.get("tool_call_id"), None, output, outcome);
        }
        Some("StatusUpdate") => told.tokens(tokens(payload.get("token_usage"), Cached::Apart)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn turns_steps_and_costs_are_told() {
        let lines = r#"{"type":"metadata","protocol_version":"1.4","created_at":1785612803281}
{"type":"turn.prompt","input":[{"type":"text","text":"hi"}],"origin":{"kind":"user"},"time":1785612812819}
{"type":"context.append_message","message":{"role":"user","content":[{"type":"text","text":"hi"}],"toolCalls":[],"origin":{"kind":"user"}},"time":1785612812820}
{"type":"context.append_message","message":{"role":"user","content":[{"type":"text","text":"be kind"}],"origin":{"kind":"injection"}}}
{"type":"llm.request","model":"k2","turnStep":"0.1"}
{"type":"context.append_loop_event","event":{"type":"content.part","part":{"type":"think","think":"hm"}}}
{"type":"context.append_loop_event","event":{"type":"content.part","part":{"type":"text","text":"Well"}}}
{"type":"context.append_loop_event","event":{"type":"tool.call","toolCallId":"c","name":"Bash","args":{"command":"ls"}}}
{"type":"context.append_loop_event","event":{"type":"tool.result","toolCallId":"c","result":{"output":"none\nCommand failed with exit code: 1.","isError":true}}}
{"type":"context.append_loop_event","event":{"type":"step.end","usage":{"inputOther":9,"output":4,"inputCacheRead":2,"inputCacheCreation":1}}}
{"type":"usage.record","model":"k2","usage":{"inputOther":9,"output":4,"inputCacheRead":2,"inputCacheCreation":1}}
{"type":"context.apply_compaction","summary":"so far"}
{"type":"context.append_loop_event","event":{"type":"step.begin","step":1}}"#;
        let line = |number: usize| lines.lines().nth(number - 1).unwrap();
        assert_eq!(
            told("kimi", lines),
            [
                &format!("system event metadata: {}", line(1)),
                "user text: hi",
                "user text: hi",
                "user text [injected]: be kind",
                "system event llm.request: k2",
                "system event introduction by k2: ",
                "assistant thinking: hm",
                "assistant text: Well",
                r#"assistant tool_call Bash (c): {"command":"ls"}"#,
                "tool tool_result (c) failed exit 1: none\nCommand failed with exit code: 1.",
                "system event tokens 9+4+2+1: ",
                "system event tokens by k2 9+4+2+1: ",
                "system summary [compaction]: so far",
                &format!("system event step.begin: {}", line(13)),
            ]
        );
    }

    #[test]
    fn both_logs_of_the_older_generation_are_told() {
        let lines = r#"{"role":"user","content":"hi"}
{"role":"assistant","content":[{"type":"think","think":"hm"},{"type":"text","text":"Well"}],"tool_calls":[{"type":"function","id":"c","function":{"name":"Shell","arguments":"{\"command\":\"ls\"}"}}]}
{"role":"tool","content":"a","tool_call_id":"c"}
{"role":"_usage","token_count":12}
{"timestamp":1767323045.5,"message":{"type":"TurnBegin","payload":{"user_input":"hi"}}}
{"timestamp":1767323046.5,"message":{"type":"ToolResult","payload":{"tool_call_id":"c","return_value":{"is_error":true,"output":"a"}}}}"#;
        assert_eq!(
            told("kimi", lines),
            [
                "user text: hi",
                "assistant thinking: hm",
                "assistant text: Well",
                r#"assistant tool_call Shell (c): {"command":"ls"}"#,
                "tool tool_result (c): a",
                r#"system event _usage: {"role":"_usage","token_count":12}"#,
                "user text: hi",
                "tool tool_result (c) failed: a",
            ]
        );
    }
}
