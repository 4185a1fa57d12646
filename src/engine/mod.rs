//! Joins the stages: decides what is to be archived, spreads the work over the threads, commits, counts.
//!
//! One [`Engine`] is one run over one store. Everything that all threads share hangs on it, and nothing in it is
//! changed by a panic half-way: sessions report their own failures.

mod commit;
mod history;
pub(crate) mod hook;
mod lineage;
pub(crate) mod mask_file;
pub(crate) mod pending;
pub(crate) mod plan;
mod request;
pub(crate) mod session;
pub(crate) mod state;
mod verdict;
mod work;

pub(crate) use request::archive;
pub use request::{Origin, Settings, import};
pub(crate) use state::times::Step;
pub use state::totals::Totals;
pub(crate) use state::totals::{Group, Outcome};

use crate::agents::{Found, Identified};
use crate::archive::catalog::Catalog;
use crate::archive::content_hash::HashKey;
use crate::archive::naming::Naming;
use crate::archive::snapshot::{Key, Snapshot, identity_key, key_of_hash, path_key};
use crate::archive::store::Store;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::identity;
use crate::identity::Identity;
use crate::locator::{Locator, Stamp};
use crate::mask::Masker;
use crate::platform;
use crate::platform::sync::lock;
use crate::report::Reporter;
use commit::queue::Queue;
use history::versions::{There, Version};
use lineage::owner::Owners;
use session::work::{Plan, Planned};
use state::buffers::Buffers;
use state::dry_copies::Copies;
use state::limits::Limits;
use state::surroundings::OutsideValues;
use state::times::Clock;
use state::workers::Workers;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use verdict::placement::Places;

/// Sessions with the same first line that are compared with a source of unknown name at most.
const LOOK_ALIKES: usize = 8;

/// How often a session is tried again at once that changed, or was overtaken by another run, while it was archived.
const TRIES: u32 = 3;

/// One run: everything that its threads share.
pub(crate) struct Engine<'a> {
    pub reporter: &'a Reporter,
    pub masker: Masker,
    /// `None` in a dry run on a store that does not exist.
    store: Option<Store>,
    pub key: HashKey,
    store_path: PathBuf,
    /// Asked only about sessions that the snapshot says are archived, and told by the committer.
    catalog: Mutex<Option<Catalog>>,
    snapshot: Snapshot,
    /// Archives made or found by this run, which the snapshot does not know.
    fresh: Mutex<HashMap<Identity, Vec<Version>>>,
    /// Which session of this run has the bytes with this hash: a copy under another name waits for the next run.
    claims: Mutex<HashMap<[u8; 32], Identity>>,
    pub outside: OutsideValues,
    pub masks_known_values: bool,
    /// The configuration cannot be read; archives are marked so that they are masked again.
    pub is_rule_set_incomplete: bool,
    pub is_dry_run: bool,
    /// `--force`: room on the disk is the user's affair.
    is_forced: bool,
    /// Compression level.
    level: u8,
    copies: Copies,
    places: Places,
    owners: Owners,
    /// `--project`.
    pub project: Option<String>,
    /// Paths of new archives go to stdout.
    pub lists_archives: bool,
    /// A source without a recorded directory is named after the one that it lies in (`archive`, as the original).
    pub names_by_directory: bool,
    pub threads: usize,
    pub pool: rayon::ThreadPool,
    pub workers: Workers,
    buffers: Buffers,
    /// Bytes of findings that wait for their blocks to be masked.
    pub kept_findings: AtomicUsize,
    totals: Mutex<Totals>,
    pub times: Clock,
    retries: Mutex<Vec<Plan>>,
    /// What hooks left pending and this run takes care of.
    markers: Mutex<Vec<(pending::marker::Marker, Vec<PathBuf>)>>,
    /// Something fatal happened: finish what is in flight, start nothing new.
    stop: AtomicBool,
    /// The first failure to flush after which sessions were put up for another try.
    failed_flush: Mutex<Option<Error>>,
    /// Sources of which only a part can be read, as far as they are reported.
    cut: Mutex<HashSet<PathBuf>>,
    limits: Limits,
    queue: Queue,
    /// The mark of this run in the store, from the first name that it gives.
    naming: Mutex<Option<Naming>>,
}

