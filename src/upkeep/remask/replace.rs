//! Puts new archives in place of those that they were made of: whole, durable, under their sessions' locks, and only where
//! the old one is still the one that was read. Sidecars and the catalog follow.

use super::mask::{Ready, split};
use super::scan::{Work, Workshop};
use crate::archive::catalog::Catalog;
use crate::archive::catalog::listing::{Changes, Listed};
use crate::archive::store::Store;
use crate::archive::store::commit::{GroupCommit, Publication, Replace};
use crate::archive::tree::sidecar_of_archive;
use crate::error::{Error, Kind, Result};
use crate::platform::Stat;
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
    let mut group = GroupCommit::new(store);
    let mut outcomes: Vec<Replaced> = Vec::new();
    let (mut waiting, mut rows, mut changes) = (Vec::new(), Vec::new(), Changes::default());
    for (index, (work, ready)) in ready.into_iter().enumerate() {
        outcomes.push(Replaced::Done);
        let path = store.path().join(&work.head.relative);
        let there = std::fs::symlink_metadata(&path).map(|metadata| Stat::of(&metadata));
        if !there.is_ok_and(|stat| stat == work.stat) {
            outcomes[index] = Replaced::Overtaken;
            continue;
        }
        let (directory, name) = split(&work.head.relative);
        let sidecar = ready.sidecar.take();
        let old_sidecar = std::fs::symlink_metadata(store.path().join(sidecar_of_archive(&work.head.relative)));
        if sidecar.as_ref().is_some_and(|sidecar| sidecar.listed.is_some()) {
            changes.replaced.extend(old_sidecar.ok().map(|metadata| Stat::of(&metadata).inode));
        }
        let listed = sidecar.as_ref().and_then(|sidecar| sidecar.listed.clone());
        match ready.staged.take() {
            Some((staged, _)) => {
                let sidecar = sidecar.map(|sidecar| (sidecar.name, sidecar.bytes));
                group.add(staged, name.to_owned(), Replace::Yes, sidecar);
                waiting.push((index, work, listed));
                if group.is_full() {
                    commit(&mut group, &mut waiting, &mut outcomes, &mut changes, |work| {
                        rows.extend(rows_of(workshop, catalog, work));
                    });
                }
            }
            None => {
                let Some(sidecar) = sidecar else { continue };
                let written = store.directory(directory).and_then(|directory| {
                    let cannot = |error| Error::io(Kind::Store, "cannot write", &path, error);
                    store.write_sidecar(&directory, &sidecar.name, &sidecar.bytes).map_err(cannot)
                });
                match written {
                    Ok(stat) => {
                        changes.listed.extend(listed.and_then(|listed| Listed::of_sidecar(&listed, &stat)));
                    }
                    Err(error) => outcomes[index] = Replaced::Failed(error),
                }
                rows.extend(rows_of(workshop, catalog, work));
            }
        }
    }
    commit(&mut group, &mut waiting, &mut outcomes, &mut changes, |work| {
        rows.extend(rows_of(workshop, catalog, work));
    });
    if let Err(error) = catalog.record_listed(&rows, &changes) {
        workshop.reporter.warn(format_args!("{error}; the catalog learns of it when it is made anew"));
    }
    Ok(outcomes)
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
                changes.listed.extend(
                    listed.zip(stat).and_then(|(listed, stat)| Listed::of_sidecar(&listed, &stat)),
                );
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

/// Returns the catalog's rows of an archive, as they are to be: with today's rules, and with no path in which there is
/// something to mask. What cannot be asked stays as it is.
fn rows_of(workshop: &Workshop, catalog: &Catalog, work: &Work) -> Vec<crate::archive::catalog::Row> {
    if work.header.is_none() {
        return Vec::new();
    }
    let mut rows = catalog.rows_of(&work.head.identity).unwrap_or_default();
    rows.retain(|row| row.archive == work.head.relative && !row.flags.has_no_hashes);
    for row in &mut rows {
        row.rules_version = workshop.masker.rules_version().to_owned();
        row.flags.is_rule_set_incomplete = false;
        let path = path_of_bytes(row.path.clone());
        let shown = path.to_string_lossy();
        let masked = workshop.masker.mask_name(&shown);
        if masked != shown {
            row.path = masked.into_bytes();
        }
    }
    rows
}
