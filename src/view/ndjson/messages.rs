//! Messages as rows of a table: one object of JSON a line, all with the same members, which are null where there is nothing
//! to say. What reads tables of JSON sees the same columns in every file.

use std::io::Write;
use std::ops::ControlFlow;

use jiff::Timestamp;
use serde::Serialize;

use crate::error::Result;
use crate::message::{Kind, Mark};
use crate::view::json::image_bytes;
use crate::view::opened::Opened;
use crate::view::reading::{self, Told};

/// One row. Names and meanings are those of `show --json`, but that tokens are columns of their own, and that nothing is
/// null: a column of which a file has no value would have no type there, and some programs read no such table.
#[derive(Serialize)]
struct Row<'a> {
    session: &'a str,
    /// Empty for the transcript itself, as all texts are where there is nothing to say.
    part: &'a str,
    agent: &'a str,
    project: &'a str,
    index: String,
    line: u64,
    role: &'static str,
    kind: &'static str,
    /// When, or else the last time before; where a transcript tells none, when it began or was archived.
    time: String,
    id: &'a str,
    parent: &'a str,
    tool: &'a str,
    event: &'a str,
    call: &'a str,
    model: &'a str,
    /// Whether a call is known to have failed.
    failed: bool,
    /// A number as text, or empty.
    exit_code: String,
    input_tokens: u64,
    output_tokens: u64,
    cache_read_tokens: u64,
    cache_write_tokens: u64,
    /// Names with commas between them.
    marks: String,
    media: &'a str,
    image_bytes: u64,
    text: &'a str,
}

/// Writes the messages of one transcript to `out`; returns how many there are. Pictures are told without their data.
///
/// # Errors
///
/// Those of `out`, which `failed` makes into one that names it.
pub(crate) fn write_transcript(
    opened: &Opened,
    threads: usize,
    out: &mut dyn Write,
    failed: impl Fn(std::io::Error) -> crate::error::Error,
) -> Result<u64> {
    let mut line = Vec::new();
    let mut count = 0;
    let header = opened.archive.header();
    let times = header.map(|header| [header.started_at.as_deref(), Some(&*header.archived_at)]);
    let first = times.into_iter().flatten().flatten().find_map(|time| time.parse::<Timestamp>().ok());
    let mut time = first.unwrap_or(Timestamp::UNIX_EPOCH);
    reading::read(&opened.archive, opened.agent, threads, &mut |told| {
        line.clear();
        time = told.message.time.unwrap_or(time);
        write_row(opened, told, time, &mut line);
        out.write_all(&line).map_err(&failed)?;
        count += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(count)
}

fn write_row(opened: &Opened, told: &Told<'_>, time: Timestamp, line: &mut Vec<u8>) {
    let message = told.message;
    let is_event = message.kind == Kind::Event;
    let is_image = message.kind == Kind::Image;
    let name = told.name();
    let [id, parent, call, model, media] =
        [&message.id, &message.parent, &message.call, &message.model, &message.media]
            .map(|text| text.of(told.bytes));
    let text = if is_image { Default::default() } else { told.text() };
    let tokens = message.tokens.unwrap_or_default();
    let marks: Vec<&str> = message.marks.iter().map(Mark::name).collect();
    let whose = &opened.whose;
    let row = Row {
        session: &whose.session,
        part: whose.part.as_deref().unwrap_or_default(),
        agent: &whose.agent,
        project: &whose.project,
        index: message.index.to_string(),
        line: message.index.line,
        role: message.role.name(),
        kind: message.kind.name(),
        time: time.to_string(),
        id: &id,
        parent: &parent,
        tool: if is_event { "" } else { &name },
        event: if is_event { &name } else { "" },
        call: &call,
        model: &model,
        failed: message.outcome.failed(),
        exit_code: message.outcome.exit_code.map(|code| code.to_string()).unwrap_or_default(),
        input_tokens: tokens.input,
        output_tokens: tokens.output,
        cache_read_tokens: tokens.cache_read,
        cache_write_tokens: tokens.cache_write,
        marks: marks.join(","),
        media: &media,
        image_bytes: if is_image { image_bytes(message.text.raw(told.bytes)) } else { 0 },
        text: &text,
    };
    if serde_json::to_writer(&mut *line, &row).is_ok() {
        line.push(b'\n');
    }
}
