//! The catalog: one row a source file, in SQLite, so that most sources need not be opened.
//!
//! A cache of what the archives say, and disposable: damaged, it is set aside and rebuilt from them
//! (`catalog_rebuild`); if it cannot be opened at all, the run has one in memory. Owns the rows; `catalog_open` opens the
//! file, and `snapshot` is what decisions are made from. A source is looked up by a keyed hash of its path: the path
//! itself may hold a secret, and is kept only as far as there is nothing to mask in it.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row as SqlRow, params};

use super::catalog_open::{is_damage, open_file, set_aside};
use super::catalog_parts;
use super::catalog_rebuild;
use super::snapshot::{Entry, Flags, Key, Snapshot, identity_key, key_of_hash};
use super::store::Store;
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;

/// The catalog's file in the store's private directory.
pub(crate) const CATALOG_FILE: &str = "catalog.sqlite";

/// The layout of the tables, in SQLite's `user_version`.
pub(super) const SCHEMA_VERSION: i64 = 2;

/// How long to wait for another process that writes.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Numbers and hashes come first: a row's columns are read in order, and the snapshot stops before the texts.
pub(super) const CREATE: &str = "
    CREATE TABLE source (
        id INTEGER PRIMARY KEY,
        path_key BLOB NOT NULL UNIQUE,
        identity_key BLOB NOT NULL,
        content_hash BLOB NOT NULL,
        head_hash BLOB NOT NULL,
        inode INTEGER NOT NULL,
        file_bytes INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        ctime_ns INTEGER NOT NULL,
        observed_at_ns INTEGER NOT NULL,
        source_bytes INTEGER NOT NULL,
        clean_bytes INTEGER NOT NULL,
        version INTEGER NOT NULL,
        flags INTEGER NOT NULL,
        path BLOB NOT NULL,
        agent TEXT NOT NULL,
        session_id TEXT NOT NULL,
        part_id TEXT,
        archive TEXT NOT NULL,
        rules_version TEXT NOT NULL
    ) STRICT;
    CREATE INDEX source_by_identity ON source (identity_key);
";

/// One source file and the archive that covers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// [`path_key`](super::snapshot::path_key) of the source's path, or
    /// [`archive_key`](super::snapshot::archive_key).
    pub path_key: Key,
    /// The path as the system's bytes; masked, if there is something to mask in it; empty where no source is known.
    pub path: Vec<u8>,
    pub identity: Identity,
    /// The archive's path relative to the store.
    pub archive: String,
    pub inode: u64,
    /// Bytes of the file; 0 if no stat is known, as after a rebuild.
    pub file_bytes: u64,
    pub mtime_ns: i64,
    pub ctime_ns: i64,
    /// When the stat was taken.
    pub observed_at_ns: i64,
    /// Bytes of the source that the archive covers.
    pub source_bytes: u64,
    pub clean_bytes: u64,
    pub content_hash: [u8; 32],
    pub head_hash: [u8; 32],
    pub rules_version: String,
    pub version: u32,
    pub flags: Flags,
}

/// Something about the catalog that the user should know; the run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub String);

/// An open catalog. Belongs to one thread at a time.
#[derive(Debug)]
pub struct Catalog {
    pub(super) connection: Connection,
    pub(super) is_in_memory: bool,
}

impl Catalog {
    /// Opens the store's catalog: makes and fills it from the archives where there is none, sets a damaged one aside,
    /// and falls back to one in memory. Never fails for a reason that a run could go on without.
    pub fn open(store: &Store) -> Result<(Catalog, Option<Warning>)> {
        let mut warning = None;
        let opened = match open_file(store) {
            Err(problem) if problem.is_damage() => {
                warning = Some(set_aside(store));
                open_file(store)
            }
            other => other,
        };
        let catalog = match opened {
            Ok(catalog) => catalog,
            Err(problem) => {
                let why = format!("the catalog cannot be used, so this run has one in memory: {problem}");
                warning = Some(Warning(why));
                let connection = Connection::open_in_memory().map_err(sql_error)?;
                connection.execute_batch(CREATE).map_err(sql_error)?;
                catalog_parts::index(&connection);
                let mut catalog = Catalog { connection, is_in_memory: true };
                catalog.rebuild(store)?;
                catalog
            }
        };
        Ok((catalog, warning))
    }

