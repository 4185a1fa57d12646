//! Which sessions of the agents on this machine are not archived, or have grown since, and when they will be deleted;
//! and what else lies in the agents' directories. One walk and the catalog; no transcript is opened, a prompt history only
//! to learn which pastes it names, and a database only to learn which sessions it holds.

use super::left_alone::{Item, Tally, Wanted};
use crate::agents::{self, Found, LeftAlone};
use crate::archive::catalog::snapshot::{Snapshot, identity_key, path_key};
use crate::archive::content_hash::HashKey;
use crate::engine::plan::{histories, rendered, waiting};
use crate::environment::Environment;
use crate::identity::{Identity, safe_id};
use crate::locator::Locator;
use crate::platform::sync::lock;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A session written to within this time is being worked on; there is nothing to be done about it yet.
const ACTIVE_NS: i64 = 3600 * 1_000_000_000;

const DAY_NS: i64 = 24 * 3600 * 1_000_000_000;

/// What an agent deletes within so many days is worth a word.
pub(crate) const SOON_DAYS: i64 = 7;

/// The sessions of one agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    pub agent: &'static str,
    pub label: &'static str,
    /// Transcripts and parts that there are.
    pub files: u64,
    /// Those that are not archived, or not as they are now, and that nobody is working on.
    pub unarchived: u64,
    pub unarchived_bytes: u64,
    /// Those that are being worked on.
    pub active: u64,
    /// Of these, those of which nothing is archived yet.
    pub never_archived: u64,
    /// All that are being worked on, one by one.
    pub in_use: Vec<Found>,
    /// Days after which the agent deletes a session; `None` for never.
    pub cleanup_days: Option<u64>,
    /// Those of which something is archived.
    pub known: u64,
    /// Those that the agent will delete within [`SOON_DAYS`], and those of them that are not archived.
    pub deleted_soon: u64,
    pub deleted_soon_unarchived: u64,
    /// When the first unarchived one will be deleted, nanoseconds since 1970, UTC; may be past.
    pub first_deletion_ns: Option<i64>,
    /// What is in the way of a walk: links that are not followed, directories that cannot be read.
    pub problems: Vec<Item>,
    /// Files that are left alone for a good reason, as many as are wanted.
    pub left_alone: Vec<Item>,
    /// How many there are for each reason.
    pub left_alone_counts: BTreeMap<LeftAlone, u64>,
}

