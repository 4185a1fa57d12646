//! The table of sessions: cells, the width of each column, lines. All text in it is harmless.

use super::sort::Sort;
use crate::cli::common::output::Output;
use crate::error::Result;
use crate::report::terminal::{self, Palette};
use crate::report::text::{columns, fit};
use crate::report::{terminal_safe, units};
use crate::search::sessions::Session;
use jiff::tz::TimeZone;
use rayon::prelude::*;

/// When, agent, project, lines, masked lines, size, parts, whose copy, model, title; the path (on a terminal, title or path)
/// that follows them has no width, and is long, so it is made when its line is.
const COLUMNS: usize = 10;

/// Columns that are as wide as their widest cell allows on a terminal, where a single long name must not push
/// everything else off the screen.
const NAMES: [usize; 2] = [1, 2];
const MAX_NAME_COLUMNS: usize = 24;

/// A title in the middle of a line is no wider, in a pipe either.
const MAX_TITLE_COLUMNS: usize = 60;

/// What the last column of a terminal needs to say anything, and the columns that make room for it, the least telling
/// first.
const MIN_LAST_COLUMNS: usize = 30;
const DISPENSABLE: [usize; 3] = [4, 3, 5];

/// The first column of numbers, which stand to the right.
const FIRST_NUMBER: usize = 3;
const PARTS: usize = 6;
const FORK: usize = 7;
const MODEL: usize = 8;
const TITLE: usize = 9;

/// Of an id: what names of archives have, and what is enough where that is not.
const SHORT_ID_BYTES: usize = 8;
const LONGER_ID_BYTES: usize = 13;

/// Sessions of which a thread makes lines at a time.
const CHUNK: usize = 512;

/// Chunks whose lines are in memory at a time: enough for all threads.
const CHUNKS_AT_ONCE: usize = 32;

/// Writes the table to `output`; the time is the one that it is sorted by. On a terminal, times are short, titles take
/// the place of paths, and lines are cut to its width.
pub(crate) fn print(sessions: &[&Session], sort: Sort, palette: Palette, output: &mut Output) -> Result<()> {
    let style = Style {
        sort,
        is_terminal: output.is_terminal(),
        terminal_width: if output.is_terminal() { terminal::width() } else { usize::MAX },
        zone: TimeZone::system(),
        palette,
    };
    let chunks: Vec<Cells> =
        sessions.par_chunks(CHUNK).with_max_len(1).map(|chunk| Cells::of(chunk, &style)).collect();
    let mut widths = [0; COLUMNS];
    for cells in &chunks {
        for (width, of_chunk) in widths.iter_mut().zip(cells.widths) {
            *width = of_chunk.max(*width);
        }
    }
    if style.is_terminal {
        NAMES.iter().for_each(|&column| widths[column] = widths[column].min(MAX_NAME_COLUMNS));
        make_room(&mut widths, style.terminal_width);
    }
    let chunks: Vec<_> = chunks.iter().zip(sessions.chunks(CHUNK)).collect();
    for some in chunks.chunks(CHUNKS_AT_ONCE) {
        let lines: Vec<String> = some
            .par_iter()
            .with_max_len(1)
            .map(|(cells, sessions)| cells.lines(sessions, &widths, &style))
            .collect();
        lines.iter().try_for_each(|lines| output.write(lines))?;
    }
    Ok(())
}

/// Leaves out columns (makes their width 0) until the last one has room on a terminal of this width.
fn make_room(widths: &mut [usize; COLUMNS], terminal_width: usize) {
    for column in DISPENSABLE {
        let used: usize = widths.iter().filter(|&&width| width > 0).map(|width| width + 2).sum();
        if used + MIN_LAST_COLUMNS <= terminal_width {
            return;
        }
        widths[column] = 0;
    }
}

/// What all lines have in common.
struct Style {
    sort: Sort,
    is_terminal: bool,
    terminal_width: usize,
    zone: TimeZone,
    palette: Palette,
}

/// The cells of some lines.
struct Cells {
    /// One behind the other: a string a cell would be many.
    text: String,
    /// Where the cells of each line end in `text`.
    ends: Vec<[usize; COLUMNS]>,
    /// Columns on the screen of the widest cells.
    widths: [usize; COLUMNS],
}

impl Cells {
    fn of(sessions: &[&Session], style: &Style) -> Cells {
        let mut cells = Cells {
            text: String::with_capacity(sessions.len() * 96),
            ends: Vec::with_capacity(sessions.len()),
            widths: [0; COLUMNS],
        };
        for session in sessions {
            cells.push(session, style);
        }
        cells
    }

