//! The catalog in memory: one compact entry a source, found by path, session, content or first line.
//!
//! Holds what is needed to decide about a source without asking the database: numbers and hashes, no text. Built once
//! a run; 100,000 sources take about 20 MiB.

use std::sync::OnceLock;

use crate::archive::content_hash::{self, HashKey};
use crate::identity::Identity;

/// 128 bits of a hash, enough to tell apart what is in one catalog.
pub(crate) type Key = u128;

/// What the catalog knows of one source, without its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The row's number in the catalog, for [`Catalog::row`](super::rows::Catalog::row).
    pub id: i64,
    pub path: Key,
    pub identity: Key,
    pub content: Key,
    pub head: Key,
    pub inode: u64,
    /// Bytes of the file when it was observed; for a compressed one, its compressed bytes.
    pub file_bytes: u64,
    pub mtime_ns: i64,
    pub ctime_ns: i64,
    pub observed_at_ns: i64,
    /// Bytes of the source that the archive covers.
    pub source_bytes: u64,
    pub clean_bytes: u64,
    pub version: u32,
    pub flags: Flags,
}

/// What is special about a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// Masked without the user's rules: mask again with a good configuration.
    pub is_rule_set_incomplete: bool,
    /// Known from a sidecar of sessionkeep 0.4 only: there are no hashes.
    pub has_no_hashes: bool,
    /// The archive was pruned: the source is not archived again as long as the store's ledger says so, too.
    pub is_pruned: bool,
}

impl Flags {
    pub(super) fn to_bits(self) -> i64 {
        i64::from(self.is_rule_set_incomplete)
            | i64::from(self.has_no_hashes) << 1
            | i64::from(self.is_pruned) << 2
    }

    pub(super) fn from_bits(bits: i64) -> Flags {
        Flags {
            is_rule_set_incomplete: bits & 1 != 0,
            has_no_hashes: bits & 2 != 0,
            is_pruned: bits & 4 != 0,
        }
    }
}

/// Returns the key of a source's path, given as the system's bytes. Made with the store's private key: a path may hold a
/// secret, and a plain hash would confirm a guess of it.
pub(crate) fn path_key(key: &HashKey, path: &[u8]) -> Key {
    key_of_hash(&content_hash::hash(key, path))
}

/// Returns what stands for the path in the row of an archive that no source stands for. Archives' names hold nothing
/// that is to be masked, so that no private key is needed.
pub(crate) fn archive_key(archive: &str) -> Key {
    key_of_hash(&blake3::derive_key("sessionkeep 2026-11-26 archive without a source", archive.as_bytes()))
}

/// Returns the key of a session or part.
pub(crate) fn identity_key(identity: &Identity) -> Key {
    let mut hasher = blake3::Hasher::new();
    for field in [&identity.agent, &identity.session_id] {
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field.as_bytes());
    }
    if let Some(part) = &identity.part_id {
        hasher.update(&[1]);
        hasher.update(part.as_bytes());
    }
    key_of_hash(hasher.finalize().as_bytes())
}

/// Returns the first 128 bits of a hash.
pub(crate) fn key_of_hash(hash: &[u8; 32]) -> Key {
    let (first, _) = hash.split_first_chunk::<16>().expect("32 is more than 16");
    Key::from_le_bytes(*first)
}

/// All entries of a catalog, as they were when it was taken.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    entries: Vec<Entry>,
    by_path: Index,
    // A run that finds nothing new asks for paths only.
    by_identity: OnceLock<Index>,
    by_content: OnceLock<Index>,
    by_head: OnceLock<Index>,
}

impl Snapshot {
    /// Returns the snapshot of these entries.
    pub(crate) fn new(entries: Vec<Entry>) -> Snapshot {
        let by_path = Index::new(&entries, |entry| entry.path);
        Snapshot { entries, by_path, ..Snapshot::default() }
    }

    /// Returns how many sources are known.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the source at a path.
    pub(crate) fn by_path(&self, path: Key) -> Option<&Entry> {
        self.by_path.find(&self.entries, path, |entry| entry.path).next()
    }

    /// Returns all sources of a session or part: copies and moves of it share one.
    pub(crate) fn by_identity(&self, identity: Key) -> impl Iterator<Item = &Entry> {
        let field = |entry: &Entry| entry.identity;
        self.by_identity.get_or_init(|| Index::new(&self.entries, field)).find(&self.entries, identity, field)
    }

