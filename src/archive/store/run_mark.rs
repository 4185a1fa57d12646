//! Remembers that a run gives names to archives, so that the next one makes up for it if it dies before the catalog
//! knows of them. Such archives would be found by their names alone, and a source without times of its own gets another
//! name when it is touched. Owns the marks; the catalog takes in what dead runs have named.

use std::fs::{File, TryLockError};
use std::io;

use super::handle::Store;
use super::root::LOCKS_DIRECTORY;
use crate::platform::{self, Dir, Stat};

/// What the names of marks begin with, among the locks of the store.
const PREFIX: &str = "naming-";

/// The mark of a run that is at it. Left behind by a run that dies; locked as long as it lives.
#[derive(Debug)]
pub(crate) struct RunMark {
    directory: Dir,
    name: String,
    _locked: File,
}

impl Store {
    /// Leaves the mark of this run. It survives a power loss, as do the archives that get their names after it.
    pub(crate) fn leave_run_mark(&self) -> io::Result<RunMark> {
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
        Ok(RunMark { directory, name, _locked: file })
    }

    /// Returns the names of the marks of runs that died.
    pub(crate) fn marks_of_the_dead(&self) -> Vec<String> {
        let Ok(locks) = self.private().open_dir(LOCKS_DIRECTORY) else { return Vec::new() };
        let names = locks.entries().unwrap_or_default().into_iter();
        let names = names.filter_map(|(name, _)| name.into_string().ok());
        names.filter(|name| name.starts_with(PREFIX) && is_of_the_dead(&locks, name)).collect()
    }

    /// Removes these marks: the catalog has taken in what their runs have named. One that stays costs the next run a
    /// walk of the store.
    pub(crate) fn remove_marks(&self, marks: &[String]) {
        let Ok(locks) = self.private().open_dir(LOCKS_DIRECTORY) else { return };
        for name in marks {
            let _ = locks.remove(name);
        }
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

impl RunMark {
    /// Removes the mark: the catalog knows of all that this run has named.
    pub(crate) fn done(self) {
        // A mark that stays costs the next run a look.
        let _ = self.directory.remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn the_mark_of_a_living_run_is_left_alone_and_that_of_a_dead_one_is_seen_once() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let living = store.leave_run_mark().unwrap();
        assert!(store.marks_of_the_dead().is_empty());
        // What a kill does: the lock goes, the file stays.
        drop(living);
        assert_eq!(store.marks_of_the_dead().len(), 1);
        store.remove_marks(&store.marks_of_the_dead());
        assert!(store.marks_of_the_dead().is_empty());
        store.leave_run_mark().unwrap().done();
        assert!(store.marks_of_the_dead().is_empty());
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
                        assert_eq!(store.marks_of_the_dead(), [""; 0]);
                    }
                });
            }
            for _ in 0..300 {
                store.leave_run_mark().unwrap().done();
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
