//! `sessionkeep doctor`: is archiving set up, and does it keep up?

use super::Context;
use super::output::Output;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::report::terminal_safe;
use crate::report::text::safe_json;
use crate::upkeep::doctor::{self, Point, Report};
use crate::upkeep::unarchived::Sessions;
use jiff::Timestamp;
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  sessionkeep doctor
  sessionkeep doctor --json | jq -r '.points[] | select(.is_ok | not) | .advice'

Looks at the configuration, the store, the hooks in the settings of Claude Code and Codex, cron, systemd and
launchd, and at the sessions that are not archived yet and when their agent will delete them. Nothing is
changed, no transcript is opened. What no command can mend, such as a session whose main transcript its agent
never wrote, is a note. For the archives themselves: sessionkeep verify.

Exit codes: 0 all is well, 1 there is something to do.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8> {
    let (config, broken) = Config::resolve_or_builtin(&context.flags(), &context.environment)?;
    let report = doctor::run(&config, broken.as_ref());
    let mut output = Output::new();
    if args.json {
        print_json(&report, &config, &mut output)?;
    } else {
        for point in &report.points {
            print(point, context.common.quiet, &mut output)?;
        }
    }
    output.flush()?;
    if report.is_well() && !args.json {
        context.reporter().say("all is well");
    }
    Ok(if report.is_well() { 0 } else { 1 })
}

/// Writes one point, and what to do about it. Quietly, only those with something to do.
fn print(point: &Point, is_quiet: bool, output: &mut Output) -> Result<()> {
    let says = terminal_safe(point.says.as_bytes());
    match &point.advice {
        None if is_quiet => Ok(()),
        None if point.note.is_some() => {
            output.line(format!("note  {}: {says}", point.topic))?;
            output.line(format!("        {}", terminal_safe(point.note.as_deref().unwrap_or("").as_bytes())))
        }
        None => output.line(format!("ok    {}: {says}", point.topic)),
        Some(advice) => {
            output.line(format!("to do {}: {says}", point.topic))?;
            output.line(format!("        {}", terminal_safe(advice.as_bytes())))
        }
    }
}

fn print_json(report: &Report, config: &Config, output: &mut Output) -> Result<()> {
    let points: Vec<Value> = report
        .points
        .iter()
        .map(|point| {
            json!({
                "topic": point.topic,
                "is_ok": point.advice.is_none(),
                "says": point.says,
                "advice": point.advice,
                "note": point.note,
            })
        })
        .collect();
    let object = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "store": config.store.path.to_string_lossy(),
        "is_well": report.is_well(),
        "points": points,
        "agents": report.sessions.iter().map(json_of).collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&object)
        .map_err(|error| Error::new(Kind::Internal, "cannot write JSON").with_source(error))?;
    output.line(safe_json(text))
}

fn json_of(sessions: &Sessions) -> Value {
    let deletion = sessions.first_deletion_ns.map(i128::from);
    let deletion = deletion.and_then(|time| Timestamp::from_nanosecond(time).ok());
    json!({
        "agent": sessions.agent,
        "files": sessions.files,
        "unarchived": sessions.unarchived,
        "unarchived_bytes": sessions.unarchived_bytes,
        "active": sessions.active,
        "cleanup_days": sessions.cleanup_days,
        "first_deletion": deletion.map(|time| time.to_string()),
    })
}
