//! What the documents of Cline and its kin say: messages as the model has them. Where tools are called in XML, what they
//! answered stands among the user's texts, below a line that names the tool. What the user saw of a task says the same again,
//! and what was paid: each of it is an event.

use crate::agents::known::documents::told::document;
use crate::agents::known::rendered::{event, first, say, title};
use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::message::{Kind, Mark, Role, Text, Tokens};

/// The messages of a task, and what the user saw of it.
pub(super) const MESSAGES: &str = "api_conversation_history.json";
pub(super) const SEEN: &str = "ui_messages.json";

/// Documents of a task around its messages: when which model was asked, and, of Roo and Kilo, where.
pub(super) const METADATA: &str = "task_metadata.json";
pub(super) const ITEM: &str = "history_item.json";

/// What the program says in the user's place begins with one of these.
const INJECTED: [&str; 9] = [
    "<environment_details>",
    "<explicit_instructions",
    "<hook_context",
    "[ERROR]",
    "[TASK RESUMPTION]",
    "[NOTE]",
    "# Reminder: Instructions for Tool Use",
    "# task_progress",
    "# TODO LIST",
];

/// Tells what `record`, an element or a document, says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(data) = record.record("data") else { return };
    match &*document(record) {
        SEEN => seen(&data, told),
        ITEM => {
            told.time(data.get("ts"));
            // Messages of these programs do not say what they cost.
            told.tokens(counts(&data));
            told.state(Text::Named("task"));
        }
        METADATA => told.state(Text::Named("task")),
        name if data.has("role") => message(&data, name != MESSAGES, told),
        name if name.ends_with(".compaction.json") => {
            told.mark(Mark::Compaction);
            say(told, Role::Assistant, Kind::Summary, first(&data, &["summary", "text"]));
            told.state_otherwise(Text::Named("compaction"));
        }
        name if name == MESSAGES || name.ends_with(".messages.json") => around(&data, told),
        _ => manifest(&data, told),
    }
}

/// What stands around the messages: instructions to the model.
fn around(data: &Record<'_>, told: &mut Telling<'_>) {
    told.time(data.get("updated_at"));
    let instructions = data.get("system_prompt").filter(|text| text.filled_text().is_some());
    if let Some(instructions) = instructions {
        let text = told.place(instructions);
        told.say(Role::System, Kind::Text, text).marks.set(Mark::Injected);
    }
    told.state_otherwise(Text::Named("session"));
}

fn manifest(data: &Record<'_>, told: &mut Telling<'_>) {
    told.time(first(data, &["started_at", "startedAt"]));
    title(told, first(data, &["title"]).or_else(|| data.inside("metadata", "title")));
    told.state(Text::Named("session"));
}

fn message(data: &Record<'_>, is_new: bool, told: &mut Telling<'_>) {
    told.time(data.get("ts"));
    told.id(data.get("id"));
    let role = if data.is("role", "assistant") { Role::Assistant } else { Role::User };
    let content = data.get("content");
    if role == Role::Assistant {
        let info = data.record("modelInfo");
        told.model(info.and_then(|info| first(&info, &["modelId", "id"])));
        // Of a task, what the user saw says what was paid.
        if is_new {
            let usage = first(data, &["metrics", "usage"]);
            let usage = usage.map(|usage| usage.member("tokens").unwrap_or(usage));
            told.tokens(tokens(usage, Cached::Apart));
        }
    }
    if data.get("isSummary").is_some_and(Value::is_true) {
        told.mark(Mark::Compaction);
        return say(told, role, Kind::Summary, content);
    }
    if data.is("type", "reasoning") {
        return say(told, role, Kind::Thinking, first(data, &["text", "content", "summary"]));
    }
    if role == Role::Assistant {
        say(told, role, Kind::Thinking, data.get("reasoning"));
        say(told, role, Kind::Text, content);
    } else {
        user(content, told);
    }
    told.state_otherwise(Text::Named("message"));
}

/// What stands in the user's place: their words, the program's, and what tools answered.
fn user(content: Option<Value<'_>>, told: &mut Telling<'_>) {
    let Some(content) = content else { return };
    if content.text().is_some() {
        user_text(content, None, told);
        return;
    }
    // The tool whose answer the texts are.
    let mut answering = None;
    for block in content.elements() {
        match block
            .member("text")
            .filter(|_| block.member("type").is_none_or(|sort| sort.raw() == b"\"text\""))
        {
            Some(text) => answering = user_text(text, answering, told),
            None => told.content(Role::User, Some(block)),
        }
    }
}

/// Tells one text; returns the tool whose answer goes on in the next one.
fn user_text(value: Value<'_>, answering: Option<String>, told: &mut Telling<'_>) -> Option<String> {
    let words = value.text()?;
    let start = words.trim_start();
    let text = told.place(value);
    if let Some(tool) = tool_of(start) {
        let goes_on = start.trim_end().ends_with("Result:");
        answer(told, text, tool);
        return goes_on.then(|| tool.to_owned());
    }
    if INJECTED.iter().any(|injected| start.starts_with(injected)) {
        told.say(Role::User, Kind::Text, text).marks.set(Mark::Injected);
        return None;
    }
    match answering {
        Some(tool) if !start.starts_with("<feedback>") => {
            answer(told, text, &tool);
            Some(tool)
        }
        _ => {
            if !text.is_empty() {
                told.say(Role::User, Kind::Text, text);
            }
            None
        }
    }
}

fn answer(told: &mut Telling<'_>, text: Text, tool: &str) {
    told.say(Role::Tool, Kind::ToolResult, text).name = Text::Known(tool.into());
}

/// Returns the tool that a text says the result of: `[read_file for 'a.rs'] Result:`.
fn tool_of(text: &str) -> Option<&str> {
    let line = text.strip_prefix('[')?.lines().next()?;
    let (tool, _) = line.split_once("] Result:")?;
    let tool = tool.split(' ').next()?;
    let is_name = !tool.is_empty() && tool.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some(tool)
}

/// What the user saw: events that are called as they are there.
fn seen(data: &Record<'_>, told: &mut Telling<'_>) {
    told.time(data.get("ts"));
    let name = told.optional(first(data, &["say", "ask"]));
    let text = data.get("text");
    if data.is("say", "api_req_started")
        && let Some(request) = text.and_then(Value::text)
    {
        told.tokens(counts_in(&request));
    }
    if data.has("reasoning") && text.is_none_or(|text| text.filled_text().is_none()) {
        return event(told, "reasoning", data.get("reasoning"));
    }
    let text = told.optional(text);
    match text.is_empty() {
        true => told.state(name),
        false => drop(told.event(name, text)),
    }
}

/// Reads what is written of a request: JSON in a string.
fn counts_in(request: &str) -> Option<Tokens> {
    counts(&Record::of_document(request.as_bytes())?)
}

fn counts(data: &Record<'_>) -> Option<Tokens> {
    let number =
        |name: &str| data.get(name).and_then(Value::number).map_or(0, |number| number.max(0.0) as u64);
    let tokens = Tokens {
        input: number("tokensIn"),
        output: number("tokensOut"),
        cache_read: number("cacheReads"),
        cache_write: number("cacheWrites"),
    };
    (!tokens.is_zero()).then_some(tokens)
}
