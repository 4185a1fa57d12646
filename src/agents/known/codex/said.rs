//! What Codex's lines say. What the model was given is a `response_item`, what the user saw an `event_msg`; much is both.
//! The item is told. Of what is only in events, the event.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, exit_code, tokens};
use crate::message::{Kind, Mark, Outcome, Rewind, Role, Side, Text};

/// What stands before the exit code of a command in its result, as that is written.
const EXIT_CODES: [&[u8]; 5] = [
    b"Process exited with code ",
    b"Exit code: ",
    br#"\"exit_code\":"#,
    br#""exit_code":"#,
    br#""exitCode":"#,
];

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    // A line of the history of all prompts.
    if record.has("session_id") && record.has("ts") {
        told.time(record.get("ts"));
        return told.text(Role::User, Kind::Text, record.get("text"));
    }
    told.time(record.get("timestamp"));
    let payload = record.record("payload");
    // Files of 2025 have items without what is around them now.
    let Some(payload) = payload else { return item(record, told) };
    told.otherwise(&[payload.get("type")]);
    match record.text("type").as_deref() {
        Some("response_item") => item(&payload, told),
        Some("event_msg") => event(&payload, told),
        Some("compacted") => compacted(&payload, told),
        Some("token_usage_record") => usage(payload.get("usage"), payload.get("thread_token_usage"), told),
        // The model of a turn; its instructions stand in each anew.
        Some("turn_context") => {
            told.from_here(payload.get("model"));
            told.nothing();
        }
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
        // What another agent says to this one.
        Some("agent_message") => {
            told.mark(Mark::Injected);
            for block in item.get("content").into_iter().flat_map(Value::elements) {
                told.text(Role::User, Kind::Text, block.member("text"));
            }
        }
        Some("image_generation_call") => {
            told.call(Role::Assistant, call, item.get("type"), item.get("revised_prompt"));
            let (call, data) = (told.optional(call), told.optional(item.get("result")));
            if !data.is_empty() {
                let picture = told.say(Role::Tool, Kind::Image, data);
                picture.call = call;
                picture.media = Text::Named("image/png");
            }
        }
        Some("local_shell_call" | "web_search_call" | "tool_search_call") => {
            let input = ["action", "arguments"].iter().find_map(|key| item.get(key));
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
    let exit_code = output.and_then(|output| exit_code(output, &EXIT_CODES));
    // Files of 2025 have an object around the text.
    let inner = output.and_then(|output| output.member("content"));
    let success = output.and_then(|output| output.member("success"));
    let is_error = success.filter(|success| success.raw() != b"null").map(|success| !success.is_true());
    told.result(call, name, inner.or(output), Outcome { is_error, exit_code });
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
        Some("context_compacted") => compaction(Side::Screen, told, |told| {
            told.record_as(payload.get("type"), None);
        }),
        Some("thread_rolled_back") => {
            let count = payload.get("num_turns").and_then(Value::number).unwrap_or(1.0);
            let text = told.optional(payload.get("num_turns"));
            told.event(Text::Named("rewind"), text).joints.rewind = Some(Rewind::Prompts(count as u64));
        }
        // A turn's last answer, once more.
        Some("task_complete" | "turn_complete") => told.record_as(payload.get("type"), None),
        Some("collab_agent_spawn_end" | "collab_agent_interaction_end" | "collab_close_end") => {
            let ran = ["new_thread_id", "receiver_thread_id"].iter().find_map(|key| payload.get(key));
            told.part(ran);
            let call = told.optional(payload.get("call_id"));
            let (name, text) = (told.optional(payload.get("type")), told.optional(payload.get("prompt")));
            told.event(name, text).call = call;
        }
        Some("sub_agent_activity") => told.part(payload.get("agent_thread_id")),
        Some("error" | "warning" | "stream_error") => {
            told.record_as(payload.get("type"), payload.get("message"));
        }
        Some("thread_name_updated") => told.title(payload.get("thread_name")),
        _ => {}
    }
}

