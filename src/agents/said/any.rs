//! Tells a record in which somebody speaks, whoever wrote it: a role, and what is said, where most agents have them.

use super::telling::Telling;
use super::usage::{Cached, tokens};
use crate::agents::record::{Record, Value};
use crate::message::{Kind, Role};

/// Tells `record` as most agents mean it. What has no role in it is left to be an event.
pub(crate) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    envelope(record, told);
    // A row's or an element's own members, and what most envelopes hold.
    let inner = ["message", "data", "payload"].iter().find_map(|key| record.record(key));
    if let Some(inner) = inner.as_ref().filter(|inner| role_of(inner).is_some()) {
        envelope(inner, told);
        return speak(inner, told);
    }
    speak(record, told);
}

fn envelope(record: &Record<'_>, told: &mut Telling<'_>) {
    for key in
        ["timestamp", "time", "created_at", "createdAt", "ts", "created", "time_created", "created_timestamp"]
    {
        told.time(record.get(key));
    }
    told.model(record.get("model").or_else(|| record.get("modelID")));
    told.tokens(tokens(record.get("usage"), Cached::Apart));
    if record.has("uuid") || record.has("id") {
        told.id(record.get("uuid").or_else(|| record.get("id")));
    }
    if record.has("parentUuid") || record.has("parentId") {
        told.parent(record.get("parentUuid").or_else(|| record.get("parentId")));
    }
}

/// Returns who speaks in a record that says so.
pub(crate) fn role_of(record: &Record<'_>) -> Option<Role> {
    let role = ["role", "type", "author", "speaker"].iter().find_map(|key| role_named(record.get(key)?))?;
    Some(role)
}

/// Returns the role that a value names.
pub(crate) fn role_named(value: Value<'_>) -> Option<Role> {
    match &*value.text()? {
        "user" | "human" | "User" | "USER" => Some(Role::User),
        "assistant" | "model" | "ai" | "gemini" | "agent" | "bot" | "Assistant" => Some(Role::Assistant),
        "tool" | "toolResult" | "tool_result" | "function" | "tool_output" => Some(Role::Tool),
        "system" | "developer" => Some(Role::System),
        _ => None,
    }
}

fn speak(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(role) = role_of(record) else { return };
    if let Some(thought) =
        ["reasoning_content", "reasoning", "thinking"].iter().find_map(|key| record.get(key))
    {
        told.content_of(role, Kind::Thinking, Some(thought));
    }
    let said = ["content", "parts", "text", "message"].iter().find_map(|key| record.get(key));
    if role == Role::Tool {
        let id = ["tool_call_id", "toolCallId", "call_id"].iter().find_map(|key| record.get(key));
        let name = ["name", "toolName", "tool_name"].iter().find_map(|key| record.get(key));
        let is_error = record.get("is_error").or_else(|| record.get("isError")).map(Value::is_true);
        return told.result(id, name, said, crate::message::Outcome { is_error, exit_code: None });
    }
    told.content(role, said);
    for call in record.get("tool_calls").into_iter().flat_map(Value::elements) {
        told.tool_call(role, call);
    }
}
