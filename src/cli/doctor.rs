//! `sessionkeep doctor`: is archiving set up, and does it keep up?

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::report::terminal_safe;
use crate::upkeep::command::shell_word;
use crate::upkeep::doctor::{self, Checkup, Growth, Item, Mend, Point, Scope, Sessions, Waiting};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const EXAMPLES: &str = "\
Examples:
  sessionkeep doctor
  sessionkeep doctor --fix                          run what mends it, after asking
  sessionkeep doctor -q                             one line, only if something is to do: for prompts
  sessionkeep doctor -v                             with every file that is left alone, and why
  sessionkeep doctor --json | jq -r '.points[] | select(.is_ok | not) | .advice'
  sessionkeep doctor --json | jq -c '.agents[].left_alone[]'

Looks at the configuration, the store and how fast it grows; at hooks in agents' settings, and
whether they still call; at cron, systemd and launchd, and whether their import still runs; at the
sessions, prompt histories and pasted or edited texts that are not archived yet, and when their
agent will delete them; and at what else lies in the agents' directories: links that are not
followed, files that are no transcripts. Sessions that are being written to and have not been
archived for more than a day are named. What no command can mend, such as a session whose main
transcript its agent never wrote, is a note.

--fix runs our own commands that mend what was found (repair, setup, import): it says which, asks,
and looks again. Without it nothing is changed; of no transcript more is read than its first record
that is not archived, and prompt histories only for which pastes they name. For the archives
themselves: sessionkeep verify.

Exit codes: 0 all is well, 1 there is something to do.";

/// Topics that one line names; of more it says how many.
const NAMED: usize = 4;

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print everything as one JSON object
    #[arg(long)]
    json: bool,
    /// Run the commands that mend what was found, then look again
    #[arg(long)]
    fix: bool,
    /// With --fix: run them without asking
    #[arg(long, requires = "fix")]
    yes: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let mut looked = look(args, context)?;
    if args.fix {
        let mends = looked.0.points.mends();
        if !mends.is_empty() {
            if is_agreed(&mends, args, context)? {
                for mend in mends {
                    run_mend(mend, context)?;
                }
                looked = look(args, context)?;
            } else {
                context.reporter().say("nothing was run");
            }
        }
    }
    let (checkup, config) = looked;
    let mut output = Output::new();
    if args.json {
        print_json(&checkup, &config, &mut output)?;
    } else if context.common.quiet {
        print_line(&checkup, &mut output)?;
    } else {
        for point in &checkup.points.0 {
            print(point, &mut output)?;
        }
    }
    output.flush()?;
    if checkup.points.is_well() && !args.json {
        context.reporter().say("all is well");
    }
    Ok(if checkup.points.is_well() { 0 } else { 1 })
}

fn look(args: &Args, context: &Context) -> Result<(Checkup, Config)> {
    let (config, broken) = context.config_or_builtin()?;
    let scope = match (args.json || context.common.verbose > 0, context.common.quiet) {
        (true, _) => Scope::All,
        (false, true) => Scope::ToDo,
        (false, false) => Scope::Usual,
    };
    Ok((doctor::run(&config, broken.as_ref(), scope), config))
}

/// Says which commands are to be run, and asks whether they may be. On standard error: standard output is for the findings.
fn is_agreed(mends: &[Mend], args: &Args, context: &Context) -> Result<bool> {
    let commands: Vec<String> =
        mends.iter().map(|mend| format!("  {}", command_line(*mend, context))).collect();
    let mut stderr = std::io::stderr();
    let said = if args.yes && context.common.quiet { String::new() } else { commands.join("\n") + "\n" };
    let _ = stderr.write_all(said.as_bytes());
    if args.yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        let error = Error::new(Kind::Usage, "there is nobody to ask whether to run these commands");
        return Err(error.with_hint("sessionkeep doctor --fix --yes runs them without asking"));
    }
    let _ = stderr.write_all(b"Run them now? [y/N] ");
    let _ = stderr.flush();
    let mut answer = String::new();
    let _ = std::io::stdin().lock().take(ANSWER_BYTES).read_line(&mut answer);
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Bytes of an answer that are read.
const ANSWER_BYTES: u64 = 100;

