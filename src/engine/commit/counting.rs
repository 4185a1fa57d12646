//! What a session's archives count as, those included that a dry run would have made.

use super::ready::{Ready, ReadyArchive};
use crate::archive::names::Place;
use crate::engine::Engine;
use crate::engine::state::totals::{Archived, Outcome, Skip};
use std::path::PathBuf;

/// Counts an archive, and says why its source did not have to grow old for it.
pub(crate) fn count_archived(engine: &Engine, archive: &ReadyArchive, path: PathBuf) {
    let planned = &archive.observed.planned;
    if let Some(since) = planned.waits_since {
        let source = planned.found.locator.path().display();
        let archived = if engine.settings.is_dry_run { "would be archived" } else { "archived" };
        engine.reporter.detail(format_args!("{archived} in spite of --min-age: {source}: {since}"));
    }
    engine.outcomes.count(&planned.group, archived(path, archive));
}

/// Counts what a dry run would have archived.
pub(crate) fn count_dry(engine: &Engine, ready: Ready) {
    for observed in ready.unchanged.iter().filter(|observed| !observed.is_put_off) {
        let is_pruned = observed.same.as_ref().is_some_and(|same| same.is_pruned);
        let outcome = match is_pruned {
            true => Outcome::Skipped(Skip::Pruned),
            false => Outcome::Unchanged { archive: PathBuf::new() },
        };
        engine.outcomes.count(&observed.planned.group, outcome);
    }
    for archive in ready.archives {
        let place = archive.placement.candidates().first().map(Place::archive_path).unwrap_or_default();
        let path = engine.history.root.join(place);
        if engine.settings.lists_archives {
            engine.reporter.path(&path);
        }
        count_archived(engine, &archive, path);
    }
}

/// Returns what a finished archive counts as.
fn archived(archive: PathBuf, ready: &ReadyArchive) -> Outcome {
    Outcome::Archived(Archived {
        archive,
        source_bytes: ready.header.source_bytes,
        archived_bytes: ready.archived_bytes,
        lines: ready.header.line_count,
        masked_lines: ready.header.masked_lines,
        has_waited: ready.observed.planned.has_waited,
        masked_by_rule: ready.header.masked_by_rule.clone(),
    })
}