    fn push(&mut self, session: &Session, style: &Style) {
        let mut start = self.text.len();
        let mut ends = [0; COLUMNS];
        for (column, (end, width)) in ends.iter_mut().zip(&mut self.widths).enumerate() {
            push_cell(&mut self.text, column, session, style);
            *end = self.text.len();
            *width = columns(&self.text[start..]).max(*width);
            start = *end;
        }
        self.ends.push(ends);
    }

    fn lines(&self, sessions: &[&Session], widths: &[usize; COLUMNS], style: &Style) -> String {
        let mut lines = String::with_capacity(self.ends.len() * 192);
        let mut start = 0;
        for (ends, session) in self.ends.iter().zip(sessions) {
            let line_start = lines.len();
            for (column, (&end, &width)) in ends.iter().zip(widths).enumerate() {
                let cell = &self.text[start..end];
                start = end;
                match column {
                    // No session has any, or there is no room.
                    _ if width == 0 => {}
                    FORK | MODEL | TITLE => pad_right(&mut lines, cell, width),
                    FIRST_NUMBER.. => pad_left(&mut lines, cell, width),
                    _ => pad_right(&mut lines, cell, width),
                }
            }
            let room = match style.is_terminal {
                true => style.terminal_width.saturating_sub(columns(&lines[line_start..])).max(1),
                false => usize::MAX,
            };
            lines.push_str(style.palette.path);
            push_last(&mut lines, session, style, room);
            lines.push_str(style.palette.reset);
            lines.push('\n');
        }
        lines
    }
}

fn push_cell(text: &mut String, column: usize, session: &Session, style: &Style) {
    match column {
        0 if style.is_terminal => match style.sort.time(session) {
            Some(moment) => {
                let local = moment.to_zoned(style.zone.clone());
                text.push_str(&local.strftime("%Y-%m-%d %H:%M").to_string());
            }
            None => push_safe(text, style.sort.time_text(session)),
        },
        0 => push_safe(text, style.sort.time_text(session)),
        1 => push_safe(text, session.agent.as_deref().unwrap_or("")),
        2 => push_safe(text, &session.project_slug),
        3 => text.push_str(&units::count(session.line_count, "line")),
        4 => {
            text.push_str(&session.masked_lines.to_string());
            text.push_str(" masked");
        }
        5 => text.push_str(&units::size(session.archived_bytes)),
        PARTS => match session.stored.part_count {
            0 => {}
            count => {
                text.push_str(&units::count(count, "part"));
                if session.stored.is_orphaned() {
                    text.push_str(" only");
                }
            }
        },
        MODEL => session.model.iter().for_each(|model| push_safe(text, model)),
        // On a terminal it is the last column.
        TITLE if style.is_terminal => {}
        TITLE => {
            let title = session.title.as_deref().unwrap_or("");
            text.push_str(&fit(&terminal_safe(title.as_bytes()), MAX_TITLE_COLUMNS));
        }
        _ => {
            if let Some(id) = &session.forked_from {
                text.push_str("fork of ");
                push_safe(text, if style.is_terminal { short_id(id, &session.session_id) } else { id });
            }
        }
    }
}

/// Returns as much of `id` as tells it from `other`: ids that begin with the time are alike for hours.
fn short_id<'a>(id: &'a str, other: &str) -> &'a str {
    let start = |id: &'a str, bytes: usize| id.get(..bytes).unwrap_or(id);
    let short = start(id, SHORT_ID_BYTES);
    if other.starts_with(short) { start(id, LONGER_ID_BYTES) } else { short }
}

/// Appends the title on a terminal, where there is one; else the path. Cut to `room` columns.
fn push_last(text: &mut String, session: &Session, style: &Style, room: usize) {
    match &session.title {
        Some(title) if style.is_terminal => {
            let mut safe = String::new();
            // Parts of a session are told apart by their names.
            if session.stored.is_part {
                push_safe(&mut safe, &session.stored.stem);
                safe.push_str(": ");
            }
            push_safe(&mut safe, title);
            text.push_str(&fit(&safe, room));
        }
        _ => {
            let path = session.stored.archive_path();
            text.push_str(&fit(&terminal_safe(path.as_os_str().as_encoded_bytes()), room));
        }
    }
}

fn push_safe(text: &mut String, raw: &str) {
    match terminal_safe(raw.as_bytes()) {
        safe if safe.is_empty() => text.push('-'),
        safe => text.push_str(&safe),
    }
}

fn pad_right(line: &mut String, text: &str, width: usize) {
    let text = fit(text, width);
    line.push_str(&text);
    push_spaces(line, width - columns(&text).min(width) + 2);
}

fn pad_left(line: &mut String, text: &str, width: usize) {
    push_spaces(line, width - columns(text).min(width));
    line.push_str(text);
    push_spaces(line, 2);
}

fn push_spaces(line: &mut String, count: usize) {
    line.extend(std::iter::repeat_n(' ', count));
}