/// Returns the options that lead another run of ours to the same store and configuration.
fn options(context: &Context) -> Vec<(&'static str, PathBuf)> {
    let out = context.common.out.clone().map(|path| ("--out", path));
    let config = context.common.config.clone().map(|path| ("--config", path));
    out.into_iter().chain(config).collect()
}

fn command_line(mend: Mend, context: &Context) -> String {
    let mut line = format!("sessionkeep {}", mend.words().join(" "));
    for (name, path) in options(context) {
        line.push_str(&format!(" {name} {}", shell_word(&path)));
    }
    terminal_safe(line.as_bytes()).into_owned()
}

/// Runs one of our own commands. What it says goes to standard error. How it ends is seen by looking again.
fn run_mend(mend: Mend, context: &Context) -> Result<()> {
    let cannot = |error| Error::new(Kind::Internal, "cannot run sessionkeep").with_source(error);
    let mut command = Command::new(std::env::current_exe().map_err(cannot)?);
    command.args(mend.words());
    for (name, path) in options(context) {
        command.arg(name).arg(path);
    }
    if context.common.quiet {
        command.arg("--quiet");
    }
    command.stdin(Stdio::null()).stdout(std::io::stderr());
    command.status().map(drop).map_err(cannot)
}

/// Writes one line that names what is to do; nothing if nothing is.
fn print_line(checkup: &Checkup, output: &mut Output) -> Result<()> {
    let topics = checkup.points.topics_to_do();
    if topics.is_empty() {
        return Ok(());
    }
    let more = match topics.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = topics[..topics.len().min(NAMED)].join(", ");
    output.line(format!("sessionkeep: {} to do: {named}{more} (sessionkeep doctor)", topics.len()))
}

/// Writes one point, and what to do about it.
fn print(point: &Point, output: &mut Output) -> Result<()> {
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
                "fix": point.mend.map(|mend| format!("sessionkeep {}", mend.words().join(" "))),
            })
        })
        .collect();
    let object = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "store": config.store.path.to_string_lossy(),
        "is_well": checkup.points.is_well(),
        "points": points,
        "to_do": checkup.points.topics_to_do(),
        "left_for_setup": checkup.left_for_setup,
        "growth": checkup.growth.as_ref().map(json_of_growth),
        "agents": checkup.sessions.iter().map(json_of).collect::<Vec<_>>(),
        "never_quiet": checkup.waiting.iter().map(json_of_waiting).collect::<Vec<_>>(),
    });
    json::print("doctor", object, output)
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
        "archived": sessions.known,
        "deleted_within_7_days": sessions.deleted_soon,
        "deleted_within_7_days_unarchived": sessions.deleted_soon_unarchived,
        "first_deletion": sessions.first_deletion_ns.and_then(time),
        "not_read": sessions.problems.iter().map(json_of_item).collect::<Vec<_>>(),
        "left_alone": sessions.left_alone.iter().map(json_of_item).collect::<Vec<_>>(),
    })
}

fn json_of_growth(growth: &Growth) -> Value {
    json!({
        "bytes": growth.bytes,
        "free_bytes": growth.free_bytes,
        "bytes_per_month": growth.bytes_per_month,
        "full_on": growth.full_on.map(|day| day.to_string()),
        "months": growth.months,
    })
}

fn json_of_item(item: &Item) -> Value {
    json!({"path": item.path, "reason": item.reason, "advice": item.hint})
}

/// Returns a time in nanoseconds since 1970 as RFC 3339, UTC.
fn time(nanoseconds: i64) -> Option<String> {
    Timestamp::from_nanosecond(nanoseconds.into()).ok().map(|time| time.to_string())
}
