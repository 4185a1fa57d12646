//! Whose copy a session is and what else it is called, as its archive will say.
//!
//! Some records say it. Other copies are known by their first record, which they share with the session that they were
//! copied from: it is looked for among the sessions of this run, and the archives of those that began at the same time;
//! for a copy that is marked as one also in its directory, and once more when all others of this run are archived. Of two
//! that begin alike and are not marked, the earlier one is the original; if that is seen later in a run, the archive of
//! the copy is made again.

use super::family;
use super::family::{Families, Member};
use crate::agents::{self, Description, Imports, Lineage};
use crate::archive::catalog_listing::Listing;
use crate::archive::header::MAX_OTHER_IDS;
use crate::archive::reader::{Archive, BlockReader};
use crate::engine::history::versions::Version;
use crate::engine::session::work::{Plan, Planned, Session, Work};
use crate::engine::work::finish;
use crate::engine::{Engine, lock};
use crate::identity::Identity;
use crate::input::{Links, Source};
use crate::locator::Stamp;
use std::borrow::Cow;
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

/// Bytes of a session's other ids that are kept: [`MAX_OTHER_IDS`] UUIDs fit.
const MAX_OTHER_IDS_BYTES: usize = 4 << 10;

/// A file of an agent's notes on imports that is larger is none.
const MAX_IMPORTS_BYTES: u64 = 16 << 20;

/// What an archive says of where its session comes from. Ids are safe to show.
#[derive(Debug, Default)]
pub(crate) struct Descent {
    pub forked_from: Option<String>,
    pub other_ids: Vec<String>,
}

/// Sessions, with their files and what these say, by the id of their first record. Those that are marked as copies are
/// left out: of two that begin alike nothing tells which was copied from the other.
type Beginnings = HashMap<String, Vec<(String, PathBuf, Lineage)>>;

/// Ids of sessions, and of those that they were copied from, by the second since 1970 in which they began.
type Starts = HashMap<i64, Vec<(String, Option<String>)>>;

/// What was looked up for copies, once a run.
#[derive(Default)]
pub(crate) struct Owners {
    /// Of the transcripts in a directory.
    beginnings: Mutex<HashMap<PathBuf, Arc<Beginnings>>>,
    /// Of archived sessions of an agent, in each round of the run.
    archived: Mutex<HashMap<(String, u32), Arc<Starts>>>,
    imports: Mutex<HashMap<PathBuf, Arc<Imports>>>,
    families: Families,
}

/// Returns the session that a source was copied from, in the `tries`th round after the first. `None` too where it is
/// marked as a copy of a session that nothing is known of (yet).
pub(crate) fn owner(
    engine: &Engine,
    planned: &Planned,
    identity: &Identity,
    description: &Description,
    tries: u32,
) -> Option<String> {
    if identity.part_id.is_some() || engine.is_dry_run {
        return None;
    }
    let path = planned.found.locator.path();
    let named = description.lineage.forked_from.clone().or_else(|| imported_from(engine, path, identity));
    let member = Member {
        agent: identity.agent.clone(),
        id: identity.session_id.clone(),
        path: path.to_path_buf(),
        archive: None,
        group: Arc::clone(&planned.group),
        lineage: description.lineage.without_ids(),
        ended_at: description.ended_at,
        owner: named.clone(),
        is_decided: false,
    };
    let (has_others, before) = engine.owners.families.join(member.clone());
    if named.is_some() || member.lineage.first_record.is_none() {
        return named;
    }
    let is_marked = member.lineage.is_marked;
    let mut others = Vec::new();
    if is_marked {
        others = beside(engine, &member);
    }
    if is_marked || engine.versions(identity).is_empty() {
        add(&mut others, archived(engine, &member, description, tries));
    }
    if others.is_empty() && !has_others {
        return None;
    }
    let _deciding = lock(&engine.owners.families.deciding);
    let mut family = engine.owners.families.others(&member);
    if family.len() <= family::MOST_READ {
        for other in &mut family {
            other.owner = other.owner.take().or_else(|| family::told(engine, other));
        }
    }
    add(&mut family, others);
    let is_small = family.len() <= family::MOST_READ;
    let told = if before.is_none() { family::told(engine, &member) } else { None };
    let owner = told.or_else(|| family::original(&member, &family));
    engine.owners.families.decide(&member, owner.as_ref());
    let original = owner.as_ref().unwrap_or(&member.id);
    // Later rounds look at what the first one found.
    for other in family.iter().filter(|other| tries == 0 && is_small && other.is_to_mend(original)) {
        look_again(engine, other);
    }
    owner
}

