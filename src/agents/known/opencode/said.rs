//! What OpenCode's rows and documents say. Version 1: a message's row says who speaks, the rows of its parts what; a tool's
//! part is call and result. Version 2: a row is a whole message. What was taken over from version 1 stands in both.

use crate::agents::known::rendered::{at, event, is_something, title};
use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::message::{Kind, Mark, Outcome, Role, Side, Text, Tokens};

/// What a session is called before a model has named it begins with one of these.
const MADE_UP_TITLES: [&str; 2] = ["New session - ", "Child session - "];

/// Returns whether a title was made up by the program.
pub(super) fn is_made_up(title: &str) -> bool {
    MADE_UP_TITLES.iter().any(|start| title.starts_with(start))
}

/// Tells what `record`, a row or a document, says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    let data = record.record("data");
    match (record.text("table").as_deref(), data) {
        (Some("session" | "session_v2"), _) => session(record, told),
        (Some("message"), Some(data)) => {
            told.time(data.inside("time", "created").or_else(|| record.get("time_created")));
            message(record.get("id"), &data, told);
        }
        (Some("part"), Some(data)) => {
            told.id(record.get("id"));
            part(record.get("message_id"), &data, told);
        }
        (Some("session_message"), Some(data)) => session_message(record, &data, told),
        (None, Some(data)) => document(record, &data, told),
        _ => {}
    }
}

/// A document of the old tree, told by where it lies: `.../message/<session>/<message>.json`.
fn document(record: &Record<'_>, data: &Record<'_>, told: &mut Telling<'_>) {
    let name = record.text("document").unwrap_or_default();
    let mut levels = name.rsplit('/');
    let (stem, above, kind) = (levels.next().unwrap_or_default(), levels.next(), levels.next());
    let stem = stem.strip_suffix(".json").unwrap_or(stem);
    // A name that is told by the path is written as the others have it in their records.
    let named = |name: &str| format!("\"{name}\"");
    // All parts of the oldest trees lie in one directory.
    match kind.filter(|_| above != Some("part")).or(above) {
        Some("message") => {
            told.time(data.inside("time", "created"));
            let own = named(stem);
            message(data.get("id").or(Some(Value::of(own.as_bytes()))), data, told);
        }
        Some("part") => {
            told.id(data.get("id"));
            let own = named(above.unwrap_or_default());
            part(data.get("messageID").or(Some(Value::of(own.as_bytes()))), data, told);
        }
        _ => session(data, told),
    }
}

fn session(session: &Record<'_>, told: &mut Telling<'_>) {
    told.time(session.get("time_created").or_else(|| session.inside("time", "created")));
    title(told, session.get("title").filter(|title| !title.text().is_some_and(|title| is_made_up(&title))));
    told.state(Text::Named("session"));
}

fn message(id: Option<Value<'_>>, data: &Record<'_>, told: &mut Telling<'_>) {
    let role = match data.text("role").as_deref() {
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => return,
    };
    told.model(data.get("modelID").or_else(|| data.inside("model", "modelID")));
    told.tokens(paid(data.get("tokens")));
    let before = told.count();
    told.introduce(id, role);
    // Of a user's message it is an object: what it changed.
    if data.get("summary").is_some_and(Value::is_true) {
        told.since(before).iter_mut().for_each(|message| message.kind = Kind::Summary);
    }
    event(told, "error", data.get("error"));
}

/// What was thought is paid as what was said.
fn paid(usage: Option<Value<'_>>) -> Option<Tokens> {
    let mut paid = tokens(usage, Cached::Apart)?;
    let thought = usage.and_then(|usage| usage.member("reasoning")).and_then(Value::number);
    paid.output = paid.output.saturating_add(thought.map_or(0, |thought| thought.max(0.0) as u64));
    Some(paid)
}

fn part(message: Option<Value<'_>>, data: &Record<'_>, told: &mut Telling<'_>) {
    let before = told.count();
    told.spoken_in(message);
    if ["synthetic", "ignored"].iter().any(|key| data.get(key).is_some_and(Value::is_true)) {
        told.mark(Mark::Injected);
    }
    let sort = data.text("type");
    match sort.as_deref() {
        Some("text") => {
            // What the user's text would be marked by is looked for before it is known who speaks.
            told.text(Role::User, Kind::Text, data.get("text"));
            told.since(before).iter_mut().for_each(|message| message.role = Role::Assistant);
        }
        Some("reasoning") => told.text(Role::Assistant, Kind::Thinking, data.get("text")),
        Some("tool") => {
            if let Some(state) = data.record("state") {
                tool(data.get("callID"), data.get("tool"), &state, told);
            }
        }
        Some("file") => file(data, told),
        Some("compaction") => told.mark(Mark::Compaction),
        Some("step-finish") => told.tokens(paid(data.get("tokens"))),
        _ => {}
    }
    if told.count() == before {
        let name = told.optional(data.get("type"));
        // A text that is empty is one that is being written.
        match sort.as_deref() {
            Some("text" | "reasoning") if !data.get("text").is_some_and(is_something) => told.nothing(),
            Some(_) => told.state(name),
            None => {}
        }
        return;
    }
    at(told, before, data.inside("time", "start").filter(|_| sort.as_deref() != Some("tool")));
    told.copied(before, Side::Record, message.map_or(b"", Value::raw));
}

