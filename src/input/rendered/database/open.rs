//! Opens a database of SQLite for reading, as its agent left it or while that is writing to it. Never writes to it or
//! beside it, and never copies it.
//!
//! How depends on the database's journal (<https://www.sqlite.org/fileformat2.html>, bytes 18 and 19 of the header):
//!
//! | journal | how |
//! |---|---|
//! | a write-ahead log, and nothing in one | `immutable`: SQLite would make files beside it; that nobody wrote meanwhile is checked |
//! | a write-ahead log with its index beside it | as any reader, but log and index are opened for reading only ([`vfs`]) |
//! | a log without its index (left by a crash, restored from a backup) | the same, with the index in memory; nobody else can have it open |
//! | a rollback journal | as any reader |

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[cfg(unix)]
use super::vfs;
use crate::error::{Error, Kind, Result};
use crate::platform::path::path_bytes;
use crate::platform::{self, Stat};

/// How long a lock is waited for. An agent holds one for milliseconds.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// The same where that was waited for in vain already: who keeps one database locked may keep many.
const SHORT_BUSY_WAIT: Duration = Duration::from_millis(200);

/// A lock was waited for in vain in this run.
static HAS_WAITED: AtomicBool = AtomicBool::new(false);

/// Memory for pages, in KiB: a conversation is read once, from one end to the other.
const CACHE_KIB: i64 = 2 << 10;

const MAGIC: &[u8] = b"SQLite format 3\0";

/// An open database, in one transaction from its first query on.
pub(crate) struct Database {
    pub connection: Connection,
    path: PathBuf,
    /// What the file was like, where nothing but that tells that nobody wrote to it.
    unlocked: Option<Stat>,
}

impl Database {
    /// Opens the database at `path`.
    ///
    /// # Errors
    ///
    /// [`Kind::Source`], in words for whoever has the file: it is none, is encrypted, locked, or cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Database> {
        let cannot = |error| Error::io(Kind::Source, "cannot read", path, error);
        let mut file = platform::open_at_once(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if !metadata.is_file() {
            return Err(Error::new(Kind::Source, "cannot read")
                .with_path(path)
                .with_source("not a regular file"));
        }
        let has_log = header(&mut file).map_err(cannot)?.ok_or_else(|| not_a_database(path))?;
        let log = companion(path, "-wal");
        let is_log_empty = !fs::metadata(&log).is_ok_and(|log| log.len() > 0);
        let mut unlocked = None;
        let connection = if has_log && is_log_empty {
            unlocked = Some(Stat::of(&metadata));
            connect(path, "immutable=1", false)
        } else if let (true, Some((locking, alone))) = (has_log, log_readers()) {
            match companion(path, "-shm").exists() {
                true => connect(path, &format!("mode=ro&readonly_shm=1&vfs={locking}"), false),
                false => connect(path, &format!("mode=ro&vfs={alone}"), true),
            }
        } else {
            connect(path, "mode=ro", false)
        };
        let connection = connection.map_err(|error| sql_error(error, path))?;
        match has_readable_names(&connection).map_err(|error| sql_error(error, path))? {
            true => Ok(Database { connection, path: path.to_path_buf(), unlocked }),
            false => Err(damaged(path)),
        }
    }

    /// Says whether what was read is what one transaction would have read; to be asked when all is read.
    ///
    /// # Errors
    ///
    /// [`Kind::Source`] when somebody wrote to the database meanwhile.
    pub(crate) fn check(&self) -> Result<()> {
        let Some(then) = self.unlocked else { return Ok(()) };
        let now = fs::metadata(&self.path).map(|metadata| Stat::of(&metadata));
        let is_same = now.is_ok_and(|now| {
            (now.bytes, now.mtime_ns, now.ctime_ns, now.inode)
                == (then.bytes, then.mtime_ns, then.ctime_ns, then.inode)
        });
        match is_same {
            true => Ok(()),
            false => {
                let error = std::io::Error::from(std::io::ErrorKind::ResourceBusy);
                Err(Error::io(Kind::Source, "still changing, left for the next run:", &self.path, error))
            }
        }
    }

