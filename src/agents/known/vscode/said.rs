//! What the log of a chat says. Each line sets or adds to something in the session's object; what is set again is a new
//! wording of the same thing, known by the number of its request and of its part.

use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::message::{Kind, Outcome, Role, Text, Tokens};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    let value = record.get("v");
    let Some(path) = record.get("k") else {
        told.name_otherwise("session");
        if let Some(session) = record.record("v") {
            whole(&session, told);
        }
        return;
    };
    let path: Vec<Value<'_>> = path.elements().collect();
    let names: Vec<_> = path.iter().map(|name| name.text().unwrap_or_default()).collect();
    told.otherwise(&[path.iter().rev().copied().find(|name| name.text().is_some())]);
    let raw = |at: usize| path.get(at).map_or(&b""[..], |name| name.raw());
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    match names[..] {
        ["customTitle"] => told.title(value),
        ["requests"] => {
            value.into_iter().flat_map(Value::elements).for_each(|request| asked(request, None, told));
        }
        ["requests", ""] => value.into_iter().for_each(|one| asked(one, Some(raw(1)), told)),
        ["requests", "", "message"] => {
            told.row(&[b"message at", raw(1)]);
            told.text(Role::User, Kind::Text, value.and_then(|value| value.member("text")));
        }
        ["requests", "", "message", "text"] => {
            told.row(&[b"message at", raw(1)]);
            told.text(Role::User, Kind::Text, value);
        }
        ["requests", "", "modelId"] => {
            let text = told.optional(value);
            told.event(Text::Named("modelId"), text);
            told.from_here(value);
        }
        ["requests", "", "completionTokens"] => {
            told.row(&[b"completionTokens", raw(1)]);
            output_tokens(value, told);
        }
        ["requests", "", "response"] => {
            // What is added stands behind all that is there, or from the place on that is named.
            let is_set = record.get("kind").is_some_and(|kind| kind.raw() == b"1");
            let first = record.get("i").and_then(Value::number).map(|first| first as u64);
            answered(value, Some(raw(1)), first.or(is_set.then_some(0)), told);
        }
        ["requests", "", "response", ""] | ["requests", "", "response", "", "value"] => {
            told.row(&[b"response", raw(1), raw(3)]);
            match value.filter(|_| names.len() == 4) {
                Some(value) => part(value, told),
                None => told.text(Role::Assistant, Kind::Text, value),
            }
        }
        _ => {}
    }
}

/// The session as a whole, with all that was said so far.
fn whole(session: &Record<'_>, told: &mut Telling<'_>) {
    told.time(session.get("creationDate"));
    let text = told.optional(session.get("sessionId"));
    told.event(Text::Named("session"), text);
    told.title(session.get("customTitle"));
    for (at, request) in session.get("requests").into_iter().flat_map(Value::elements).enumerate() {
        told.afresh();
        asked(request, Some(at.to_string().as_bytes()), told);
    }
}

/// A request: the prompt and the answer to it. `number` is its own among all, where that is known.
fn asked(request: Value<'_>, number: Option<&[u8]>, told: &mut Telling<'_>) {
    let Some(request) = request.record() else { return };
    told.time(request.get("timestamp"));
    told.id(request.get("requestId"));
    if let Some(id) = request.get("requestId") {
        told.row(&[b"message", id.raw()]);
    }
    let message = request.get("message");
    let text = message.and_then(|message| message.member("text")).or(message);
    told.text(Role::User, Kind::Text, text);
    told.model(request.get("modelId"));
    answered(request.get("response"), number, Some(0), told);
    told.row_of_none();
    if let Some(error) = request.record("result").and_then(|result| result.inside("errorDetails", "message"))
    {
        let text = told.optional(Some(error));
        told.event(Text::Named("error"), text);
    }
    output_tokens(request.get("completionTokens"), told);
}

