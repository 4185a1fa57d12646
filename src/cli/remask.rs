//! `sessionkeep remask`: masks what is archived again with today's rules.

use super::common::context::{ArchivingArgs, Context};
use super::common::json;
use super::common::output::Output;
use super::common::select::SelectArgs;
use crate::config::Decided;
use crate::error::Result;
use crate::report::{Reporter, terminal_safe, units};
use crate::upkeep::remask::{self, Choice, Remasked, Request};
use serde_json::{Value, json};
use std::ffi::OsString;

const EXAMPLES: &str = "\
Examples:
  sessionkeep remask --dry-run             what would today's rules find?
  sessionkeep remask                       all that other rules masked: those of an older version, or of an
                                           older configuration
  sessionkeep remask 1a2b3c4d @last        these sessions
  sessionkeep remask --all --project app   also what today's rules masked: known values may have come since
  sessionkeep remask --from-source         archive again from the source what still has one

A session is masked as a whole, with its parts and its older versions. It only ever gets more masks: what
was masked stays as it is, lines and JSON stay, and so do names, ids and hashes, so that the session grows
on as before. Every new archive is read back before it takes the place of the old one, in one step. A run
that was stopped goes on where it was.

With --from-source, a session whose source is still there is archived from it anew: older rules may have
left a part of a secret, which is none any more for any rule. Of databases the archived text is masked.

Rotate what is found: it lay in the store unmasked.

Exit codes: 0 done; 3 something was left as it is (a newer format, a name that holds a secret); 4 an
archive is damaged, and left alone; 75 an import is running.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Sessions: ids or beginnings of ids, @last, or paths of archives [default: all]
    #[arg(value_name = "SESSION")]
    sessions: Vec<OsString>,
    /// What other rules masked than today's (the default)
    #[arg(long, conflicts_with = "all")]
    stale: bool,
    /// Also what today's rules masked
    #[arg(long)]
    all: bool,
    /// Archive anew from its source what still has one
    #[arg(long)]
    from_source: bool,
    /// Say what would be found without writing anything
    #[arg(long)]
    dry_run: bool,
    /// Print what was found as one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    archiving: ArchivingArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.archiving_flags(&args.archiving), &reporter)?;
    let request = Request {
        choice: Choice {
            names: args.sessions.clone(),
            filter: args.select.filter(&context.environment)?,
            is_all: args.all,
        },
        is_dry_run: args.dry_run,
        from_source: args.from_source,
        is_forced: args.archiving.force,
    };
    // Nobody has archived anything yet. A store that was named must be there, though.
    let is_none = config.store.decided_by == Decided::Default && !config.store.path.exists();
    let done = match is_none && args.sessions.is_empty() {
        true => Remasked { is_dry_run: args.dry_run, ..Remasked::default() },
        false => remask::run(&config, &request, &reporter)?,
    };
    let mut output = Output::new();
    match args.json {
        true => print_json(&done, &mut output)?,
        false => print(&done, &mut output)?,
    }
    output.flush()?;
    done.errors.iter().for_each(|error| reporter.error(error));
    summary(&done, &reporter);
    Ok(done.exit_code())
}

/// Writes a line for each rule that found something, the one that found most first.
fn print(done: &Remasked, output: &mut Output) -> Result<()> {
    let mut rules: Vec<_> = done.rules.iter().collect();
    rules.sort_by_key(|(rule, found)| (std::cmp::Reverse(found.matches), *rule));
    let width = rules.iter().map(|(rule, _)| rule.len()).max().unwrap_or(0);
    for (rule, found) in rules {
        let matches = found.matches;
        let sessions = units::count(found.sessions, "session");
        output.line(format!("{rule:width$}  {matches:>6}  in {sessions}"))?;
    }
    for name in &done.names {
        let name = terminal_safe(name.as_bytes());
        output.line(format!("{name}: its name holds what is masked today; it keeps it"))?;
    }
    Ok(())
}

fn print_json(done: &Remasked, output: &mut Output) -> Result<()> {
    let rule = |(rule, found): (&String, &remask::Found)| json!({ "rule": rule, "matches": found.matches, "sessions": found.sessions });
    let rules: Vec<Value> = done.rules.iter().map(rule).collect();
    let object = json!({
        "is_dry_run": done.is_dry_run,
        "sessions_changed": done.changed,
        "sessions_unchanged": done.unchanged,
        "sessions_left_out": done.left_out,
        "sessions_from_source": done.from_source,
        "archives_written": done.archives,
        "archives_changed": done.changed_archives,
        "sidecars_written": done.sidecars,
        "lines_masked": done.lines,
        "rules": rules,
        "text_bytes": done.text_bytes,
        "bytes_before": done.bytes_before,
        "bytes_after": done.bytes_after,
        "names": done.names,
        "seconds": (done.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        "errors": done.errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    json::print("remask", object, output)
}

fn summary(done: &Remasked, reporter: &Reporter) {
    if done.from_source > 0 {
        let sessions = units::count(done.from_source, "session");
        reporter.say(format_args!("{sessions} archived anew from the source"));
    }
    let looked = done.changed + done.unchanged;
    if looked == 0 {
        if done.errors.is_empty() && done.from_source == 0 {
            reporter.say(match done.left_out {
                0 => "no archived sessions".to_owned(),
                count => format!(
                    "nothing to do: today's rules masked what is asked for ({} in the store); --all masks it again",
                    units::count(count, "session")
                ),
            });
        }
        return;
    }
    let matches: u64 = done.rules.values().map(|found| found.matches).sum();
    let verb = if done.is_dry_run { "would be masked more" } else { "masked more" };
    reporter.say(format_args!(
        "{} looked through: {} {verb}, {} with nothing new; {} found in {} more",
        units::count(looked, "session"),
        done.changed,
        done.unchanged,
        units::count(matches, "match").replace("matchs", "matches"),
        units::count(done.lines, "line"),
    ));
    let seconds = done.elapsed.as_secs_f64();
    let rate = done.text_bytes as f64 / seconds.max(0.001);
    let written = match done.is_dry_run {
        true => "nothing written".to_owned(),
        false => format!(
            "{} written, {} -> {}",
            units::count(done.archives, "archive"),
            units::size(done.bytes_before),
            units::size(done.bytes_after)
        ),
    };
    reporter.say(format_args!(
        "{} of text in {}, {}/s; {written}",
        units::size(done.text_bytes),
        units::duration(done.elapsed),
        units::size(rate as u64)
    ));
}
