//! The sidecars of archives that get a name, and of transcripts whose session has new parts.

use super::ready::ReadyArchive;
use crate::archive::catalog::listing::{Changes, Listed};
use crate::archive::names::Place;
use crate::archive::reader::Archive;
use crate::archive::sidecar::{Part, Sidecar};
use crate::archive::store::Store;
use crate::engine::Engine;
use crate::error::{Error, Kind, Result};
use crate::platform::Stat;

/// Returns the sidecar of an archive at `place`; a transcript's names the parts of its session.
pub(crate) fn sidecar_of(
    engine: &Engine,
    store: &Store,
    archive: &ReadyArchive,
    parts: &[Part],
    place: &Place,
) -> Sidecar {
    let header = &archive.header;
    let path = store.path().join(place.archive_path());
    let path = engine.masker.mask_name(&path.to_string_lossy());
    let parts = if header.identity.part_id.is_none() { parts.to_vec() } else { Vec::new() };
    Sidecar::of_header(header, archive.archived_bytes, &path, parts)
}

/// Returns the inode of the sidecar that an archive has now.
pub(crate) fn sidecar_inode(store: &Store, place: &Place) -> Option<u64> {
    let metadata = std::fs::symlink_metadata(store.path().join(place.sidecar_path())).ok()?;
    Some(Stat::of(&metadata).inode)
}

/// Writes the sidecar of a transcript anew whose session has new parts.
pub(crate) fn list_parts(
    engine: &Engine,
    store: &Store,
    place: &Place,
    parts: Vec<Part>,
    changes: &mut Changes,
) -> Result<()> {
    let path = store.path().join(place.archive_path());
    let archive = Archive::open(&path)?;
    let Some(header) = archive.header() else { return Ok(()) };
    let shown = engine.masker.mask_name(&path.to_string_lossy());
    let sidecar = Sidecar::of_header(header, archive.stat().bytes, &shown, parts);
    let directory = store.directory(&place.directory)?;
    let replaced = sidecar_inode(store, place);
    let stat = store
        .write_sidecar(&directory, &place.sidecar_name(), &sidecar.to_bytes())
        .map_err(|error| Error::io(Kind::Store, "cannot write", &path, error))?;
    changes.replaced.extend(replaced);
    changes.listed.extend(Listed::of_sidecar(&sidecar, &stat));
    Ok(())
}
