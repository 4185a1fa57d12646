//! `sessionkeep setup`: hooks, a schedule and the days for which agents keep sessions, once, and the first import.
//!
//! In comes a command line; out come questions on a terminal, what was done, and an exit code. Met in this order: here is
//! the order of the steps, [`args`] are the arguments; [`choose`] says what is to be set up, with [`ask`] for the questions;
//! [`done`] is what was done, or would be: [`show`] prints it, [`diff`] the difference of a text, and [`json`] the same for
//! scripts; [`take_back`] is `--undo`.

mod args;
mod ask;
mod choose;
mod diff;
mod done;
mod json;
mod show;
mod take_back;

use super::common::context::Context;
use super::common::output::Output;
use super::common::summary;
use crate::agents;
use crate::archive::store::Store;
use crate::config::Config;
use crate::engine::{self, Settings, Where};
use crate::error::Result;
use crate::platform::shell;
use crate::report::Reporter;
use crate::setup;
use crate::setup::schedule::{self, Commands, Job, System};
use crate::upkeep::doctor;
pub(crate) use args::Args;
use choose::Chosen;
use done::{Done, Imported, ScheduleDone};

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.flags(), &reporter)?;
    let mut output = Output::new();
    if args.undo {
        return take_back::run(args, &config, context, &mut output);
    }
    let mut chosen = choose::choose(args, &config, &mut output)?;
    let is_dry_run = args.dry_run;
    if !is_dry_run {
        if chosen.imports {
            // Before agents call one that cannot be used.
            Store::open(&config.store.path)?;
        }
        setup::apply(&mut chosen.files, &config.environment)?;
    }
    let (schedule, notes) = set_schedule(&chosen, &config, is_dry_run);
    chosen.notes.extend(notes);
    let mut done = Done { files: chosen.files, schedule, imported: None, checkup: None, notes: chosen.notes };
    if !is_dry_run && chosen.imports {
        done.imported = Some(import(&chosen.origins, &config, &reporter)?);
    }
    if !is_dry_run {
        done.checkup = Some(doctor::run(&config, None, doctor::Scope::Usual));
    }
    match args.json {
        true => json::print(&done, is_dry_run, &mut output)?,
        false if is_dry_run => show::would_do(&done, &config, &mut output)?,
        false => show::did(&done, &chosen.covered, context.common.quiet, &mut output)?,
    }
    output.flush()?;
    Ok(exit_code(&done, &chosen.covered))
}

/// Puts the schedule in place, or says what that would do; returns what the user should know of it, too. What cannot be
/// done is an outcome, and no failure: the rest is done all the same.
fn set_schedule(chosen: &Chosen, config: &Config, is_dry_run: bool) -> (ScheduleDone, Vec<String>) {
    let alone = |done| (done, Vec::new());
    if !chosen.schedules {
        return alone(ScheduleDone::Left);
    }
    let environment = &config.environment;
    let commands = Commands::new(environment);
    let words = &chosen.import_words;
    let kind = match schedule::choose(System::here(), environment, &commands) {
        schedule::Choice::Make(kind) => kind,
        schedule::Choice::IsElsewhere(place) => return alone(ScheduleDone::IsElsewhere(place)),
        schedule::Choice::Nothing => {
            return alone(ScheduleDone::ByHand(schedule::by_hand(&shell::command_line(words))));
        }
    };
    let os_words: Vec<std::ffi::OsString> = words.iter().map(Into::into).collect();
    let steps = Job::new(&os_words, environment).and_then(|job| {
        let plan = schedule::plan(kind, &job, environment)?;
        match is_dry_run {
            true => schedule::would_install(&plan, &commands).map(|steps| (steps, Vec::new())),
            false => schedule::install(&plan, &commands).map(|done| (done.steps, done.notes)),
        }
    });
    match steps {
        Ok((steps, notes)) => (ScheduleDone::Ours { label: kind.label(), steps }, notes),
        Err(error) => {
            let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
            alone(ScheduleDone::ByHand(format!("{error}{hint}")))
        }
    }
}

fn import(origins: &[&'static str], config: &Config, reporter: &Reporter) -> Result<Imported> {
    let origins: Vec<Where> = match origins {
        [] => agents::registry().iter().map(|agent| Where::Agent(agent.id())).collect(),
        some => some.iter().map(|id| Where::Agent(id)).collect(),
    };
    let totals = engine::import(config, &Settings::default(), &origins, None, reporter)?;
    summary::of_import(&totals, &origins, None, false, reporter);
    let sum = totals.sum();
    let code = summary::exit_code(&totals, reporter);
    Ok(Imported { archived: sum.archived, skipped: sum.unchanged, code })
}

fn exit_code(done: &Done, covered: &[&'static str]) -> u8 {
    let is_file_left = done.files.iter().any(|file| matches!(file.outcome, setup::Outcome::ByHand { .. }));
    // Agents with hooks are archived without a schedule.
    let is_schedule_left = matches!(done.schedule, ScheduleDone::ByHand(_)) && !covered.is_empty();
    if is_file_left || is_schedule_left {
        return 1;
    }
    done.imported.as_ref().map_or(0, |imported| imported.code)
}
