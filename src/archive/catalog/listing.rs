//! The catalog's copy of what a table of sessions shows: a row a sidecar, so that listing need not open them all.
//!
//! The sidecar is the truth. A row holds what a sidecar's inode said, and proves itself by the inode's number, size,
//! modification time and change time: it is believed only for a name that shows all four now. That finds every change
//! there can be. A sidecar that was removed has no name, so nobody asks for its row; one that was added, or replaced by
//! renaming another over it, has an inode that no row is about, or an old number with another change time; one that
//! was edited in place has a new change time, which nobody can set back. The times of directories would be cheaper to
//! ask for, but do not change when a file is edited in place. What remains in doubt is an edit in place of the same
//! length within the tick of the clock in which the row was made, on kernels whose file times have that grain.
//!
//! A checksum covers the row, so that a damaged catalog tells no tales. Rows of sidecars that are gone may stay
//! until what they say may have been masked: they are found by nobody, and replaced when their inode is given to another
//! sidecar.

use crate::platform::{EntryKind, Stat, clock};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use rayon::prelude::*;
use rusqlite::{Connection, params};

use super::facts::{Facts, encode_sidecar, is_of_older_form};
use super::rows::{Catalog, Row, sql_error};
use crate::archive::names::{PARTS_SUFFIX, Place};
use crate::archive::sidecar::{MAX_SIDECAR_BYTES, Sidecar};
use crate::archive::store::Store;
use crate::error::Result;

/// A table of its own, as an import reads the other one whole. Numbered by inode, which the file system mostly gives
/// out in ascending order, so that a bulk import appends.
pub(super) const CREATE_LISTING: &str =
    "CREATE TABLE listing (inode INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;";

/// How long a listing waits for a catalog that another process locks: reading the sidecars takes no longer.
const LOCKED_TIMEOUT: Duration = Duration::from_millis(200);

/// A sidecar that was changed less than this ago may be changed again without showing it, if it is not ours: longer
/// than any file system's tick but FAT's, which has no inodes.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// Rows of sidecars that are gone, above as many as there are sidecars, with which a listing is left alone.
const MAX_OLD_ROWS: usize = 1000;

/// Bytes of a checksum, a size and two times, before the facts.
const SEAL_BYTES: usize = 28;

/// A row of the table: the facts of one sidecar, sealed with what the file system said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    inode: u64,
    sealed: Vec<u8>,
}

impl Listed {
    /// Returns the row of the file that `stat` is about and that holds `sidecar`; `None` where files have no inodes.
    pub(crate) fn of_sidecar(sidecar: &Sidecar, stat: &Stat) -> Option<Listed> {
        let mut facts = Vec::new();
        encode_sidecar(sidecar, &mut facts);
        Listed::of_facts(&facts, stat)
    }

    /// Returns the row of the file that `stat` is about and that says `facts`, in their short form.
    pub(crate) fn of_facts(facts: &[u8], stat: &Stat) -> Option<Listed> {
        if stat.inode == 0 || stat.kind != EntryKind::File {
            return None;
        }
        let mut sealed = Vec::with_capacity(SEAL_BYTES + facts.len());
        sealed.extend_from_slice(&[0; 4]);
        sealed.extend_from_slice(&proof(stat));
        sealed.extend_from_slice(facts);
        let checksum = checksum(stat.inode, &sealed[4..]);
        sealed[..4].copy_from_slice(&checksum);
        Some(Listed { inode: stat.inode, sealed })
    }
}

fn proof(stat: &Stat) -> [u8; 24] {
    let mut proof = [0; 24];
    proof[..8].copy_from_slice(&stat.bytes.to_le_bytes());
    proof[8..16].copy_from_slice(&stat.mtime_ns.to_le_bytes());
    proof[16..].copy_from_slice(&stat.ctime_ns.to_le_bytes());
    proof
}

fn checksum(inode: u64, rest: &[u8]) -> [u8; 4] {
    let mut crc = libdeflater::Crc::new();
    crc.update(&inode.to_le_bytes());
    crc.update(rest);
    crc.sum().to_le_bytes()
}

/// What a group of sessions changes in the table.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Rows of sidecars that were written.
    pub listed: Vec<Listed>,
    /// Inodes of sidecars that were replaced.
    pub replaced: Vec<u64>,
}

/// All rows, in memory. Empty where there is no catalog or none that can be read now.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Inode, and where its row begins and ends in `sealed`; sorted by inode.
    rows: Vec<(u64, u32, u32)>,
    sealed: Vec<u8>,
}

impl Listing {
    /// The listing of a store of which nothing is known.
    pub(crate) const EMPTY: Listing = Listing { rows: Vec::new(), sealed: Vec::new() };

    /// Reads the table of the store at `root`. Whatever is wrong with the catalog, the sidecars are still there: the
    /// listing is empty then.
    pub(crate) fn read(root: &Path) -> Listing {
        let Ok(Some(catalog)) = Catalog::open_to_read_within(LOCKED_TIMEOUT, root) else {
            return Listing::default();
        };
        Listing::read_rows(&catalog.connection).unwrap_or_default()
    }

