//! `sessionkeep list`: what is in the store, as a table or as JSON.

use super::Context;
use super::output::Output;
use super::select::SelectArgs;
use crate::error::{Error, Kind, Result};
use crate::report::terminal::{self, Palette};
use crate::report::text::{columns, fit, safe_json};
use crate::report::{terminal_safe, units};
use crate::search::sessions::{self, Session};
use clap::ValueEnum;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use std::cmp::Reverse;

const EXAMPLES: &str = "\
Examples:
  sessionkeep list --limit 10
  sessionkeep list --project my-repo,other-repo --since 2026-06-01
  sessionkeep list --agent codex --sort size
  sessionkeep list --json | jq -r '.[].session_id'

On a terminal the last column is the session's title where there is one; in a pipe it is always the path
of the archive, and nothing is cut. Subagents and other parts are counted with their session.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Show only the first N sessions; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    limit: usize,
    /// What to sort by: latest or largest first
    #[arg(long, value_enum, value_name = "BY", default_value_t = Sort::Archived)]
    sort: Sort,
    /// Print the full metadata as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    select: SelectArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sort {
    Archived,
    Started,
    Size,
}

pub fn run(args: &Args, context: &Context) -> Result<u8> {
    let config = context.reading_config()?;
    let mut sessions = sessions::read(&config.store.path, &args.select.filter()?)?;
    sort(&mut sessions, args.sort);
    if args.limit > 0 {
        sessions.truncate(args.limit);
    }
    let mut output = Output::new();
    if args.json {
        print_json(&sessions, &mut output)?;
    } else if sessions.is_empty() {
        context.reporter().say("no archived sessions found");
    } else {
        let palette = Palette::new(config.is_colored(output.is_terminal()));
        print_table(&sessions, palette, &mut output)?;
    }
    output.flush()?;
    Ok(0)
}

/// Sorts latest or largest first; equals stay sorted by path.
fn sort(sessions: &mut [Session], by: Sort) {
    match by {
        Sort::Archived => sessions.sort_by_key(|session| Reverse(session.archived)),
        Sort::Started => sessions.sort_by_cached_key(|session| Reverse(session.started())),
        Sort::Size => sessions.sort_by_key(|session| Reverse(session.archived_bytes)),
    }
}

/// Writes an array as Python's `json.dumps(..., indent=2)` lays it out, like sessionkeep 0.4.
fn print_json(sessions: &[Session], output: &mut Output) -> Result<()> {
    if sessions.is_empty() {
        return output.line("[]");
    }
    /// Sidecars that are read and laid out at a time: enough for all threads, little enough for the memory.
    const CHUNK: usize = 1024;
    let mut is_first = true;
    for chunk in sessions.chunks(CHUNK) {
        let objects: Vec<String> = chunk
            .par_iter()
            .map(|session| json_object(session).map_err(|error| internal("cannot write JSON", error)))
            .collect::<Result<_>>()?;
        for object in objects {
            output.write(if is_first { "[\n" } else { ",\n" })?;
            output.write(object)?;
            is_first = false;
        }
    }
    output.line("\n]")
}

fn json_object(session: &Session) -> serde_json::Result<String> {
    let text = serde_json::to_string_pretty(&sessions::metadata(&session.stored))?;
    // No raw line end stands within a JSON string, so every one is layout.
    let mut object = String::with_capacity(text.len() + 64);
    for (index, line) in text.lines().enumerate() {
        object.push_str(if index == 0 { "  " } else { "\n  " });
        object.push_str(line);
    }
    Ok(safe_json(object))
}

fn internal(what: &str, error: serde_json::Error) -> Error {
    Error::new(Kind::Internal, what).with_source(error)
}

/// One line of the table; all text is harmless.
struct Row {
    when: String,
    agent: String,
    project: String,
    lines: String,
    masked: String,
    size: String,
    parts: String,
    last: String,
}

fn print_table(sessions: &[Session], palette: Palette, output: &mut Output) -> Result<()> {
    let is_terminal = output.is_terminal();
    let zone = TimeZone::system();
    let rows: Vec<Row> = sessions.par_iter().map(|session| row(session, is_terminal, &zone)).collect();
    let width = |of: fn(&Row) -> &str| rows.iter().map(|row| columns(of(row))).max().unwrap_or(0);
    // A single long name must not push everything else off the screen.
    let limit = |width: usize| if is_terminal { width.min(MAX_NAME_COLUMNS) } else { width };
    let when = width(|row| &row.when);
    let agent = limit(width(|row| &row.agent));
    let project = limit(width(|row| &row.project));
    let (lines, masked) = (width(|row| &row.lines), width(|row| &row.masked));
    let (size, parts) = (width(|row| &row.size), width(|row| &row.parts));
    let mut line = String::new();
    for row in &rows {
        line.clear();
        pad_right(&mut line, &row.when, when);
        pad_right(&mut line, &row.agent, agent);
        pad_right(&mut line, &row.project, project);
        pad_left(&mut line, &row.lines, lines);
        pad_left(&mut line, &row.masked, masked);
        pad_left(&mut line, &row.size, size);
        if parts > 0 {
            pad_left(&mut line, &row.parts, parts);
        }
        let room = if is_terminal { terminal::width().saturating_sub(columns(&line)) } else { usize::MAX };
        output.write(&line)?;
        output.write(palette.path)?;
        output.write(fit(&row.last, room.max(1)).as_bytes())?;
        output.line(palette.reset)?;
    }
    Ok(())
}

const MAX_NAME_COLUMNS: usize = 24;

fn row(session: &Session, is_terminal: bool, zone: &TimeZone) -> Row {
    let safe = |text: &str| match terminal_safe(text.as_bytes()) {
        text if text.is_empty() => "-".to_owned(),
        text => text.into_owned(),
    };
    let path = session.stored.archive_path();
    Row {
        when: match session.archived {
            Some(moment) if is_terminal => {
                moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
            }
            _ => safe(&session.archived_at),
        },
        agent: safe(session.agent.as_deref().unwrap_or("")),
        project: safe(&session.project_slug),
        lines: units::count(session.line_count, "line"),
        masked: format!("{} masked", session.masked_lines),
        size: units::size(session.archived_bytes),
        parts: match session.stored.part_count {
            0 => String::new(),
            count => units::count(count, "part"),
        },
        last: match &session.title {
            Some(title) if is_terminal => safe(title),
            _ => terminal_safe(path.as_os_str().as_encoded_bytes()).into_owned(),
        },
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
