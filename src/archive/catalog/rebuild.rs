//! Reads a store's archives to make the catalog's rows anew. Writes nothing.
//!
//! What an archive does not say (the source's stat) is left at 0, so that the source is looked at again and found to be
//! covered by its hash. Archives of sessionkeep 0.4 have no header; their sidecars say at least which file they hold.

use crate::identity::{FILES, Identity};
use std::path::Path;

use rayon::prelude::*;

use super::rows::Row;
use super::snapshot::{Flags, path_key};
use crate::archive::content_hash::HashKey;
use crate::archive::names::Place;
use crate::archive::reader::{Archive, Format};
use crate::archive::sidecar::Sidecar;
use crate::archive::store::Store;
use crate::error::Result;

/// Returns a row for every archive that tells its source, the newest version of a session first.
pub(super) fn rows_of(store: &Store) -> Result<Vec<Row>> {
    let key = store.hash_key()?;
    let archives = store.archives()?;
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
    // Sources are looked for under our own names only.
    Place::of_path(&relative)?;
    let file = store.open_file(&relative).ok()?;
    let archive = Archive::from_file(file, Path::new(&relative)).ok()?;
    match archive.format() {
        Format::Ours(header) => Some(Row::of_header(header, relative)),
        // Whatever a damaged archive holds, its source is better archived again.
        Format::DamagedHeader(_) => None,
        Format::Plain | Format::Newer(_) => row_of_sidecar(store, key, relative),
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
        source_bytes: sidecar.source_bytes,
        clean_bytes: sidecar.source_bytes,
        rules_version: sidecar.rules_version.unwrap_or_default(),
        version: u32::try_from(sidecar.version).unwrap_or(1).max(1),
        flags: Flags { has_no_hashes: true, ..Flags::default() },
        ..Row::without_source(identity, relative)
    })
}
