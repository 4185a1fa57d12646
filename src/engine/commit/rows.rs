//! The catalog's rows of what was committed, of what was archived already, and of archives without a source.

use super::ready::Observed;
use crate::archive::catalog::Row;
use crate::archive::header::Header;
use crate::archive::names::Place;
use crate::engine::Engine;
use crate::engine::state::totals::{Outcome, Skip};
use crate::locator::Locator;
use crate::platform::path::path_bytes;
use std::path::PathBuf;

/// Returns the row of a source whose archive has this header.
pub(crate) fn row(engine: &Engine, observed: &Observed, header: &Header, place: &Place) -> Row {
    let locator = &observed.planned.found.locator;
    Row {
        path_key: engine.history.key_of(locator),
        path: kept_path(locator, &header.source),
        ..Row::of_header(header, place.archive_path()).observed(&observed.stamp, observed.observed_ns)
    }
}

/// Counts a source whose bytes are archived already; returns its row, if its stat is new.
pub(crate) fn row_of_unchanged(engine: &Engine, observed: &Observed) -> Option<Row> {
    if observed.is_put_off {
        return None;
    }
    let planned = &observed.planned;
    let archive = observed.same.as_ref().map(|same| PathBuf::from(&same.archive)).unwrap_or_default();
    let is_pruned = observed.same.as_ref().is_some_and(|same| same.is_pruned);
    engine.outcomes.count(
        &planned.group,
        match is_pruned {
            true => Outcome::Skipped(Skip::Pruned),
            false => Outcome::Unchanged { archive },
        },
    );
    let same = observed.same.as_ref().filter(|_| !planned.is_unchanged)?;
    Some(Row {
        path_key: engine.history.key_of(&planned.found.locator),
        path: observed.kept_path.clone(),
        clean_bytes: observed.clean_bytes,
        ..same.row(&observed.identity).observed(&observed.stamp, observed.observed_ns)
    })
}

/// Returns what the catalog may keep of where a source is, of which `masked` is the masked text: its bytes, if nothing was
/// masked.
pub(crate) fn kept_path(locator: &Locator, masked: &str) -> Vec<u8> {
    if locator.text() == masked { path_bytes(locator.path()).to_vec() } else { masked.as_bytes().to_vec() }
}