    /// Reads the table like [`Listing::read`], and touches nothing: no file is made beside the catalog, and nobody is waited
    /// for. What a run that goes on has not brought into the catalog's own file may be missing.
    pub(crate) fn read_at_rest(root: &Path) -> Listing {
        let Ok(Some(catalog)) = Catalog::open_at_rest(root) else { return Listing::default() };
        Listing::read_rows(&catalog.connection).unwrap_or_default()
    }

    fn read_rows(connection: &Connection) -> rusqlite::Result<Listing> {
        let mut listing = Listing::default();
        let mut statement = connection.prepare("SELECT inode, sealed FROM listing")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let sealed = row.get_ref(1)?.as_blob()?;
            let start = listing.sealed.len();
            listing.sealed.extend_from_slice(sealed);
            let Ok(end) = u32::try_from(listing.sealed.len()) else { break };
            listing.rows.push((row.get::<_, i64>(0)? as u64, start as u32, end));
        }
        // They come sorted as signed numbers.
        if !listing.rows.is_sorted() {
            listing.rows.sort_unstable();
        }
        Ok(listing)
    }

    /// Returns how many rows there are, those about sidecars that are gone among them.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the facts in the sidecar of which the file system says `stat` now; `None` if its row is missing, about
    /// an earlier state, or damaged.
    pub(crate) fn find(&self, stat: &Stat) -> Option<Facts<'_>> {
        let sealed = self.sealed(stat.inode)?;
        let (seal, facts) = sealed.split_at_checked(SEAL_BYTES)?;
        let is_proved = stat.kind == EntryKind::File && seal[4..] == proof(stat);
        if !is_proved || checksum(stat.inode, &sealed[4..]) != seal[..4] {
            return None;
        }
        Facts::decode(facts)
    }

    /// Returns the facts of all rows that are whole, those about sidecars that were changed or are gone among them.
    pub(crate) fn all(&self) -> impl Iterator<Item = Facts<'_>> {
        self.rows.iter().filter_map(|&(inode, start, end)| {
            let sealed = &self.sealed[start as usize..end as usize];
            let (seal, facts) = sealed.split_at_checked(SEAL_BYTES)?;
            (checksum(inode, &sealed[4..]) == seal[..4]).then(|| Facts::decode(facts))?
        })
    }

    /// Returns the inodes of the rows that none of `proofs` proves, which are those of sidecars by their inodes.
    fn unproved(&self, proofs: &HashMap<u64, [u8; 24]>) -> Vec<u64> {
        let is_proved = |&(inode, start, end): &(u64, u32, u32)| {
            let seal = self.sealed[start as usize..end as usize].get(4..SEAL_BYTES);
            seal.is_some() && seal == proofs.get(&inode).map(<[u8; 24]>::as_slice)
        };
        self.rows.iter().filter(|row| !is_proved(row)).map(|row| row.0).collect()
    }

    fn sealed(&self, inode: u64) -> Option<&[u8]> {
        let at = self.rows.binary_search_by_key(&inode, |row| row.0).ok()?;
        let (_, start, end) = self.rows[at];
        Some(&self.sealed[start as usize..end as usize])
    }

    fn holds(&self, listed: &Listed) -> bool {
        self.sealed(listed.inode).is_some_and(|sealed| sealed == listed.sealed)
    }
}