/// The parts of an answer, the first of which has the number `first`.
fn answered(parts: Option<Value<'_>>, request: Option<&[u8]>, first: Option<u64>, told: &mut Telling<'_>) {
    for (at, value) in (0..).zip(parts.into_iter().flat_map(Value::elements)) {
        match (request, first) {
            (Some(request), Some(first)) => {
                told.row(&[b"response", request, (first + at).to_string().as_bytes()]);
            }
            _ => told.row_of_none(),
        }
        part(value, told);
    }
}

fn part(value: Value<'_>, told: &mut Telling<'_>) {
    let Some(part) = value.record() else { return };
    match part.text("kind").as_deref() {
        None => told.text(Role::Assistant, Kind::Text, part.get("value")),
        Some("markdownContent") => told.text(Role::Assistant, Kind::Text, part.inside("content", "value")),
        Some("thinking") => {
            let thought = part.get("value");
            match thought.filter(|thought| thought.raw().starts_with(b"[")) {
                Some(list) => list
                    .elements()
                    .for_each(|thought| told.text(Role::Assistant, Kind::Thinking, Some(thought))),
                None => told.text(Role::Assistant, Kind::Thinking, thought),
            }
        }
        Some("toolInvocationSerialized" | "toolInvocation") => called(&part, told),
        Some(_) => told.record_as(part.get("kind"), Some(value)),
    }
}

/// A call as it was shown: what it does in words, and what came of it.
fn called(part: &Record<'_>, told: &mut Telling<'_>) {
    let words = |key: &str| {
        let message = part.get(key)?;
        Some(message.member("value").unwrap_or(message)).filter(|message| message.raw() != b"null")
    };
    let name = part.get("toolId");
    let input = part.get("toolSpecificData").or_else(|| words("invocationMessage"));
    told.call(Role::Assistant, part.get("toolCallId"), name, input);
    let output = part.get("resultDetails").or_else(|| words("pastTenseMessage"));
    if output.is_some() {
        let is_error = part.get("resultDetails").and_then(|details| details.member("isError"));
        let outcome = Outcome { is_error: is_error.map(Value::is_true), exit_code: None };
        told.result(part.get("toolCallId"), name, output, outcome);
    }
}

fn output_tokens(count: Option<Value<'_>>, told: &mut Telling<'_>) {
    let count = count.and_then(Value::number).filter(|count| *count > 0.0);
    if let Some(count) = count {
        told.tokens(Some(Tokens { output: count as u64, ..Tokens::default() }));
        told.event(Text::Named("tokens"), Text::None);
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn a_log_of_mutations_is_told_change_by_change() {
        let lines = r#"{"kind":0,"v":{"version":3,"sessionId":"s","creationDate":1767323045000,"customTitle":"Twice","requests":[{"requestId":"r0","message":{"text":"hi"},"response":[{"value":"Well"}]}]}}
{"kind":2,"k":["requests"],"v":[{"requestId":"r1","timestamp":1767323046000,"message":{"text":"why?"},"modelId":"copilot/m","response":[]}]}
{"kind":2,"k":["requests",1,"response"],"v":[{"kind":"thinking","value":"hm"},{"kind":"toolInvocationSerialized","toolId":"run","toolCallId":"c","invocationMessage":{"value":"Runs"},"pastTenseMessage":"Ran"},{"value":"Because"},{"kind":"undoStop","id":"u"}]}
{"kind":1,"k":["requests",1,"completionTokens"],"v":39}
{"kind":1,"k":["customTitle"],"v":"Loop"}
{"kind":1,"k":["requests",1,"message","text"],"v":"why not?"}
{"kind":3,"k":["inputState"]}"#;
        assert_eq!(
            told("vscode", lines),
            [
                "system event session: s",
                "system event title: Twice",
                "user text: hi",
                "assistant text: Well",
                "user text: why?",
                "assistant thinking: hm",
                "assistant tool_call run (c): Runs",
                "tool tool_result run (c): Ran",
                "assistant text: Because",
                r#"system event undoStop: {"kind":"undoStop","id":"u"}"#,
                "system event tokens 0+39+0+0: ",
                "system event title: Loop",
                "user text: why not?",
                r#"system event inputState: {"kind":3,"k":["inputState"]}"#,
            ]
        );
    }
}
