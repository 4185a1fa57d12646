//! `sessionkeep restore`: archived sessions, back where their agents find them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use super::common::select::{SelectArgs, ambiguous};
use crate::agents;
use crate::error::{Error, Kind, Result};
use crate::platform::process;
use crate::report::{Reporter, safe_path, terminal_safe, units};
use crate::search::sessions::{self, Filter, Session};
use crate::upkeep::restore::{self, Outcome, Request, State};
use crate::view::session::{Address, Found, Name, all, candidate_line, find};

const EXAMPLES: &str = "\
Examples:
  sessionkeep restore 1a2b3c4d                  put a session back, and print the command to go on with it
  sessionkeep restore @last --dry-run           say which files that would write
  sessionkeep restore 1a2b3c4d --as-new         beside the one that is there, as a session of its own
  sessionkeep restore 1a2b3c4d --to ~/back      below another directory, as the agent's home has it
  sessionkeep restore --project . --since 90d   say which sessions of this project would come back
  sessionkeep restore --project . --since 90d --yes

Agents delete sessions, Claude Code and Gemini CLI after 30 days unless they are told otherwise. What
is archived comes back with its parts (subagents, results of tools), line by line as it is archived:
secrets stay masked, nothing else is missing. No file that is there is ever written over. The agent
takes the session for its own, and the next import sees that it is archived already.

The files are as old as the restore, not as the session: an agent that deletes old sessions would
delete it again at once. Where a session was when it was archived, it is put again; if that was
in another home, it is put where the agent looks for it here ($CLAUDE_CONFIG_DIR, $CODEX_HOME and
the like count).

Standard output is the command to paste, one for each session; all else is said on standard error.
With --to, the command names the directory to the agent, where the agent can be told.

Agents that keep sessions in databases or documents cannot take them back. Of those, the lines that
are archived are written as NDJSON into the current directory, or with --to into that, and the path
is printed.

JSON is a list with an object for each session: session_id, agent, state (\"restored\",
\"already_there\", \"lines\", \"failed\"), dry_run, path, written, already_there (paths), bytes,
remarks; where there is one: command, copied_from (the id that it is archived under), error.

Exit codes: 0 done, 1 no such session, 2 usage, or another file is in the way, 3 some of several
sessions could not be put back.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Sessions: the beginning of an id, @last, @last~1, or the path of an archive
    #[arg(value_name = "SESSION")]
    sessions: Vec<OsString>,
    /// Write below this directory, as if it were the agent's home ($CLAUDE_CONFIG_DIR, $CODEX_HOME...)
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Give the session a new id, so that it does not meet the one that is there
    #[arg(long)]
    as_new: bool,
    /// Of a session that its agent wrote anew, this version and not the newest; see 'sessionkeep list'
    #[arg(long = "version", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    of_version: Option<u32>,
    /// Write nothing: print the paths of the files that would be written
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Put back more than one session without asking
    #[arg(short, long)]
    yes: bool,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    select: SelectArgs,
}

/// Of more sessions than these only the number is said before it is agreed to.
const MOST_LISTED: usize = 20;

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let (config, _) = context.config_or_builtin()?;
    let filter = args.select.filter(&context.environment)?;
    let store = &config.store.path;
    let chosen = match args.sessions.is_empty() {
        true if filter.is_empty() => return Err(nothing_named()),
        true => all(store, &filter)?,
        false => named(&args.sessions, store, &filter, &reporter)?,
    };
    if chosen.is_empty() {
        reporter.say("no archived sessions found");
        return Ok(1);
    }
    if chosen.len() > 1 && !args.yes && !args.dry_run {
        return Err(unagreed(&chosen, &reporter));
    }
    let to = args.to.as_deref().map(|to| std::path::absolute(context.environment.expand(to)));
    let to = to.transpose().map_err(|error| Error::new(Kind::Usage, "cannot use --to").with_source(error))?;
    let request = Request {
        environment: &context.environment,
        store,
        to: to.as_deref(),
        is_new: args.as_new,
        is_dry_run: args.dry_run,
        version: args.of_version,
    };
    // So that a file that has no name yet is not left behind.
    process::catch_stop_signals();
    let mut output = Output::new();
    let mut reports = Vec::new();
    let mut failed = None;
    let mut done = 0u64;
    for session in &chosen {
        match restore::run(session, &request) {
            Ok(outcome) => {
                done += 1;
                say(&outcome, args.dry_run, &reporter);
                match args.json {
                    true => reports.push(report(&outcome, args.dry_run)),
                    false => print(&outcome, args.dry_run, &mut output)?,
                }
            }
            Err(error) if chosen.len() == 1 && !args.json => return Err(error),
            Err(error) => {
                reporter.error(&error);
                reports.push(failure(session, &error));
                let is_over = matches!(error.kind(), Kind::NoSpace | Kind::Interrupted(_));
                let code = error.kind().exit_code();
                failed = Some(if chosen.len() == 1 || is_over { code } else { Kind::Source.exit_code() });
                if is_over {
                    break;
                }
            }
        }
    }
    if args.json {
        json::print_list("restore", reports, &mut output)?;
    }
    output.flush()?;
    if chosen.len() > 1 {
        let of = units::count(chosen.len() as u64, "session");
        let verb = if args.dry_run { "would be put back" } else { "put back, or there already" };
        reporter.say(format_args!("{done} of {of} {verb}"));
    }
    Ok(failed.unwrap_or(0))
}

