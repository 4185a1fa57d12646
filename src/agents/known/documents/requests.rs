//! What a request in a chat of VS Code says: the prompt, and what came of it. The answer stands there twice: as it was
//! drawn, in pieces, and in rounds, as the model gave it, with what its tools were called with and what they answered. The
//! rounds are told; where there are none, the pieces.

use crate::agents::known::rendered::{event, exit_code_in, first, is_something, say};
use crate::agents::record::{Record, Value};
use crate::agents::said::Telling;
use crate::message::{Kind, Outcome, Role, Text};

/// Pieces of an answer that say nothing which is not said elsewhere in it.
const NOTHING_NEW: [&str; 9] = [
    "undoStop",
    "codeblockUri",
    "inlineReference",
    "prepareToolInvocation",
    "mcpServersStarting",
    "progressMessage",
    "progressTaskSerialized",
    "markdownVuln",
    "references",
];

/// Tells what the request `data` says.
pub(super) fn tell(data: &Record<'_>, told: &mut Telling<'_>) {
    told.time(data.get("timestamp"));
    told.id(data.get("requestId"));
    let message = data.get("message");
    say(told, Role::User, Kind::Text, message.map(|message| message.member("text").unwrap_or(message)));
    let attached = data.inside("variableData", "variables").into_iter().flat_map(Value::elements);
    attached.for_each(|variable| attachment(variable, told));
    told.model(data.get("modelId"));
    let result = data.record("result");
    let metadata = result.as_ref().and_then(|result| result.record("metadata"));
    let rounds = metadata.as_ref().and_then(|metadata| first(metadata, &["toolCallRounds"]));
    match rounds {
        Some(rounds) => {
            let results = metadata.as_ref().and_then(|metadata| metadata.record("toolCallResults"));
            rounds.elements().for_each(|round| tell_round(round, results.as_ref(), told));
            pieces(data, true, told);
        }
        None => pieces(data, false, told),
    }
    let error = result.as_ref().and_then(|result| result.inside("errorDetails", "message"));
    event(told, "error", error);
}

fn attachment(variable: Value<'_>, told: &mut Telling<'_>) {
    let Some(variable) = variable.record() else { return };
    let text = told.optional(first(&variable, &["value", "name"]));
    if variable.is("kind", "image") {
        told.say(Role::User, Kind::Image, text).media = told_media(&variable);
    } else {
        told.event(Text::Named("attachment"), text);
    }
}

/// Pictures stand there as lists of numbers, whose form is seldom said.
fn told_media(variable: &Record<'_>) -> Text {
    match variable.text("mimeType").as_deref() {
        Some("image/jpeg") => Text::Named("image/jpeg"),
        _ => Text::Named("image/png"),
    }
}

/// One answer of the model, and what the tools that it called answered.
fn tell_round(round: Value<'_>, results: Option<&Record<'_>>, told: &mut Telling<'_>) {
    let Some(round) = round.record() else { return };
    say(told, Role::Assistant, Kind::Thinking, round.inside("thinking", "text"));
    say(told, Role::Assistant, Kind::Text, round.get("response"));
    for call in round.get("toolCalls").into_iter().flat_map(Value::elements) {
        let Some(call) = call.record() else { continue };
        told.call(Role::Assistant, call.get("id"), call.get("name"), call.get("arguments"));
        let result = call.text("id").and_then(|id| results?.get(&id));
        let Some(content) = result.map(|result| result.member("content").unwrap_or(result)) else { continue };
        for part in content.elements() {
            let said = part.member("value").unwrap_or(part);
            let outcome = Outcome { is_error: None, exit_code: exit_code_in(said.raw()) };
            told.result(call.get("id"), call.get("name"), Some(said), outcome);
        }
    }
}

/// What was drawn. Where the rounds say what was said, only what they do not know.
fn pieces(data: &Record<'_>, is_said: bool, told: &mut Telling<'_>) {
    for value in data.get("response").into_iter().flat_map(Value::elements) {
        let Some(piece) = value.record() else { continue };
        match piece.text("kind").as_deref() {
            None | Some("markdownContent" | "thinking" | "toolInvocationSerialized" | "toolInvocation")
                if is_said => {}
            None => say(told, Role::Assistant, Kind::Text, piece.get("value")),
            Some("markdownContent") => {
                let content = piece.get("content");
                say(
                    told,
                    Role::Assistant,
                    Kind::Text,
                    content.map(|text| text.member("value").unwrap_or(text)),
                );
            }
            Some("thinking") => say(told, Role::Assistant, Kind::Thinking, piece.get("value")),
            Some("toolInvocationSerialized" | "toolInvocation") => invocation(&piece, told),
            Some(kind) if NOTHING_NEW.contains(&kind) => {}
            Some(_) => {
                let (name, text) = (told.optional(piece.get("kind")), told.place(value));
                told.event(name, text);
            }
        }
    }
}

