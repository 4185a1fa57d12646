//! The catalog's rows of what was committed, of what was archived already, and of archives without a source.

use super::ready::Observed;
use crate::archive::catalog::Row;
use crate::archive::header::Header;
use crate::archive::names::Place;
use crate::archive::snapshot::Flags;
use crate::engine::Engine;
use crate::engine::state::totals::Outcome;
use crate::locator::Locator;
use crate::platform::path::path_bytes;
use std::path::PathBuf;

/// Returns the row of a source whose archive has this header.
pub(crate) fn row(engine: &Engine, observed: &Observed, header: &Header, place: &Place) -> Row {
    Row {
        path_key: engine.history.key_of(&observed.planned.found.locator),
        path: kept_path(&observed.planned.found.locator, &header.source),
        identity: header.identity.clone(),
        archive: place.archive_path(),
        inode: observed.stat.inode,
        file_bytes: observed.stat.bytes,
        mtime_ns: observed.stat.mtime_ns,
        ctime_ns: observed.stat.ctime_ns,
        observed_at_ns: observed.observed_ns,
        source_bytes: header.source_bytes,
        clean_bytes: header.clean_bytes,
        content_hash: header.content_hash,
        head_hash: header.head_hash,
        rules_version: header.rules_version.clone(),
        version: header.version,
        flags: Flags { is_rule_set_incomplete: header.is_rule_set_incomplete, has_no_hashes: false },
    }
}

/// Counts a source whose bytes are archived already; returns its row, if its stat is new.
pub(crate) fn row_of_unchanged(engine: &Engine, observed: &Observed) -> Option<Row> {
    if observed.is_put_off {
        return None;
    }
    let planned = &observed.planned;
    let archive = observed.same.as_ref().map(|same| PathBuf::from(&same.archive)).unwrap_or_default();
    engine.outcomes.count(&planned.group, Outcome::Unchanged { archive });
    let same = observed.same.as_ref().filter(|_| !planned.is_unchanged)?;
    Some(Row {
        path_key: engine.history.key_of(&planned.found.locator),
        path: observed.kept_path.clone(),
        observed_at_ns: observed.observed_ns,
        inode: observed.stat.inode,
        file_bytes: observed.stat.bytes,
        mtime_ns: observed.stat.mtime_ns,
        ctime_ns: observed.stat.ctime_ns,
        clean_bytes: observed.clean_bytes,
        ..same.row(&observed.identity)
    })
}

/// Returns what the catalog may keep of where a source is, of which `masked` is the masked text: its bytes, if nothing was
/// masked.
pub(crate) fn kept_path(locator: &Locator, masked: &str) -> Vec<u8> {
    if locator.text() == masked { path_bytes(locator.path()).to_vec() } else { masked.as_bytes().to_vec() }
}