/// A call, and once it has ended its result.
fn tool(call: Option<Value<'_>>, name: Option<Value<'_>>, state: &Record<'_>, told: &mut Telling<'_>) {
    let before = told.count();
    told.call(Role::Assistant, call, name, state.get("input"));
    at(told, before, state.inside("time", "start").or_else(|| state.inside("time", "created")));
    let status = state.text("status");
    let is_error = status.as_deref() == Some("error");
    if !is_error && matches!(status.as_deref(), Some("pending" | "running" | "streaming")) {
        return;
    }
    let before = told.count();
    let error = state.get("error").map(|error| error.member("message").unwrap_or(error));
    let error = error.filter(|error| is_error && is_something(*error));
    let output = ["output", "content", "structured", "result"].iter().find_map(|key| state.get(key));
    let exit = ["metadata", "structured"].iter().find_map(|key| state.inside(key, "exit")?.number());
    let outcome = Outcome { is_error: Some(is_error), exit_code: exit.map(|code| code as i64) };
    told.result(call, name, error.or(output), outcome);
    let attachments = state.get("attachments").filter(|list| is_something(*list));
    if attachments.is_some() {
        told.result(call, name, attachments, Outcome::default());
    }
    let time = state.record("time");
    let ended = time.and_then(|time| time.get("end").or_else(|| time.get("completed")));
    at(told, before, ended);
}

/// A picture, or what else was attached.
fn file(data: &Record<'_>, told: &mut Telling<'_>) {
    let media = data.get("mime");
    let is_picture = media
        .and_then(Value::text)
        .is_some_and(|media| media.starts_with("image/") || media == "application/pdf");
    let source = data.get("url").or_else(|| data.get("uri"));
    if is_picture {
        let (media, text) = (told.optional(media), told.optional(source));
        told.say(Role::User, Kind::Image, text).media = media;
    } else {
        let text = told.optional(source);
        told.event(Text::Named("file"), text);
    }
}

/// A message of version 2.
fn session_message(record: &Record<'_>, data: &Record<'_>, told: &mut Telling<'_>) {
    let before = told.count();
    told.id(record.get("id"));
    told.time(data.inside("time", "created").or_else(|| record.get("time_created")));
    match record.text("type").as_deref() {
        Some("user") => {
            told.text(Role::User, Kind::Text, data.get("text"));
            for attached in data.get("files").into_iter().flat_map(Value::elements) {
                attached.record().iter().for_each(|attached| file(attached, told));
            }
        }
        Some("synthetic") => {
            told.mark(Mark::Injected);
            told.text(Role::User, Kind::Text, data.get("text"));
        }
        Some("system") => {
            told.mark(Mark::Injected);
            told.text(Role::System, Kind::Text, data.get("text"));
        }
        Some("shell") => {
            told.call(Role::User, data.get("callID"), None, data.get("command")).name = Text::Named("shell");
            let outcome = Outcome::default();
            if data.has("output") {
                told.result(data.get("callID"), None, data.get("output"), outcome);
            }
        }
        Some("assistant") => {
            told.model(data.inside("model", "id"));
            told.tokens(paid(data.get("tokens")));
            for block in data.get("content").into_iter().flat_map(Value::elements) {
                said(block, told);
            }
            event(told, "error", data.get("error"));
        }
        Some("compaction") => {
            told.mark(Mark::Compaction);
            told.text(Role::Assistant, Kind::Summary, data.get("summary"));
        }
        _ => {}
    }
    if told.count() == before {
        let name = told.optional(record.get("type"));
        return told.state(name);
    }
    told.copied(before, Side::Screen, record.get("id").map_or(b"", Value::raw));
}

/// A block of an answer of version 2.
fn said(value: Value<'_>, told: &mut Telling<'_>) {
    let Some(block) = value.record() else { return };
    match (block.text("type").as_deref(), block.record("state")) {
        (Some("text"), _) => told.text(Role::Assistant, Kind::Text, block.get("text")),
        (Some("reasoning"), _) => told.text(Role::Assistant, Kind::Thinking, block.get("text")),
        (Some("tool"), Some(state)) => tool(block.get("id"), block.get("name"), &state, told),
        (Some("file"), _) => file(&block, told),
        _ => {
            let (name, text) = (told.optional(block.get("type")), told.place(value));
            told.event(name, text);
        }
    }
}