/// Adds the members of a family that it does not have.
fn add(family: &mut Vec<Member>, more: Vec<Member>) {
    for member in more {
        if family.iter().all(|known| known.id != member.id) {
            family.push(member);
        }
    }
}

/// Lets a session whose archive does not say whose copy it is, or names another copy, be looked at again in the next
/// round.
fn look_again(engine: &Engine, member: &Member) {
    let Ok(metadata) = fs::metadata(&member.path) else { return };
    if !metadata.is_file() || lock(&engine.retries).iter().any(|plan| plan.is_of(&member.path)) {
        return;
    }
    let mut guess = agents::guess_path(&member.path);
    guess.agent = guess.agent.or(agents::agent(&member.agent).map(|agent| agent.id()));
    let found = agents::Found { locator: member.path.as_path().into(), stamp: Stamp::of(&metadata), guess };
    // One that was written to since is for a run that is asked to look at it.
    let bytes = found.stamp.bytes();
    if engine.snapshot.by_path(engine.key_of(&found.locator)).is_some_and(|known| known.file_bytes != bytes) {
        return;
    }
    let planned = Planned {
        found,
        group: Arc::clone(&member.group),
        is_unchanged: false,
        has_waited: false,
        waits_since: None,
    };
    // What is archived of it is not to be looked at in the light of itself.
    let plan = Plan { sources: vec![planned], bytes, tries: 1, refuses_growth: true };
    lock(&engine.retries).push(plan);
}

/// Returns whether an archive that holds all of a source is to be made again: it does not say whose copy it is, or names
/// a copy. Only if the session was to be looked at again.
pub(crate) fn is_to_mend(engine: &Engine, plan: &Plan, work: &Work, version: &Version) -> bool {
    let may_be = plan.tries > 0 && plan.refuses_growth && work.identity.part_id.is_none();
    let Some(owner) = work.owner.as_ref().filter(|_| may_be && !engine.is_dry_run) else { return false };
    let archive = Archive::open(&engine.store_path.join(&version.archive));
    let known = archive.ok().and_then(|archive| archive.header().map(|header| header.forked_from.clone()));
    let is_news = known.is_some_and(|known| known.as_ref() != Some(owner));
    if is_news {
        engine.owners.families.mend(&work.identity.session_id);
    }
    is_news
}

/// Returns whether an archive was made again for no other reason than to say whose copy it is.
pub(crate) fn was_mended(engine: &Engine, identity: &Identity) -> bool {
    identity.part_id.is_none() && engine.owners.families.was_mended(&identity.session_id)
}

/// Returns whether a session should wait for the others of this run: it is a copy of one that may be among them.
pub(crate) fn waits(engine: &Engine, plan: &Plan, works: &[Work]) -> bool {
    let is_sought = |work: &Work| {
        work.owner.is_none()
            && !work.planned.is_unchanged
            && work.identity.part_id.is_none()
            && work.description.lineage.unnamed_copy().is_some()
    };
    plan.tries == 0 && !engine.is_dry_run && works.iter().any(is_sought)
}

