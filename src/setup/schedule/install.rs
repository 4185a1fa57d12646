//! Puts a schedule in place and takes it away again. Twice changes nothing; an older form gives way to today's; what was
//! not made here stays.

use super::commands::{Commands, cannot_run};
use super::cron::{self, table as cron_table};
use super::files;
use super::plan::{KINDS, Kind, Plan, empty};
use crate::environment::Environment;
use crate::error::Result;
use crate::platform::clock;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// One thing that would be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A file is written; with its text before, if it is there.
    Write { path: PathBuf, before: Option<Vec<u8>>, after: Vec<u8> },
    /// A link is made.
    Link { path: PathBuf, target: PathBuf },
    /// The user's cron table is replaced: by `crontab FILE`, or by `crontab -r` if nothing is left.
    CronTable { before: Vec<u8>, after: Vec<u8> },
    /// A file or link is removed.
    Remove { path: PathBuf },
    /// A command is run.
    Run { words: Vec<String> },
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// In the order in which it was done; nothing where all was as it should be.
    pub steps: Vec<Step>,
    /// What the user should know: when it starts, what could not be switched.
    pub notes: Vec<String>,
}

/// Returns what [`install`] would do: nothing where the schedule is in place.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when the user's cron table cannot be read.
pub(crate) fn would_install(plan: &Plan, commands: &Commands) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for file in &plan.files {
        let before = files::read(&file.path);
        if before.as_deref() != Some(&file.bytes) {
            steps.push(Step::Write { path: file.path.clone(), before, after: file.bytes.clone() });
        }
    }
    if let Some((path, target)) = &plan.link
        && std::fs::symlink_metadata(path).is_err()
    {
        steps.push(Step::Link { path: path.clone(), target: target.clone() });
    }
    if let Some(line) = &plan.cron_line {
        let before = cron_table::read(commands)?;
        let today = clock::now().to_zoned(TimeZone::UTC).date();
        let after = cron::with(&before, line, today);
        if after != before {
            steps.push(Step::CronTable { before, after });
        }
    }
    if !steps.is_empty() {
        let run = |words: &Vec<String>| Step::Run { words: words.clone() };
        if plan.kind == Kind::Launchd && files_exist(plan) {
            // What is loaded stays as it was until it is loaded anew.
            steps.extend(plan.switch_off.iter().map(run));
        }
        steps.extend(plan.switch_on.iter().map(run));
    }
    Ok(steps)
}

/// Puts a schedule in place and switches it on.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when a file or the cron table cannot be written, or when a scheduler that needs more than files
/// does not take it.
pub(crate) fn install(plan: &Plan, commands: &Commands) -> Result<Done> {
    let mut done = Done { steps: would_install(plan, commands)?, notes: Vec::new() };
    for step in &done.steps {
        match step {
            Step::Write { path, after, .. } => files::write(path, after)?,
            Step::CronTable { before, after } => cron_table::write(before, after, commands)?,
            // Made by the command that enables, or below.
            Step::Link { .. } | Step::Run { .. } | Step::Remove { .. } => {}
        }
    }
    if done.steps.is_empty() {
        return Ok(done);
    }
    match plan.kind {
        Kind::Systemd => switch_on_systemd(plan, commands, &mut done.notes)?,
        Kind::Launchd | Kind::TaskScheduler => {
            if plan.kind == Kind::Launchd {
                plan.switch_off.iter().for_each(|words| drop(commands.run(words)));
            }
            for words in &plan.switch_on {
                let ran = commands.run(words);
                if !ran.is_done {
                    return Err(cannot_run(words, &ran));
                }
            }
        }
        Kind::Cron => {}
    }
    Ok(done)
}

/// Has the user's systemd take up the timer; where none answers, does by hand what it would do, so that it finds the timer
/// when it starts.
fn switch_on_systemd(plan: &Plan, commands: &Commands, notes: &mut Vec<String>) -> Result<()> {
    let failed = plan.switch_on.iter().map(|words| commands.run(words)).find(|ran| !ran.is_done);
    // Enabling a unit that is enabled leaves an older link, and one that could not be reached left none.
    if let Some((path, target)) = &plan.link {
        files::link(path, target)?;
    }
    match failed {
        Some(_) => notes.push(
            "no systemd of yours runs now: the timer starts when you log in next; \
             to have it run without a login: loginctl enable-linger"
                .to_owned(),
        ),
        None => notes.push(
            "the timer runs while you are logged in; to have it run without a login: loginctl enable-linger"
                .to_owned(),
        ),
    }
    Ok(())
}

/// Returns what [`remove`] would do: nothing where no schedule was made here.
///
/// # Errors
///
/// As [`would_install`].
pub(crate) fn would_remove(environment: &Environment, commands: &Commands) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for kind in KINDS {
        let Ok(plan) = empty(kind, environment) else { continue };
        if kind == Kind::Cron {
            if let Some((before, after)) = cron_table::without_ours(commands)? {
                steps.push(Step::CronTable { before, after });
            }
            continue;
        }
        let ours: Vec<&Path> =
            plan.files.iter().map(|file| &*file.path).filter(|path| files::is_ours(path)).collect();
        if ours.is_empty() {
            continue;
        }
        let run = |words: &Vec<String>| Step::Run { words: words.clone() };
        steps.extend(plan.switch_off.iter().map(run));
        if let Some((path, _)) = plan.link.filter(|(path, _)| std::fs::symlink_metadata(path).is_ok()) {
            steps.push(Step::Remove { path });
        }
        steps.extend(ours.into_iter().map(|path| Step::Remove { path: path.to_path_buf() }));
        steps.extend(plan.afterwards.iter().map(run));
    }
    Ok(steps)
}

/// Takes away every schedule that was made here, and nothing else.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when a file or the cron table cannot be changed.
pub(crate) fn remove(environment: &Environment, commands: &Commands) -> Result<Done> {
    let steps = would_remove(environment, commands)?;
    let limit = environment.home();
    for step in &steps {
        match step {
            // Where no scheduler answers, none runs it.
            Step::Run { words } => drop(commands.run(words)),
            Step::Remove { path } => files::remove(path, limit)?,
            Step::CronTable { before, after } => cron_table::write(before, after, commands)?,
            Step::Write { .. } | Step::Link { .. } => {}
        }
    }
    cron_table::forget(commands)?;
    Ok(Done { steps, notes: Vec::new() })
}

/// Returns the kind of which a schedule was made here already.
pub(super) fn kind_in_place(environment: &Environment, commands: &Commands) -> Option<Kind> {
    KINDS.into_iter().find(|kind| match kind {
        Kind::Cron => matches!(cron_table::without_ours(commands), Ok(Some(_))),
        _ => empty(*kind, environment)
            .is_ok_and(|plan| plan.files.iter().any(|file| files::is_ours(&file.path))),
    })
}

fn files_exist(plan: &Plan) -> bool {
    plan.files.iter().any(|file| file.path.exists())
}
