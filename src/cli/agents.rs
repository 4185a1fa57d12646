//! `sessionkeep agents`: which agents are known, and what does each have on this machine?

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use crate::config::Config;
use crate::error::Result;
use crate::mask::Masker;
use crate::report::text::columns;
use crate::report::{terminal_safe, units};
use crate::upkeep::agents::{self, KnownAgent, Place};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

const EXAMPLES: &str = r#"Examples:
  sessionkeep agents
  sessionkeep agents --json | jq -r '.[] | select(.sessions > .archived) | .agent'
  sessionkeep agents --json | jq -r '.[].places[] | select(.exists) | .path'

A line for each agent: its short name, as --agent takes it; the sessions here, with their parts, and
their bytes; how many of these sessions are archived, and when one was last; when the agent deletes
them; and where they were looked for. Agents of which nothing is here come last. No transcript is
opened. A session counts as archived if any state of it is; sessionkeep doctor says what has changed
since.

An agent that is not among them, but writes its sessions as one of them does, is added in the
configuration:

  "agents": [{"name": "myfork", "label": "My Fork", "family": "claude-code",
              "roots": ["~/.myfork/projects"]}]

Any other directory of transcripts is archived with sessionkeep import --from DIR."#;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print everything as one JSON array
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.flags(), &reporter)?;
    let mut known = agents::all(&config)?;
    // What is here before what is not; else as it was.
    known.sort_by_key(|agent| !is_here(agent));
    let masker = Masker::new(&config.masking)?;
    let mut output = Output::new();
    if args.json {
        print_json(&known, &masker, &mut output)?;
    } else {
        print_table(&known, &config, &masker, &mut output)?;
    }
    output.flush()?;
    let not_read: u64 = known.iter().map(|agent| agent.not_read).sum();
    if not_read > 0 {
        let paths = units::count(not_read, "path");
        reporter.say(format_args!("{paths} not followed or read: sessionkeep doctor -v names them"));
    }
    if !args.json {
        reporter.say("another agent is added in the configuration: sessionkeep agents --help");
    }
    Ok(0)
}

fn is_here(agent: &KnownAgent) -> bool {
    agent.places.iter().any(|place| place.exists)
}

/// Columns before the last one.
const COLUMNS: usize = 7;

/// The columns of numbers, which stand to the right: sessions, parts, bytes, archived.
const NUMBERS: std::ops::RangeInclusive<usize> = 1..=4;

/// Writes a line for each agent.
fn print_table(known: &[KnownAgent], config: &Config, masker: &Masker, output: &mut Output) -> Result<()> {
    let rows: Vec<([String; COLUMNS], String)> =
        known.iter().map(|agent| (cells(agent), places(agent, config, masker))).collect();
    let mut widths = [0; COLUMNS];
    for (row, _) in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = columns(cell).max(*width);
        }
    }
    for (row, places) in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate().filter(|(_, (_, width))| *width > 0)
        {
            let space = " ".repeat(width - columns(cell));
            let (before, behind) = if NUMBERS.contains(&column) { (&*space, "") } else { ("", &*space) };
            line.push_str(&format!("{before}{cell}{behind}  "));
        }
        line.push_str(places);
        output.line(&*terminal_safe(line.as_bytes()))?;
    }
    Ok(())
}

fn cells(agent: &KnownAgent) -> [String; COLUMNS] {
    let name = agent.id.to_owned();
    if !is_here(agent) {
        let [sessions, parts, bytes, archived] = match agent.in_store {
            0 => ["not here", "", "", ""].map(str::to_owned),
            count => ["not here".to_owned(), String::new(), String::new(), format!("{count} in the store")],
        };
        return [name, sessions, parts, bytes, archived, last(agent), String::new()];
    }
    let deletes = match agent.cleanup_days {
        Some(days) => format!("deletes after {}", units::count(days, "day")),
        None => "deletes none".to_owned(),
    };
    let parts = if agent.parts == 0 { String::new() } else { units::count(agent.parts, "part") };
    let sessions = units::count(agent.sessions, "session");
    let archived = format!("{} archived", agent.archived);
    [name, sessions, parts, units::size(agent.bytes), archived, last(agent), deletes]
}

fn last(agent: &KnownAgent) -> String {
    agent.last_archived.map(|time| format!("last {}", local(time, "%Y-%m-%d %H:%M"))).unwrap_or_default()
}

/// Returns a time as it is here.
fn local(time: Timestamp, form: &str) -> String {
    time.to_zoned(TimeZone::system()).strftime(form).to_string()
}

/// Returns where an agent's sessions were looked for, with `~` for the home directory.
fn places(agent: &KnownAgent, config: &Config, masker: &Masker) -> String {
    let short = |place: &Place| {
        let below = config.environment.home().and_then(|home| place.path.strip_prefix(home).ok());
        let path = match below {
            Some(below) => format!("~/{}", below.display()),
            None => place.path.display().to_string(),
        };
        // Where nothing is here, the second column has said so.
        let missing = if place.exists || !is_here(agent) { "" } else { " (not there)" };
        format!("{}{missing}", masker.mask_name(&path))
    };
    agent.places.iter().map(short).collect::<Vec<_>>().join(", ")
}

fn print_json(known: &[KnownAgent], masker: &Masker, output: &mut Output) -> Result<()> {
    let place = |place: &Place| json!({"path": masker.mask_name(&place.path.to_string_lossy()), "exists": place.exists});
    let agent = |agent: &KnownAgent| {
        json!({
            "agent": agent.id,
            "label": agent.label,
            "places": agent.places.iter().map(place).collect::<Vec<Value>>(),
            "sessions": agent.sessions,
            "parts": agent.parts,
            "bytes": agent.bytes,
            "archived": agent.archived,
            "in_store": agent.in_store,
            "last_archived_at": agent.last_archived.map(|time| local(time, "%Y-%m-%dT%H:%M:%S%:z")),
            "cleanup_days": agent.cleanup_days,
            "not_read": agent.not_read,
        })
    };
    json::print_list("agents", known.iter().map(agent), output)
}
