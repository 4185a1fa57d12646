//! The catalog's rows of what was committed, of what was archived already, and of archives without a source.

use super::ready::Observed;
use crate::archive::catalog::Row;
use crate::archive::header::Header;
use crate::archive::names::Place;
use crate::archive::snapshot::{Flags, archive_key};
use crate::engine::Engine;
use crate::engine::history::versions::Version;
use crate::engine::state::totals::Outcome;
use crate::engine::work::finish;
use crate::identity::Identity;
use std::path::PathBuf;

/// Returns the row of a source whose archive has this header.
pub(crate) fn row(engine: &Engine, observed: &Observed, header: &Header, place: &Place) -> Row {
    let path = observed.planned.found.locator.path();
    Row {
        path_key: engine.key_of(&observed.planned.found.locator),
        path: finish::kept_path(path, &header.source),
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
    engine.count(&planned.group, Outcome::Unchanged { archive });
    let same = observed.same.as_ref().filter(|_| !planned.is_unchanged)?;
    Some(Row {
        path_key: engine.key_of(&planned.found.locator),
        path: observed.kept_path.clone(),
        observed_at_ns: observed.observed_ns,
        inode: observed.stat.inode,
        file_bytes: observed.stat.bytes,
        mtime_ns: observed.stat.mtime_ns,
        ctime_ns: observed.stat.ctime_ns,
        clean_bytes: observed.clean_bytes,
        ..row_of_archive(&observed.identity, same)
    })
}

/// Returns the row that keeps an archive in the catalog when no source stands for it any more.
pub(crate) fn row_of_archive(identity: &Identity, version: &Version) -> Row {
    Row {
        path_key: archive_key(&version.archive),
        path: Vec::new(),
        identity: identity.clone(),
        archive: version.archive.clone(),
        inode: 0,
        file_bytes: 0,
        mtime_ns: 0,
        ctime_ns: 0,
        observed_at_ns: 0,
        source_bytes: version.source_bytes,
        clean_bytes: version.source_bytes,
        content_hash: version.content_hash,
        head_hash: version.head_hash,
        rules_version: version.rules_version.clone(),
        version: version.number,
        flags: Flags { is_rule_set_incomplete: version.is_rule_set_incomplete, has_no_hashes: false },
    }
}
