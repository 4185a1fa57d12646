//! Whose copy a session is and what else it is called, as its archive will say.
//!
//! Some records say it. A copy that is only marked as one is known by its first record, which it shares with the
//! session that it was copied from: that one lies beside it as a rule, else it is looked for among the archives of
//! sessions that began at the same time, and once more when all others of this run are archived.

use super::session::{Plan, Session, Work};
use super::{Engine, finish, lock};
use crate::agents::{self, Description, Imports};
use crate::archive::catalog_listing::Listing;
use crate::archive::header::{Identity, MAX_OTHER_IDS};
use crate::archive::reader::{Archive, BlockReader};
use crate::input::{Links, Source};
use std::collections::HashMap;
use std::fs::{self, File};
use std::hash::Hash;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Transcripts beside a copy that are looked at for the one that it was copied from.
const SIBLINGS: usize = 10_000;

/// Archives of sessions that began in the same second as a copy that are looked at.
const CANDIDATES: usize = 16;

/// What is known of so many places is kept at once.
const PLACES: usize = 16;

/// A file of an agent's notes on imports that is larger is none.
const MAX_IMPORTS_BYTES: u64 = 16 << 20;

/// What an archive says of where its session comes from. Ids are safe to show.
#[derive(Debug, Default)]
pub struct Lineage {
    pub forked_from: Option<String>,
    pub other_ids: Vec<String>,
}

/// Ids of sessions by that of their first record. Those that are marked as copies are left out: of two that begin alike
/// nothing tells which was copied from the other.
type Beginnings = HashMap<String, Vec<String>>;

/// Ids of sessions by the second since 1970 in which they began.
type Starts = HashMap<i64, Vec<String>>;

/// What was looked up for copies, once a run.
#[derive(Default)]
pub struct Owners {
    /// Of the transcripts in a directory.
    beginnings: Mutex<HashMap<PathBuf, Arc<Beginnings>>>,
    /// Of archived sessions of an agent, in each round of the run.
    archived: Mutex<HashMap<(String, u32), Arc<Starts>>>,
    imports: Mutex<HashMap<PathBuf, Arc<Imports>>>,
}

/// Returns the session that a source was copied from, in the `tries`th round after the first. `None` too where it is
/// marked as a copy of a session that nothing is known of (yet).
pub fn owner(
    engine: &Engine,
    path: &Path,
    identity: &Identity,
    description: &Description,
    tries: u32,
) -> Option<String> {
    if identity.part_id.is_some() || engine.is_dry_run {
        return None;
    }
    let lineage = &description.lineage;
    if let Some(owner) = &lineage.forked_from {
        return Some(owner.clone());
    }
    if let Some(owner) = imported_from(engine, path, identity) {
        return Some(owner);
    }
    let first = lineage.unnamed_copy()?;
    beside(engine, path, identity, first).or_else(|| archived(engine, identity, description, first, tries))
}

/// Returns whether a session should wait for the others of this run: it is a copy of one that may be among them.
pub fn waits(engine: &Engine, plan: &Plan, works: &[Work]) -> bool {
    let is_sought = |work: &Work| {
        work.owner.is_none()
            && !work.planned.is_unchanged
            && work.identity.part_id.is_none()
            && work.description.lineage.unnamed_copy().is_some()
    };
    plan.tries == 0 && !engine.is_dry_run && works.iter().any(is_sought)
}

/// Returns what the archive of a source will say, when all its blocks were scanned and it is decided whose it is.
pub fn settle(engine: &Engine, session: &Session, work: &Work) -> Lineage {
    if engine.is_dry_run {
        return Lineage::default();
    }
    let verdict = work.verdict();
    let own = &verdict.identity.session_id;
    // An id in which there is something to mask is kept nowhere.
    let is_kept = |id: &String| id != own && finish::masked(engine, session, id) == *id;
    let before = verdict.versions.last().and_then(|version| {
        let archive = Archive::open(&engine.store().ok()?.path().join(&version.archive)).ok()?;
        archive.header().cloned()
    });
    let mut ids: Vec<String> = before.as_ref().map(|header| header.other_ids.clone()).unwrap_or_default();
    ids.extend(work.description.lineage.ids.iter().cloned());
    for scanned in &work.scanned {
        let scanned = scanned.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        ids.extend(scanned.iter().flat_map(|scanned| scanned.ids.iter().cloned()));
    }
    if work.identity.part_id.is_none() && !work.is_named_by_stem {
        // What a copy is called by the name of its file alone.
        ids.extend(work.planned.found.guess.session_id.clone());
        ids.push(work.identity.session_id.clone());
    }
    let mut other_ids: Vec<String> = Vec::new();
    for id in ids {
        if other_ids.len() < MAX_OTHER_IDS && !other_ids.contains(&id) && is_kept(&id) {
            other_ids.push(id);
        }
    }
    let known = work.owner.clone().or_else(|| before?.forked_from);
    Lineage { forked_from: known.filter(is_kept), other_ids }
}