impl<'a> Engine<'a> {
    /// Makes an engine for one run.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when a rule does not compile, [`Kind::Store`] when the store cannot be used.
    pub(crate) fn open(config: &Config, settings: &Settings, reporter: &'a Reporter) -> Result<Engine<'a>> {
        let store = match settings.is_dry_run {
            true => Store::open_existing(&config.store.path)?,
            false => Some(Store::open(&config.store.path)?),
        };
        let key = match &store {
            Some(store) => store.hash_key()?,
            None => HashKey::new([0; 32]),
        };
        let masker = config.masker()?;
        let (catalog, snapshot) = match &store {
            Some(store) => {
                let (mut catalog, warning) = Catalog::open(store)?;
                if !settings.is_dry_run {
                    // What cannot be taken in now is found by its name, if that is the same.
                    let _ = catalog.take_in_unrecorded(store);
                }
                let (snapshot, another) = catalog.snapshot(store)?;
                for warning in [warning, another].into_iter().flatten() {
                    reporter.warn(warning.0);
                }
                (Some(catalog), snapshot)
            }
            None => (None, Snapshot::default()),
        };
        let limits = Limits::new(config.threads(), platform::process::open_file_limit());
        let threads = limits.threads;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("worker-{index}"))
            .build()
            .map_err(|error| Error::new(Kind::Internal, "cannot start threads").with_source(error))?;
        let engine = Engine {
            reporter,
            masker,
            store,
            key,
            store_path: config.store.path.clone(),
            catalog: Mutex::new(catalog),
            snapshot,
            fresh: Mutex::default(),
            claims: Mutex::default(),
            outside: OutsideValues::new(&config.environment),
            masks_known_values: config.masks_known_values,
            is_rule_set_incomplete: settings.is_rule_set_incomplete,
            is_dry_run: settings.is_dry_run,
            is_forced: settings.is_forced,
            level: config.level,
            copies: Copies::default(),
            places: Places::default(),
            owners: Owners::default(),
            project: settings.project.clone(),
            lists_archives: settings.lists_archives,
            names_by_directory: settings.names_by_directory,
            threads,
            pool,
            workers: Workers::new(threads, config.level)?,
            buffers: Buffers::default(),
            kept_findings: AtomicUsize::new(0),
            totals: Mutex::default(),
            times: Clock::default(),
            retries: Mutex::default(),
            markers: Mutex::default(),
            stop: AtomicBool::new(false),
            failed_flush: Mutex::default(),
            cut: Mutex::default(),
            limits,
            queue: Queue::new(limits.group),
            naming: Mutex::new(None),
        };
        Ok(engine)
    }

    /// Returns the store.
    pub(crate) fn store(&self) -> Result<&Store> {
        self.store.as_ref().ok_or_else(|| Error::new(Kind::Internal, "a dry run has no store to write to"))
    }

