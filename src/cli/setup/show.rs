//! What setup prints for people: what was found, what would be done, and the screen at the end.

use super::diff;
use super::done::{Done, ScheduleDone};
use crate::agents::settings::{Change, Wanted};
use crate::cli::common::output::Output;
use crate::config::Config;
use crate::error::Result;
use crate::mask::Masker;
use crate::report::terminal_safe;
use crate::setup::schedule::Step;
use crate::setup::{Choice, Outcome, PlannedFile, PresentAgent};

/// Prints the agents that were found.
pub(super) fn found(present: &[PresentAgent], choice: &Choice, output: &mut Output) -> Result<()> {
    if present.is_empty() {
        return output.line("No agent was found here.");
    }
    output.line("Found:")?;
    for agent in present {
        let how = match (choice.hooks, agent.has_hooks) {
            (true, true) => "can call sessionkeep when a session ends",
            _ => "is archived by the schedule",
        };
        line(output, &format!("  {:<20} {how}", agent.label))?;
    }
    output.line("")
}

/// Prints what differs in the files that would be changed, and the lines to be added by hand to others.
pub(super) fn differences(files: &[PlannedFile], config: &Config, output: &mut Output) -> Result<()> {
    let masker = Masker::new(&config.masking)?;
    for file in files {
        let path = file.file.to_string_lossy();
        match &file.outcome {
            Outcome::Unchanged => {}
            Outcome::Changed { before, after } => {
                diff::print(&path, before.as_deref(), Some(after), &masker, output)?;
            }
            Outcome::ByHand { reason, lines } => by_hand(file, reason, lines, output)?,
        }
    }
    output.flush()
}

/// Prints what would be done, line by line.
pub(super) fn would_do(done: &Done, config: &Config, output: &mut Output) -> Result<()> {
    let masker = Masker::new(&config.masking)?;
    differences(&done.files, config, output)?;
    match &done.schedule {
        ScheduleDone::Ours { steps, .. } => {
            steps.iter().try_for_each(|step| schedule_step(step, &masker, output))?
        }
        ScheduleDone::ByHand(what) => line(output, &format!("by hand: {what}"))?,
        ScheduleDone::IsElsewhere(_) | ScheduleDone::Left => {}
    }
    for note in &done.notes {
        line(output, &format!("note: {note}"))?;
    }
    let is_nothing = done.files.iter().all(|file| file.outcome == Outcome::Unchanged)
        && !matches!(&done.schedule, ScheduleDone::Ours { steps, .. } if !steps.is_empty());
    if is_nothing {
        output.line("Nothing would be changed.")?;
    }
    Ok(())
}

/// Prints one step of a schedule that would be made or removed.
pub(super) fn schedule_step(step: &Step, masker: &Masker, output: &mut Output) -> Result<()> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\0', "");
    match step {
        Step::Write { path, before, after } => {
            let before = before.as_deref().map(text);
            diff::print(&path.to_string_lossy(), before.as_deref(), Some(&text(after)), masker, output)
        }
        Step::CronTable { before, after } => {
            diff::print_alone("crontab", &text(before), &text(after), masker, output)
        }
        Step::Link { path, target } => {
            line(output, &format!("link {} -> {}", path.display(), target.display()))
        }
        Step::Remove { path } => line(output, &format!("remove {}", path.display())),
        Step::Run { words } => line(output, &format!("run {}", words.join(" "))),
    }
}

