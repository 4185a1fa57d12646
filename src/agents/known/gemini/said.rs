//! What Gemini CLI's records say. A session is a log: a message is written again when it changes, and its last wording holds;
//! `$set` changes what is known of the session, perhaps all its messages at once; `$rewindTo` takes back a message and
//! what came after it. What a tool answered stands with its call, and again in a message of the user's.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Telling, exit_code, google_tokens};
use crate::message::{Kind, Outcome, Rewind, Role, Side, Text, number_of};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    if let Some(id) = record.get("$rewindTo") {
        let text = told.optional(Some(id));
        let number = number_of(&[told.raw(&text)]);
        told.event(Text::Named("rewind"), text).joints.rewind = Some(Rewind::From(number));
        return;
    }
    if let Some(set) = record.record("$set") {
        return changes(record, &set, told);
    }
    message(record, told);
}

fn changes(record: &Record<'_>, set: &Record<'_>, told: &mut Telling<'_>) {
    if let Some(messages) = set.get("messages") {
        for element in messages.elements() {
            told.afresh();
            if let Some(message_record) = element.record() {
                message(&message_record, told);
            }
        }
        told.afresh();
    }
    told.title(set.get("summary"));
    let text = told.optional(record.get("$set"));
    // When something was last said is said by that.
    if !set.has("messages") && !set.has("summary") {
        told.event(Text::Named("$set"), text);
    }
    told.nothing();
}

fn message(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("timestamp").or_else(|| record.get("startTime")));
    let sort = record.text("type");
    if let Some(id) = record.get("id").filter(|_| sort.is_some()) {
        told.row(&[b"message", id.raw()]);
        told.id(Some(id));
    }
    told.otherwise(&[record.get("type")]);
    match sort.as_deref() {
        Some("user") => user(record, told),
        Some("gemini" | "assistant" | "model") => answer(record, told),
        Some(_) => {
            let (name, text) = (told.optional(record.get("type")), told.optional(record.get("content")));
            if !text.is_empty() {
                told.event(name, text);
            }
        }
        None if record.has("projectHash") => told.name_otherwise("session"),
        None => {}
    }
}

/// The user's parts, answers of tools among them, which stand with their calls as well.
fn user(record: &Record<'_>, told: &mut Telling<'_>) {
    let content = record.get("content");
    let parts = content.into_iter().flat_map(Value::elements);
    let mut is_list = false;
    for part in parts {
        is_list = true;
        match part.record().and_then(|part| part.record("functionResponse")) {
            Some(response) => answered(&response, None, None, Side::Screen, told),
            None => told.content(Role::User, Some(part)),
        }
    }
    if !is_list {
        told.content(Role::User, content);
    }
    told.nothing();
}

fn answer(record: &Record<'_>, told: &mut Telling<'_>) {
    told.model(record.get("model"));
    told.tokens(google_tokens(record.get("tokens")));
    for thought in record.get("thoughts").into_iter().flat_map(Value::elements) {
        told.text(Role::Assistant, Kind::Thinking, thought.member("subject"));
        told.text(Role::Assistant, Kind::Thinking, thought.member("description"));
    }
    told.content(Role::Assistant, record.get("content"));
    for call in record.get("toolCalls").into_iter().flat_map(Value::elements) {
        if let Some(call) = call.record() {
            called(&call, told);
        }
    }
}

fn called(call: &Record<'_>, told: &mut Telling<'_>) {
    let (id, name) = (call.get("id"), call.get("name"));
    told.call(Role::Assistant, id, name, call.get("args"));
    let is_error = call.text("status").map(|status| status == "error");
    for part in call.get("result").into_iter().flat_map(Value::elements) {
        match part.record().and_then(|part| part.record("functionResponse")) {
            Some(response) => answered(&response, Some(call), is_error, Side::Record, told),
            None => told.result(id, name, Some(part), Outcome { is_error, exit_code: None }),
        }
    }
    if let Some(result) = call.get("result").filter(|result| result.raw().starts_with(b"\"")) {
        told.result(id, name, Some(result), Outcome { is_error, exit_code: None });
    }
}

/// Tells what a tool answered: `{"id", "name", "response": {"output"}}`.
fn answered(
    response: &Record<'_>,
    call: Option<&Record<'_>>,
    is_error: Option<bool>,
    side: Side,
    told: &mut Telling<'_>,
) {
    let of_call = |key: &str| response.get(key).or_else(|| call?.get(key));
    let (id, name) = (of_call("id"), of_call("name"));
    let whole = response.get("response");
    let (output, failed) = match whole.and_then(Value::record) {
        Some(inner) => match (inner.get("output"), inner.get("error")) {
            (Some(output), _) => (Some(output), None),
            (None, Some(error)) => (Some(error), Some(true)),
            (None, None) => (whole, None),
        },
        None => (whole, None),
    };
    let is_shell = name.is_some_and(|name| name.raw() == b"\"run_shell_command\"");
    let exit_code = output.filter(|_| is_shell).and_then(|output| exit_code(output, &[b"\\nExit Code: "]));
    let outcome = Outcome { is_error: is_error.or(failed), exit_code };
    let named = id.map_or(&b""[..], Value::raw);
    told.twin_of(side, &[b"result", named], |told| told.result(id, name, output, outcome));
}

#[cfg(test)]
mod tests {
    use crate::agents::said::testing::told;

    #[test]
    fn messages_calls_and_what_is_known_of_the_session_are_told() {
        let lines = r#"{"sessionId":"s","projectHash":"p","startTime":"2026-01-02T03:04:05Z","kind":"main"}
{"$set":{"messages":[{"id":"0","type":"user","content":[{"text":"<session_context>\nx\n</session_context>"}]}],"lastUpdated":"2026-01-02T03:04:05Z"}}
{"id":"1","timestamp":"2026-01-02T03:04:05Z","type":"user","content":[{"text":"hi"},{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}
{"$set":{"lastUpdated":"2026-01-02T03:04:05Z"}}
{"id":"2","type":"gemini","content":"Well","thoughts":[{"subject":"Think","description":"I look."}],"tokens":{"input":100,"output":20,"cached":30,"thoughts":5,"tool":0,"total":125},"model":"flash","toolCalls":[{"id":"c","name":"run_shell_command","args":{"command":"ls"},"result":[{"functionResponse":{"id":"c","name":"run_shell_command","response":{"output":"Output: a\nExit Code: 2"}}}],"status":"error"}]}
{"id":"3","type":"info","content":"Compressed."}
{"$set":{"summary":"Greeting"}}
{"$rewindTo":"1"}"#;
        assert_eq!(
            told("gemini", lines),
            [
                &format!("system event session: {}", lines.lines().next().unwrap()),
                "user text [injected]: <session_context>\nx\n</session_context>",
                "user text: hi",
                "user image image/png: aGk=",
                r#"system event $set: {"lastUpdated":"2026-01-02T03:04:05Z"}"#,
                "assistant thinking by flash 70+25+30+0: Think",
                "assistant thinking by flash: I look.",
                "assistant text by flash: Well",
                r#"assistant tool_call run_shell_command (c) by flash: {"command":"ls"}"#,
                "tool tool_result run_shell_command (c) by flash failed exit 2: Output: a\nExit Code: 2",
                "system event info: Compressed.",
                "system event title: Greeting",
                "system event rewind: 1",
            ]
        );
    }
}
