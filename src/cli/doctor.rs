//! `sessionkeep doctor`: is archiving set up, and does it keep up?

use super::common::context::Context;
use super::common::output::Output;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::report::terminal_safe;
use crate::report::text::safe_json;
use crate::upkeep::doctor::{self, Checkup, Item, Point, Sessions, Waiting};
use jiff::Timestamp;
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  sessionkeep doctor
  sessionkeep doctor -v                             with every file that is left alone, and why
  sessionkeep doctor --json | jq -r '.points[] | select(.is_ok | not) | .advice'
  sessionkeep doctor --json | jq -c '.agents[].left_alone[]'

Looks at the configuration, the store, the hooks in the settings of Claude Code and Codex, cron, systemd and
launchd, at the sessions, prompt histories and pasted or edited texts that are not archived yet and when their
agent will delete them, and at what else lies in the agents' directories: links that are not followed, files that are no transcripts. Sessions that are being
written to and have not been archived for more than a day are named. What no command can mend, such as a session
whose main transcript its agent never wrote, is a note. Nothing is changed; of no transcript more is read than its
first record that is not archived, and prompt histories only for which pastes they name. For the archives themselves: sessionkeep verify.

Exit codes: 0 all is well, 1 there is something to do.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let (config, broken) = context.config_or_builtin()?;
    let lists_all = args.json || context.common.verbose > 0;
    let checkup = doctor::run(&config, broken.as_ref(), lists_all);
    let mut output = Output::new();
    if args.json {
        print_json(&checkup, &config, &mut output)?;
    } else {
        for point in &checkup.points.0 {
            print(point, context.common.quiet, &mut output)?;
        }
    }
    output.flush()?;
    if checkup.points.is_well() && !args.json {
        context.reporter().say("all is well");
    }
    Ok(if checkup.points.is_well() { 0 } else { 1 })
}

/// Writes one point, and what to do about it. Quietly, only those with something to do.
fn print(point: &Point, is_quiet: bool, output: &mut Output) -> Result<()> {
    if point.advice.is_none() && is_quiet {
        return Ok(());
    }
    let word = match (&point.advice, &point.note) {
        (Some(_), _) => "to do",
        (None, Some(_)) => "note ",
        (None, None) => "ok   ",
    };
    output.line(format!("{word} {}: {}", point.topic, terminal_safe(point.says.as_bytes())))?;
    let advice = point.advice.iter().flat_map(|advice| advice.lines());
    for line in point.details.iter().chain(&point.note).map(String::as_str).chain(advice) {
        output.line(format!("        {}", terminal_safe(line.as_bytes())))?;
    }
    Ok(())
}

fn print_json(checkup: &Checkup, config: &Config, output: &mut Output) -> Result<()> {
    let points: Vec<Value> = checkup
        .points
        .0
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
        "is_well": checkup.points.is_well(),
        "points": points,
        "agents": checkup.sessions.iter().map(json_of).collect::<Vec<_>>(),
        "never_quiet": checkup.waiting.iter().map(json_of_waiting).collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&object)
        .map_err(|error| Error::new(Kind::Internal, "cannot write JSON").with_source(error))?;
    output.line(safe_json(text))
}

fn json_of_waiting(waiting: &Waiting) -> Value {
    json!({ "agent": waiting.agent, "path": waiting.path, "waits_since": waiting.since_ns.and_then(time) })
}

fn json_of(sessions: &Sessions) -> Value {
    json!({
        "agent": sessions.agent,
        "files": sessions.files,
        "unarchived": sessions.unarchived,
        "unarchived_bytes": sessions.unarchived_bytes,
        "active": sessions.active,
        "never_archived": sessions.never_archived,
        "cleanup_days": sessions.cleanup_days,
        "first_deletion": sessions.first_deletion_ns.and_then(time),
        "not_read": sessions.problems.iter().map(json_of_item).collect::<Vec<_>>(),
        "left_alone": sessions.left_alone.iter().map(json_of_item).collect::<Vec<_>>(),
    })
}

fn json_of_item(item: &Item) -> Value {
    json!({"path": item.path, "reason": item.reason, "advice": item.hint})
}

/// Returns a time in nanoseconds since 1970 as RFC 3339, UTC.
fn time(nanoseconds: i64) -> Option<String> {
    Timestamp::from_nanosecond(nanoseconds.into()).ok().map(|time| time.to_string())
}