    /// Returns whether it will be gone after this run.
    pub fn is_in_memory(&self) -> bool {
        self.is_in_memory
    }

    /// Returns all that is needed to decide, without texts. A catalog found damaged now is set aside and rebuilt.
    pub fn snapshot(&mut self, store: &Store) -> Result<(Snapshot, Option<Warning>)> {
        match self.read_entries() {
            Ok(entries) => Ok((Snapshot::new(entries), None)),
            Err(error) if is_damage(&error) && !self.is_in_memory => {
                let warning = set_aside(store);
                let (catalog, other) = Catalog::open(store)?;
                *self = catalog;
                let entries = self.read_entries().map_err(sql_error)?;
                Ok((Snapshot::new(entries), other.or(Some(warning))))
            }
            Err(error) => Err(sql_error(error)),
        }
    }

    pub(super) fn read_entries(&self) -> rusqlite::Result<Vec<Entry>> {
        // Counting would read an index through; the last number is as good a guess, and not believed beyond reason.
        let last: Option<i64> =
            self.connection.query_row("SELECT max(id) FROM source", [], |row| row.get(0))?;
        let mut entries = Vec::with_capacity(last.unwrap_or(0).clamp(0, 1 << 17) as usize);
        let mut statement = self.connection.prepare(
            "SELECT id, path_key, identity_key, content_hash, head_hash, inode, file_bytes, mtime_ns, ctime_ns,
                    observed_at_ns, source_bytes, clean_bytes, version, flags FROM source",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            entries.push(read_entry(row)?);
        }
        Ok(entries)
    }

    /// Returns all that is known of one source; `None` if it was replaced since the snapshot.
    pub fn row(&self, id: i64) -> Result<Option<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM source WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(sql_error)?;
        statement.query_row([id], read_row).optional().map_err(sql_error)
    }

    /// Returns all that is known of the source whose path has this key.
    pub fn row_at(&self, path: Key) -> Result<Option<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM source WHERE path_key = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(sql_error)?;
        statement.query_row([path.to_le_bytes()], read_row).optional().map_err(sql_error)
    }

    /// Returns all rows of a session or part: its sources, moved ones and copies included, and its archives that no
    /// source stands for any more.
    pub fn rows_of(&self, identity: &Identity) -> Result<Vec<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM source WHERE identity_key = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(sql_error)?;
        let rows =
            statement.query_map([identity_key(identity).to_le_bytes()], read_row).map_err(sql_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(sql_error)
    }

    /// Lets `look` ask many things as of one moment: cheaper than each for itself, which locks and unlocks the file.
    pub fn at_one_moment<T>(&mut self, look: impl FnOnce(&mut Catalog) -> T) -> T {
        // Without a transaction, as on a catalog that is locked just now, every question is its own.
        let has_begun = self.connection.execute_batch("BEGIN").is_ok();
        let result = look(self);
        if has_begun {
            let _ = self.connection.execute_batch("COMMIT");
        }
        result
    }

    /// Adds or replaces rows, all or none. Losing them costs hashing their sources once more.
    pub fn record(&mut self, rows: &[Row]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.insert(rows, "REPLACE").map_err(sql_error)
    }

    fn insert(&mut self, rows: &[Row], on_conflict: &str) -> rusqlite::Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        insert_rows(&transaction, rows, on_conflict)?;
        transaction.commit()
    }

    /// Forgets everything and reads it again from the archives in the store; returns how many were read. Stats are not
    /// in archives, so every source is hashed once at the next look.
    pub fn rebuild(&mut self, store: &Store) -> Result<usize> {
        let rows = catalog_rebuild::rows_of(store)?;
        self.connection.execute("DELETE FROM source", []).map_err(sql_error)?;
        // The best row for a path comes first and stays.
        self.insert(&rows, "IGNORE").map_err(sql_error)?;
        if !self.is_in_memory {
            self.list_anew(store)?;
        }
        Ok(rows.len())
    }
}

