//! `sessionkeep setup --undo`: takes back what setup did.

use super::args::Args;
use super::choose::agents_named;
use super::{ask, diff, json, show};
use crate::cli::common::context::Context;
use crate::cli::common::output::Output;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::mask::Masker;
use crate::report::terminal_safe;
use crate::setup::schedule::{self, Commands, Step};
use crate::setup::{Undone, UndoneFile, files_that_call, undo, would_undo};

pub(super) fn run(args: &Args, config: &Config, context: &Context, output: &mut Output) -> Result<u8> {
    let environment = &config.environment;
    let commands = Commands::new(environment);
    let agents = agents_named(&args.agent)?;
    // What is taken back for one agent leaves the schedule, which is for all.
    let is_schedule_wanted = !args.no_schedule && agents.is_empty();
    let files = would_undo(&agents, environment)?;
    let steps = match is_schedule_wanted {
        true => schedule::would_remove(environment, &commands)?,
        false => Vec::new(),
    };
    if args.dry_run {
        match args.json {
            true => json::print_undone(&files, &steps, true, output)?,
            false => would_do(&files, &steps, config, output)?,
        }
        output.flush()?;
        return Ok(exit_code(&files));
    }
    if !args.yes && (!files.is_empty() || !steps.is_empty()) && ask::can_ask() && !args.json {
        list(&files, &steps, output)?;
        output.flush()?;
        if !ask::yes_or_no("Take this back?")? {
            return Err(Error::new(Kind::Usage, "nothing was changed"));
        }
    }
    let files = undo(&agents, environment)?;
    let steps = match is_schedule_wanted {
        true => schedule::remove(environment, &commands)?.steps,
        false => Vec::new(),
    };
    match args.json {
        true => json::print_undone(&files, &steps, false, output)?,
        false => did(&files, &steps, config, context.common.quiet, output)?,
    }
    output.flush()?;
    Ok(exit_code(&files))
}

fn exit_code(files: &[UndoneFile]) -> u8 {
    files.iter().any(|file| matches!(file.outcome, Undone::ByHand { .. })).into()
}

fn would_do(files: &[UndoneFile], steps: &[Step], config: &Config, output: &mut Output) -> Result<()> {
    let masker = Masker::new(&config.masking)?;
    for file in files {
        let path = file.file.to_string_lossy();
        match &file.outcome {
            Undone::Restored { before, after }
            | Undone::TakenOut { before, after }
            | Undone::HooksTakenOut { before, after, .. } => {
                diff::print(&path, Some(before), after.as_deref(), &masker, output)?;
            }
            Undone::Nothing | Undone::ByHand { .. } => line(output, &says(file))?,
        }
    }
    steps.iter().try_for_each(|step| show::schedule_step(step, &masker, output))?;
    if files.is_empty() && steps.is_empty() {
        output.line("There is nothing to take back.")?;
    }
    without_record(files, config, output)
}

fn list(files: &[UndoneFile], steps: &[Step], output: &mut Output) -> Result<()> {
    for file in files {
        line(output, &format!("  {}", file.file.display()))?;
    }
    if !steps.is_empty() {
        output.line("  the schedule")?;
    }
    Ok(())
}

fn did(
    files: &[UndoneFile],
    steps: &[Step],
    config: &Config,
    is_quiet: bool,
    output: &mut Output,
) -> Result<()> {
    for file in files {
        if !is_quiet || matches!(file.outcome, Undone::ByHand { .. }) {
            line(output, &says(file))?;
        }
    }
    if is_quiet {
        return Ok(());
    }
    if !steps.is_empty() {
        output.line("removed  schedule")?;
    }
    let is_lost = files.iter().any(|file| matches!(file.outcome, Undone::HooksTakenOut { .. }));
    match (files.is_empty() && steps.is_empty(), is_lost) {
        (true, _) => output.line("There is nothing to take back.")?,
        (false, true) => output.line("The archives stay.")?,
        (false, false) => {
            output
                .line("The archives stay. Days for which agents keep sessions are what they were before.")?;
        }
    }
    without_record(files, config, output)
}

/// Names the settings that call us although no record says that setup put that there: it is the user's own, or the
/// record is lost.
fn without_record(files: &[UndoneFile], config: &Config, output: &mut Output) -> Result<()> {
    if !files.is_empty() {
        return Ok(());
    }
    for file in files_that_call(&config.environment) {
        let says = "calls sessionkeep, and there is no record that setup put that there: to end it, take out of it \
                    what calls sessionkeep hook";
        line(output, &format!("note     {} {says}", file.display()))?;
    }
    Ok(())
}

fn says(file: &UndoneFile) -> String {
    let path = file.file.display();
    match &file.outcome {
        Undone::Restored { after: Some(_), .. } => format!("restored {path}: as it was, byte for byte"),
        Undone::Restored { after: None, .. } => format!("removed  {path}: setup had made it"),
        Undone::TakenOut { after: Some(_), .. } => {
            format!("changed  {path}: it was changed since setup; only what is sessionkeep's was taken out")
        }
        Undone::TakenOut { after: None, .. } => format!("removed  {path}: nothing else was in it"),
        Undone::HooksTakenOut { after: Some(_), lost, .. } => {
            format!(
                "changed  {path}: {lost}; what calls sessionkeep was taken out, the days stay as they are"
            )
        }
        Undone::HooksTakenOut { after: None, lost, .. } => {
            format!("removed  {path}: {lost}; it only called sessionkeep")
        }
        Undone::Nothing => format!("was so   {path}: nothing of sessionkeep's is in it"),
        Undone::ByHand { reason } => {
            format!("by hand  {path} is left as it is: {reason}. Take out of it what calls sessionkeep hook")
        }
    }
}

fn line(output: &mut Output, text: &str) -> Result<()> {
    output.line(&*terminal_safe(text.as_bytes()))
}
