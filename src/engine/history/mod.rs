//! What the store has of sessions, as a run needs it: by identity, by content, by source.
//!
//! In: identities, hashes, locators. Out: the archives that there are. Met in this order: `versions` is one session's
//! archives, `ids` makes the identities that archives carry. What this run archives is noted here, so that all its threads
//! know of it.

pub(crate) mod ids;
pub(crate) mod versions;

use crate::agents::Found;
use crate::archive::catalog::Catalog;
use crate::archive::catalog::key_mark;
use crate::archive::catalog::listing::Listing;
use crate::archive::catalog::snapshot::{Key, Snapshot, identity_key, key_of_hash, path_key};
use crate::archive::content_hash::HashKey;
use crate::archive::ledger::pruned::{self, Known, Pruned};
use crate::engine::settings::Settings;
use crate::identity::Identity;
use crate::locator::{Locator, Stamp};
use crate::platform::sync::lock;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use versions::{There, Version};

/// Sessions with the same first line that are compared with a source of unknown name at most.
const MOST_ALIKE: usize = 8;

/// The archives that there were when a run began, and those that it made or found since.
pub(crate) struct History {
    /// The store's root.
    pub root: PathBuf,
    pub key: HashKey,
    /// Asked only about sessions that the snapshot says are archived, and told by the committer.
    pub catalog: Mutex<Option<Catalog>>,
    pub snapshot: Snapshot,
    /// Archives made or found by this run, which the snapshot does not know.
    fresh: Mutex<HashMap<Identity, Vec<Version>>>,
    /// Which session of this run has the bytes with this hash: a copy under another name waits for the next run.
    claims: Mutex<HashMap<[u8; 32], Identity>>,
    /// What was pruned, as the ledger was when it had so many bytes.
    pruned: Mutex<Option<(u64, Arc<Pruned>)>>,
    takes_pruned: bool,
    is_dry_run: bool,
    is_rule_set_incomplete: bool,
    /// Nothing counts as unchanged.
    looks_at_all: bool,
    directories: OnceLock<BTreeSet<PathBuf>>,
}

impl History {
    /// Returns what `catalog` and its snapshot know of the store at `root`, whose key is `key`.
    pub(crate) fn new(
        root: PathBuf,
        key: HashKey,
        (catalog, snapshot): (Option<Catalog>, Snapshot),
        settings: &Settings,
    ) -> History {
        History {
            root,
            key,
            catalog: Mutex::new(catalog),
            snapshot,
            fresh: Mutex::default(),
            claims: Mutex::default(),
            pruned: Mutex::default(),
            takes_pruned: settings.takes_pruned,
            is_dry_run: settings.is_dry_run,
            is_rule_set_incomplete: settings.is_rule_set_incomplete,
            looks_at_all: settings.masks_anew,
            directories: OnceLock::new(),
        }
    }

    /// Returns the directories that archived sessions began in, absolute, each once, as the catalog has them: masked. What
    /// was masked in one leads nowhere.
    pub(crate) fn directories(&self) -> &BTreeSet<PathBuf> {
        self.directories.get_or_init(|| self.directories_now())
    }

    /// Returns the same with those of what was archived since the run began.
    pub(crate) fn directories_now(&self) -> BTreeSet<PathBuf> {
        let listing = Listing::read(&self.root);
        let named: BTreeSet<_> = listing.all().filter_map(|facts| facts.cwd).collect();
        named.iter().map(|cwd| PathBuf::from(&**cwd)).filter(|cwd| cwd.is_absolute()).collect()
    }

    /// Returns the archives of a session or part, oldest first.
    pub(crate) fn versions(&self, identity: &Identity) -> Vec<Version> {
        if let Some(versions) = lock(&self.fresh).get(identity) {
            return versions.clone();
        }
        if self.snapshot.by_identity(identity_key(identity)).next().is_none() {
            return Vec::new();
        }
        // What cannot be asked now is taken for new; its name, being taken, then tells that it is not.
        let rows = lock(&self.catalog).as_ref().and_then(|catalog| catalog.rows_of(identity).ok());
        Version::of_rows(rows.unwrap_or_default())
    }

    /// Returns what was pruned, as of now: another run may be pruning.
    pub(crate) fn pruned(&self) -> Arc<Pruned> {
        let length = pruned::length(&self.root);
        let mut known = lock(&self.pruned);
        if let Some((_, pruned)) = known.as_ref().filter(|(read_at, _)| *read_at == length) {
            return Arc::clone(pruned);
        }
        // That it can be read was seen when the run began.
        let pruned = Arc::new(Pruned::read(&self.root).unwrap_or_default());
        *known = Some((length, Arc::clone(&pruned)));
        pruned
    }

    /// Returns the pruned archive that held what a source holds, if there is one, and the source is not wanted all the
    /// same. Whatever session it was: its content tells of a source that was moved or copied where `may_be_copy` says that
    /// it may have been.
    pub(crate) fn pruned_as(
        &self,
        identities: &[&Identity],
        bytes: u64,
        content_hash: &[u8; 32],
        may_be_copy: bool,
    ) -> Option<Known> {
        let pruned = self.pruned();
        if pruned.is_empty() || self.takes_pruned {
            return None;
        }
        let key = key_mark(&self.key);
        let mut as_itself = identities.iter();
        let known = as_itself.find_map(|identity| pruned.covering(identity, bytes, content_hash, key));
        let as_copy = || pruned.with_content(content_hash).filter(|known| known.identity.part_id.is_none());
        known.or_else(|| as_copy().filter(|_| may_be_copy))
    }