impl Catalog {
    /// Adds or replaces rows, all or none, and changes the listing with them. A listing that cannot be changed is
    /// overlooked: nobody believes what it says of the sidecars that were written.
    pub(crate) fn record_listed(&mut self, rows: &[Row], changes: &Changes) -> Result<()> {
        if changes.listed.is_empty() && changes.replaced.is_empty() {
            return self.record(rows);
        }
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior).map_err(sql_error)?;
        super::rows::insert_rows(&transaction, rows, "REPLACE").map_err(sql_error)?;
        let _ = change(&transaction, changes);
        transaction.commit().map_err(sql_error)
    }

    /// Makes the listing say what the sidecars of the store's sessions say; one that does so is left alone.
    pub(crate) fn list_anew(&mut self, store: &Store) -> Result<()> {
        let listed = listed_of(store)?;
        let known = Listing::read_rows(&self.connection).unwrap_or_default();
        let is_full_of_old_rows = known.rows.len() > 2 * listed.len() + MAX_OLD_ROWS;
        if !is_full_of_old_rows && self.has_listing() && listed.iter().all(|listed| known.holds(listed)) {
            return Ok(());
        }
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior).map_err(sql_error)?;
        fill(&transaction, listed).map_err(sql_error)?;
        transaction.commit().map_err(sql_error)
    }

    /// Removes the rows that no sidecar in the store proves now, and all bytes that they had in the file: those of a store that
    /// was copied, or of a run that was killed, may say what was masked since. Returns whether there were any.
    ///
    /// # Errors
    ///
    /// [`crate::error::Kind::Store`] when the store cannot be listed or the catalog cannot be changed.
    pub(crate) fn forget_gone(&mut self, store: &Store) -> Result<bool> {
        if self.is_in_memory {
            return Ok(false);
        }
        let proofs = proofs_of(store)?;
        let gone = Listing::read_rows(&self.connection).map_err(sql_error)?.unproved(&proofs);
        if gone.is_empty() {
            return Ok(false);
        }
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior).map_err(sql_error)?;
        change(&transaction, &Changes { listed: Vec::new(), replaced: gone }).map_err(sql_error)?;
        transaction.commit().map_err(sql_error)?;
        // Pages that were split may hold more copies of a row than its own, and the log the pages as they were.
        self.connection.execute_batch("VACUUM").map_err(sql_error)?;
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(true)
    }

    /// Adds the rows of those sidecars that have none.
    ///
    /// # Errors
    ///
    /// [`crate::error::Kind::Store`] when the store cannot be listed or the catalog cannot be changed.
    pub(crate) fn list_missing(&mut self, store: &Store) -> Result<()> {
        let mut listed = listed_of(store)?;
        let known = Listing::read_rows(&self.connection).map_err(sql_error)?;
        listed.retain(|listed| !known.holds(listed));
        self.record_listed(&[], &Changes { listed, replaced: Vec::new() })
    }

    /// Returns whether the catalog has a listing of this program's layout, and not one that an older program filled, as
    /// its first row tells; single rows of that kind are read all the same.
    pub(super) fn has_listing(&self) -> bool {
        let is_ours = |sealed: Vec<u8>| !sealed.get(SEAL_BYTES..).is_some_and(is_of_older_form);
        match self.connection.prepare("SELECT inode, sealed FROM listing LIMIT 1") {
            Ok(mut first) => first.query_row([], |row| row.get(1)).map_or(true, is_ours),
            Err(_) => false,
        }
    }
}

/// Makes the table anew with these rows, in place of whatever has its name.
pub(super) fn fill(connection: &Connection, listed: Vec<Listed>) -> rusqlite::Result<()> {
    connection.execute_batch("DROP TABLE IF EXISTS listing;")?;
    connection.execute_batch(CREATE_LISTING)?;
    change(connection, &Changes { listed, replaced: Vec::new() })
}

fn change(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    // First what is gone: its inode may have been given to one of those that were written.
    if !changes.replaced.is_empty() {
        let mut delete = connection.prepare_cached("DELETE FROM listing WHERE inode = ?1")?;
        for inode in &changes.replaced {
            delete.execute([*inode as i64])?;
        }
    }
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO listing VALUES (?1, ?2)")?;
    for listed in &changes.listed {
        insert.execute(params![listed.inode as i64, listed.sealed])?;
    }
    Ok(())
}

/// Returns the archives that are sessions', relative to the store. Parts are listed with their sessions.
fn sessions_of(store: &Store) -> Result<impl ParallelIterator<Item = String>> {
    let is_session = |relative: &String| !relative.split('/').any(|name| name.ends_with(PARTS_SUFFIX));
    Ok(store.archives()?.into_par_iter().filter(is_session))
}

/// Returns what proves the rows of all sidecars there are, by inode.
fn proofs_of(store: &Store) -> Result<HashMap<u64, [u8; 24]>> {
    let stat_of = |archive: String| {
        let sidecar = store.path().join(Place::of_path(&archive)?.sidecar_path());
        let stat = Stat::of(&std::fs::symlink_metadata(sidecar).ok()?);
        Some((stat.inode, proof(&stat)))
    };
    Ok(sessions_of(store)?.filter_map(stat_of).collect())
}

/// Returns a row for the sidecar of every archive that is a session's, as far as it has one.
pub(super) fn listed_of(store: &Store) -> Result<Vec<Listed>> {
    let archives = sessions_of(store)?;
    let mut listed: Vec<Listed> = archives.filter_map(|relative| listed_at(store, &relative)).collect();
    listed.sort_unstable_by_key(|listed| listed.inode);
    Ok(listed)
}

fn listed_at(store: &Store, archive: &str) -> Option<Listed> {
    let place = Place::of_path(archive)?;
    let file = store.open_file(&place.sidecar_path()).ok()?;
    // Before it is read: what changes later will not be taken for what was read.
    let stat = Stat::of_file(&file).ok()?;
    let facts = settled_facts(file, &stat)?;
    let mut short = Vec::new();
    facts.encode(&mut short);
    Listed::of_facts(&short, &stat)
}

fn settled_facts(file: File, stat: &Stat) -> Option<Facts<'static>> {
    if i128::from(stat.ctime_ns) > i128::from(clock::nanoseconds()) - TICK.as_nanos() as i128 {
        return None;
    }
    let mut bytes = Vec::with_capacity(stat.bytes.min(MAX_SIDECAR_BYTES) as usize + 1);
    file.take(MAX_SIDECAR_BYTES + 1).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > MAX_SIDECAR_BYTES {
        return None;
    }
    Facts::parse(&bytes)
}