/// The use of a tool as it was drawn: in words for people, or the command.
fn invocation(piece: &Record<'_>, told: &mut Telling<'_>) {
    let (call, name) = (piece.get("toolCallId"), piece.get("toolId"));
    let specific = piece.record("toolSpecificData");
    let find = |key: &str| specific.as_ref().and_then(|specific| specific.get(key));
    let words = |value: Value<'_>| value.member("value").map_or(value.raw(), Value::raw).len() > 2;
    let written = find("rawInput").or_else(|| find("commandLine")).or_else(|| find("command"));
    let shown = piece.get("invocationMessage").filter(|shown| words(*shown));
    let shown = shown.map(|shown| shown.member("value").unwrap_or(shown));
    told.call(Role::Assistant, call, name, written.or(shown));
    let details = piece.get("resultDetails").filter(|details| is_something(*details));
    let output = details.map(|details| details.member("output").unwrap_or(details));
    let ended = piece.get("pastTenseMessage").map(|ended| ended.member("value").unwrap_or(ended));
    let exit_code = find("terminalCommandState").and_then(|state| state.member("exitCode")?.number());
    let shown = find("terminalCommandOutput").map(|output| output.member("text").unwrap_or(output));
    let is_error = details.and_then(|details| details.member("isError")).map(Value::is_true);
    if let Some(output) = output.or(shown).or(ended) {
        told.result(
            call,
            name,
            Some(output),
            Outcome { is_error, exit_code: exit_code.map(|code| code as i64) },
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::agents::known::documents::CopilotChat;
    use crate::agents::known::rendered::told;

    #[test]
    fn an_answer_is_told_in_rounds_else_as_it_was_drawn() {
        let lines = r#"{"document":"s1.json","id":"requests/0","data":{"requestId":"r","message":{"text":"fix it"},"timestamp":1767323045678,"modelId":"copilot/m","response":[{"kind":"thinking","value":"hm"},{"value":"I do."},{"kind":"undoStop"},{"kind":"toolInvocationSerialized","toolCallId":"c1","toolId":"run_in_terminal","invocationMessage":{"value":"Running"},"toolSpecificData":{"kind":"terminal","commandLine":"ls"},"pastTenseMessage":"Ran"},{"kind":"textEditGroup","edits":[]}]}}
{"document":"s1.json","id":"requests/1","data":{"message":{"text":"more"},"response":[{"value":"Done."},{"kind":"confirmation","title":"x"}],"result":{"errorDetails":{"message":"Canceled"},"metadata":{"toolCallRounds":[{"response":"I look.","toolCalls":[{"id":"c2","name":"read_file","arguments":"{}"}]},{"response":"Done.","toolCalls":[]}],"toolCallResults":{"c2":{"content":[{"value":"fn a"}]}}}}}}
{"document":"s1.json","id":null,"data":{"version":3,"customTitle":"Fix","requests":[]}}"#;
        assert_eq!(
            told(&CopilotChat, lines),
            [
                r#"user text "fix it""#,
                r#"assistant thinking "hm""#,
                r#"assistant text "I do.""#,
                r#"assistant tool_call run_in_terminal @c1 "ls""#,
                r#"tool tool_result run_in_terminal @c1 "Ran""#,
                r#"system event textEditGroup "{"kind":"textEditGroup","edits":[]}""#,
                r#"user text "more""#,
                r#"assistant text "I look.""#,
                r#"assistant tool_call read_file @c2 "{}""#,
                r#"tool tool_result read_file @c2 "fn a""#,
                r#"assistant text "Done.""#,
                r#"system event confirmation "{"kind":"confirmation","title":"x"}""#,
                r#"system event error "Canceled""#,
                r#"system event title "Fix""#,
                r#"system event session "LINE""#,
            ]
        );
    }
}
