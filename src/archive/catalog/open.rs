//! Opens the catalog for a run: makes its file, chooses how it is journalled, makes and fills its tables, tells a damaged
//! one from one that cannot be reached, and decides what is done about either.

use crate::platform::{self, EntryKind, clock};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::rows::{
    BUSY_TIMEOUT, CATALOG_FILE, COLUMNS, CREATE, Catalog, SCHEMA_VERSION, insert_rows, sql_error,
};
use super::snapshot::Snapshot;
use super::{holders, listing, parts, rebuild};
use crate::archive::content_hash::{self, HashKey};
use crate::archive::store::Store;
use crate::error::{Error, Result};

/// Bytes of a page of the database.
pub(super) const PAGE_BYTES: i64 = 16 << 10;

/// Something about the catalog that the user should know; the run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning(pub String);

/// Why the catalog's file could not be opened.
#[derive(Debug)]
pub(super) enum OpenProblem {
    Sql(rusqlite::Error),
    /// Something else than a private file of ours is in its place.
    Unsafe(std::io::Error),
    /// Written by a newer program, which still needs it.
    Newer(i64),
    /// The archives that it is to be made from cannot be listed.
    Archives(Error),
}

impl OpenProblem {
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, OpenProblem::Sql(error) if is_damage(error))
    }
}

impl std::fmt::Display for OpenProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenProblem::Sql(error) => error.fmt(f),
            OpenProblem::Unsafe(error) => error.fmt(f),
            OpenProblem::Archives(error) => error.fmt(f),
            OpenProblem::Newer(version) => write!(f, "its format {version} is newer than this program"),
        }
    }
}

impl From<rusqlite::Error> for OpenProblem {
    fn from(error: rusqlite::Error) -> OpenProblem {
        OpenProblem::Sql(error)
    }
}