    /// Returns all sources with the same covered bytes. Entries without hashes are not among them.
    pub(crate) fn by_content(&self, content: Key) -> impl Iterator<Item = &Entry> {
        let field = |entry: &Entry| entry.content;
        let found = self.by_content.get_or_init(|| Index::new(&self.entries, field));
        found.find(&self.entries, content, field).filter(|entry| !entry.flags.has_no_hashes)
    }

    /// Returns all sources with the same first line. Entries without hashes are not among them.
    pub(crate) fn by_head(&self, head: Key) -> impl Iterator<Item = &Entry> {
        let field = |entry: &Entry| entry.head;
        let found = self.by_head.get_or_init(|| Index::new(&self.entries, field));
        found.find(&self.entries, head, field).filter(|entry| !entry.flags.has_no_hashes)
    }
}

/// Numbers of entries in a hash table with open addressing: 8 bytes a source at most, as the keys stay in the entries.
#[derive(Debug, Default)]
struct Index {
    /// A power of two; [`EMPTY`] where there is none.
    slots: Vec<u32>,
}

const EMPTY: u32 = u32::MAX;

impl Index {
    fn new(entries: &[Entry], field: impl Fn(&Entry) -> Key) -> Index {
        let mut index = Index { slots: vec![EMPTY; (entries.len() * 3 / 2 + 1).next_power_of_two()] };
        for (number, entry) in entries.iter().enumerate() {
            let mut slot = index.home(field(entry));
            // Many with one key (empty sessions) make a long row, but the table never fills up.
            while index.slots[slot] != EMPTY {
                slot = (slot + 1) & (index.slots.len() - 1);
            }
            index.slots[slot] = number as u32;
        }
        index
    }

    /// Returns where a key's row begins. Keys are hashes, so any of their bits will do.
    fn home(&self, key: Key) -> usize {
        key as usize & (self.slots.len() - 1)
    }

    fn find<'a>(
        &'a self,
        entries: &'a [Entry],
        key: Key,
        field: impl Fn(&Entry) -> Key + 'a,
    ) -> impl Iterator<Item = &'a Entry> {
        let home = if self.slots.is_empty() { 0 } else { self.home(key) };
        (0..self.slots.len())
            .map(move |step| self.slots[(home + step) & (self.slots.len() - 1)])
            .take_while(|&number| number != EMPTY)
            .map(|number| &entries[number as usize])
            .filter(move |entry| field(entry) == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i64, key: Key) -> Entry {
        Entry {
            id,
            path: key,
            identity: key / 2,
            content: key / 3,
            head: 7,
            inode: 0,
            file_bytes: 0,
            mtime_ns: 0,
            ctime_ns: 0,
            observed_at_ns: 0,
            source_bytes: 0,
            clean_bytes: 0,
            version: 1,
            flags: Flags { has_no_hashes: key.is_multiple_of(10), ..Flags::default() },
        }
    }

    #[test]
    fn every_entry_is_found_by_each_of_its_keys() {
        let entries: Vec<Entry> = (0..1000).map(|number| entry(number, number as Key * 64)).collect();
        let snapshot = Snapshot::new(entries.clone());
        for one in &entries {
            assert_eq!(snapshot.by_path(one.path), Some(one));
            assert!(snapshot.by_identity(one.identity).any(|found| found == one));
            assert_eq!(snapshot.by_content(one.content).any(|found| found == one), !one.flags.has_no_hashes);
        }
        assert_eq!(snapshot.by_path(1), None);
        assert_eq!(snapshot.by_head(7).count(), entries.iter().filter(|e| !e.flags.has_no_hashes).count());
    }

    #[test]
    fn an_empty_catalog_knows_nothing() {
        let snapshot = Snapshot::default();
        assert!(snapshot.by_path(0).is_none() && snapshot.by_identity(0).next().is_none());
        assert!(Snapshot::new(Vec::new()).by_path(5).is_none());
    }

    #[test]
    fn sessions_and_their_parts_have_different_keys() {
        let session = Identity { agent: "a".into(), session_id: "bc".into(), part_id: None };
        let other = Identity { agent: "ab".into(), session_id: "c".into(), part_id: None };
        let part = Identity { part_id: Some(String::new()), ..session.clone() };
        let keys = [&session, &other, &part].map(identity_key);
        assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2]);
    }
}