/// All columns but the row's number, in the order of [`CREATE`].
pub(super) const COLUMNS: &str =
    "path_key, identity_key, content_hash, head_hash, inode, file_bytes, mtime_ns, ctime_ns,
    observed_at_ns, source_bytes, clean_bytes, version, flags, path, agent, session_id, part_id, archive,
    rules_version";

pub(super) fn insert_rows(connection: &Connection, rows: &[Row], on_conflict: &str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&format!(
        "INSERT OR {on_conflict} INTO source ({COLUMNS})
         VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)"
    ))?;
    for row in rows {
        statement.execute(params![
            row.path_key.to_le_bytes(),
            identity_key(&row.identity).to_le_bytes(),
            row.content_hash,
            row.head_hash,
            row.inode as i64,
            row.file_bytes as i64,
            row.mtime_ns,
            row.ctime_ns,
            row.observed_at_ns,
            row.source_bytes as i64,
            row.clean_bytes as i64,
            row.version,
            row.flags.to_bits(),
            row.path,
            row.identity.agent,
            row.identity.session_id,
            row.identity.part_id,
            row.archive,
            row.rules_version,
        ])?;
    }
    Ok(())
}

/// Returns the first bytes of a blob; shorter ones are damage.
fn bytes_of<const N: usize>(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<[u8; N]> {
    let blob = row.get_ref(column)?.as_blob()?;
    blob.first_chunk::<N>().copied().ok_or(rusqlite::Error::InvalidQuery)
}

fn read_entry(row: &SqlRow<'_>) -> rusqlite::Result<Entry> {
    let key = |column| bytes_of::<16>(row, column).map(Key::from_le_bytes);
    let number = |column| row.get_ref(column).and_then(|value| Ok(value.as_i64()?));
    Ok(Entry {
        id: number(0)?,
        path: key(1)?,
        identity: key(2)?,
        content: key(3)?,
        head: key(4)?,
        inode: number(5)? as u64,
        file_bytes: number(6)? as u64,
        mtime_ns: number(7)?,
        ctime_ns: number(8)?,
        observed_at_ns: number(9)?,
        source_bytes: number(10)? as u64,
        clean_bytes: number(11)? as u64,
        version: number(12)? as u32,
        flags: Flags::from_bits(number(13)?),
    })
}

pub(super) fn read_row(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let number = |column| row.get::<_, i64>(column);
    Ok(Row {
        path_key: bytes_of::<16>(row, 0).map(Key::from_le_bytes)?,
        content_hash: bytes_of(row, 2)?,
        head_hash: bytes_of(row, 3)?,
        inode: number(4)? as u64,
        file_bytes: number(5)? as u64,
        mtime_ns: number(6)?,
        ctime_ns: number(7)?,
        observed_at_ns: number(8)?,
        source_bytes: number(9)? as u64,
        clean_bytes: number(10)? as u64,
        version: number(11)? as u32,
        flags: Flags::from_bits(number(12)?),
        path: row.get(13)?,
        identity: Identity { agent: row.get(14)?, session_id: row.get(15)?, part_id: row.get(16)? },
        archive: row.get(17)?,
        rules_version: row.get(18)?,
    })
}

impl Row {
    /// Returns the entry that a snapshot would have of this row; its number is not known.
    pub fn entry(&self) -> Entry {
        Entry {
            id: 0,
            path: self.path_key,
            identity: identity_key(&self.identity),
            content: key_of_hash(&self.content_hash),
            head: key_of_hash(&self.head_hash),
            inode: self.inode,
            file_bytes: self.file_bytes,
            mtime_ns: self.mtime_ns,
            ctime_ns: self.ctime_ns,
            observed_at_ns: self.observed_at_ns,
            source_bytes: self.source_bytes,
            clean_bytes: self.clean_bytes,
            version: self.version,
            flags: self.flags,
        }
    }
}

pub(super) fn sql_error(error: rusqlite::Error) -> Error {
    let kind = match &error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DiskFull => Kind::NoSpace,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Kind::Busy,
            _ => Kind::Store,
        },
        _ => Kind::Store,
    };
    Error::new(kind, "cannot use the catalog").with_source(error)
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