/// Opens the catalog's file; fills it from the archives if it is new.
pub(super) fn open_file(store: &Store) -> std::result::Result<Catalog, OpenProblem> {
    // Made here and not by SQLite, so that it is private from its first moment, and no link.
    let file = store.private().open_or_create(CATALOG_FILE).map_err(OpenProblem::Unsafe)?;
    let stat = platform::Stat::of_file(&file).map_err(OpenProblem::Unsafe)?;
    drop(file);
    if stat.kind != EntryKind::File {
        return Err(OpenProblem::Unsafe(std::io::Error::other("not a regular file")));
    }
    // SQLite refuses links anywhere in the path; those above the store are the user's own.
    let directory = store.private().path().canonicalize().map_err(OpenProblem::Unsafe)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let connection = Connection::open_with_flags(directory.join(CATALOG_FILE), flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Takes effect in a new file only. A snapshot reads the whole table: large pages mean fewer reads.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    set_journal(&connection)?;
    let mut catalog = Catalog { connection, is_in_memory: false };
    catalog.create_tables(store)?;
    parts::index(&catalog.connection);
    holders::create(&catalog.connection);
    Ok(catalog)
}

/// Chooses the write-ahead log, which lets others read while we write; network file systems have none.
fn set_journal(connection: &Connection) -> rusqlite::Result<()> {
    let mode = |name: &str| {
        connection.query_row(&format!("PRAGMA journal_mode = {name}"), [], |row| row.get::<_, String>(0))
    };
    match mode("WAL") {
        Ok(found) if found == "wal" => {}
        Err(error) if is_damage(&error) => return Err(error),
        _ => {
            mode("TRUNCATE")?;
        }
    }
    // A lost row costs a hash; the log keeps the file whole either way. What is deleted is wiped: rules that are new
    // today may find a secret in what was kept yesterday.
    connection.execute_batch(
        "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = ON;",
    )
}

impl Catalog {
    /// Opens the store's catalog: makes and fills it from the archives where there is none, sets a damaged one aside,
    /// and falls back to one in memory. Never fails for a reason that a run could go on without.
    pub(crate) fn open(store: &Store) -> Result<(Catalog, Option<Warning>)> {
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
                parts::index(&connection);
                let mut catalog = Catalog { connection, is_in_memory: true };
                catalog.rebuild(store)?;
                catalog
            }
        };
        Ok((catalog, warning))
    }

    /// Returns all that is needed to decide, without texts. A catalog found damaged now is set aside and rebuilt.
    pub(crate) fn snapshot(&mut self, store: &Store) -> Result<(Snapshot, Option<Warning>)> {
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

    /// Forgets everything and reads it again from the archives in the store; returns how many were read. Stats are not
    /// in archives, so every source is hashed once at the next look.
    pub(crate) fn rebuild(&mut self, store: &Store) -> Result<usize> {
        let rows = rebuild::rows_of(store)?;
        self.connection.execute("DELETE FROM source", []).map_err(sql_error)?;
        holders::forget(&self.connection);
        // The best row for a path comes first and stays.
        self.insert(&rows, "IGNORE").map_err(sql_error)?;
        if !self.is_in_memory {
            self.list_anew(store)?;
        }
        Ok(rows.len())
    }

    /// Makes the tables where there are none, and fills them from the archives in the same transaction: an empty
    /// catalog that a killed run leaves would hide what is archived. An older program's table is made anew, and so is
    /// one whose keys were made with a private key that is lost: nothing would ever be found in it.
    fn create_tables(&mut self, store: &Store) -> std::result::Result<(), OpenProblem> {
        let key = store.hash_key().map_err(OpenProblem::Archives)?;
        let wanted = (SCHEMA_VERSION, key_mark(&key));
        let found = |connection: &Connection| -> rusqlite::Result<(i64, i64)> {
            let number = |name: &str| connection.query_row(name, [], |row| row.get::<_, i64>(0));
            Ok((number("PRAGMA user_version")?, number("PRAGMA application_id")?))
        };
        match found(&self.connection)? {
            version if version == wanted => {
                // A table that has lost its columns is damage, and better found now than in the middle of a run.
                self.connection.prepare(&format!("SELECT {COLUMNS} FROM source")).map_err(|_| not_ours())?;
                if !self.has_listing() {
                    // A run goes on without one.
                    let _ = self.list_anew(store);
                }
                return Ok(());
            }
            (0..=SCHEMA_VERSION, _) => {}
            (newer, _) if newer > SCHEMA_VERSION => return Err(OpenProblem::Newer(newer)),
            _ => return Err(not_ours().into()),
        }
        let rows = rebuild::rows_of(store).map_err(OpenProblem::Archives)?;
        let listed = listing::listed_of(store).map_err(OpenProblem::Archives)?;
        let transaction =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have been first.
        let (version, mark) = found(&transaction)?;
        if (version, mark) == wanted {
            return Ok(());
        }
        if version > 0 {
            holders::forget(&transaction);
            transaction.execute_batch("DROP TABLE source").map_err(|_| not_ours())?;
        }
        transaction.execute_batch(CREATE).map_err(|_| not_ours())?;
        // The best row for a path comes first and stays.
        insert_rows(&transaction, &rows, "IGNORE")?;
        listing::fill(&transaction, listed)?;
        transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        transaction.pragma_update(None, "application_id", key_mark(&key))?;
        transaction.commit()?;
        if version > 0 {
            // So that the log and the pages that it replaces are gone, too. Others may be reading: then it is done later.
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        Ok(())
    }
}

/// Returns a number that tells whether a catalog's keys were made with `key`, and nothing of the key.
pub(crate) fn key_mark(key: &HashKey) -> i64 {
    let hash = content_hash::hash(key, b"sessionkeep catalog");
    // SQLite keeps 31 bits without a sign.
    i64::from(u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]) >> 1)
}

/// Returns the error for a database that is whole but not a catalog.
fn not_ours() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB),
        Some("not a catalog".to_owned()),
    )
}

/// Returns whether the error means that the file's bytes are no good, rather than that it cannot be reached.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        }
        // Values of another type or length than the table's.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidQuery => true,
        _ => false,
    }
}

/// Renames a damaged catalog and its journals out of the way.
pub(super) fn set_aside(store: &Store) -> Warning {
    let now = clock::seconds();
    let aside = format!("{CATALOG_FILE}.damaged-{now}");
    if store.private().rename_over(CATALOG_FILE, &aside).is_err() {
        let _ = store.private().remove(CATALOG_FILE);
    }
    // A log that is left would be replayed into the next catalog.
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = store.private().remove(format!("{CATALOG_FILE}{suffix}"));
    }
    let path = store.private_path(&aside);
    Warning(format!(
        "the catalog was damaged; it is kept as {} and was rebuilt from the archives",
        path.display()
    ))
}
