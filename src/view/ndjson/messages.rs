//! Messages as rows of a table: one object of JSON a line, all with the same members, which are null where there is nothing
//! to say. What reads tables of JSON sees the same columns in every file.

use std::io::Write;
use std::ops::ControlFlow;

use serde::Serialize;

use crate::error::Result;
use crate::message::{Kind, Mark};
use crate::view::json::image_bytes;
use crate::view::opened::Opened;
use crate::view::reading::{self, Told};

/// One row. Names and meanings are those of `show --json`, but that tokens are columns of their own.
#[derive(Serialize)]
struct Row<'a> {
    session: &'a str,
    part: Option<&'a str>,
    agent: &'a str,
    project: &'a str,
    index: String,
    line: u64,
    role: &'static str,
    kind: &'static str,
    time: Option<String>,
    id: Option<&'a str>,
    parent: Option<&'a str>,
    tool: Option<&'a str>,
    event: Option<&'a str>,
    call: Option<&'a str>,
    model: Option<&'a str>,
    is_error: Option<bool>,
    exit_code: Option<i64>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    marks: Vec<&'static str>,
    media: Option<&'a str>,
    image_bytes: Option<u64>,
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
    reading::read(&opened.archive, opened.agent, threads, &mut |told| {
        line.clear();
        write_row(opened, told, &mut line);
        out.write_all(&line).map_err(&failed)?;
        count += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(count)
}

fn write_row(opened: &Opened, told: &Told<'_>, line: &mut Vec<u8>) {
    fn filled(text: &str) -> Option<&str> {
        (!text.is_empty()).then_some(text)
    }
    let message = told.message;
    let is_event = message.kind == Kind::Event;
    let is_image = message.kind == Kind::Image;
    let name = told.name();
    let [id, parent, call, model, media] =
        [&message.id, &message.parent, &message.call, &message.model, &message.media]
            .map(|text| text.of(told.bytes));
    let text = if is_image { Default::default() } else { told.text() };
    let whose = &opened.whose;
    let row = Row {
        session: &whose.session,
        part: whose.part.as_deref(),
        agent: &whose.agent,
        project: &whose.project,
        index: message.index.to_string(),
        line: message.index.line,
        role: message.role.name(),
        kind: message.kind.name(),
        time: message.time.map(|time| time.to_string()),
        id: filled(&id),
        parent: filled(&parent),
        tool: filled(&name).filter(|_| !is_event),
        event: filled(&name).filter(|_| is_event),
        call: filled(&call),
        model: filled(&model),
        is_error: message.outcome.is_error,
        exit_code: message.outcome.exit_code,
        input_tokens: message.tokens.map(|tokens| tokens.input),
        output_tokens: message.tokens.map(|tokens| tokens.output),
        cache_read_tokens: message.tokens.map(|tokens| tokens.cache_read),
        cache_write_tokens: message.tokens.map(|tokens| tokens.cache_write),
        marks: message.marks.iter().map(Mark::name).collect(),
        media: filled(&media),
        image_bytes: is_image.then(|| image_bytes(message.text.raw(told.bytes))),
        text: &text,
    };
    if serde_json::to_writer(&mut *line, &row).is_ok() {
        line.push(b'\n');
    }
}
