//! `sessionkeep repair`: makes anew what can be made anew.

use super::common::context::Context;
use super::common::json;
use super::common::output::Output;
use crate::config::Decided;
use crate::error::Result;
use crate::report::{Reporter, safe_path, terminal_safe, units};
use crate::upkeep::command::shell_word;
use crate::upkeep::repair::{self, Damaged, Mended};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  sessionkeep repair --dry-run
  sessionkeep repair

Checks everything as 'sessionkeep verify' does. Then makes sidecars and the catalog anew from what the
archives say of themselves, and renames damaged archives to NAME.damaged-TIME: nothing is deleted. Sessions
whose source still exists are archived again. A second run finds nothing to do.

Exit codes: 0 mended, or nothing to mend; 4 a damaged archive was set aside and its source is gone;
75 an import is running.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Say what would be done without doing it
    #[arg(long)]
    dry_run: bool,
    /// Print what was done as one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.flags(), &reporter)?;
    let mended = match config.store.decided_by == Decided::Default && !config.store.path.exists() {
        true => Mended { is_dry_run: args.dry_run, ..Mended::default() },
        false => repair::run(&config, args.dry_run, &reporter)?,
    };
    let mut output = Output::new();
    match args.json {
        true => print_json(&mended, &mut output)?,
        false => print(&mended, &mut output)?,
    }
    output.flush()?;
    mended.errors.iter().for_each(|error| reporter.error(error));
    summary(&mended, &reporter);
    Ok(mended.exit_code())
}

fn print(mended: &Mended, output: &mut Output) -> Result<()> {
    let would = if mended.is_dry_run { "would be " } else { "" };
    for damaged in &mended.damaged {
        let (archive, aside) = (safe_path(&damaged.archive), safe_path(&damaged.aside));
        match &damaged.what {
            Some(what) => {
                let what = terminal_safe(what.as_bytes());
                output.line(format!("{archive}: {what}; {would}set aside as {aside}"))?;
            }
            None => output.line(format!("{archive}: set aside before as {aside}"))?,
        }
        output.line(format!("  {}", fate(damaged, mended.is_dry_run)))?;
    }
    for what in &mended.catalog {
        output.line(format!("{}; {would}mended in the catalog", terminal_safe(what.as_bytes())))?;
    }
    if mended.removed > 0 {
        let sessions = units::count(mended.removed as u64, "pruned session");
        output.line(format!("{sessions}: removed, as the run that pruned them was stopped before"))?;
    }
    for sidecar in &mended.sidecars {
        output.line(format!("{}: sidecar {would}written anew", safe_path(sidecar)))?;
    }
    Ok(())
}

/// Says what became of a damaged archive's session.
fn fate(damaged: &Damaged, is_dry_run: bool) -> String {
    match (&damaged.source, damaged.is_archived_again) {
        (_, true) => "archived again".to_owned(),
        (Some(source), false) if is_dry_run => format!("would be archived again from {}", safe_path(source)),
        (Some(source), false) => {
            format!("not archived again, though its source is there: {}", safe_path(source))
        }
        (None, false) => {
            let command = format!("zcat < {}", shell_word(&damaged.aside));
            format!("its source is gone; to see what is whole of it: {}", terminal_safe(command.as_bytes()))
        }
    }
}

fn print_json(mended: &Mended, output: &mut Output) -> Result<()> {
    let damaged: Vec<Value> = mended
        .damaged
        .iter()
        .map(|damaged| {
            json!({
                "archive": damaged.archive.to_string_lossy(),
                "set_aside_as": damaged.aside.to_string_lossy(),
                "what": damaged.what,
                "source": damaged.source.as_ref().map(|source| source.to_string_lossy()),
                "is_archived_again": damaged.is_archived_again,
            })
        })
        .collect();
    let sidecars: Vec<_> = mended.sidecars.iter().map(|path| path.to_string_lossy()).collect();
    let object = json!({
        "is_dry_run": mended.is_dry_run,
        "archives": mended.archives,
        "damaged": damaged,
        "catalog": mended.catalog,
        "sidecars": sidecars,
        "pruned_sessions_removed": mended.removed,
        "errors": mended.errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    json::print("repair", object, output)
}

fn summary(mended: &Mended, reporter: &Reporter) {
    let archives = units::count(mended.archives, "archive");
    let is_nothing_mended =
        mended.damaged.is_empty() && mended.catalog.is_empty() && mended.sidecars.is_empty();
    if is_nothing_mended && mended.removed == 0 {
        return reporter.say(format_args!("{archives} checked, nothing to mend"));
    }
    let verb = if mended.is_dry_run { "would mend" } else { "mended" };
    let again = mended.damaged.iter().filter(|damaged| damaged.is_archived_again).count();
    let set_aside = mended.damaged.iter().filter(|damaged| damaged.what.is_some()).count();
    reporter.say(format_args!(
        "{archives} checked; {verb} {} and {} of the catalog; {set_aside} set aside as damaged, {again} archived again",
        units::count(mended.sidecars.len() as u64, "sidecar"),
        units::count(mended.catalog.len() as u64, "entry").replace("entrys", "entries"),
    ));
}