    /// Returns whether to start nothing new: something fatal happened, or the user asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || platform::process::interrupted().is_some()
    }

    /// Returns the identity that archives of the source at `path` carry.
    fn identity(&self, identified: Identified, path: &Path) -> Identity {
        // Ids that were made over, to name files, show no rule any more what they were made of: the path does.
        let is_suspect = [Some(&identified.session_id), identified.part_id.as_ref()]
            .into_iter()
            .flatten()
            .any(|id| identity::is_made_over(id) && !self.is_harmless(&path.to_string_lossy()));
        Identity {
            agent: identified.agent.to_owned(),
            session_id: self.safe_id(&identified.session_id, is_suspect),
            part_id: identified.part_id.map(|part| self.safe_id(&part, is_suspect)),
        }
    }

    /// Returns whether there is nothing to mask in a name.
    fn is_harmless(&self, name: &str) -> bool {
        self.masker.mask_name(name) == name
    }

    /// Returns an id that can be shown and can name a file. One with something to mask in it (a file's name may hold
    /// anything) becomes a keyed hash, which tells ids apart and confirms no guess.
    fn safe_id(&self, id: &str, is_suspect: bool) -> String {
        if (is_suspect && identity::is_made_over(id)) || !self.is_harmless(id) {
            let hash = crate::archive::content_hash::hash(&self.key, id.as_bytes());
            return blake3::Hash::from_bytes(hash).to_hex()[..32].to_owned();
        }
        identity::safe_id(id)
    }

    /// Returns the archives of a session or part, oldest first.
    fn versions(&self, identity: &Identity) -> Vec<Version> {
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

    /// Returns other sessions that a source may be a copy or a continuation of: those with the same bytes, then those
    /// with the same first line.
    fn look_alikes(&self, identity: &Identity, content: &[u8; 32], head: &[u8; 32]) -> Vec<Identity> {
        let same_bytes = self.snapshot.by_content(key_of_hash(content));
        let same_start = self.snapshot.by_head(key_of_hash(head));
        let ids: Vec<i64> = same_bytes.chain(same_start.take(LOOK_ALIKES)).map(|entry| entry.id).collect();
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
    fn claim(&self, content: &[u8; 32], identity: &Identity) -> bool {
        lock(&self.claims).entry(*content).or_insert_with(|| identity.clone()) == identity
    }

    /// Looks at the place of an archive that is to be replaced. What the catalog does not know of it yet is recorded,
    /// so that all runs decide by it.
    fn look_at(&self, identity: &Identity, version: &Version) -> There {
        let there = There::look(&self.store_path, identity, version);
        if let There::Other(actual) = &there
            && !self.is_dry_run
            && let Some(catalog) = lock(&self.catalog).as_mut()
        {
            // What cannot be recorded now is found again at the next look.
            let _ = catalog.record(&[commit::rows::row_of_archive(identity, actual)]);
        }
        there
    }

    /// Returns whether an archive is there.
    fn has_archive(&self, version: &Version) -> bool {
        self.store.as_ref().is_some_and(|store| store.path().join(&version.archive).is_file())
    }

    /// Lets another session of this run have bytes, whoever it turns out to be.
    fn give_up_claim(&self, content: &[u8; 32]) {
        lock(&self.claims).remove(content);
    }

    /// Puts a source up for the next round of this run.
    fn try_later(&self, planned: Planned, tries: u32) {
        let bytes = planned.found.stamp.bytes();
        lock(&self.retries).push(Plan {
            sources: vec![planned],
            bytes,
            tries: tries + 1,
            refuses_growth: false,
        });
    }

    /// Puts a session up for the next round of this run, when all others of this one are archived.
    fn put_off(&self, mut plan: Plan) {
        plan.tries += 1;
        lock(&self.retries).push(plan);
    }

    /// Notes the archives of a session or part as this run left or found them.
    fn set_versions(&self, identity: Identity, versions: Vec<Version>) {
        lock(&self.fresh).insert(identity, versions);
    }

    fn totals(&self) -> MutexGuard<'_, Totals> {
        lock(&self.totals)
    }

    /// Counts what became of a source.
    pub(crate) fn count(&self, group: &str, outcome: Outcome) {
        self.totals().count(group, outcome);
    }

    /// Reports and counts a source that could not be archived; a fatal failure stops the run.
    pub(crate) fn report_failure(&self, planned: &Planned, error: Error) {
        if error.kind().is_fatal() {
            // Whatever the cause is, it would fail all that follow in the same way: one message is enough.
            if self.stop.swap(true, Ordering::SeqCst) {
                return self.count(&planned.group, Outcome::NotTried);
            }
        } else {
            self.reporter.error(&error);
        }
        self.count(&planned.group, Outcome::Failed(error));
    }

    /// Ends the run: nothing new is started, what is in flight is given up.
    fn give_up(&self, error: Error) {
        if !self.stop.swap(true, Ordering::SeqCst) {
            self.totals().errors.push(error);
        }
    }

    /// Reports a source of which only a part can be read, once a run: that part is archived, and counted as such.
    fn report_cut(&self, planned: &Planned, error: Error) {
        if lock(&self.cut).insert(planned.found.locator.path().to_path_buf()) {
            self.reporter.error(&error);
            self.count(&planned.group, Outcome::Cut(error));
        }
    }

    /// Puts a session up for another try, or reports that it failed.
    fn retry_or_report(&self, mut plan: Plan, source: usize, error: Error, is_retried: bool) {
        if is_retried && plan.tries < TRIES {
            plan.tries += 1;
            lock(&self.retries).push(plan);
            return;
        }
        for (index, planned) in plan.sources.iter().enumerate() {
            if index != source && !planned.is_unchanged {
                self.count(&planned.group, Outcome::NotTried);
            }
        }
        if let Some(planned) = plan.sources.get(source) {
            self.report_failure(planned, error);
        }
    }
}

/// Returns the error for a panic of ours while a source was worked on. The panic's message is not in it: it may hold
/// bytes of the transcript.
fn panicked(path: &Path) -> Error {
    Error::new(Kind::Source, "cannot archive")
        .with_path(path)
        .with_source("a mistake of sessionkeep's own; nothing of it was written")
}

impl Engine<'_> {
    /// Returns what the catalog knows a source by.
    fn key_of(&self, locator: &Locator) -> Key {
        path_key(&self.key, locator.key())
    }

    /// Returns whether the catalog proves that a source did not change since it was archived.
    fn is_unchanged(&self, found: &Found) -> bool {
        let Some(entry) = self.snapshot.by_path(self.key_of(&found.locator)) else { return false };
        if entry.flags.has_no_hashes {
            // Of a tree of sessionkeep 0.4 no more is known than this.
            return entry.source_bytes == found.stamp.bytes();
        }
        let recorded = Stamp::File {
            bytes: entry.file_bytes,
            modified_ns: entry.mtime_ns,
            changed_ns: entry.ctime_ns,
            inode: entry.inode,
        };
        let is_to_be_masked_again = entry.flags.is_rule_set_incomplete && !self.is_rule_set_incomplete;
        !is_to_be_masked_again && recorded.proves(&found.stamp, entry.observed_at_ns)
    }

    /// Returns whether a source looks as it did when it was archived: for a forecast, where proof is too much to ask.
    fn is_unlikely_changed(&self, found: &Found) -> bool {
        let entry = self.snapshot.by_path(self.key_of(&found.locator));
        entry.is_some_and(|entry| {
            (entry.file_bytes, entry.mtime_ns) == (found.stamp.bytes(), found.stamp.modified_ns())
        })
    }

    /// Returns whose source an unchanged file is.
    fn recorded_identity(&self, found: &Found) -> Option<Identity> {
        let catalog = lock(&self.catalog);
        catalog.as_ref()?.row_at(self.key_of(&found.locator)).ok().flatten().map(|row| row.identity)
    }
}
