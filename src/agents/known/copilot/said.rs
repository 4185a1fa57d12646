//! What Copilot CLI's events say. A call stands in the model's message and again where it begins to run; the rows of a
//! subagent name the call that started it; tokens are told at the end of a run of the program.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::message::{Kind, Mark, Outcome, Rewind, Role, Side, Text, number_of};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(data) = record.record("data") else { return };
    told.time(record.get("timestamp"));
    // Parents tell the order of writing, in which what runs side by side is mixed, and no more.
    told.id(record.get("id"));
    if data.has("parentToolCallId") || record.has("agentId") {
        told.mark(Mark::Sidechain);
    }
    let name = record.get("type");
    match record.text("type").as_deref() {
        Some("user.message") => user(&data, told),
        Some("assistant.message") => assistant(&data, told),
        Some("assistant.reasoning") => {
            told.twin(Side::Screen, Role::Assistant, Kind::Thinking, data.get("content"));
        }
        Some("tool.execution_start") => {
            told.model(data.get("model"));
            call(Side::Screen, data.get("toolCallId"), data.get("toolName"), data.get("arguments"), told);
        }
        Some("tool.execution_complete") => result(&data, told),
        Some("system.message" | "system.notification") => {
            told.mark(Mark::Injected);
            told.content(Role::System, data.get("content"));
        }
        Some("subagent.started" | "subagent.completed" | "subagent.failed") => {
            let text = ["agentDescription", "error", "agentDisplayName", "agentName"];
            let text = text.iter().find_map(|key| data.get(key));
            let (name, text) = (told.optional(name), told.optional(text));
            let call = told.optional(data.get("toolCallId"));
            told.event(name, text).call = call;
        }
        Some("session.start" | "session.resume") => {
            told.record_as(name, data.get("context").or_else(|| data.get("sessionId")));
            told.from_here(data.get("selectedModel"));
        }
        Some("session.model_change") => {
            told.record_as(name, data.get("newModel"));
            told.from_here(data.get("newModel"));
        }
        Some("session.title_changed") => told.title(data.get("title")),
        Some("session.compaction_complete") => {
            told.mark(Mark::Compaction);
            told.text(Role::System, Kind::Summary, data.get("summaryContent"));
        }
        Some("session.snapshot_rewind") => {
            let text = told.optional(data.get("upToEventId"));
            let number = number_of(&[told.raw(&text)]);
            told.event(Text::Named("rewind"), text).joints.rewind = Some(Rewind::From(number));
        }
        Some("session.info" | "session.warning" | "session.error") => {
            told.record_as(name, data.get("message"));
        }
        Some("abort") => told.record_as(name, data.get("reason")),
        Some("session.shutdown") => shutdown(name, &data, told),
        _ => {}
    }
}

fn user(data: &Record<'_>, told: &mut Telling<'_>) {
    // What a skill says, for one.
    let is_typed = data.get("source").is_none_or(|source| matches!(source.raw(), b"null" | b"\"user\""));
    if !is_typed {
        told.mark(Mark::Injected);
    }
    told.content(Role::User, data.get("content"));
    for attached in data.get("attachments").into_iter().flat_map(Value::elements) {
        let find = |keys: [&str; 3]| keys.iter().find_map(|key| attached.member(key));
        let media = find(["mimeType", "mediaType", "mime"]);
        let text = find(["data", "path", "filePath"]).or(Some(attached));
        if media.is_some_and(|media| media.raw().starts_with(b"\"image/")) {
            told.content(Role::User, Some(attached));
        } else {
            let text = told.optional(text);
            told.event(Text::Named("attachment"), text);
        }
    }
}

fn assistant(data: &Record<'_>, told: &mut Telling<'_>) {
    told.model(data.get("model"));
    let thought = data.get("reasoningText").filter(|thought| thought.raw() != b"null");
    told.twin(Side::Record, Role::Assistant, Kind::Thinking, thought);
    told.content(Role::Assistant, data.get("content"));
    for request in data.get("toolRequests").into_iter().flat_map(Value::elements) {
        let Some(request) = request.record() else { continue };
        call(Side::Record, request.get("toolCallId"), request.get("name"), request.get("arguments"), told);
    }
}

fn call(
    side: Side,
    id: Option<Value<'_>>,
    name: Option<Value<'_>>,
    input: Option<Value<'_>>,
    told: &mut Telling<'_>,
) {
    let number = id.map_or(&b""[..], Value::raw);
    told.twin_of(side, &[b"call", number], |told| {
        told.call(Role::Assistant, id, name, input);
    });
}

