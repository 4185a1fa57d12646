//! Remembers that a run gives names to archives, so that the next one makes up for it if it dies before the catalog
//! knows of them. Such archives would be found by their names alone, and a source without times of its own gets another
//! name when it is touched.

use std::fs::{File, TryLockError};
use std::io;
use std::sync::Arc;

use super::catalog::Catalog;
use super::store::{LOCKS_DIRECTORY, Store};
use crate::error::Result;
use crate::platform::{self, Dir};

/// What the names of marks begin with, among the locks of the store.
const PREFIX: &str = "naming-";

/// The mark of a run that is at it. Left behind by a run that dies; locked as long as it lives.
#[derive(Debug)]
pub struct Naming {
    directory: Arc<Dir>,
    name: String,
    _locked: File,
}

impl Store {
    /// Leaves the mark of this run. It survives a power loss, as do the archives that get their names after it.
    pub fn begin_naming(&self) -> io::Result<Naming> {
        let directory = self.private().open_dir(LOCKS_DIRECTORY)?;
        let name = platform::temporary_name()?.replace(platform::TEMPORARY_PREFIX, PREFIX);
        let file = directory.create_new(&name)?;
        // Without a lock (some network file systems have none) others take this run for dead, which costs a look.
        let _ = file.try_lock();
        directory.sync()?;
        Ok(Naming { directory: Arc::new(directory), name, _locked: file })
    }

    /// Returns the marks of runs that died.
    fn marks_of_the_dead(&self) -> Vec<(Arc<Dir>, String)> {
        let Ok(directory) = self.private().open_dir(LOCKS_DIRECTORY).map(Arc::new) else { return Vec::new() };
        let names = directory.entries().unwrap_or_default().into_iter();
        let names =
            names.filter_map(|(name, _)| name.into_string().ok().filter(|name| name.starts_with(PREFIX)));
        let is_dead = |name: &String| {
            let file = directory.open_file(name);
            file.is_ok_and(|file| !matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
        };
        names.filter(is_dead).map(|name| (Arc::clone(&directory), name)).collect()
    }
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
        let marks = store.marks_of_the_dead();
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
        for (directory, name) in marks {
            let _ = directory.remove(&name);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_a_living_run_is_left_alone_and_that_of_a_dead_one_is_seen_once() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let (mut catalog, _) = Catalog::open(&store).unwrap();
        let living = store.begin_naming().unwrap();
        assert!(store.marks_of_the_dead().is_empty());
        // What a kill does: the lock goes, the file stays.
        drop(living);
        assert_eq!(store.marks_of_the_dead().len(), 1);
        assert_eq!(catalog.take_in_unrecorded(&store).unwrap(), 0, "it had named nothing");
        assert!(store.marks_of_the_dead().is_empty());
        store.begin_naming().unwrap().done();
        assert!(store.marks_of_the_dead().is_empty());
    }
}