/// Returns the session of another agent that a session was made from, as the agent's notes have it.
fn imported_from(engine: &Engine, path: &Path, identity: &Identity) -> Option<String> {
    let file = agents::imports_file(&identity.agent, path)?;
    let imports = kept(&engine.owners.imports, file, |file| {
        let mut bytes = Vec::new();
        let is_file = fs::metadata(file).is_ok_and(|metadata| metadata.is_file());
        let opened = File::open(file).ok().filter(|_| is_file);
        let read = opened.and_then(|file| file.take(MAX_IMPORTS_BYTES).read_to_end(&mut bytes).ok());
        read.map(|_| agents::imports(&bytes)).unwrap_or_default()
    });
    imports.get(&identity.session_id).cloned()
}

/// Looks in the directory of a copy.
fn beside(engine: &Engine, path: &Path, identity: &Identity, first: &str) -> Option<String> {
    let directory = path.parent()?.to_path_buf();
    let beginnings = kept(&engine.owners.beginnings, directory, |directory| {
        beginnings_in(engine, directory, &identity.agent)
    });
    best(beginnings.get(first)?.iter().cloned(), identity)
}

fn beginnings_in(engine: &Engine, directory: &Path, agent: &str) -> Beginnings {
    let mut beginnings = Beginnings::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten().take(SIBLINGS) {
        let path = entry.path();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let mut head = vec![0; agents::END_BYTES];
        let read = Source::open(&path, Links::Refuse).and_then(|source| source.read_at(0, &mut head));
        head.truncate(read.unwrap_or(0));
        let identified = agents::identify(&path, &agents::guess_path(&path), &head);
        let lineage = agents::describe(agent, &head, b"").lineage;
        if identified.agent == agent
            && identified.part_id.is_none()
            && !lineage.is_marked
            && let Some(first) = lineage.first_record
        {
            let id = engine.identity(identified, &path).session_id;
            beginnings.entry(first).or_default().push(id);
        }
    }
    beginnings
}

/// Looks among the archives of sessions that began when a copy did.
fn archived(
    engine: &Engine,
    identity: &Identity,
    description: &Description,
    first: &str,
    round: u32,
) -> Option<String> {
    let started = description.started_at?.as_second();
    let by_start = kept(&engine.owners.archived, (identity.agent.clone(), round), |(agent, _)| {
        starts_of(&Listing::read(&engine.store_path), agent)
    });
    let ids = by_start.get(&started)?.iter().filter(|id| **id != identity.session_id).take(CANDIDATES);
    let begins_alike = ids.filter_map(|id| {
        let other = Identity { session_id: id.clone(), ..identity.clone() };
        let archive = engine.versions(&other).pop()?.archive;
        let archive = Archive::open(&engine.store_path.join(archive)).ok()?;
        let mut text = Vec::new();
        archive.read_block(0, &mut BlockReader::new(), &mut text).ok()?;
        text.truncate(agents::END_BYTES);
        let lineage = agents::describe(&identity.agent, &text, b"").lineage;
        (lineage.first_record.as_deref() == Some(first) && !lineage.is_marked).then(|| id.clone())
    });
    best(begins_alike, identity)
}

/// Returns the ids of an agent's sessions by when they began.
fn starts_of(listing: &Listing, agent: &str) -> Starts {
    let mut by_start = Starts::new();
    for facts in listing.all().filter(|facts| facts.agent.as_deref() == Some(agent)) {
        let started = facts.started_at.and_then(|text| text.parse::<jiff::Timestamp>().ok());
        if let (Some(started), Some(id)) = (started, facts.session_id) {
            by_start.entry(started.as_second()).or_default().push(id.into_owned());
        }
    }
    by_start
}

/// Chooses among sessions that begin with the same record; always the same one.
fn best(sessions: impl Iterator<Item = String>, identity: &Identity) -> Option<String> {
    sessions.filter(|id| *id != identity.session_id).min()
}

/// Returns what is kept for `place`, found out now if it is not.
fn kept<P: Clone + Eq + Hash, T>(
    places: &Mutex<HashMap<P, Arc<T>>>,
    place: P,
    find: impl FnOnce(&P) -> T,
) -> Arc<T> {
    let mut places = lock(places);
    if let Some(known) = places.get(&place) {
        return Arc::clone(known);
    }
    let found = Arc::new(find(&place));
    if places.len() >= PLACES {
        places.clear();
    }
    places.insert(place, Arc::clone(&found));
    found
}
