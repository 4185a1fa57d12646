//! The catalog's table of sources: its columns, how a row is written and read, and what can be asked of an open catalog.
//!
//! A source is looked up by a keyed hash of its path: the path itself may hold a secret, and is kept only as far as
//! there is nothing to mask in it. Owns the table; `open` opens the file that it lies in.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row as SqlRow, params};

use super::snapshot::{Entry, Flags, Key, archive_key, identity_key};
use crate::archive::header::Header;
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;
use crate::locator::Stamp;

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
pub(crate) struct Row {
    /// [`path_key`](super::snapshot::path_key) of the source's path, or
    /// [`archive_key`].
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

/// An open catalog. Belongs to one thread at a time.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(super) connection: Connection,
    pub(super) is_in_memory: bool,
}

impl Catalog {
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
    pub(crate) fn row(&self, id: i64) -> Result<Option<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM source WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(sql_error)?;
        statement.query_row([id], read_row).optional().map_err(sql_error)
    }

    /// Returns all that is known of the source whose path has this key.
    pub(crate) fn row_at(&self, path: Key) -> Result<Option<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM source WHERE path_key = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(sql_error)?;
        statement.query_row([path.to_le_bytes()], read_row).optional().map_err(sql_error)
    }

    /// Returns all rows of a session or part: its sources, moved ones and copies included, and its archives that no
    /// source stands for any more.
    pub(crate) fn rows_of(&self, identity: &Identity) -> Result<Vec<Row>> {
        let sql = format!("SELECT {COLUMNS} FROM source WHERE identity_key = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(sql_error)?;
        let rows =
            statement.query_map([identity_key(identity).to_le_bytes()], read_row).map_err(sql_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(sql_error)
    }

    /// Lets `look` ask many things as of one moment: cheaper than each for itself, which locks and unlocks the file.
    pub(crate) fn at_one_moment<T>(&mut self, look: impl FnOnce(&mut Catalog) -> T) -> T {
        // Without a transaction, as on a catalog that is locked just now, every question is its own.
        let has_begun = self.connection.execute_batch("BEGIN").is_ok();
        let result = look(self);
        if has_begun {
            let _ = self.connection.execute_batch("COMMIT");
        }
        result
    }

    /// Adds or replaces rows, all or none. Losing them costs hashing their sources once more.
    pub(crate) fn record(&mut self, rows: &[Row]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        self.insert(rows, "REPLACE").map_err(sql_error)
    }

    pub(super) fn insert(&mut self, rows: &[Row], on_conflict: &str) -> rusqlite::Result<()> {
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        insert_rows(&transaction, rows, on_conflict)?;
        transaction.commit()
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
    /// Returns a row for the archive at `archive`, relative to the store, of which nothing is known but whose it is: no
    /// source stands for it, and no bytes are covered.
    pub(crate) fn without_source(identity: Identity, archive: String) -> Row {
        Row {
            // Not the source's path, which may be masked, and which another version's source has, too.
            path_key: archive_key(&archive),
            path: Vec::new(),
            identity,
            archive,
            inode: 0,
            file_bytes: 0,
            mtime_ns: 0,
            ctime_ns: 0,
            observed_at_ns: 0,
            source_bytes: 0,
            clean_bytes: 0,
            content_hash: [0; 32],
            head_hash: [0; 32],
            rules_version: String::new(),
            version: 1,
            flags: Flags::default(),
        }
    }

    /// Returns the row of the archive with this header at `archive`, relative to the store: all but what its source's
    /// file system says.
    pub(crate) fn of_header(header: &Header, archive: String) -> Row {
        Row {
            source_bytes: header.source_bytes,
            clean_bytes: header.clean_bytes,
            content_hash: header.content_hash,
            head_hash: header.head_hash,
            rules_version: header.rules_version.clone(),
            version: header.version,
            flags: Flags { is_rule_set_incomplete: header.is_rule_set_incomplete, ..Flags::default() },
            ..Row::without_source(header.identity.clone(), archive)
        }
    }

    /// Returns what was seen of the source from outside.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            bytes: self.file_bytes,
            modified_ns: self.mtime_ns,
            changed_ns: self.ctime_ns,
            inode: self.inode,
        }
    }

    /// Adds what was seen of the source from outside, at `observed_at_ns` nanoseconds since 1970.
    pub(crate) fn observed(self, stamp: &Stamp, observed_at_ns: i64) -> Row {
        Row {
            inode: stamp.inode,
            file_bytes: stamp.bytes,
            mtime_ns: stamp.modified_ns,
            ctime_ns: stamp.changed_ns,
            observed_at_ns,
            ..self
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
