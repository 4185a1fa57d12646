//! Removes the files of pruned sessions: after their tombstones are durable, so that a kill anywhere leaves a session whole
//! or, for every reader of ours, gone. Whoever comes next finishes what a killed run began.
//!
//! For other programs, too, a session goes in few steps: its directory of parts by one rename, then each archive.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::pruned::{self, Pruned};
use super::tombstone::Tombstone;
use crate::archive::catalog::Catalog;
use crate::archive::names::REMOVED_PREFIX;
use crate::archive::reader::Archive;
use crate::archive::store::Store;
use crate::archive::store::lock::IMPORT_WAIT;
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;
use crate::platform::{Dir, EntryKind};

/// Prunes these sessions. The caller holds their locks, and has just seen that their archives are those that the
/// tombstones name.
///
/// # Errors
///
/// Nothing is pruned when the tombstones cannot be written. When a file cannot be removed, its session counts as pruned,
/// and the next run tries again.
pub(crate) fn prune(store: &Store, catalog: &mut Catalog, tombstones: &[Tombstone]) -> Result<()> {
    if tombstones.is_empty() {
        return Ok(());
    }
    let length = pruned::bury(store, tombstones)?;
    carry_out(store, catalog, tombstones, Some(length))
}

/// Finishes the removals that killed runs began; returns how many sessions that were.
///
/// # Errors
///
/// [`Kind::Busy`] when another run is at one of these sessions; as [`prune`].
pub(crate) fn finish(store: &Store, catalog: &mut Catalog) -> Result<usize> {
    if !pruned::is_any_pending(store.path()) {
        return Ok(0);
    }
    let sessions: Vec<Identity> = Pruned::read(store.path())?.pending().map(Tombstone::session).collect();
    let _locks = store.lock_sessions(&sessions, IMPORT_WAIT)?;
    // Their owner may have been alive, and be done by now.
    let pending: Vec<Tombstone> = Pruned::read(store.path())?.pending().cloned().collect();
    let mine = |tombstone: &&Tombstone| sessions.contains(&tombstone.session());
    let (restored, left): (Vec<Tombstone>, Vec<Tombstone>) =
        pending.iter().filter(mine).cloned().partition(|tombstone| is_archived_anew(store, tombstone));
    if !restored.is_empty() {
        let sessions: Vec<Identity> = restored.iter().map(Tombstone::session).collect();
        pruned::end(store, &sessions, "archived again")?;
    }
    if !left.is_empty() {
        pruned::flush(store)?;
        carry_out(store, catalog, &left, None)?;
    }
    Ok(left.len())
}

/// Returns whether a file with the name of a pruned archive is another one: somebody put it there, and it is not ours to
/// remove.
fn is_archived_anew(store: &Store, tombstone: &Tombstone) -> bool {
    tombstone.archives.iter().any(|covered| {
        let archive = store.open_file(&covered.archive).ok();
        let archive = archive.and_then(|file| Archive::from_file(file, Path::new(&covered.archive)).ok());
        let header = archive.as_ref().and_then(Archive::header);
        header.is_some_and(|header| {
            Some(header.content_hash) != covered.content_hash
                || Some(&header.archived_at) != covered.archived_at.as_ref()
        })
    })
}

fn carry_out(
    store: &Store,
    catalog: &mut Catalog,
    tombstones: &[Tombstone],
    length: Option<u64>,
) -> Result<()> {
    let mut touched = BTreeSet::new();
    let mut failure = None;
    for tombstone in tombstones {
        if let Err(error) = remove_files(store, tombstone, &mut touched) {
            failure.get_or_insert(error);
        }
    }
    for directory in &touched {
        let flushed = store.existing_directory(directory).and_then(|directory| directory.sync());
        flushed
            .map_err(|error| Error::io(Kind::Store, "cannot flush", &store.path().join(directory), error))?;
    }
    let identities: Vec<Identity> = tombstones.iter().flat_map(Tombstone::identities).collect();
    catalog.mark_pruned(&identities)?;
    if let Some(error) = failure {
        return Err(error.with_hint("Run the same command again to remove what is left."));
    }
    let sessions: Vec<Identity> = tombstones.iter().map(Tombstone::session).collect();
    pruned::settle(store, &sessions, length)
}

/// Removes the files of one session; adds the directories that they were in to `touched`.
fn remove_files(store: &Store, tombstone: &Tombstone, touched: &mut BTreeSet<String>) -> Result<()> {
    for path in &tombstone.parts {
        let cannot = |error| Error::io(Kind::Store, "cannot remove", &store.path().join(path), error);
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(parent) = there(store.existing_directory(directory)).map_err(cannot)? else { continue };
        let aside = format!("{REMOVED_PREFIX}{name}");
        // Left by a run that was killed.
        remove_tree(&parent, aside.as_ref()).map_err(cannot)?;
        if there(parent.stat_name(name)).map_err(cannot)?.is_some() {
            parent
                .rename_over(name, &aside)
                .and_then(|()| remove_tree(&parent, aside.as_ref()))
                .map_err(cannot)?;
        }
        touched.insert(directory.to_owned());
    }
    let mut open: Option<(String, Dir)> = None;
    for path in tombstone.files() {
        let cannot = |error| Error::io(Kind::Store, "cannot remove", &store.path().join(&path), error);
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if open.as_ref().is_none_or(|(known, _)| known != directory) {
            let Some(opened) = there(store.existing_directory(directory)).map_err(cannot)? else { continue };
            open = Some((directory.to_owned(), opened));
        }
        let Some((_, opened)) = &open else { continue };
        there(opened.remove(name)).map_err(cannot)?;
        touched.insert(directory.to_owned());
    }
    Ok(())
}

/// Removes a directory and all that is in it; nothing if it is not there.
fn remove_tree(parent: &Dir, name: &Path) -> io::Result<()> {
    let Some(directory) = there(parent.open_dir(name))? else { return Ok(()) };
    for (entry, kind) in directory.entries()? {
        match kind {
            EntryKind::Directory => remove_tree(&directory, entry.as_ref())?,
            _ => {
                there(directory.remove(&entry))?;
            }
        }
    }
    drop(directory);
    there(parent.remove_dir(name)).map(|_| ())
}

/// Takes what is not there for nothing.
fn there<T>(looked: io::Result<T>) -> io::Result<Option<T>> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
