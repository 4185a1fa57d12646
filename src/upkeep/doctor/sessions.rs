//! What there is to say of each agent's sessions: how many are not archived, and what is left alone or in the way.

use super::left_alone::Item;
use super::point::{Mend, Points, when};
use super::unarchived::{SOON_DAYS, Sessions};
use crate::config::Config;
use crate::report::{terminal_safe, units};
use crate::upkeep::command::{own_command, shell_word};
use std::path::Path;

/// Says how many sessions of each agent are archived, and when the others will be deleted.
pub(crate) fn points(config: &Config, all: &[Sessions], now_ns: i64, points: &mut Points) {
    for sessions in all.iter().filter(|sessions| sessions.files > 0) {
        let topic = format!("{}-sessions", sessions.agent);
        let files = units::count(sessions.files, "file");
        let kept = match sessions.cleanup_days {
            Some(days) => format!("deletes them after {}", units::count(days, "day")),
            None => "never deletes them".to_owned(),
        };
        let active = in_use(sessions);
        if sessions.unarchived == 0 {
            let archived = match sessions.files - sessions.active {
                count if count == sessions.files => format!("all of {files} archived"),
                count if sessions.active == sessions.never_archived => format!("{count} of {files} archived"),
                count => format!("{count} of {files} archived as they are now"),
            };
            points.ok(topic, format!("{}: {archived}{active}; it {kept}", sessions.label));
            continue;
        }
        let deletion = match sessions.first_deletion_ns {
            Some(deletion) if deletion <= now_ns => "; the first may be deleted any moment".to_owned(),
            Some(deletion) => format!("; the first will be deleted on {}", when(deletion / 1_000_000_000)),
            None => String::new(),
        };
        let says = format!(
            "{}: {} of {files} not archived ({}){active}; it {kept}{deletion}",
            sessions.label,
            sessions.unarchived,
            units::size(sessions.unarchived_bytes)
        );
        let import = own_command(config, &format!("import --agent {}", sessions.agent));
        points.mend(topic, says, Mend::Import, import);
    }
}

/// Says what each agent will delete soon, and whether that is archived.
pub(crate) fn deletions(config: &Config, all: &[Sessions], points: &mut Points) {
    for sessions in all.iter().filter(|sessions| sessions.deleted_soon > 0) {
        let topic = format!("{}-deletion", sessions.agent);
        let files = units::count(sessions.deleted_soon, "file");
        let says = format!("{} deletes {files} within {SOON_DAYS} days", sessions.label);
        if sessions.deleted_soon_unarchived == 0 {
            points.ok(topic, format!("{says}, all archived"));
            continue;
        }
        let says = format!("{says}, {} of them not archived", sessions.deleted_soon_unarchived);
        let import = own_command(config, &format!("import --agent {}", sessions.agent));
        points.mend(topic, says, Mend::Import, import);
    }
}

/// Names the agents that have sessions here of which nothing at all is archived.
pub(crate) fn agents(config: &Config, all: &[Sessions], points: &mut Points) {
    let without: Vec<&Sessions> =
        all.iter().filter(|sessions| sessions.known == 0 && sessions.unarchived > 0).collect();
    if without.is_empty() {
        let with = all.iter().filter(|sessions| sessions.known > 0).count() as u64;
        return points.ok("agents", format!("sessions of {} are archived", units::count(with, "agent")));
    }
    let labels: Vec<&str> = without.iter().map(|sessions| sessions.label).collect();
    let says = format!("nothing is archived of {}, which have sessions here", labels.join(", "));
    let says = if labels.len() == 1 { says.replace("which have", "which has") } else { says };
    let flags: Vec<String> = without.iter().map(|sessions| format!("--agent {}", sessions.agent)).collect();
    points.mend("agents", says, Mend::Import, own_command(config, &format!("import {}", flags.join(" "))));
}

/// Returns what is to be said of files that are being written to: nothing, or a phrase with a comma before it.
fn in_use(sessions: &Sessions) -> String {
    let grown = sessions.active - sessions.never_archived;
    let mut phrases = String::new();
    for (count, how) in [(sessions.never_archived, "not archived yet"), (grown, "changed since")] {
        if count > 0 {
            phrases.push_str(&format!(", {count} in use and {how}"));
        }
    }
    phrases
}

/// Returns what to do about what is in the way: a line for each cause, with what is to be done about the first that has
/// it.
fn advice_by_cause(config: &Config, problems: &[Item]) -> String {
    let mut causes: Vec<(&Item, u64)> = Vec::new();
    for item in problems {
        match causes.iter_mut().find(|(first, _)| first.reason == item.reason) {
            Some((_, count)) => *count += 1,
            None => causes.push((item, 1)),
        }
    }
    let is_one = causes.len() == 1;
    let line = |&(first, count): &(&Item, u64)| {
        let hint =
            first.hint.clone().unwrap_or_else(|| format!("ls -ld {}", shell_word(Path::new(&first.path))));
        let line = if is_one { hint } else { format!("{}: {hint}", first.reason) };
        let more = format!("   # and so for {} more: {}", count - 1, own_command(config, "doctor -v"));
        // A path may hold a line break.
        terminal_safe(format!("{line}{}", if count > 1 { &more } else { "" }).as_bytes()).into_owned()
    };
    causes.iter().map(line).collect::<Vec<String>>().join("\n")
}

/// Names what lies in agents' directories and is not archived: what is in the way is to be done something about, what is
/// left alone for a good reason is not. So many of them are `shown`.
pub(crate) fn not_archived(config: &Config, all: &[Sessions], shown: usize, points: &mut Points) {
    let details = |items: &[Item], count: u64| {
        let lines = items.iter().take(shown).map(|item| format!("{}: {}", item.path, item.reason));
        let more = count.saturating_sub(items.len().min(shown) as u64);
        let rest = (more > 0).then(|| format!("and {more} more: {}", own_command(config, "doctor -v")));
        lines.chain(rest).collect::<Vec<String>>()
    };
    for sessions in all {
        let label = sessions.label;
        if !sessions.problems.is_empty() {
            let count = sessions.problems.len() as u64;
            let says = format!("{label}: {} not followed or read", units::count(count, "path"));
            let advice = advice_by_cause(config, &sessions.problems);
            points.act(format!("{}-not-read", sessions.agent), says, advice);
            points.detail(details(&sessions.problems, count));
        }
        let counts = &sessions.left_alone_counts;
        if !counts.is_empty() {
            let count: u64 = counts.values().sum();
            let reasons: Vec<String> = counts.iter().map(|(why, count)| format!("{count} {why}")).collect();
            let says =
                format!("{label}: {} left alone ({})", units::count(count, "file"), reasons.join("; "));
            points.ok(format!("{}-left-alone", sessions.agent), says);
            points.detail(details(&sessions.left_alone, count));
        }
    }
}