    /// Returns the file's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the error for a query that failed.
    pub(crate) fn error(&self, error: rusqlite::Error) -> Error {
        sql_error(error, &self.path)
    }
}

/// Returns whether all names of tables and columns are text: `rusqlite` panics where one is not, as damage may make it.
fn has_readable_names(connection: &Connection) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare("SELECT name, tbl_name, sql FROM sqlite_schema")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        for index in 0..3 {
            let is_text = match row.get_ref(index)? {
                ValueRef::Text(text) | ValueRef::Blob(text) => std::str::from_utf8(text).is_ok(),
                _ => true,
            };
            if !is_text {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Returns the names of what SQLite is to open a database by that has a log, with locks and without.
#[cfg(unix)]
fn log_readers() -> Option<(&'static str, &'static str)> {
    let name = |name: &'static std::ffi::CStr| name.to_str().unwrap_or_default();
    vfs::register().then(|| (name(vfs::LOCKING), name(vfs::ALONE)))
}

/// None: elsewhere it opens the log as it will.
#[cfg(not(unix))]
fn log_readers() -> Option<(&'static str, &'static str)> {
    None
}

/// Returns the path of what SQLite keeps beside the database at `path`.
pub(crate) fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns whether a database has a write-ahead log; `None` for a file that is no database.
fn header(file: &mut File) -> std::io::Result<Option<bool>> {
    let mut header = [0; 20];
    let read = platform::read_full_at(file, &mut header, 0)?;
    Ok((read == header.len() && header.starts_with(MAGIC)).then_some(header[18] == 2 || header[19] == 2))
}

fn connect(path: &Path, parameters: &str, is_alone: bool) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(uri(path, parameters), flags)?;
    let has_waited = HAS_WAITED.load(Ordering::Relaxed);
    connection.busy_timeout(if has_waited { SHORT_BUSY_WAIT } else { BUSY_WAIT })?;
    if is_alone {
        // Before the first look at the log: its index is kept in memory then.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    }
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)?;
    // What is sorted is not masked yet: it must not be on the disk, not even for a moment.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.execute_batch("BEGIN")?;
    Ok(connection)
}

/// Returns what SQLite takes for the file at `path`: <https://www.sqlite.org/uri.html>.
fn uri(path: &Path, parameters: &str) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut uri = b"file:".to_vec();
    for &byte in path_bytes(&absolute) {
        match byte {
            b'%' | b'?' | b'#' => uri.extend_from_slice(format!("%{byte:02x}").as_bytes()),
            _ => uri.push(byte),
        }
    }
    uri.push(b'?');
    uri.extend_from_slice(parameters.as_bytes());
    platform::path::path_of_bytes(uri)
}

fn not_a_database(path: &Path) -> Error {
    Error::new(Kind::Source, "cannot read")
        .with_path(path)
        .with_source("it is no SQLite database, or an encrypted one")
        .with_hint("What its agent can export can be archived: sessionkeep archive FILE.")
}

fn damaged(path: &Path) -> Error {
    Error::new(Kind::Source, "cannot read")
        .with_path(path)
        .with_source("the database is damaged")
        .with_hint("What can be read is archived; the rest is tried again by the next import.")
}

/// Returns the error for a query that failed, in words for whoever has the database.
pub(crate) fn sql_error(error: rusqlite::Error, path: &Path) -> Error {
    let said = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => return not_a_database(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            HAS_WAITED.store(true, Ordering::Relaxed);
            "its agent keeps it locked"
        }
        Some(ErrorCode::DatabaseCorrupt) => return damaged(path),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) => "it cannot be opened without changing it",
        _ => return Error::new(Kind::Source, "cannot read").with_path(path).with_source(error),
    };
    let error = Error::new(Kind::Source, "cannot read").with_path(path).with_source(said);
    error.with_hint("What can be read is archived; the rest is tried again by the next import.")
}