/// Returns what every agent has that has anything: sessions, or files that are left alone. `key` is the store's private
/// one; `each` is told of every file that was found.
pub(crate) fn find(
    environment: &Environment,
    snapshot: &Snapshot,
    key: &HashKey,
    now_ns: i64,
    wanted: &Wanted,
    each: &mut dyn FnMut(&Found),
) -> Vec<Sessions> {
    let mut all = Vec::new();
    for agent in agents::registry() {
        let cleanup_days = agent.cleanup_days(environment);
        let mut sessions =
            Sessions { agent: agent.id(), label: agent.label(), cleanup_days, ..Sessions::default() };
        let left: Mutex<Vec<(PathBuf, LeftAlone)>> = Mutex::default();
        let tell = |path: &Path, why: LeftAlone| lock(&left).push((path.to_path_buf(), why));
        // A session may be many documents, of which a walk finds one.
        let within: RefCell<HashSet<PathBuf>> = RefCell::default();
        let ids: RefCell<HashSet<String>> = RefCell::default();
        let mut take_one = |found: Found| {
            each(&found);
            ids.borrow_mut().extend(found.guess.session_id.clone());
            within.borrow_mut().extend(files_of(&found));
            match found.stamp.bytes() {
                0 => tell(found.locator.path(), LeftAlone::Empty),
                _ => {
                    let is_known = waiting::entry_of(&found, snapshot, key).is_some();
                    sessions.take(&found, is_archived(&found, snapshot, key), is_known, now_ns);
                }
            }
        };
        // What cannot be read now is a file that is not archived.
        let mut take = |found: Found| match rendered::sources(found.clone()) {
            Ok(sources) => sources.into_iter().for_each(&mut take_one),
            Err(_) => take_one(found),
        };
        let mut problems = agents::walk_telling(*agent, &agent.roots(environment), &mut take, Some(&tell));
        // Beside the transcripts, as an import has them.
        let mut found = Vec::new();
        problems.extend(agents::prompt_histories(*agent, environment, &mut |one| found.push(one)));
        histories::settle_by_catalog(snapshot, key, &mut found);
        found.iter().cloned().for_each(&mut take);
        let is_known = |id: &str| ids.borrow().contains(id) || is_session_archived(agent.id(), id, snapshot);
        let mut attached = Vec::new();
        problems.extend(agents::attachments(
            *agent,
            environment,
            &found,
            &is_known,
            &|found| is_archived(found, snapshot, key),
            &mut |one| attached.push(one),
            &mut |path| tell(path, LeftAlone::Unnamed),
        ));
        attached.into_iter().for_each(&mut take);
        let (within, left) = (within.into_inner(), left.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut tally = Tally::new(wanted.files);
        left.iter().filter(|(path, _)| !within.contains(path)).for_each(|(path, why)| tally.add(path, *why));
        sessions.problems =
            problems.into_iter().filter_map(|problem| Item::of_problem(problem, wanted)).collect();
        sessions.left_alone = tally.items(wanted);
        sessions.left_alone_counts = tally.counts();
        if !sessions.is_nothing() {
            all.push(sessions);
        }
    }
    all
}

/// Returns the files beside the one at its path that a session is told from: further documents, a database's log.
fn files_of(found: &Found) -> Vec<PathBuf> {
    match &found.locator {
        Locator::File(_) => Vec::new(),
        Locator::Document(document) => document.files.iter().map(|(path, _)| path.clone()).collect(),
        Locator::Rows(_) => ["-wal", "-shm"]
            .iter()
            .map(|ending| {
                let mut path = found.locator.path().as_os_str().to_owned();
                path.push(ending);
                PathBuf::from(path)
            })
            .collect(),
    }
}

impl Sessions {
    fn is_nothing(&self) -> bool {
        self.files == 0 && self.problems.is_empty() && self.left_alone_counts.is_empty()
    }

    fn take(&mut self, found: &Found, is_archived: bool, is_known: bool, now_ns: i64) {
        self.files += 1;
        self.known += u64::from(is_archived || is_known);
        // Prompt histories outlive the transcripts.
        let days = self.cleanup_days.filter(|_| !histories::is_settled(&found.guess));
        let deletion_ns = days.map(|days| {
            let days = i64::try_from(days).unwrap_or(i64::MAX);
            found.stamp.modified_ns().saturating_add(days.saturating_mul(DAY_NS))
        });
        let is_active = now_ns.saturating_sub(found.stamp.modified_ns()) < ACTIVE_NS;
        let soon_ns = now_ns.saturating_add(SOON_DAYS * DAY_NS);
        if !is_active && deletion_ns.is_some_and(|deletion| deletion < soon_ns) {
            self.deleted_soon += 1;
            self.deleted_soon_unarchived += u64::from(!is_archived);
        }
        if is_archived {
            return;
        }
        if is_active {
            self.active += 1;
            self.never_archived += u64::from(!is_known);
            self.in_use.push(found.clone());
            return;
        }
        self.unarchived += 1;
        self.unarchived_bytes += found.stamp.bytes();
        if let Some(deletion) = deletion_ns {
            self.first_deletion_ns =
                Some(self.first_deletion_ns.map_or(deletion, |first| first.min(deletion)));
        }
    }
}

/// Returns whether there is an archive of the transcript of an agent's session.
fn is_session_archived(agent: &str, session_id: &str, snapshot: &Snapshot) -> bool {
    let session = Identity { agent: agent.to_owned(), session_id: safe_id(session_id), part_id: None };
    snapshot.by_identity(identity_key(&session)).next().is_some()
}

/// Returns whether the catalog knows the file as it is now: by its path and stat, or, as after a repair, by its session
/// and length.
fn is_archived(found: &Found, snapshot: &Snapshot, key: &HashKey) -> bool {
    if let Some(entry) = snapshot.by_path(path_key(key, &found.locator.key())) {
        let is_same = (entry.file_bytes, entry.mtime_ns) == (found.stamp.bytes(), found.stamp.modified_ns());
        return is_same || (entry.flags.has_no_hashes && entry.source_bytes == found.stamp.bytes());
    }
    let (Some(agent), Some(session_id)) = (found.guess.agent, &found.guess.session_id) else { return false };
    let former =
        found.guess.part_id.as_ref().and_then(|_| agents::former_part_id(agent, found.locator.path()));
    let identities = [found.guess.part_id.clone(), former.clone()].map(|part_id| Identity {
        agent: agent.to_owned(),
        session_id: safe_id(session_id),
        part_id: part_id.as_deref().map(safe_id),
    });
    let is_packed = agents::is_packed(Path::new(found.locator.path()));
    identities[..1 + usize::from(former.is_some())]
        .iter()
        .flat_map(|identity| snapshot.by_identity(identity_key(identity)))
        .any(|entry| entry.source_bytes == found.stamp.bytes() || (is_packed && entry.source_bytes > 0))
}
