//! Files being written, before anybody can see them: unnamed where the system can, else under a hidden name.
//!
//! A staged file lies in the directory that it will be published in, so that publishing never crosses file systems.
//! Dropping one removes it. `commit` publishes.

use crate::platform::{self, Dir, TEMPORARY_PREFIX, clock};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::handle::Store;
use super::root::{LOCKS_DIRECTORY, PENDING_DIRECTORY};
use crate::archive::tree::{self, Item};
use crate::error::{Error, Kind, Result};

/// Age from which a hidden temporary file belongs to a run that was killed; a younger one may be being written.
pub(crate) const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);

/// How often stale files are looked for: the whole tree is listed for it.
const CLEAN_EVERY: Duration = Duration::from_secs(24 * 3600);

/// File in the private directory whose time says when stale files were last looked for.
const CLEANED_STAMP: &str = "cleaned";

/// A file that nobody else sees yet.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(super) store: Store,
    pub(super) directory: Arc<Dir>,
    /// The directory's path relative to the store.
    pub(super) relative: String,
    pub(super) file: File,
    /// The hidden name; none for an unnamed file.
    pub(super) temporary: Option<String>,
    length: u64,
    pub(super) flush: Flush,
}

/// Whether a staged file's bytes are on the disk.
#[derive(Debug)]
pub(super) enum Flush {
    /// Not that anybody knows.
    Missing,
    Done,
    /// It was tried. Never again on the same file: the system may have dropped the bytes already.
    Failed(io::Error),
}

impl Store {
    /// Starts a file in the directory `relative` (`2026/06`), which is made if it is not there.
    pub(crate) fn stage(&self, relative: &str) -> Result<Staged> {
        let directory = self.directory(relative)?;
        let (file, temporary) =
            open_staged(&directory).map_err(|error| self.cannot("cannot write", relative, error))?;
        Ok(Staged {
            store: self.clone(),
            directory,
            relative: relative.to_owned(),
            file,
            temporary,
            length: 0,
            flush: Flush::Missing,
        })
    }

    /// Removes what killed runs have left behind, at most once a day. The caller holds the import lock. Returns how
    /// many files were removed; what cannot be removed stays.
    pub(crate) fn clean_stale(&self) -> usize {
        let now = clock::nanoseconds();
        let is_older = |mtime_ns: i64, age: Duration| now.saturating_sub(mtime_ns) > age.as_nanos() as i64;
        if self.private().stat_name(CLEANED_STAMP).is_ok_and(|stamp| !is_older(stamp.mtime_ns, CLEAN_EVERY)) {
            return 0;
        }
        let mut removed = 0;
        let mut clean = |directory: &Dir, name: &OsStr| {
            let is_ours = name.to_str().is_some_and(|name| name.starts_with(TEMPORARY_PREFIX));
            if is_ours
                && directory.stat_name(name).is_ok_and(|stat| is_older(stat.mtime_ns, STALE_AFTER))
                && directory.remove(name).is_ok()
            {
                removed += 1;
            }
        };
        let mut walk = tree::Walk::of(self.path());
        let mut in_tree = |directory: &tree::Directory, name: &OsStr, item: Item| {
            if let Item::Temporary = item {
                clean(&directory.handle, name);
            }
        };
        while walk.next(&mut in_tree).is_some() {}
        for directory in [".", PENDING_DIRECTORY, LOCKS_DIRECTORY] {
            let Ok(directory) = self.private().open_dir(directory) else { continue };
            for (name, _) in directory.entries().unwrap_or_default() {
                clean(&directory, &name);
            }
        }
        let _ = self.private().remove(CLEANED_STAMP);
        let _ = self.private().create_new(CLEANED_STAMP);
        removed
    }
}

/// Makes an unnamed file, or one with a hidden name; returns the name with it.
fn open_staged(directory: &Dir) -> io::Result<(File, Option<String>)> {
    if let Some(file) = directory.create_unnamed()? {
        return Ok((file, None));
    }
    let name = platform::temporary_name()?;
    Ok((directory.create_new(&name)?, Some(name)))
}

impl Staged {
    /// Appends `bytes`. Bytes must be masked: nothing else may ever reach a disk.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_at(self.length, bytes)
    }

    /// Writes `bytes` at `offset`, leaving a hole if that is past the end.
    pub(crate) fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        platform::write_all_at(&self.file, bytes, offset).map_err(|error| self.cannot_write(error))?;
        self.length = self.length.max(offset + bytes.len() as u64);
        Ok(())
    }

    /// Appends the bytes in `range` of `from` (an archive being carried over), within the kernel where it can.
    pub(crate) fn copy_from(&mut self, from: &File, range: Range<u64>) -> Result<()> {
        let length = range.end.saturating_sub(range.start);
        let copied = platform::copy_range(from, range.start, &self.file, self.length, length)
            .map_err(|error| self.cannot_write(error))?;
        if copied != length {
            let error = Error::new(Kind::Damaged, "the archive to be carried over ends early");
            return Err(error);
        }
        self.length += length;
        Ok(())
    }

    /// Reads back at `offset`; for checking what was written.
    pub(crate) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        platform::read_full_at(&self.file, buffer, offset).map_err(|error| self.cannot_write(error))
    }

    /// Returns another handle of the file, for reading what was written as whoever finds it will.
    pub(crate) fn reader(&self) -> Result<File> {
        self.file.try_clone().map_err(|error| self.cannot_write(error))
    }

    /// Puts the bytes of an unnamed file that cannot be given a name into one with a hidden name, flushed.
    pub(super) fn take_hidden_name(&mut self) -> io::Result<()> {
        let name = platform::temporary_name()?;
        let file = self.directory.create_new(&name)?;
        // Known from here on, so that dropping it removes the file whatever comes.
        self.temporary = Some(name);
        let unnamed = std::mem::replace(&mut self.file, file);
        if platform::copy_range(&unnamed, 0, &self.file, 0, self.length)? != self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.sync_all()
    }

    pub(super) fn cannot_write(&self, error: io::Error) -> Error {
        self.store.cannot("cannot write", &self.relative, error)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(name) = &self.temporary {
            let _ = self.directory.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_file_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let mut staged = store.stage("2026/06").unwrap();
        staged.append(b"x").unwrap();
        let directory = store.directory("2026/06").unwrap();
        let mut named = store.stage("2026/06").unwrap();
        let name = platform::temporary_name().unwrap();
        named.file = directory.create_new(&name).unwrap();
        named.temporary = Some(name);
        drop((staged, named));
        assert!(directory.entries().unwrap().is_empty());
    }

    #[test]
    fn only_old_temporary_files_are_cleaned() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let directory = store.directory("2026/06").unwrap();
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(90_000);
        for (name, is_old) in [(".tmp-1-a", true), (".tmp-1-b", false), ("kept.jsonl.gz", true)] {
            let file = directory.create_new(name).unwrap();
            if is_old {
                file.set_modified(long_ago).unwrap();
            }
        }
        assert_eq!(store.clean_stale(), 1);
        let mut left: Vec<_> = directory.entries().unwrap().into_iter().map(|(name, _)| name).collect();
        left.sort();
        assert_eq!(left, [".tmp-1-b", "kept.jsonl.gz"]);
        let file = directory.create_new(".tmp-1-c").unwrap();
        file.set_modified(long_ago).unwrap();
        assert_eq!(store.clean_stale(), 0, "looked again on the same day");
    }
}
