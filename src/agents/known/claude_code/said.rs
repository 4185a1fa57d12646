//! What Claude Code's rows say. A message of the model is several rows, one a block, which share the message's id and each
//! tell what it cost; a result stands in a row of the user's, and again, larger, in `toolUseResult`.

use crate::agents::record::{Record, Value};
use crate::agents::said::{Cached, Telling, tokens};
use crate::message::{Kind, Mark, Role, Text};

/// Tells what `record` says.
pub(super) fn tell(record: &Record<'_>, told: &mut Telling<'_>) {
    told.time(record.get("timestamp").or_else(|| record.get("_audit_timestamp")));
    told.id(record.get("uuid"));
    // Behind a compaction a row has no parent, but one in what was summed up.
    let parent = record.get("parentUuid").filter(|parent| parent.raw() != b"null");
    told.parent(parent.or_else(|| record.get("logicalParentUuid")));
    told.once(record.get("uuid"));
    let is_true = |key: &str| record.get(key).is_some_and(Value::is_true);
    if is_true("isSidechain") {
        told.mark(Mark::Sidechain);
    }
    if is_true("isMeta")
        || record.inside("origin", "kind").is_some_and(|kind| kind.raw() == b"\"task-notification\"")
    {
        told.mark(Mark::Injected);
    }
    match record.text("type").as_deref() {
        Some("user") => user(record, told),
        Some("assistant") => assistant(record, told),
        Some("system") => system(record, told),
        // The steps of a subagent, which its own transcript has.
        Some("progress") => progress(record, told),
        Some("summary") => titled(record, told, "summary"),
        Some("ai-title") => titled(record, told, "aiTitle"),
        Some("custom-title") => titled(record, told, "customTitle"),
        _ => {}
    }
}

fn user(record: &Record<'_>, told: &mut Telling<'_>) {
    let content = record.inside("message", "content");
    if record.get("isCompactSummary").is_some_and(Value::is_true) {
        return told.content_of(Role::User, Kind::Summary, content);
    }
    told.content(Role::User, content);
}

fn assistant(record: &Record<'_>, told: &mut Telling<'_>) {
    let Some(message) = record.record("message") else { return };
    told.model(message.get("model"));
    told.answer(message.get("id"));
    told.tokens(tokens(message.get("usage"), Cached::Apart));
    told.content(Role::Assistant, message.get("content"));
}

fn system(record: &Record<'_>, told: &mut Telling<'_>) {
    let place =
        |told: &Telling<'_>, value: Option<Value<'_>>| value.map_or(Text::None, |value| told.place(value));
    if record.is("subtype", "compact_boundary") {
        told.mark(Mark::Compaction);
    }
    let (name, text) = (place(told, record.get("subtype")), place(told, record.get("content")));
    // Without a text, the whole row says what happened.
    if !text.is_empty() {
        told.event(name, text);
    }
}

fn progress(record: &Record<'_>, told: &mut Telling<'_>) {
    if record.inside("data", "message").is_some() {
        told.nothing();
    }
}

/// A title, which is written again and again.
fn titled(record: &Record<'_>, told: &mut Telling<'_>, key: &str) {
    let Some(title) = record.get(key) else { return };
    told.once(Some(title));
    let text = told.place(title);
    told.event(Text::Named("title"), text);
}
