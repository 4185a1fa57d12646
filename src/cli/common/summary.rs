//! What archiving commands say at their end, and the exit code that they leave.

use crate::agents;
use crate::engine::plan::waiting::Patience;
use crate::engine::{Archived, Group, Totals, Where};
use crate::error::{Error, Kind};
use crate::mask::Masker;
use crate::report::{Reporter, Verbosity, units};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Says what became of each file that was named.
pub(crate) fn of_files(totals: &Totals, is_dry_run: bool, reporter: &Reporter) {
    for archived in &totals.archives {
        if is_dry_run {
            reporter.would_archive(archived.lines, archived.masked_lines, &archived.archive);
        } else {
            reporter.archived(archived.lines, archived.masked_lines, &archived.archive);
        }
    }
    let sum = totals.sum();
    if sum.unchanged > 0 && totals.archives.is_empty() && totals.errors.is_empty() {
        reporter.say("already archived, nothing new");
    }
    if sum.pruned > 0 {
        reporter.say(format_args!(
            "left {} alone: pruned before; with --again, what was pruned is archived again",
            units::count(sum.pruned, "file")
        ));
    }
    if sum.empty > 0 {
        reporter.say(format_args!("skipped {}: nothing in it", units::count(sum.empty, "empty file")));
    }
}

/// Says what became of each place that was looked at, and what it cost.
pub(crate) fn of_import(
    totals: &Totals,
    origins: &[Where],
    patience: Option<Patience>,
    is_dry_run: bool,
    reporter: &Reporter,
) {
    for (label, group) in &totals.groups {
        if let Some(patience) = patience {
            of_young(label, group, patience, is_dry_run, reporter);
        }
        reporter.imported(label, group.archived, group.unchanged, is_dry_run);
        if group.pruned > 0 {
            reporter.say(format_args!(
                "{label}: left {} alone, pruned before",
                units::count(group.pruned, "file")
            ));
        }
    }
    if totals.groups.is_empty() {
        reporter.say(format_args!("no transcripts found for {}", names(origins)));
    }
    let sum = totals.sum();
    if sum.failed + sum.not_tried > 0 {
        reporter.say(format_args!(
            "{} not archived; sources are untouched",
            units::count(sum.failed + sum.not_tried, "file")
        ));
    }
    if sum.archived > 0 {
        let ratio = sum.source_bytes as f64 / sum.archived_bytes.max(1) as f64;
        let sizes = match is_dry_run {
            true => units::size(sum.source_bytes),
            false => format!(
                "{} -> {} ({ratio:.1}x)",
                units::size(sum.source_bytes),
                units::size(sum.archived_bytes)
            ),
        };
        reporter.say(format_args!(
            "{}, {sizes}, {} of {} masked, {} ({})",
            units::count(sum.archived, "file"),
            sum.masked_lines,
            units::count(sum.lines, "line"),
            units::duration(totals.elapsed),
            units::rate(sum.source_bytes, totals.elapsed),
        ));
    }
    if reporter.verbosity() >= Verbosity::Verbose {
        for (step, taken) in &totals.times {
            reporter.detail(format_args!("{step}: {} over all threads", units::duration(*taken)));
        }
    }
}

/// Returns what became of everything, for programs. Names of files are masked as messages are: they may hold a secret.
pub(crate) fn to_json(totals: &Totals, store: &Path, is_dry_run: bool, masker: &Masker) -> Value {
    let path = |path: &Path| masker.mask_name(&path.to_string_lossy()).to_string();
    let archive = |archived: &Archived| {
        json!({
            "path": path(&archived.archive),
            "source_bytes": archived.source_bytes,
            "archived_bytes": archived.archived_bytes,
            "lines": archived.lines,
            "masked_lines": archived.masked_lines,
            "has_waited": archived.has_waited,
        })
    };
    let failure = |error: &Error| {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
        json!({
            "path": error.path().map(path),
            "reason": masker.mask_name(&format!("{}{cause}", error.what())).to_string(),
            "advice": error.hint().map(|hint| masker.mask_name(hint).to_string()),
            "exit_code": error.kind().exit_code(),
        })
    };
    let groups = totals.groups.iter().map(|(label, group)| {
        let mut members = Map::new();
        members.insert("name".to_owned(), Value::from(path(Path::new(label))));
        members.extend(counts(group));
        Value::Object(members)
    });
    let masked = totals.masked_by_rule.iter().map(|(rule, count)| json!({"rule": rule, "count": count}));
    let mut object = Map::new();
    object.insert("store".to_owned(), Value::from(path(store)));
    object.insert("is_dry_run".to_owned(), Value::from(is_dry_run));
    object.insert("seconds".to_owned(), Value::from(totals.elapsed.as_millis() as f64 / 1000.0));
    object.insert("exit_code".to_owned(), Value::from(totals.exit_code()));
    object.insert("total".to_owned(), Value::Object(counts(&totals.sum())));
    object.insert("agents".to_owned(), groups.collect());
    object.insert("masked".to_owned(), masked.collect());
    object.insert("archives".to_owned(), totals.archives.iter().map(archive).collect());
    object.insert("failures".to_owned(), totals.errors.iter().map(failure).collect());
    Value::Object(object)
}

fn counts(group: &Group) -> Map<String, Value> {
    let counts = [
        ("archived", group.archived),
        ("unchanged", group.unchanged),
        ("too_young", group.too_young),
        ("waited", group.waited),
        ("empty", group.empty),
        ("failed", group.failed),
        ("not_tried", group.not_tried),
        ("source_bytes", group.source_bytes),
        ("archived_bytes", group.archived_bytes),
        ("lines", group.lines),
        ("masked_lines", group.masked_lines),
    ];
    counts.into_iter().map(|(name, count)| (name.to_owned(), Value::from(count))).collect()
}

/// Says how many of a group's files were left alone for being young, and how many were not in spite of that.
fn of_young(label: &str, group: &Group, patience: Patience, is_dry_run: bool, reporter: &Reporter) {
    if group.too_young > 0 {
        reporter.say(format_args!(
            "{label}: left {} alone, modified in the last {} min (still active)",
            units::count(group.too_young, "file"),
            patience.min_age.as_secs() / 60
        ));
    }
    if group.waited > 0 {
        let archived = if is_dry_run { "would be archived" } else { "archived" };
        reporter.say(format_args!(
            "{label}: {} {archived} in spite of --min-age: not archived for more than {}",
            units::count(group.waited, "file"),
            units::wait(patience.max_wait)
        ));
    }
}

/// Of more places than these the names tell nobody anything.
const MOST_NAMED: usize = 8;

fn names(origins: &[Where]) -> String {
    if origins.len() > MOST_NAMED {
        return "any known agent".to_owned();
    }
    let name = |origin: &Where| match origin {
        Where::Agent(id) => agents::agent(id).map_or(*id, |agent| agent.label()).to_owned(),
        Where::Directory { path, pattern, .. } => format!("{pattern} in {}", path.display()),
    };
    origins.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Says a failure that ended the run, and returns the exit code.
pub(crate) fn exit_code(totals: &Totals, reporter: &Reporter) -> u8 {
    if let Some(error) = totals.errors.iter().find(|error| error.kind().is_fatal()) {
        reporter.error(error);
        let sum = totals.sum();
        if error.kind() == Kind::NoSpace {
            reporter.say(format_args!(
                "{} archived, {} not; sources are untouched: free space, then run the same command again",
                sum.archived,
                sum.failed + sum.not_tried
            ));
        }
    }
    totals.exit_code()
}
