//! Reads a store's catalog and changes nothing in it: for commands that tell how a store is.
//!
//! `open` sets a damaged one aside and fills an empty one; here both are only reported.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::mend::ARCHIVES;
use super::rows::{BUSY_TIMEOUT, CATALOG_FILE, Catalog, SCHEMA_VERSION, sql_error};
use super::snapshot::Snapshot;
use crate::archive::store::PRIVATE_DIRECTORY;
use crate::error::{Error, Kind, Result};
use crate::platform::{EntryKind, Stat};

/// Returns the address by which SQLite takes the file at `path` for one that nobody changes: see
/// <https://sqlite.org/uri.html>.
fn unchanging(path: &Path) -> String {
    let mut address = "file:".to_owned();
    let text = path.to_string_lossy().replace('\\', "/");
    // A drive stands behind an empty host.
    address.push_str(if text.starts_with('/') { "" } else { "///" });
    for &byte in text.as_bytes() {
        match byte {
            b'/' | b':' | b'.' | b'-' | b'_' => address.push(byte as char),
            _ if byte.is_ascii_alphanumeric() => address.push(byte as char),
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address + "?immutable=1"
}

impl Catalog {
    /// Opens the catalog of the store at `root` for reading; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Kind::Damaged`] if it is not a catalog of ours, [`Kind::Store`] if it cannot be read or is a newer program's.
    pub(crate) fn open_to_read(root: &Path) -> Result<Option<Catalog>> {
        Catalog::open_to_read_within(BUSY_TIMEOUT, root)
    }

    /// Opens it like [`Catalog::open_to_read`], and waits no longer than `wait` for another process that locks it: for
    /// each look, now and later.
    pub(crate) fn open_to_read_within(wait: Duration, root: &Path) -> Result<Option<Catalog>> {
        let path = root.join(PRIVATE_DIRECTORY).join(CATALOG_FILE);
        let stat = match std::fs::symlink_metadata(&path) {
            Ok(metadata) => Stat::of(&metadata),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(Kind::Store, "cannot read", &path, error)),
        };
        if stat.kind != EntryKind::File {
            return Err(Error::new(Kind::Damaged, "not a regular file"));
        }
        let damaged = |error| Error::new(Kind::Damaged, "not a catalog").with_source(error);
        // SQLite refuses links anywhere in the path; those above the store are the user's own.
        let directory = root.join(PRIVATE_DIRECTORY).canonicalize();
        let directory = directory.map_err(|error| Error::io(Kind::Store, "cannot read", &path, error))?;
        // Not read-only: such a connection would leave the files of the write-ahead log behind.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let connection =
            Connection::open_with_flags(directory.join(CATALOG_FILE), flags).map_err(sql_error)?;
        connection.busy_timeout(wait).map_err(sql_error)?;
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;").map_err(damaged)?;
        let version: i64 =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(damaged)?;
        if version > SCHEMA_VERSION {
            let what = format!("its format {version} is newer than this program");
            return Err(Error::new(Kind::Store, what));
        }
        if version != SCHEMA_VERSION {
            return Err(Error::new(Kind::Damaged, "not a catalog"));
        }
        Ok(Some(Catalog { connection, is_in_memory: false }))
    }

    /// Opens the catalog of the store at `root` as it lies there, without a lock and without the files that SQLite makes
    /// beside it; `None` if there is none. What is only in the write-ahead log of a run that goes on is not seen.
    ///
    /// # Errors
    ///
    /// [`Kind::Damaged`] if it is not a catalog of this format, [`Kind::Store`] if it cannot be read.
    pub(crate) fn open_at_rest(root: &Path) -> Result<Option<Catalog>> {
        let directory = match root.join(PRIVATE_DIRECTORY).canonicalize() {
            Ok(directory) => directory,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(Kind::Store, "cannot read", root, error)),
        };
        let path = directory.join(CATALOG_FILE);
        match std::fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            _ => return Ok(None),
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE
            | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(unchanging(&path), flags).map_err(sql_error)?;
        let damaged = |error| Error::new(Kind::Damaged, "not a catalog").with_source(error);
        connection.execute_batch("PRAGMA trusted_schema = OFF;").map_err(damaged)?;
        let version: i64 =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(damaged)?;
        if version != SCHEMA_VERSION {
            return Err(Error::new(Kind::Damaged, "not a catalog"));
        }
        Ok(Some(Catalog { connection, is_in_memory: false }))
    }

    /// Checks the whole file and returns the paths, relative to the store, of the archives that it names.
    ///
    /// # Errors
    ///
    /// [`Kind::Damaged`], with SQLite's words for it.
    pub(crate) fn check(&self) -> Result<HashSet<String>> {
        let damaged = |error| Error::new(Kind::Damaged, "it is damaged").with_source(error);
        let verdict: String =
            self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(damaged)?;
        if verdict != "ok" {
            return Err(Error::new(Kind::Damaged, "it is damaged").with_source(verdict));
        }
        let mut statement = self.connection.prepare(ARCHIVES).map_err(damaged)?;
        let archives = statement.query_map([], |row| row.get(0)).map_err(damaged)?;
        archives.collect::<rusqlite::Result<_>>().map_err(damaged)
    }

    /// Returns all that is known of sources, without texts.
    ///
    /// # Errors
    ///
    /// [`Kind::Damaged`] if the table cannot be read.
    pub(crate) fn read_snapshot(&self) -> Result<Snapshot> {
        let entries = self.read_entries();
        let damaged = |error| Error::new(Kind::Damaged, "it is damaged").with_source(error);
        entries.map(Snapshot::new).map_err(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::store::Store;

    #[test]
    fn reading_leaves_the_files_as_they_are() {
        let root = tempfile::tempdir().unwrap();
        assert!(Catalog::open_to_read(root.path()).unwrap().is_none());
        let store = Store::open(root.path()).unwrap();
        drop(Catalog::open(&store).unwrap());
        let names = || {
            let entries = store.private().entries().unwrap().into_iter();
            entries.map(|(name, _)| name).collect::<HashSet<_>>()
        };
        let before = names();
        let catalog = Catalog::open_to_read(root.path()).unwrap().unwrap();
        assert!(catalog.check().unwrap().is_empty());
        assert!(catalog.read_snapshot().unwrap().is_empty());
        drop(catalog);
        assert_eq!(names(), before);
    }

    #[test]
    fn a_damaged_catalog_is_reported_and_stays() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let path = store.private_path(CATALOG_FILE);
        std::fs::write(&path, b"no database at all, but long enough to have had a header, had it been one")
            .unwrap();
        assert_eq!(Catalog::open_to_read(root.path()).unwrap_err().kind(), Kind::Damaged);
        assert!(path.exists());
    }
}
