//! Looks, with the locks of its sessions held, whether the store still is as it was when a group was decided on: another
//! run may have come first.

use super::ready::Ready;
use crate::archive::catalog::Catalog;
use crate::engine::Engine;
use crate::engine::history::versions::{There, Version};
use crate::engine::session::placement::Placement;
use crate::engine::state::places::recorded_place;

/// Returns, for each archive of a session that is about to be named, those that the store has of it by now.
pub(crate) fn archives_of(catalog: &Catalog, ready: &Ready) -> Vec<Option<Vec<Version>>> {
    // A catalog that cannot be asked now is no reason to stop: names still cannot be taken twice.
    let archives = ready.archives.iter();
    archives.map(|archive| catalog.rows_of(&archive.header.identity).ok().map(Version::of_rows)).collect()
}

/// Returns whether the store holds other archives of these sessions by now than those that were decided on; notes
/// those that it does hold.
pub(crate) fn is_overtaken(
    engine: &Engine,
    catalog: &mut Catalog,
    ready: &Ready,
    there: Vec<Option<Vec<Version>>>,
) -> bool {
    let mut is_overtaken = false;
    for (archive, now) in ready.archives.iter().zip(there) {
        if let Some(now) = now.filter(|now| !same_archives(now, &archive.versions)) {
            engine.history.set_versions(archive.header.identity.clone(), now);
            is_overtaken = true;
        }
    }
    is_overtaken || is_elsewhere(engine, catalog, ready) || is_replaced(engine, catalog, ready)
}

/// Returns whether a session that is about to get its first archives has a place by now, and another one: its transcript
/// and its parts may be archived by two runs at once. Notes the place.
fn is_elsewhere(engine: &Engine, catalog: &Catalog, ready: &Ready) -> bool {
    ready.archives.iter().any(|archive| {
        let (identity, Placement::New(places)) = (&archive.header.identity, &archive.placement) else {
            return false;
        };
        if !archive.versions.is_empty() {
            return false;
        }
        let session = identity.session();
        let Some(recorded) = recorded_place(catalog, identity) else { return false };
        let is_there = match identity.part_id {
            Some(_) => places.first().is_none_or(|place| place.directory == recorded.parts_directory()),
            None => places.first() == Some(&recorded),
        };
        if !is_there && let Ok(rows) = catalog.rows_of(&session) {
            engine.places.note_place(&session, recorded);
            engine.history.set_versions(session, Version::of_rows(rows));
        }
        !is_there
    })
}

/// Returns whether what is about to be replaced is not what was decided on. The catalog is only a cache: a run that
/// died, or could not write to it, may have put a later archive there, and that must not be replaced by an earlier one.
fn is_replaced(engine: &Engine, catalog: &mut Catalog, ready: &Ready) -> bool {
    let mut is_replaced = false;
    for archive in &ready.archives {
        let Placement::Replace(place) = &archive.placement else { continue };
        let identity = &archive.header.identity;
        let Some(index) = archive.versions.iter().position(|version| version.archive == place.archive_path())
        else {
            continue;
        };
        match There::at(&engine.history.root, identity, &archive.versions[index]) {
            There::AsRecorded | There::Nothing => continue,
            There::Damaged => {}
            There::Other(actual) => {
                let _ = catalog.record(&[actual.row(identity)]);
                let mut versions = archive.versions.clone();
                versions[index] = actual;
                engine.history.set_versions(identity.clone(), versions);
            }
        }
        is_replaced = true;
    }
    is_replaced
}

fn same_archives(now: &[Version], then: &[Version]) -> bool {
    if now.is_empty() && then.is_empty() {
        return true;
    }
    let key = |version: &Version| (version.archive.clone(), version.source_bytes, version.content_hash);
    let (mut now, mut then): (Vec<_>, Vec<_>) =
        (now.iter().map(key).collect(), then.iter().map(key).collect());
    now.sort();
    then.sort();
    now == then
}
