//! Files that hold many sessions: how each looked when all sessions in it were archived, so that one that still looks so
//! need not be opened.

use rusqlite::{Connection, OptionalExtension, params};

use super::rows::{Catalog, sql_error};
use super::snapshot::Key;
use crate::error::Result;
use crate::locator::Stamp;

/// What is kept of such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HolderRow {
    pub stamp: Stamp,
    /// When the stamp was taken, nanoseconds since 1970, UTC.
    pub observed_ns: i64,
    /// How many sessions and parts it holds.
    pub sessions: u64,
}

/// Makes the table where it is missing. A catalog without it is as good as one that knows no such file.
pub(super) fn create(connection: &Connection) {
    let _ = connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS holders (path_key BLOB PRIMARY KEY, bytes INTEGER NOT NULL,
         mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, observed_at_ns INTEGER NOT NULL,
         sessions INTEGER NOT NULL) STRICT",
    );
}

/// Forgets all of them: what is archived of their sessions has to be looked at again.
pub(super) fn forget(connection: &Connection) {
    let _ = connection.execute("DELETE FROM holders", []);
}

impl Catalog {
    /// Returns what is known of the file with this key.
    pub(crate) fn holder(&self, path_key: Key) -> Option<HolderRow> {
        const QUERY: &str = "SELECT bytes, mtime_ns, ctime_ns, inode, observed_at_ns, sessions FROM holders WHERE path_key = ?1";
        let row = self.connection.query_row(QUERY, [path_key.to_le_bytes()], |row| {
            let number = |index: usize| row.get::<_, i64>(index);
            let stamp = Stamp {
                bytes: number(0)? as u64,
                modified_ns: number(1)?,
                changed_ns: number(2)?,
                inode: number(3)? as u64,
            };
            Ok(HolderRow { stamp, observed_ns: number(4)?, sessions: number(5)? as u64 })
        });
        row.optional().ok().flatten()
    }

    /// Notes how a file looked all of whose sessions are archived.
    ///
    /// # Errors
    ///
    /// When the catalog cannot be written to.
    pub(crate) fn record_holder(&mut self, path_key: Key, holder: &HolderRow) -> Result<()> {
        let HolderRow { stamp, observed_ns, sessions } = holder;
        let values = params![
            path_key.to_le_bytes(),
            stamp.bytes as i64,
            stamp.modified_ns,
            stamp.changed_ns,
            stamp.inode as i64,
            observed_ns,
            *sessions as i64
        ];
        let insert = "INSERT OR REPLACE INTO holders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.connection.execute(insert, values).map_err(sql_error)?;
        Ok(())
    }
}