/// Finds the sessions that were named, each once.
fn named(
    names: &[OsString],
    store: &Path,
    filter: &Filter,
    reporter: &Reporter,
) -> Result<Vec<Session<'static>>> {
    let mut chosen: Vec<Session<'static>> = Vec::new();
    for name in names {
        let address = Address::parse(name)?;
        if address.index.is_some() {
            let error = Error::new(Kind::Usage, format!("'{}' names a message", Path::new(name).display()));
            return Err(error.with_hint("restore takes whole sessions"));
        }
        match find(store, &address.name, filter).map_err(|error| pruned(store, &address.name, error))? {
            Found::One(session) if session.stored.is_part => {
                let error = Error::new(Kind::Usage, "this is a part of a session:")
                    .with_path(session.stored.archive_path());
                return Err(error.with_hint("name the session; its parts come back with it"));
            }
            Found::One(session) => {
                if !chosen.iter().any(|known| known.stored == session.stored) {
                    chosen.push(*session);
                }
            }
            Found::Several(several) => {
                return Err(ambiguous(&address.name, &several, reporter));
            }
        }
    }
    Ok(chosen)
}

/// Returns the error for a session that is not found: another one if it was pruned.
fn pruned(store: &Path, name: &Name, error: Error) -> Error {
    let Name::Id(id) = name else { return error };
    let (all, _) = sessions::pruned(store).unwrap_or_default();
    let begins = |known: &str| known.get(..id.len()).is_some_and(|start| start.eq_ignore_ascii_case(id));
    let Some((_, tombstone)) = all.iter().find(|(_, tombstone)| begins(&tombstone.session_id)) else {
        return error;
    };
    let day = tombstone.pruned_at.get(..10).unwrap_or_default();
    let what = format!("session '{}' was pruned on {day}: nothing of it is left", tombstone.session_id);
    Error::new(Kind::Store, what).with_hint("see what was pruned, and why, with 'sessionkeep list --pruned'")
}

fn nothing_named() -> Error {
    let error = Error::new(Kind::Usage, "no session is named");
    error.with_hint("name one (its id, @last), or choose with --project, --agent or --since")
}

/// Says which sessions would come back, and that this has to be agreed to.
fn unagreed(chosen: &[Session<'_>], reporter: &Reporter) -> Error {
    for session in chosen.iter().take(MOST_LISTED) {
        reporter.say(terminal_safe(candidate_line(session).as_bytes()));
    }
    if chosen.len() > MOST_LISTED {
        reporter.say(format_args!("and {} more", chosen.len() - MOST_LISTED));
    }
    let count = units::count(chosen.len() as u64, "session");
    let error = Error::new(Kind::Usage, format!("{count} would be put back"));
    error.with_hint("put them back with --yes; see their files with --dry-run")
}

/// Says what became of a session.
fn say(outcome: &Outcome, is_dry_run: bool, reporter: &Reporter) {
    let path = safe_path(&outcome.path);
    let count = units::count(outcome.written.len() as u64, "file");
    reporter.say(match (outcome.state, is_dry_run) {
        (State::AlreadyThere, _) => format!("already there: {path}"),
        (State::Restored | State::Lines, true) => format!("would write {count}: {path}"),
        (State::Restored | State::Lines, false) => {
            format!("wrote {count} ({}): {path}", units::size(outcome.bytes))
        }
    });
    if let Some(original) = &outcome.copied_from {
        reporter.say(format_args!("its id is {}; it is a copy of {original}", outcome.session_id));
    }
    if !is_dry_run {
        outcome.written.iter().for_each(|path| reporter.detail(safe_path(path)));
    }
    for remark in &outcome.remarks {
        match outcome.state {
            State::Lines => reporter.warn(remark),
            _ => reporter.say(remark),
        }
    }
}

/// Prints what scripts and people go on with.
fn print(outcome: &Outcome, is_dry_run: bool, output: &mut Output) -> Result<()> {
    let path = |path: &PathBuf| terminal_safe(path.as_os_str().as_encoded_bytes()).into_owned();
    if is_dry_run {
        return outcome.written.iter().try_for_each(|written| output.line(path(written)));
    }
    match (&outcome.command, outcome.state) {
        (Some(command), _) => output.line(command),
        (None, State::Lines) => output.line(path(&outcome.path)),
        (None, _) => Ok(()),
    }
}

fn report(outcome: &Outcome, is_dry_run: bool) -> serde_json::Value {
    let texts =
        |paths: &[PathBuf]| paths.iter().map(|path| path.to_string_lossy().into_owned()).collect::<Vec<_>>();
    let state = match outcome.state {
        State::Restored => "restored",
        State::AlreadyThere => "already_there",
        State::Lines => "lines",
    };
    let mut report = serde_json::json!({
        "session_id": outcome.session_id,
        "agent": outcome.agent,
        "state": state,
        "dry_run": is_dry_run,
        "path": outcome.path.to_string_lossy(),
        "written": texts(&outcome.written),
        "already_there": texts(&outcome.known),
        "bytes": outcome.bytes,
        "remarks": outcome.remarks,
    });
    for (key, text) in [("command", &outcome.command), ("copied_from", &outcome.copied_from)] {
        if let Some(text) = text {
            report[key] = text.as_str().into();
        }
    }
    report
}

fn failure(session: &Session<'_>, error: &Error) -> serde_json::Value {
    let agent = session.agent.as_deref().unwrap_or_default();
    serde_json::json!({
        "session_id": session.session_id,
        "agent": agents::agent(agent).map_or(agent, |agent| agent.id()),
        "state": "failed",
        "error": error.to_string(),
    })
}
