//! Mends single rows of the catalog, so that the others keep what only they know: the stats that spare a look.

use std::collections::HashSet;

use rusqlite::params;

use super::holders;
use super::rebuild;
use super::rows::{Catalog, sql_error};
use crate::archive::store::Store;
use crate::error::Result;

impl Catalog {
    /// Returns the paths, as the system's bytes, of the sources that the archive at `archive` (relative to the store)
    /// was made from, as far as the catalog knows any. One in which something was masked names no file.
    pub(crate) fn sources_of(&self, archive: &str) -> Result<Vec<Vec<u8>>> {
        let mut statement =
            self.connection.prepare("SELECT path FROM source WHERE archive = ?1").map_err(sql_error)?;
        let paths = statement.query_map([archive], |row| row.get(0)).map_err(sql_error)?;
        let paths: Vec<Vec<u8>> = paths.collect::<rusqlite::Result<_>>().map_err(sql_error)?;
        Ok(paths.into_iter().filter(|path| !path.is_empty()).collect())
    }

    /// Returns the paths, relative to the store, of all archives that the catalog knows.
    pub(super) fn archives(&self) -> Result<HashSet<String>> {
        let mut statement =
            self.connection.prepare("SELECT DISTINCT archive FROM source").map_err(sql_error)?;
        let archives = statement.query_map([], |row| row.get(0)).map_err(sql_error)?;
        archives.collect::<rusqlite::Result<_>>().map_err(sql_error)
    }

    /// Removes all rows of these archives, which are gone. Their sources count as never archived.
    pub(crate) fn forget(&mut self, archives: &[String]) -> Result<()> {
        let transaction = self.connection.transaction().map_err(sql_error)?;
        for archive in archives {
            transaction
                .execute("DELETE FROM source WHERE archive = ?1", params![archive])
                .map_err(sql_error)?;
        }
        holders::forget(&transaction);
        transaction.commit().map_err(sql_error)
    }

    /// Adds rows for these archives, which the catalog does not know, from what they say of themselves; returns how
    /// many do.
    pub(crate) fn take_in(&mut self, store: &Store, archives: &[String]) -> Result<usize> {
        let key = store.hash_key()?;
        let rows: Vec<_> =
            archives.iter().filter_map(|archive| rebuild::row_of(store, &key, archive.clone())).collect();
        self.record(&rows)?;
        Ok(rows.len())
    }

    /// Takes in the archives that runs named which died before they could record them; returns how many there were.
    pub(crate) fn take_in_unrecorded(&mut self, store: &Store) -> Result<usize> {
        let marks = store.marks_of_the_dead();
        if marks.is_empty() {
            return Ok(0);
        }
        let known = self.archives()?;
        let mut unknown = store.archives()?;
        unknown.retain(|archive| !known.contains(archive));
        let count = self.take_in(store, &unknown)?;
        store.remove_marks(&marks);
        Ok(count)
    }
}