fn result(data: &Record<'_>, told: &mut Telling<'_>) {
    let is_error = data.get("success").map(|success| !success.is_true());
    let of_error = || data.inside("error", "message").or_else(|| data.get("error"));
    let content = data.inside("result", "content").or_else(|| data.get("result"));
    let output = content.filter(|content| content.raw() != b"null").or_else(of_error);
    told.result(data.get("toolCallId"), None, output, Outcome { is_error, exit_code: None });
}

/// The end of a run of the program, which tells what each model cost in it.
fn shutdown(name: Option<Value<'_>>, data: &Record<'_>, told: &mut Telling<'_>) {
    told.record_as(name, data.get("shutdownType"));
    let mut is_told = false;
    for (model, metrics) in data.record("modelMetrics").iter().flat_map(Record::members) {
        let Some(paid) = tokens(metrics.member("usage"), Cached::Within) else { continue };
        is_told = true;
        told.tokens(Some(paid));
        let model = told.key(model);
        told.event(Text::Named("tokens"), Text::None).model = model;
    }
    if let Some(details) = data.record("tokenDetails").filter(|_| !is_told) {
        let count = |key: &str| {
            let number = details.inside(key, "tokenCount").and_then(Value::number);
            number.filter(|number| *number >= 0.0).map_or(0, |number| number as u64)
        };
        told.tokens(Some(crate::message::Tokens {
            input: count("input"),
            output: count("output"),
            cache_read: count("cache_read"),
            cache_write: count("cache_write"),
        }));
        told.model(data.get("currentModel"));
        told.event(Text::Named("tokens"), Text::None);
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn messages_calls_subagents_and_costs_are_told() {
        let lines = r#"{"type":"session.start","data":{"sessionId":"s","selectedModel":"m1","context":{"cwd":"/w"}},"id":"1","timestamp":"2026-01-02T03:04:05Z","parentId":null}
{"type":"user.message","data":{"content":"hi","transformedContent":"hi","attachments":[]},"id":"2","parentId":"1"}
{"type":"assistant.message","data":{"content":"Well","reasoningText":"hm","toolRequests":[{"toolCallId":"c","name":"bash","arguments":{"command":"ls"}}],"outputTokens":12,"model":"m2"},"id":"3","parentId":"2"}
{"type":"tool.execution_start","data":{"toolCallId":"c","toolName":"bash","arguments":{"command":"ls"}},"id":"4","parentId":"3"}
{"type":"tool.execution_complete","data":{"toolCallId":"c","success":false,"result":{"content":"none"}},"id":"5","parentId":"4"}
{"type":"subagent.started","data":{"toolCallId":"t","agentName":"explore","agentDescription":"Looks around"},"id":"6","parentId":"5"}
{"type":"assistant.message","data":{"parentToolCallId":"t","content":"Below","toolRequests":[]},"id":"7","parentId":"6"}
{"type":"system.message","data":{"content":"You are"},"id":"8","parentId":"7"}
{"type":"user.message","data":{"content":"skill","source":"skill-pdf"},"id":"9","parentId":"8"}
{"type":"session.snapshot_rewind","data":{"upToEventId":"2","eventsRemoved":5},"id":"10","parentId":"9"}
{"type":"session.shutdown","data":{"shutdownType":"routine","modelMetrics":{"m2":{"usage":{"inputTokens":1000,"outputTokens":50,"cacheReadTokens":800,"cacheWriteTokens":0}}}},"id":"11","parentId":"10"}
{"type":"hook.start","data":{"hookType":"preToolUse"},"id":"12","parentId":"11"}"#;
        assert_eq!(
            told("copilot", lines),
            [
                r#"system event session.start: {"cwd":"/w"}"#,
                "system event introduction by m1: ",
                "user text: hi",
                "assistant thinking by m2: hm",
                "assistant text by m2: Well",
                r#"assistant tool_call bash (c) by m2: {"command":"ls"}"#,
                r#"assistant tool_call bash (c): {"command":"ls"}"#,
                "tool tool_result (c) failed: none",
                "system event subagent.started (t): Looks around",
                "assistant text [sidechain]: Below",
                "system text [injected]: You are",
                "user text [injected]: skill",
                "system event rewind: 2",
                "system event session.shutdown: routine",
                "system event tokens by m2 200+50+800+0: ",
                &format!("system event hook.start: {}", lines.lines().last().unwrap()),
            ]
        );
    }
}
