//! Puts new archives in place of those that they were made of: whole, durable, under their sessions' locks, and only where
//! the old one is still the one that was read. Sidecars and the catalog follow.

use super::listed;
use super::mask::{Ready, split};
use super::scan::{Work, Workshop};
use crate::archive::catalog::listing::{Changes, Listed};
use crate::archive::catalog::{Catalog, Row};
use crate::archive::store::Store;
use crate::archive::store::commit::{GroupCommit, Publication, Replace};
use crate::archive::tree::sidecar_of_archive;
use crate::error::{Error, Kind, Result};
use crate::platform::path::path_of_bytes;
use std::time::Duration;

/// How long a session's lock is waited for: a hook's worker holds one for as long as a flush takes.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// What became of one new archive.
#[derive(Debug)]
pub(super) enum Replaced {
    Done,
    /// Another run replaced what it was made of.
    Overtaken,
    Failed(Error),
}

/// Puts all of `ready` in place; returns what became of each, in the same order.
///
/// # Errors
///
/// When a lock is not to be had.
pub(super) fn replace(
    workshop: &Workshop,
    store: &Store,
    catalog: &mut Catalog,
    ready: Vec<(&Work, &mut Ready)>,
) -> Result<Vec<Replaced>> {
    let _locks = store.lock_sessions(ready.iter().map(|(work, _)| &work.head.identity), LOCK_WAIT)?;
    let is_as_read = |work: &Work| listed::stat(store.path(), &work.head.relative) == Some(work.stat);
    let overtaken: Vec<bool> = ready.iter().map(|(work, _)| !is_as_read(work)).collect();
    forget(workshop, store, catalog, &ready);
    let mut group = GroupCommit::new(store);
    let mut outcomes: Vec<Replaced> = Vec::new();
    let (mut waiting, mut rows, mut changes) = (Vec::new(), Vec::new(), Changes::default());
    for (index, (work, ready)) in ready.into_iter().enumerate() {
        outcomes.push(Replaced::Done);
        if overtaken[index] {
            outcomes[index] = Replaced::Overtaken;
            continue;
        }
        let (directory, name) = split(&work.head.relative);
        let sidecar = ready.sidecar.take();
        let listed = sidecar.as_ref().and_then(|sidecar| sidecar.listed.clone());
        if let Some((staged, _)) = ready.staged.take() {
            let sidecar = sidecar.map(|sidecar| (sidecar.name, sidecar.bytes));
            group.add(staged, name.to_owned(), Replace::Yes, sidecar);
            waiting.push((index, work, listed));
            if group.is_full() {
                commit(&mut group, &mut waiting, &mut outcomes, &mut changes, |work| {
                    rows.extend(rows_of(workshop, catalog, work, true));
                });
            }
            continue;
        }
        let Some(sidecar) = sidecar else { continue };
        let cannot =
            |error| Error::io(Kind::Store, "cannot write", &store.path().join(&work.head.relative), error);
        let written = store.directory(directory).and_then(|directory| {
            store.write_sidecar(&directory, &sidecar.name, &sidecar.bytes).map_err(cannot)
        });
        match written {
            Ok(stat) => changes.listed.extend(listed.and_then(|listed| Listed::of_sidecar(&listed, &stat))),
            Err(error) => outcomes[index] = Replaced::Failed(error),
        }
        rows.extend(rows_of(workshop, catalog, work, true));
    }
    commit(&mut group, &mut waiting, &mut outcomes, &mut changes, |work| {
        rows.extend(rows_of(workshop, catalog, work, true));
    });
    if let Err(error) = catalog.record_listed(&rows, &changes) {
        workshop.reporter.warn(format_args!("{error}; the catalog learns of it when it is made anew"));
    }
    Ok(outcomes)
}

/// Has the catalog forget what it says of sidecars that are about to be replaced, and paths in which there is something to
/// mask: a run that is killed must not leave there what is masked everywhere else. Without it a list reads the sidecars.
fn forget(workshop: &Workshop, store: &Store, catalog: &mut Catalog, ready: &[(&Work, &mut Ready)]) {
    let (mut changes, mut rows) = (Changes::default(), Vec::new());
    for (work, ready) in ready {
        if ready.sidecar.as_ref().is_some_and(|sidecar| sidecar.listed.is_some()) {
            let old = listed::stat(store.path(), &sidecar_of_archive(&work.head.relative));
            changes.replaced.extend(old.map(|stat| stat.inode));
        }
        rows.extend(rows_of(workshop, catalog, work, false));
    }
    if let Err(error) = catalog.record_listed(&rows, &changes) {
        workshop.reporter.warn(format_args!("{error}; it may still say what is masked now"));
    }
}

fn commit<'a>(
    group: &mut GroupCommit,
    waiting: &mut Vec<(usize, &'a Work, Option<crate::archive::sidecar::Sidecar>)>,
    outcomes: &mut [Replaced],
    changes: &mut Changes,
    mut done: impl FnMut(&'a Work),
) {
    for ((index, work, listed), outcome) in waiting.drain(..).zip(group.commit()) {
        match outcome {
            Publication::Published(stat) => {
                changes
                    .listed
                    .extend(listed.zip(stat).and_then(|(listed, stat)| Listed::of_sidecar(&listed, &stat)));
                done(work);
            }
            Publication::NotFlushed(error) | Publication::Failed(error) => {
                outcomes[index] = Replaced::Failed(error);
            }
            Publication::NameTaken(_) => {
                let error = Error::new(Kind::Internal, "an archive could not be replaced:");
                outcomes[index] = Replaced::Failed(error.with_path(&work.head.relative));
            }
        }
    }
}

/// Returns the catalog's rows of an archive, with no path in which there is something to mask; with today's rules if the
/// archive `is_done`, else those rows alone in which a path is masked. What cannot be asked stays as it is.
fn rows_of(workshop: &Workshop, catalog: &Catalog, work: &Work, is_done: bool) -> Vec<Row> {
    if work.header.is_none() {
        return Vec::new();
    }
    let mut rows = catalog.rows_of(&work.head.identity).unwrap_or_default();
    rows.retain(|row| row.archive == work.head.relative && !row.flags.has_no_hashes);
    rows.retain_mut(|row| {
        let path = path_of_bytes(row.path.clone());
        let shown = path.to_string_lossy();
        let masked = workshop.masker.mask_name(&shown);
        let is_masked = masked != shown;
        if is_masked {
            row.path = masked.into_bytes();
        }
        if is_done {
            row.rules_version = workshop.masker.rules_version().to_owned();
            row.flags.is_rule_set_incomplete = false;
        }
        is_masked || is_done
    });
    rows
}