/// Prints the screen at the end.
pub(super) fn did(done: &Done, covered: &[&'static str], is_quiet: bool, output: &mut Output) -> Result<()> {
    if !is_quiet {
        summary(done, covered, output)?;
    }
    for file in &done.files {
        if let Outcome::ByHand { reason, lines } = &file.outcome {
            by_hand(file, reason, lines, output)?;
        }
    }
    if let ScheduleDone::ByHand(what) = &done.schedule {
        line(output, &format!("by hand: {what}"))?;
    }
    if !is_quiet {
        afterwards(done, output)?;
    }
    Ok(())
}

fn summary(done: &Done, covered: &[&'static str], output: &mut Output) -> Result<()> {
    for file in &done.files {
        match &file.outcome {
            Outcome::Changed { .. } => {
                let text =
                    format!("done     {}: {} ({})", file.label, told(file.news()), file.file.display());
                line(output, &text)?;
            }
            Outcome::Unchanged => {
                line(output, &format!("was so   {}: {} ({})", file.label, all(file), file.file.display()))?;
            }
            Outcome::ByHand { .. } => {}
        }
    }
    match &done.schedule {
        ScheduleDone::Ours { label, steps } => {
            let word = if steps.is_empty() { "was so  " } else { "done    " };
            line(output, &format!("{word} schedule: {label} runs an import every half hour"))?;
        }
        ScheduleDone::IsElsewhere(place) => {
            line(output, &format!("was so   schedule: {place} runs an import"))?;
        }
        ScheduleDone::Left | ScheduleDone::ByHand(_) => {}
    }
    if let Some(imported) = &done.imported {
        let text =
            format!("done     archive: {} archived, {} were already", imported.archived, imported.skipped);
        line(output, &text)?;
    }
    if !covered.is_empty() && !matches!(done.schedule, ScheduleDone::Left | ScheduleDone::ByHand(_)) {
        line(
            output,
            &format!("note     no hook is set up for {}: the schedule covers it", covered.join(", ")),
        )?;
    }
    Ok(())
}

fn afterwards(done: &Done, output: &mut Output) -> Result<()> {
    let mut notes: Vec<&str> = Vec::new();
    let changed = done.files.iter().filter(|file| matches!(file.outcome, Outcome::Changed { .. }));
    for note in changed.flat_map(|file| file.news()).filter_map(|wanted| wanted.note) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes.extend(done.notes.iter().map(String::as_str));
    for note in notes {
        line(output, &format!("to do    {note}"))?;
    }
    for point in done.checkup.iter().flat_map(|checkup| &checkup.points.0) {
        if let Some(advice) = &point.advice {
            line(output, &format!("doctor   {}: {}", point.topic, point.says))?;
            advice.lines().try_for_each(|advice| line(output, &format!("         {advice}")))?;
        }
    }
    let is_well = done.checkup.as_ref().is_some_and(|checkup| checkup.points.is_well());
    if is_well {
        output.line("doctor   all is well")?;
    }
    output.line("")?;
    output.line(
        "Sessions are archived from now on. To take this back: sessionkeep setup --undo (the archives stay).",
    )
}

fn all(file: &PlannedFile) -> String {
    told(file.wanted.iter())
}

/// Says in a few words what is wanted in a file: `hooks on SessionEnd, PreCompact; keep sessions for 3650 days`. What only
/// the form of the file demands goes without saying.
fn told<'a>(wanted: impl IntoIterator<Item = &'a Wanted>) -> String {
    let (mut events, mut others) = (Vec::new(), Vec::new());
    for wanted in wanted {
        match (wanted.what.strip_prefix("hook on "), &wanted.change) {
            (_, Change::Member { is_default: true, .. }) => {}
            (Some(event), _) => events.push(event),
            (None, _) => others.push(&*wanted.what),
        }
    }
    if !events.is_empty() {
        let word = if events.len() == 1 { "hook" } else { "hooks" };
        let hooks = format!("{word} on {}", events.join(", "));
        return std::iter::once(&*hooks).chain(others).collect::<Vec<_>>().join("; ");
    }
    others.join("; ")
}

fn by_hand(file: &PlannedFile, reason: &str, lines: &str, output: &mut Output) -> Result<()> {
    let path = file.file.display();
    line(output, &format!("by hand  {}: {path} is left as it is: {reason}. Add to it:", file.label))?;
    lines.lines().try_for_each(|text| line(output, &format!("         {text}")))
}

fn line(output: &mut Output, text: &str) -> Result<()> {
    output.line(&*terminal_safe(text.as_bytes()))
}