fn completed(payload: &Record<'_>, told: &mut Telling<'_>) {
    let Some(item) = payload.record("item") else { return };
    told.otherwise(&[item.get("type")]);
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
        Some("Plan") => told.text(Role::Assistant, Kind::Text, item.get("text")),
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
    let message = payload.get("message").filter(|message| !matches!(message.raw(), b"\"\"" | b"null"));
    compaction(Side::Record, told, |told| match message {
        Some(message) => told.text(Role::System, Kind::Summary, Some(message)),
        None => {
            told.event(Text::Named("compacted"), Text::None);
        }
    });
}

/// Says that the conversation was summed up here, which an item and an event tell.
fn compaction(side: Side, told: &mut Telling<'_>, tell: impl FnOnce(&mut Telling<'_>)) {
    told.mark(Mark::Compaction);
    told.twin_of(side, &[b"compaction"], tell);
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn items_events_and_costs_are_told() {
        let lines = r##"{"timestamp":"2026-01-02T03:04:05Z","type":"session_meta","payload":{"id":"s","cwd":"/w"}}
{"type":"turn_context","payload":{"turn_id":"1","cwd":"/w","model":"gpt"}}
{"type":"response_item","payload":{"type":"message","role":"developer","content":[{"type":"input_text","text":"You are"}]}}
{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"# AGENTS.md instructions for /w\n\nBe kind"},{"type":"input_text","text":"<environment_context>\n x\n</environment_context>"}]}}
{"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"},{"type":"input_image","image_url":"data:image/png;base64,aGk="}]}}
{"type":"event_msg","payload":{"type":"user_message","message":"hi"}}
{"type":"response_item","payload":{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"x"}}
{"type":"response_item","payload":{"type":"function_call","name":"exec","arguments":"{\"cmd\":\"ls\"}","call_id":"c"}}
{"type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"Chunk ID: 1\nProcess exited with code 2\nnone"}}
{"type":"event_msg","payload":{"type":"exec_command_end","call_id":"c","exit_code":2}}
{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":10,"cached_input_tokens":4,"output_tokens":2},"last_token_usage":{"input_tokens":10,"cached_input_tokens":4,"output_tokens":2}}}}
{"type":"event_msg","payload":{"type":"collab_agent_spawn_end","call_id":"d","new_thread_id":"t2","prompt":"look"}}
{"type":"event_msg","payload":{"type":"thread_rolled_back","num_turns":2}}
{"type":"compacted","payload":{"message":"so far"}}
{"type":"event_msg","payload":{"type":"thread_name_updated","thread_name":"Hi"}}
{"type":"event_msg","payload":{"type":"task_complete","last_agent_message":"Well"}}
{"type":"event_msg","payload":{"type":"turn_aborted","reason":"interrupted"}}
{"type":"response_item","payload":{"type":"image_generation_call","id":"g","revised_prompt":"a cat","result":"aGk="}}
{"session_id":"s","ts":1767323045,"text":"hi"}"##;
        let line = |number: usize| lines.lines().nth(number - 1).unwrap();
        assert_eq!(
            told("codex", lines),
            [
                &format!("system event session_meta: {}", line(1)),
                "system event introduction by gpt: ",
                "system text [injected]: You are",
                "user text [injected]: # AGENTS.md instructions for /w\n\nBe kind",
                "user text [injected]: <environment_context>\n x\n</environment_context>",
                "user text: hi",
                "user image: data:image/png;base64,aGk=",
                "user text: hi",
                "assistant thinking: hm",
                r#"assistant tool_call exec (c): {"cmd":"ls"}"#,
                "tool tool_result (c) exit 2: Chunk ID: 1\nProcess exited with code 2\nnone",
                "system event tokens 6+2+4+0: ",
                "system event collab_agent_spawn_end (d) in t2: look",
                "system event rewind: 2",
                "system summary [compaction]: so far",
                "system event title: Hi",
                "system event task_complete: ",
                &format!("system event turn_aborted: {}", line(17)),
                "assistant tool_call image_generation_call (g): a cat",
                "tool image (g) image/png: aGk=",
                "user text: hi",
            ]
        );
    }
}
