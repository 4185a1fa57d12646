//! Joins the stages: decides what is to be archived, spreads the work over the threads, commits, counts.
//!
//! In: what users ask for (`request`, with `settings`) and what hooks left (`pending`, `hook`). Out: archives, and totals.
//! One way through the rooms, none back: `plan` (what is there, as sessions), `session` (open), `work` (scan, compress),
//! `verdict` (between the two: what each source is), `commit`. Beside the way: `history` (what the store has), `lineage`
//! (whose copy a session is), `state` (what threads share), `stamps` (when what last happened), `mask_file` (a filter's file, block by block).
//!
//! Here is only what a run shares: one [`Engine`] is one run over one store. Nothing in it is changed by a panic half-way:
//! sessions report their own failures.

mod commit;
mod history;
pub(crate) mod hook;
mod lineage;
pub(crate) mod mask_file;
pub(crate) mod pending;
pub(crate) mod plan;
mod request;
pub(crate) mod session;
mod settings;
pub(crate) mod stamps;
pub(crate) mod state;
mod verdict;
mod work;

pub(crate) use request::archive;
pub use request::import;
pub use settings::{Settings, Where};
pub(crate) use state::times::Step;
pub use state::totals::Totals;
pub(crate) use state::totals::{Archived, Group};

use crate::archive::catalog::Catalog;
use crate::archive::catalog::snapshot::Snapshot;
use crate::archive::content_hash::HashKey;
use crate::archive::ledger::pruned::Pruned;
use crate::archive::ledger::removal;
use crate::archive::store::Store;
use crate::archive::store::run_mark::RunMark;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::mask::Masker;
use crate::platform::{process, thread_pool};
use crate::report::Reporter;
use commit::queue::Queue;
use history::History;
use history::ids::Ids;
use lineage::owners::Owners;
use pending::marker::Marker;
use session::access::stream::Streams;
use state::buffers::Buffers;
use state::dry_copies::DryCopies;
use state::holders::Held;
use state::limits::Limits;
use state::outcomes::Outcomes;
use state::places::Places;
use state::surroundings::Surroundings;
use state::times::Clock;
use state::workers::Workers;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

/// One run: everything that its threads share.
pub(crate) struct Engine<'a> {
    pub settings: Settings,
    pub reporter: &'a Reporter,
    pub masker: Masker,
    pub masks_known_values: bool,
    /// Compression level.
    level: u8,
    /// `None` in a dry run on a store that does not exist.
    store: Option<Store>,
    pub history: History,
    pub outcomes: Outcomes<'a>,
    pub surroundings: Surroundings,
    dry_copies: DryCopies,
    places: Places,
    owners: Owners,
    limits: Limits,
    pub pool: rayon::ThreadPool,
    pub workers: Workers,
    buffers: Buffers,
    /// Sources whose text is decoded again and again.
    streams: Streams,
    /// Bytes of findings that wait for their blocks to be masked.
    pub kept_findings: AtomicUsize,
    pub times: Clock,
    /// What hooks left pending and this run takes care of, and the sources that each is about.
    markers: Mutex<Vec<(Marker, Vec<PathBuf>)>>,
    /// Databases and chats that this run did not open, as nothing in them has changed.
    unopened: Mutex<HashSet<Vec<u8>>>,
    /// Files that hold many sessions, opened by this run.
    holders: Mutex<Vec<Held>>,
    queue: Queue,
    /// The mark of this run in the store, from the first name that it gives.
    naming: Mutex<Option<RunMark>>,
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
        let known = match &store {
            Some(store) => {
                let (mut catalog, warning) = Catalog::open(store)?;
                // Before anything is decided without it.
                Pruned::read_beginning(store.path())?;
                if !settings.is_dry_run {
                    if let Err(error) = removal::finish(store, &mut catalog) {
                        reporter.warn(format_args!("{error}; sessions that were pruned take up room still"));
                    }
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
        let limits = Limits::new(config.threads(), process::open_file_limit());
        let pool = thread_pool(limits.threads)?;
        Ok(Engine {
            settings: settings.clone(),
            reporter,
            masker,
            masks_known_values: config.masks_known_values,
            level: config.level,
            store,
            history: History::new(config.store.path.clone(), key, known, settings),
            outcomes: Outcomes::new(reporter),
            surroundings: Surroundings::new(&config.environment),
            dry_copies: DryCopies::default(),
            places: Places::default(),
            owners: Owners::default(),
            limits,
            pool,
            workers: Workers::new(limits.threads, config.level)?,
            buffers: Buffers::default(),
            streams: Streams::default(),
            kept_findings: AtomicUsize::new(0),
            times: Clock::default(),
            markers: Mutex::default(),
            unopened: Mutex::default(),
            holders: Mutex::default(),
            queue: Queue::new(limits.group),
            naming: Mutex::new(None),
        })
    }

    /// Returns the store.
    pub(crate) fn store(&self) -> Result<&Store> {
        self.store.as_ref().ok_or_else(|| Error::new(Kind::Internal, "a dry run has no store to write to"))
    }

    /// Returns what makes the identities that archives carry.
    pub(crate) fn ids(&self) -> Ids<'_> {
        Ids { masker: &self.masker, key: &self.history.key }
    }
}
