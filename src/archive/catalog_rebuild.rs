//! Reads a store's archives to make the catalog's rows anew. Writes nothing.
//!
//! What an archive does not say (the source's stat) is left at 0, so that the source is looked at again and found to be
//! covered by its hash. Archives of sessionkeep 0.4 have no header; their sidecars say at least which file they hold.

use crate::identity::FILES;
use std::path::Path;

use rayon::prelude::*;

use super::catalog::Row;
use super::content_hash::HashKey;
use super::header::Header;
use super::names::Place;
use super::reader::{Archive, Format};
use super::sidecar::Sidecar;
use super::snapshot::{Flags, archive_key, path_key};
use super::store::Store;
use crate::error::Result;
use crate::identity::Identity;

/// Returns a row for every archive that tells its source, the newest version of a session first.
pub(super) fn rows_of(store: &Store) -> Result<Vec<Row>> {
    let key = store.hash_key()?;
    let mut archives = Vec::new();
    // Directories that cannot be read hide their archives: their sources are archived once more, never lost.
    store.for_each_archive(&mut |relative| archives.push(relative), &mut |_, _| {})?;
    let mut rows: Vec<Row> =
        archives.into_par_iter().filter_map(|relative| row_of(store, &key, relative)).collect();
    rows.sort_by(|one, other| {
        (one.path_key, other.version, other.source_bytes, &one.archive).cmp(&(
            other.path_key,
            one.version,
            one.source_bytes,
            &other.archive,
        ))
    });
    Ok(rows)
}

/// Returns the row of one archive; `None` if it cannot be opened or does not tell its source.
pub(super) fn row_of(store: &Store, key: &HashKey, relative: String) -> Option<Row> {
    let file = store.open_file(&relative).ok()?;
    let archive = Archive::from_file(file, Path::new(&relative)).ok()?;
    match archive.format() {
        Format::Ours(header) => Some(row_of_header(header, relative)),
        // Whatever a damaged archive holds, its source is better archived again.
        Format::DamagedHeader(_) => None,
        Format::Plain | Format::Newer(_) => row_of_sidecar(store, key, relative),
    }
}

fn row_of_header(header: &Header, relative: String) -> Row {
    Row {
        // Not the source's path, which the header has masked, and which another version's source has, too.
        path_key: archive_key(&relative),
        path: Vec::new(),
        identity: header.identity.clone(),
        archive: relative,
        inode: 0,
        file_bytes: 0,
        mtime_ns: 0,
        ctime_ns: 0,
        observed_at_ns: 0,
        source_bytes: header.source_bytes,
        clean_bytes: header.clean_bytes,
        content_hash: header.content_hash,
        head_hash: header.head_hash,
        rules_version: header.rules_version.clone(),
        version: header.version,
        flags: Flags { is_rule_set_incomplete: header.is_rule_set_incomplete, has_no_hashes: false },
    }
}

fn row_of_sidecar(store: &Store, key: &HashKey, relative: String) -> Option<Row> {
    let place = Place::of_path(&relative)?;
    let sidecar = Sidecar::read(store.open_file(&place.sidecar_path()).ok()?).ok()??;
    if sidecar.source.is_empty() {
        return None;
    }
    let identity = Identity {
        agent: sidecar.agent.unwrap_or_else(|| FILES.to_owned()),
        session_id: crate::identity::safe_id(&sidecar.session_id),
        part_id: None,
    };
    Some(Row {
        path_key: path_key(key, sidecar.source.as_bytes()),
        // It stands in the sidecar, as its program wrote it: masked or not.
        path: Vec::new(),
        identity,
        archive: relative,
        inode: 0,
        file_bytes: 0,
        mtime_ns: 0,
        ctime_ns: 0,
        observed_at_ns: 0,
        source_bytes: sidecar.source_bytes,
        clean_bytes: sidecar.source_bytes,
        content_hash: [0; 32],
        head_hash: [0; 32],
        rules_version: sidecar.rules_version.unwrap_or_default(),
        version: u32::try_from(sidecar.version).unwrap_or(1).max(1),
        flags: Flags { is_rule_set_incomplete: false, has_no_hashes: true },
    })
}
