//! What setup did, or would do, as one JSON object.

use super::done::{Done, ScheduleDone};
use crate::cli::common::output::Output;
use crate::error::Result;
use crate::setup::schedule::Step;
use crate::setup::{Outcome, PlannedFile, Undone, UndoneFile};
use serde_json::{Value, json};

/// Version of the object's form: raised when a name goes or means something else.
const VERSION: u64 = 1;

/// Prints what was done, or would be.
pub(super) fn print(done: &Done, is_dry_run: bool, output: &mut Output) -> Result<()> {
    let mut object = json!({
        "version": VERSION,
        "is_dry_run": is_dry_run,
        "files": done.files.iter().map(file).collect::<Vec<_>>(),
        "schedule": schedule(&done.schedule),
        "notes": notes(done),
        "undo": "sessionkeep setup --undo",
    });
    if let Some(imported) = &done.imported {
        object["import"] = json!({"archived": imported.archived, "skipped": imported.skipped});
    }
    if let Some(checkup) = &done.checkup {
        let to_do = checkup.points.0.iter().filter_map(|point| {
            let advice = point.advice.as_ref()?;
            Some(json!({"topic": point.topic, "says": point.says, "advice": advice}))
        });
        let to_do: Vec<Value> = to_do.collect();
        object["doctor"] = json!({"is_well": checkup.points.is_well(), "to_do": to_do});
    }
    crate::cli::common::json::print("setup", object, output)
}

/// Prints what was taken back, or would be.
pub(super) fn print_undone(
    files: &[UndoneFile],
    steps: &[Step],
    is_dry_run: bool,
    output: &mut Output,
) -> Result<()> {
    let file = |file: &UndoneFile| {
        let mut object = json!({"agent": file.agent, "file": file.file.to_string_lossy()});
        object["outcome"] = match &file.outcome {
            Undone::Restored { .. } => "restored",
            Undone::TakenOut { .. } => "taken_out",
            Undone::HooksTakenOut { lost, .. } => {
                object["reason"] = lost.as_str().into();
                "hooks_taken_out"
            }
            Undone::Nothing => "nothing",
            Undone::ByHand { reason } => {
                object["reason"] = reason.as_str().into();
                "by_hand"
            }
        }
        .into();
        object
    };
    let object = json!({
        "version": VERSION,
        "is_dry_run": is_dry_run,
        "undone": files.iter().map(file).collect::<Vec<_>>(),
        "schedule": steps.iter().map(step).collect::<Vec<_>>(),
    });
    crate::cli::common::json::print("setup-undo", object, output)
}

fn file(planned: &PlannedFile) -> Value {
    let what: Vec<&str> = planned.news().iter().map(|wanted| &*wanted.what).collect();
    let mut object = json!({"agent": planned.agent, "file": planned.file.to_string_lossy(), "what": what});
    object["outcome"] = match &planned.outcome {
        Outcome::Unchanged => "unchanged",
        Outcome::Changed { .. } => "changed",
        Outcome::ByHand { reason, lines } => {
            object["reason"] = reason.as_str().into();
            object["lines"] = lines.as_str().into();
            "by_hand"
        }
    }
    .into();
    object
}

fn schedule(done: &ScheduleDone) -> Value {
    match done {
        ScheduleDone::Left => json!({"outcome": "left"}),
        ScheduleDone::IsElsewhere(place) => json!({"outcome": "unchanged", "by": place}),
        ScheduleDone::Ours { label, steps } => {
            let outcome = if steps.is_empty() { "unchanged" } else { "changed" };
            json!({"outcome": outcome, "by": label, "steps": steps.iter().map(step).collect::<Vec<_>>()})
        }
        ScheduleDone::ByHand(reason) => json!({"outcome": "by_hand", "reason": reason}),
    }
}

fn step(step: &Step) -> Value {
    match step {
        Step::Write { path, .. } => json!({"does": "write", "path": path.to_string_lossy()}),
        Step::Link { path, .. } => json!({"does": "link", "path": path.to_string_lossy()}),
        Step::CronTable { .. } => json!({"does": "crontab"}),
        Step::Remove { path } => json!({"does": "remove", "path": path.to_string_lossy()}),
        Step::Run { words } => json!({"does": "run", "words": words}),
    }
}

fn notes(done: &Done) -> Vec<&str> {
    let changed = done.files.iter().filter(|file| matches!(file.outcome, Outcome::Changed { .. }));
    let mut notes: Vec<&str> =
        changed.flat_map(|file| file.news()).filter_map(|wanted| wanted.note).collect();
    notes.dedup();
    notes.extend(done.notes.iter().map(String::as_str));
    notes
}
