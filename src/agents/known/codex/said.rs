//! What Codex's lines say. What the model was given is a `response_item`, what the user saw an `event_msg`; much is both.
//! The item is told. Of what is only in events, the event.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::message::{Kind, Mark, Outcome, Role, Side, Text};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("timestamp"));
    let payload = record.record("payload");
    // Files of 2025 have items without what is around them now.
    let Some(payload) = payload else { return item(record, told) };
    match record.text("type").as_deref() {
        Some("response_item") => item(&payload, told),
        Some("event_msg") => event(&payload, told),
        Some("compacted") => compacted(&payload, told),
        Some("token_usage_record") => usage(payload.get("usage"), payload.get("thread_token_usage"), told),
        // The model of a turn; its instructions stand in each anew.
        Some("turn_context") => told.nothing(),
        _ => {}
    }
}

fn item(item: &Record<'_>, told: &mut Telling<'_>) {
    told.id(item.get("id"));
    let (call, name) = (item.get("call_id").or_else(|| item.get("id")), item.get("name"));
    match item.text("type").as_deref() {
        Some("message") => message(item, told),
        Some("reasoning") => reasoning(item, told),
        Some("function_call" | "custom_tool_call" | "tool_call") => {
            let name = name.or_else(|| item.inside("function", "name"));
            let input = ["arguments", "input"].iter().find_map(|key| item.get(key));
            told.call(Role::Assistant, call, name, input);
        }
        Some("local_shell_call" | "web_search_call" | "tool_search_call" | "image_generation_call") => {
            let input = ["action", "arguments", "revised_prompt"].iter().find_map(|key| item.get(key));
            told.call(Role::Assistant, call, item.get("type"), input);
        }
        Some(
            "function_call_output"
            | "custom_tool_call_output"
            | "tool_search_output"
            | "tool_result"
            | "function_result"
            | "local_shell_call_output",
        ) => output(item, call, name, told),
        None if item.has("role") => message(item, told),
        _ => {}
    }
}

fn message(item: &Record<'_>, told: &mut Telling<'_>) {
    let role = match item.text("role").as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => Role::System,
    };
    let content = item.get("content").or_else(|| item.get("message"));
    if role == Role::System {
        told.mark(Mark::Injected);
    }
    told.sided(Side::Record, |told| told.content(role, content));
}

fn reasoning(item: &Record<'_>, told: &mut Telling<'_>) {
    told.sided(Side::Record, |told| {
        told.content_of(Role::Assistant, Kind::Thinking, item.get("summary"));
        told.content_of(Role::Assistant, Kind::Thinking, item.get("content"));
    });
    // Encrypted for the model's maker.
    told.nothing();
}

/// Results say in their first lines how a command ended: `Process exited with code 1`, or in JSON.
fn output(item: &Record<'_>, call: Option<Value<'_>>, name: Option<Value<'_>>, told: &mut Telling<'_>) {
    let output = ["output", "result", "tools"].iter().find_map(|key| item.get(key));
    let exit_code = output.and_then(|output| exit_code_in(output.raw()));
    told.result(call, name, output, Outcome { is_error: None, exit_code });
}

/// Finds an exit code near the beginning of a result as it is written, escapes and all.
fn exit_code_in(raw: &[u8]) -> Option<i64> {
    const BEFORE: [&[u8]; 5] = [
        b"Process exited with code ",
        b"Exit code: ",
        br#"\"exit_code\":"#,
        br#""exit_code":"#,
        br#""exitCode":"#,
    ];
    let head = &raw[..raw.len().min(400)];
    BEFORE.iter().find_map(|before| {
        let at = memchr::memmem::find(head, before)? + before.len();
        let digits = head[at..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
        std::str::from_utf8(&head[at..at + digits]).ok()?.parse().ok()
    })
}

fn event(payload: &Record<'_>, told: &mut Telling<'_>) {
    match payload.text("type").as_deref() {
        Some("user_message") => told.twin(Side::Screen, Role::User, Kind::Text, payload.get("message")),
        Some("agent_message") => told.twin(Side::Screen, Role::Assistant, Kind::Text, payload.get("message")),
        Some("agent_reasoning" | "agent_reasoning_raw_content") => {
            told.twin(Side::Screen, Role::Assistant, Kind::Thinking, payload.get("text"));
        }
        Some("item_completed") => completed(payload, told),
        // Said by the item of the call's result.
        Some("exec_command_end" | "mcp_tool_call_end" | "patch_apply_end" | "web_search_end") => {
            told.nothing()
        }
        // Newer files have a record of its own for it as well.
        Some("token_count") => {
            let info = payload.record("info");
            let find = |key: &str| info.as_ref().and_then(|info| info.get(key));
            usage(find("last_token_usage"), find("total_token_usage"), told);
        }
        Some("context_compacted") => told.mark(Mark::Compaction),
        Some("thread_rolled_back") => told.mark(Mark::Rewound),
        Some("error" | "warning" | "stream_error") => {
            let (name, text) = (place(told, payload.get("type")), place(told, payload.get("message")));
            told.event(name, text);
        }
        Some("thread_name_updated") => {
            let text = place(told, payload.get("thread_name"));
            told.event(Text::Named("title"), text);
        }
        _ => {}
    }
}

fn place(told: &Telling<'_>, value: Option<Value<'_>>) -> Text {
    value.map_or(Text::None, |value| told.place(value))
}

fn completed(payload: &Record<'_>, told: &mut Telling<'_>) {
    let Some(item) = payload.record("item") else { return };
    match item.text("type").as_deref() {
        Some("UserMessage") => {
            told.sided(Side::Screen, |told| told.content(Role::User, item.get("content")));
        }
        Some("AgentMessage") => {
            told.sided(Side::Screen, |told| told.content(Role::Assistant, item.get("content")));
        }
        Some("Reasoning") => {
            told.sided(Side::Screen, |told| {
                told.content_of(Role::Assistant, Kind::Thinking, item.get("summary_text"));
                told.content_of(Role::Assistant, Kind::Thinking, item.get("raw_content"));
            });
            told.nothing();
        }
        Some("CommandExecution" | "McpToolCall" | "FileChange" | "WebSearch") => told.nothing(),
        _ => {}
    }
}

/// What the last answer cost. Both records that tell it tell the sums so far, too, by which they are known as one.
fn usage(usage: Option<Value<'_>>, sums: Option<Value<'_>>, told: &mut Telling<'_>) {
    let Some(paid) = tokens(usage, Cached::Within) else { return told.nothing() };
    let sums = tokens(sums, Cached::Within).unwrap_or(paid);
    told.once_of(&[b"tokens", format!("{sums:?}").as_bytes()]);
    told.tokens(Some(paid));
    told.event(Text::Named("tokens"), Text::None);
}

fn compacted(payload: &Record<'_>, told: &mut Telling<'_>) {
    told.mark(Mark::Compaction);
    let message = payload.get("message").filter(|message| message.raw() != b"\"\"");
    match message {
        Some(message) => told.text(Role::System, Kind::Summary, Some(message)),
        None => {
            told.event(Text::Named("compacted"), Text::None);
        }
    }
}
