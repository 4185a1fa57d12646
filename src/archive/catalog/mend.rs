//! Mends single rows of the catalog, so that the others keep what only they know: the stats that spare a look.

use std::collections::HashSet;

use rusqlite::params;

use super::holders;
use super::rebuild;
use super::rows::{Catalog, sql_error};
use super::snapshot::identity_key;
use crate::archive::store::Store;
use crate::error::Result;
use crate::identity::Identity;

/// The archives that rows speak of, those of pruned sessions left out.
pub(super) const ARCHIVES: &str = "SELECT DISTINCT archive FROM source WHERE flags & 4 = 0";

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

    /// Returns the paths, relative to the store, of all archives that the catalog knows to be there.
    pub(super) fn archives(&self) -> Result<HashSet<String>> {
        let mut statement = self.connection.prepare(ARCHIVES).map_err(sql_error)?;
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

    /// Notes that the archives of these sessions and parts were pruned: their rows keep what spares a look at the sources.
    pub(crate) fn mark_pruned(&mut self, identities: &[Identity]) -> Result<()> {
        self.for_rows_of(identities, "UPDATE source SET flags = flags | 4 WHERE identity_key = ?1")
    }

    /// Removes the rows of what was pruned of these sessions and parts. Their sources count as never archived.
    pub(crate) fn forget_pruned(&mut self, identities: &[Identity]) -> Result<()> {
        self.for_rows_of(identities, "DELETE FROM source WHERE identity_key = ?1 AND flags & 4 = 4")?;
        holders::forget(&self.connection);
        Ok(())
    }

    fn for_rows_of(&mut self, identities: &[Identity], sql: &str) -> Result<()> {
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior).map_err(sql_error)?;
        for identity in identities {
            let key = identity_key(identity).to_le_bytes();
            let mut statement = transaction.prepare_cached(sql).map_err(sql_error)?;
            statement.execute([key]).map_err(sql_error)?;
        }
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
