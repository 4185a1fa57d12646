//! Remembers that a run gives names to archives, so that the next one makes up for it if it dies before the catalog
//! knows of them. Such archives would be found by their names alone, and a source without times of its own gets another
//! name when it is touched.

use std::fs::{File, TryLockError};
use std::io;

use super::catalog::Catalog;
use super::store::{LOCKS_DIRECTORY, Store};
use crate::error::Result;
use crate::platform::{self, Dir, Stat};

/// What the names of marks begin with, among the locks of the store.
const PREFIX: &str = "naming-";

/// The mark of a run that is at it. Left behind by a run that dies; locked as long as it lives.
#[derive(Debug)]
pub struct Naming {
    directory: Dir,
    name: String,
    _locked: File,
}

impl Store {
    /// Leaves the mark of this run. It survives a power loss, as do the archives that get their names after it.
    pub fn begin_naming(&self) -> io::Result<Naming> {
        let directory = self.private().open_dir(LOCKS_DIRECTORY)?;
        let temporary = platform::temporary_name()?;
        let name = temporary.replace(platform::TEMPORARY_PREFIX, PREFIX);
        let file = directory.create_new(&temporary)?;
        // Before anybody can see the mark: one without a lock is a dead run's. Where there are no locks (some network
        // file systems), others take this run for dead, and what it names after their look is found by its name alone.
        let _ = file.try_lock();
        let named = directory.rename_over(&temporary, &name).and_then(|()| directory.sync());
        if let Err(error) = named {
            let _ = directory.remove(&temporary);
            let _ = directory.remove(&name);
            return Err(error);
        }
        Ok(Naming { directory, name, _locked: file })
    }

    /// Returns the marks of runs that died, which are in `locks`.
    fn marks_of_the_dead(locks: &Dir) -> Vec<String> {
        let names = locks.entries().unwrap_or_default().into_iter();
        let names = names.filter_map(|(name, _)| name.into_string().ok());
        names.filter(|name| name.starts_with(PREFIX) && is_of_the_dead(locks, name)).collect()
    }
}

/// Returns whether nobody holds a mark who lives.
fn is_of_the_dead(locks: &Dir, name: &str) -> bool {
    let Ok(file) = locks.open_file(name) else { return false };
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return false;
    }
    // A run that ends removes its mark and lets go of it: whoever had opened it by then gets the lock of no mark.
    let opened = Stat::of_file(&file);
    matches!((opened, locks.stat_name(name)), (Ok(opened), Ok(there)) if opened.inode == there.inode)
}

impl Naming {
    /// Removes the mark: the catalog knows of all that this run has named.
    pub fn done(self) {
        // A mark that stays costs the next run a look.
        let _ = self.directory.remove(&self.name);
    }
}

impl Catalog {
    /// Takes in the archives that runs named which died before they could record them; returns how many there were.
    pub fn take_in_unrecorded(&mut self, store: &Store) -> Result<usize> {
        let Ok(locks) = store.private().open_dir(LOCKS_DIRECTORY) else { return Ok(0) };
        let marks = Store::marks_of_the_dead(&locks);
        if marks.is_empty() {
            return Ok(0);
        }
        let known = self.archives()?;
        let mut unknown = Vec::new();
        let mut each = |archive: String| {
            if !known.contains(&archive) {
                unknown.push(archive);
            }
        };
        store.for_each_archive(&mut each, &mut |_, _| {})?;
        let count = self.take_in(store, &unknown)?;
        for name in marks {
            let _ = locks.remove(&name);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn marks_of_the_dead(store: &Store) -> Vec<String> {
        Store::marks_of_the_dead(&store.private().open_dir(LOCKS_DIRECTORY).unwrap())
    }

    #[test]
    fn the_mark_of_a_living_run_is_left_alone_and_that_of_a_dead_one_is_seen_once() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let (mut catalog, _) = Catalog::open(&store).unwrap();
        let living = store.begin_naming().unwrap();
        assert!(marks_of_the_dead(&store).is_empty());
        // What a kill does: the lock goes, the file stays.
        drop(living);
        assert_eq!(marks_of_the_dead(&store).len(), 1);
        assert_eq!(catalog.take_in_unrecorded(&store).unwrap(), 0, "it had named nothing");
        assert!(marks_of_the_dead(&store).is_empty());
        store.begin_naming().unwrap().done();
        assert!(marks_of_the_dead(&store).is_empty());
    }

    #[test]
    fn a_run_that_begins_or_ends_while_another_looks_is_not_taken_for_dead() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        assert_eq!(marks_of_the_dead(&store), [""; 0]);
                    }
                });
            }
            for _ in 0..300 {
                store.begin_naming().unwrap().done();
            }
            is_over.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn a_mark_that_a_killed_run_had_not_named_yet_is_cleaned_up_with_other_litter() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let locks = store.private().open_dir(LOCKS_DIRECTORY).unwrap();
        let left = locks.create_new(platform::temporary_name().unwrap()).unwrap();
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(90_000);
        left.set_modified(long_ago).unwrap();
        store.clean_stale();
        assert!(locks.entries().unwrap().is_empty());
    }
}