/// Returns what the archive of a source will say, when all its blocks were scanned and it is decided whose it is.
pub(crate) fn settle(engine: &Engine, session: &Session, work: &Work) -> Descent {
    if engine.is_dry_run {
        return Descent::default();
    }
    let verdict = work.verdict();
    let own = &verdict.identity.session_id;
    // An id in which there is something to mask is kept nowhere.
    let is_kept = |id: &String| id != own && finish::masked(engine, session, id) == *id;
    let before = verdict.versions.last().and_then(|version| {
        let archive = Archive::open(&engine.store().ok()?.path().join(&version.archive)).ok()?;
        archive.header().cloned()
    });
    let mut ids: Vec<String> = Vec::new();
    if work.identity.part_id.is_none() && !work.is_named_by_stem {
        // What a copy is called by the name of its file alone: what hooks and people know it by. It comes first, as not
        // all may be kept.
        ids.extend(work.planned.found.guess.session_id.clone());
        ids.push(work.identity.session_id.clone());
    }
    ids.extend(before.iter().flat_map(|header| header.other_ids.iter().cloned()));
    ids.extend(work.description.lineage.ids.iter().cloned());
    for scanned in &work.scanned {
        let scanned = lock(scanned);
        ids.extend(scanned.iter().flat_map(|scanned| scanned.ids.iter().cloned()));
    }
    let (mut other_ids, mut bytes) = (Vec::<String>::new(), 0);
    for id in ids {
        let is_room = other_ids.len() < MAX_OTHER_IDS && bytes + id.len() <= MAX_OTHER_IDS_BYTES;
        if is_room && !other_ids.contains(&id) && is_kept(&id) {
            bytes += id.len();
            other_ids.push(id);
        }
    }
    let known = work.owner.clone().or_else(|| before?.forked_from);
    Descent { forked_from: known.filter(is_kept), other_ids }
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
fn beside(engine: &Engine, member: &Member) -> Vec<Member> {
    let (Some(directory), Some(first)) = (member.path.parent(), &member.lineage.first_record) else {
        return Vec::new();
    };
    let beginnings = kept(&engine.owners.beginnings, directory.to_path_buf(), |directory| {
        beginnings_in(engine, directory, &member.agent)
    });
    let sibling = |(id, path, lineage): &(String, PathBuf, Lineage)| Member {
        id: id.clone(),
        path: path.to_path_buf(),
        owner: lineage.forked_from.clone(),
        lineage: lineage.clone(),
        ended_at: None,
        // Whether it is to be archived is not known here.
        is_decided: false,
        ..member.clone()
    };
    let siblings = beginnings.get(first).into_iter().flatten().map(sibling);
    siblings.filter(|sibling| sibling.id != member.id && sibling.is_like(member)).collect()
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
        let read = Source::open(&path.as_path().into(), Links::Refuse)
            .and_then(|source| source.read_at(0, &mut head));
        head.truncate(read.unwrap_or(0));
        let identified = agents::identify(&path, &agents::guess_path(&path), &head);
        let lineage = agents::describe(agent, &head, b"").lineage.without_ids();
        if identified.agent == agent
            && identified.part_id.is_none()
            && !lineage.is_marked
            && let Some(first) = lineage.first_record.clone()
        {
            let id = engine.identity(identified, &path).session_id;
            beginnings.entry(first).or_default().push((id, path, lineage));
        }
    }
    beginnings
}

/// Looks among the archives of sessions that began when a session did.
fn archived(engine: &Engine, member: &Member, description: &Description, round: u32) -> Vec<Member> {
    let Some(started) = description.started_at.filter(|_| round > 0 || !engine.snapshot.is_empty()) else {
        return Vec::new();
    };
    let by_start = kept(&engine.owners.archived, (member.agent.clone(), round), |(agent, _)| {
        starts_of(&Listing::read(&engine.store_path), agent)
    });
    let of_then = by_start.get(&started.as_second()).into_iter().flatten();
    let is_other = |(id, _): &&(String, Option<String>)| *id != member.id;
    // Originals and copies of this one, of which there may be many: some tell as much as all.
    let is_telling =
        |(_, owner): &&(String, Option<String>)| owner.as_ref().is_none_or(|owner| *owner == member.id);
    let alike = of_then.filter(is_other).filter(is_telling).take(CANDIDATES).filter_map(|(id, owner)| {
        let other = Identity { agent: member.agent.clone(), session_id: id.clone(), part_id: None };
        let path = engine.store_path.join(engine.versions(&other).pop()?.archive);
        let archive = Archive::open(&path).ok()?;
        let mut text = Vec::new();
        archive.read_block(0, &mut BlockReader::new(), &mut text).ok()?;
        text.truncate(agents::END_BYTES);
        let lineage = agents::describe(&member.agent, &text, b"").lineage.without_ids();
        Some(Member {
            id: id.clone(),
            path: PathBuf::from(&archive.header()?.source),
            archive: Some(path),
            lineage,
            ended_at: None,
            owner: owner.clone(),
            is_decided: true,
            ..member.clone()
        })
    });
    alike.filter(|other| other.is_like(member)).collect()
}

/// Returns the ids of an agent's sessions, and whose copies they are, by when they began.
fn starts_of(listing: &Listing, agent: &str) -> Starts {
    let mut by_start = Starts::new();
    for facts in listing.all().filter(|facts| facts.agent.as_deref() == Some(agent)) {
        let started = facts.started_at.and_then(|text| text.parse::<jiff::Timestamp>().ok());
        if let (Some(started), Some(id)) = (started, facts.session_id) {
            let owner = facts.forked_from.map(Cow::into_owned);
            by_start.entry(started.as_second()).or_default().push((id.into_owned(), owner));
        }
    }
    by_start
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
