//! What OpenHands' events say: a message, an action, which is the call of a tool with the thought before it, or an
//! observation, which is what the tool answered. Version 1 names its events by `kind`, the one before by `action` and
//! `observation`.

use crate::agents::known::documents::told::document;
use crate::agents::known::rendered::{event, exit_code_in, first, is_something, say, title};
use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::message::{Kind, Mark, Outcome, Role, Text};

/// What stands for all documents of a conversation.
pub(super) const STATE: &str = "base_state.json";

/// Tells what `record`, a document, says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(data) = record.record("data") else { return };
    if document(record) == STATE {
        told.from_here(data.inside("agent", "llm").and_then(|llm| llm.member("model")));
        title(told, data.get("title"));
        let paid = data.inside("stats", "usage_to_metrics").and_then(Value::record);
        let paid = paid
            .iter()
            .flat_map(Record::members)
            .find_map(|(_, metrics)| tokens(metrics.member("accumulated_token_usage"), Cached::Within));
        // Of the session as a whole: events do not say what they cost.
        told.tokens(paid);
        return told.state(Text::Named("session"));
    }
    told.time(first(&data, &["timestamp", "created_at"]));
    told.id(data.get("id"));
    match data.has("kind") || data.has("llm_message") {
        true => by_kind(&data, told),
        false => by_action(&data, told),
    }
    let name = first(&data, &["kind", "observation", "action"]);
    if let Some(name) = name.map(|name| told.place(name)) {
        told.state_otherwise(name);
    }
}

fn role_of(data: &Record<'_>) -> Role {
    match data.text("source").as_deref() {
        Some("user") => Role::User,
        Some("agent") => Role::Assistant,
        _ => Role::System,
    }
}

fn by_kind(data: &Record<'_>, told: &mut Telling<'_>) {
    let role = role_of(data);
    let (call, name) = (data.get("tool_call_id"), data.get("tool_name"));
    match data.text("kind").as_deref() {
        Some("MessageEvent") | None => {
            let message = data.record("llm_message");
            let find = |key: &str| message.as_ref().and_then(|message| message.get(key));
            say(told, role, Kind::Thinking, find("reasoning_content"));
            say(told, role, Kind::Text, find("content"));
            let before = told.count();
            say(told, role, Kind::Text, data.get("extended_content"));
            told.since(before).iter_mut().for_each(|message| message.marks.set(Mark::Injected));
        }
        Some("SystemPromptEvent") => {
            told.mark(Mark::Injected);
            say(told, Role::System, Kind::Text, data.get("system_prompt"));
        }
        Some("ActionEvent") => {
            say(told, role, Kind::Thinking, data.get("reasoning_content"));
            say(told, role, Kind::Text, data.get("thought"));
            let inside = data.record("tool_call");
            let written = inside
                .as_ref()
                .and_then(|call| call.get("arguments").or_else(|| call.inside("function", "arguments")));
            told.call(role, call, name, written.or_else(|| data.get("action")));
        }
        Some("ObservationEvent") => {
            let observation = data.record("observation");
            let find = |keys: &[&str]| observation.as_ref().and_then(|observation| first(observation, keys));
            let metadata = find(&["metadata"]).and_then(|metadata| metadata.member("exit_code"));
            let exit_code = find(&["exit_code"]).or(metadata).and_then(Value::number).map(|code| code as i64);
            let error = find(&["error"]).map(|error| error.raw() != b"false");
            let is_error = find(&["is_error"]).map(Value::is_true).or(error);
            let output = find(&["content", "output", "text", "error"]).or_else(|| data.get("observation"));
            told.result(call, name, output, Outcome { is_error, exit_code });
        }
        Some("AgentErrorEvent" | "UserRejectObservation") => {
            let outcome = Outcome { is_error: Some(true), exit_code: None };
            told.result(call, name, first(data, &["error", "rejection_reason"]), outcome);
        }
        Some("Condensation" | "CondensationSummaryEvent") => {
            told.mark(Mark::Compaction);
            say(told, Role::Assistant, Kind::Summary, data.get("summary"));
        }
        _ => {}
    }
}

/// Events as they were before: what was done with its arguments, or what came of it.
fn by_action(data: &Record<'_>, told: &mut Telling<'_>) {
    let role = role_of(data);
    let called = data.record("tool_call_metadata");
    let find = |key: &str| called.as_ref().and_then(|called| called.get(key));
    let (call, name) = (find("tool_call_id"), find("function_name"));
    let arguments = data.record("args");
    let argument = |key: &str| arguments.as_ref().and_then(|arguments| arguments.get(key));
    if let Some(answer) = find("model_response").filter(|_| data.has("action")) {
        told.answer(answer.member("id"));
        told.model(answer.member("model"));
        told.tokens(tokens(answer.member("usage"), Cached::Within));
    }
    if data.has("observation") {
        return observation(data, call, name, told);
    }
    match data.text("action").as_deref() {
        Some("message") => say(told, role, Kind::Text, argument("content").or_else(|| data.get("message"))),
        Some("system") => {
            told.mark(Mark::Injected);
            say(told, Role::System, Kind::Text, argument("content"));
        }
        Some("think") => say(told, role, Kind::Thinking, argument("thought")),
        Some("finish") => {
            say(
                told,
                role,
                Kind::Text,
                first_of(&[argument("final_thought"), argument("thought"), data.get("message")]),
            );
        }
        // What the program notes of itself.
        Some("change_agent_state" | "recall" | "null") | None => {}
        Some(_) if role == Role::System => {}
        Some("condensation") => {
            told.mark(Mark::Compaction);
            say(told, Role::Assistant, Kind::Summary, argument("summary"));
        }
        Some(_) => {
            say(told, role, Kind::Text, argument("thought"));
            told.call(
                role,
                call.or_else(|| data.get("id")),
                name.or_else(|| data.get("action")),
                data.get("args"),
            );
        }
    }
}

fn first_of<'a>(values: &[Option<Value<'a>>]) -> Option<Value<'a>> {
    values.iter().flatten().copied().find(|value| is_something(*value))
}

fn observation(data: &Record<'_>, call: Option<Value<'_>>, name: Option<Value<'_>>, told: &mut Telling<'_>) {
    let sort = data.text("observation");
    match sort.as_deref() {
        Some("agent_state_changed" | "null" | "recall") | None => {}
        Some("condense") => {
            told.mark(Mark::Compaction);
            event(told, "condense", data.get("content"));
        }
        Some(sort) => {
            let extras = data.record("extras");
            let exit_code = extras.as_ref().and_then(|extras| {
                let metadata = extras.inside("metadata", "exit_code");
                metadata.or_else(|| extras.get("exit_code"))?.number()
            });
            let exit_code =
                exit_code.map(|code| code as i64).or_else(|| exit_code_in(data.get("content")?.raw()));
            let failed =
                sort == "error" || data.get("success").is_some_and(|success| success.raw() == b"false");
            let is_error = (failed || data.has("success")).then_some(failed);
            let call = call.or_else(|| data.get("cause"));
            let name = name.or_else(|| data.get("observation"));
            told.result(call, name, data.get("content"), Outcome { is_error, exit_code });
        }
    }
}