    /// Returns whether a session or part was archived, and its archive is pruned.
    pub(crate) fn is_pruned(&self, identity: &Identity) -> bool {
        self.pruned().has(identity_key(identity))
    }

    /// Returns whether the catalog and the ledger say that what a source held was pruned. Says nothing of whether it has
    /// changed since.
    pub(crate) fn is_recorded_as_pruned(&self, found: &Found) -> bool {
        let entry = self.snapshot.by_path(self.key_of(&found.locator));
        entry.is_some_and(|entry| entry.flags.is_pruned && self.pruned().has(entry.identity))
    }

    /// Returns other sessions that a source may be a copy or a continuation of: those with the same bytes, then those
    /// with the same first line.
    pub(crate) fn sessions_like(
        &self,
        identity: &Identity,
        content: &[u8; 32],
        head: &[u8; 32],
    ) -> Vec<Identity> {
        let same_bytes = self.snapshot.by_content(key_of_hash(content));
        let same_start = self.snapshot.by_head(key_of_hash(head));
        let ids: Vec<i64> = same_bytes.chain(same_start.take(MOST_ALIKE)).map(|entry| entry.id).collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let catalog = lock(&self.catalog);
        let rows = ids.iter().filter_map(|id| catalog.as_ref()?.row(*id).ok().flatten());
        let mut identities: Vec<Identity> = Vec::new();
        for row in rows.filter(|row| row.identity != *identity && row.identity.part_id.is_none()) {
            if !identities.contains(&row.identity) {
                identities.push(row.identity);
            }
        }
        identities
    }

    /// Takes bytes for a session of this run; false if another has them.
    pub(crate) fn claim(&self, content: &[u8; 32], identity: &Identity) -> bool {
        lock(&self.claims).entry(*content).or_insert_with(|| identity.clone()) == identity
    }

    /// Looks at the place of an archive that is to be replaced. What the catalog does not know of it yet is recorded,
    /// so that all runs decide by it.
    pub(crate) fn there(&self, identity: &Identity, version: &Version) -> There {
        let there = There::at(&self.root, identity, version);
        if let There::Other(actual) = &there
            && !self.is_dry_run
            && let Some(catalog) = lock(&self.catalog).as_mut()
        {
            // What cannot be recorded now is found again at the next look.
            let _ = catalog.record(&[actual.row(identity)]);
        }
        there
    }

    /// Returns whether an archive is there.
    pub(crate) fn has_archive(&self, version: &Version) -> bool {
        self.root.join(&version.archive).is_file()
    }

    /// Lets another session of this run have bytes, whoever it turns out to be.
    pub(crate) fn give_up_claim(&self, content: &[u8; 32]) {
        lock(&self.claims).remove(content);
    }

    /// Notes the archives of a session or part as this run left or found them.
    pub(crate) fn set_versions(&self, identity: Identity, versions: Vec<Version>) {
        lock(&self.fresh).insert(identity, versions);
    }

    /// Returns what the catalog knows a source by.
    pub(crate) fn key_of(&self, locator: &Locator) -> Key {
        path_key(&self.key, &locator.key())
    }

    /// Returns whether the catalog proves that a source did not change since it was archived, or since that was pruned.
    pub(crate) fn is_unchanged(&self, found: &Found) -> bool {
        let Some(entry) = self.snapshot.by_path(self.key_of(&found.locator)) else { return false };
        // The catalog is only a cache: what the ledger does not say is not so.
        if entry.flags.is_pruned && (self.takes_pruned || !self.pruned().has(entry.identity)) {
            return false;
        }
        if entry.flags.has_no_hashes {
            // Of a tree of sessionkeep 0.4 no more is known than this.
            return entry.source_bytes == found.stamp.bytes();
        }
        let recorded = Stamp {
            bytes: entry.file_bytes,
            modified_ns: entry.mtime_ns,
            changed_ns: entry.ctime_ns,
            inode: entry.inode,
        };
        let is_to_be_masked_again = entry.flags.is_rule_set_incomplete && !self.is_rule_set_incomplete;
        !is_to_be_masked_again && !self.looks_at_all && recorded.proves(&found.stamp, entry.observed_at_ns)
    }

    /// Returns whether a source looks as it did when it was archived: for a forecast, where proof is too much to ask.
    pub(crate) fn is_unlikely_changed(&self, found: &Found) -> bool {
        let entry = self.snapshot.by_path(self.key_of(&found.locator));
        entry.is_some_and(|entry| {
            (entry.file_bytes, entry.mtime_ns) == (found.stamp.bytes(), found.stamp.modified_ns())
        })
    }

    /// Returns whose source an unchanged file is.
    pub(crate) fn recorded_identity(&self, found: &Found) -> Option<Identity> {
        let catalog = lock(&self.catalog);
        catalog.as_ref()?.row_at(self.key_of(&found.locator)).ok().flatten().map(|row| row.identity)
    }

    /// Returns whether the catalog knows the file at `path` by this identity.
    pub(crate) fn is_recorded_as(&self, identity: &Identity, path: &Path) -> bool {
        let entry = self.snapshot.by_path(self.key_of(&path.into()));
        entry.is_some_and(|entry| entry.identity == identity_key(identity))
    }
}
