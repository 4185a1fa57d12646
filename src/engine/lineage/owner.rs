//! Whose copy a session is and what else it is called, as its archive will say.
//!
//! Some records say it. Other copies are known by their first record, which they share with the session that they were
//! copied from: it is looked for among the sessions of this run, and the archives of those that began at the same time;
//! for a copy that is marked as one also in its directory, and once more when all others of this run are archived. Of two
//! that begin alike and are not marked, the earlier one is the original; if that is seen later in a run, the archive of
//! the copy is made again.

use super::family::{self, Member};
use super::owners::{Beginnings, Starts, kept};
use crate::agents::{self, Description, Lineage};
use crate::archive::catalog::listing::Listing;
use crate::archive::reader::{Archive, BlockReader};
use crate::engine::Engine;
use crate::engine::plan::{Plan, Planned};
use crate::identity::Identity;
use crate::input::{Links, Source};
use crate::locator::Stamp;
use crate::platform::open_at_once;
use crate::platform::sync::lock;
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Transcripts beside a copy that are looked at for the one that it was copied from.
const SIBLINGS: usize = 10_000;

/// Archives of sessions that began in the same second as a copy that are looked at.
const CANDIDATES: usize = 16;

/// A file of an agent's notes on imports that is larger is none.
const MAX_IMPORTS_BYTES: u64 = 16 << 20;

/// Returns the session that a source was copied from, in the `tries`th round after the first. `None` too where it is
/// marked as a copy of a session that nothing is known of (yet).
pub(crate) fn owner(
    engine: &Engine,
    planned: &Planned,
    identity: &Identity,
    description: &Description,
    tries: u32,
) -> Option<String> {
    if identity.part_id.is_some() || engine.settings.is_dry_run {
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
    if is_marked || engine.history.versions(identity).is_empty() {
        add(&mut others, archived(engine, &member, description, tries));
    }
    if others.is_empty() && !has_others {
        return None;
    }
    let _deciding = lock(&engine.owners.families.deciding);
    let mut family = engine.owners.families.others(&member);
    if family.len() <= family::MOST_READ {
        for other in &mut family {
            other.owner = other.owner.take().or_else(|| told(engine, other));
        }
    }
    add(&mut family, others);
    let is_small = family.len() <= family::MOST_READ;
    let told = if before.is_none() { told(engine, &member) } else { None };
    let owner = told.or_else(|| family::original(&member, &family));
    engine.owners.families.decide(&member, owner.as_ref());
    let original = owner.as_ref().unwrap_or(&member.id);
    // Later rounds look at what the first one found.
    for other in family.iter().filter(|other| tries == 0 && is_small && other.is_to_mend(original)) {
        try_again(engine, other);
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
fn try_again(engine: &Engine, member: &Member) {
    let Ok(metadata) = fs::metadata(&member.path) else { return };
    if !metadata.is_file() || lock(&engine.outcomes.retries).iter().any(|plan| plan.is_of(&member.path)) {
        return;
    }
    let mut guess = agents::guess_path(&member.path);
    guess.agent = guess.agent.or(agents::agent(&member.agent).map(|agent| agent.id()));
    let found = agents::Found { locator: member.path.as_path().into(), stamp: Stamp::of(&metadata), guess };
    // One that was written to since is for a run that is asked to look at it.
    let bytes = found.stamp.bytes();
    if engine
        .history
        .snapshot
        .by_path(engine.history.key_of(&found.locator))
        .is_some_and(|known| known.file_bytes != bytes)
    {
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
    lock(&engine.outcomes.retries).push(plan);
}

/// Returns the session of another agent that a session was made from, as the agent's notes have it.
fn imported_from(engine: &Engine, path: &Path, identity: &Identity) -> Option<String> {
    let file = agents::imports_file(&identity.agent, path)?;
    let imports = kept(&engine.owners.imports, file, |file| {
        let mut bytes = Vec::new();
        let is_file = |file: &File| file.metadata().is_ok_and(|metadata| metadata.is_file());
        let opened = open_at_once(file).ok().filter(is_file);
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
            let id = engine.ids().of(identified, &path).session_id;
            beginnings.entry(first).or_default().push((id, path, lineage));
        }
    }
    beginnings
}

/// Looks among the archives of sessions that began when a session did.
fn archived(engine: &Engine, member: &Member, description: &Description, round: u32) -> Vec<Member> {
    let Some(started) = description.started_at.filter(|_| round > 0 || !engine.history.snapshot.is_empty())
    else {
        return Vec::new();
    };
    let by_start = kept(&engine.owners.archived, (member.agent.clone(), round), |(agent, _)| {
        starts_of(&Listing::read(&engine.history.root), agent)
    });
    let of_then = by_start.get(&started.as_second()).into_iter().flatten();
    let is_other = |(id, _): &&(String, Option<String>)| *id != member.id;
    // Originals and copies of this one, of which there may be many: some tell as much as all.
    let is_telling =
        |(_, owner): &&(String, Option<String>)| owner.as_ref().is_none_or(|owner| *owner == member.id);
    let alike = of_then.filter(is_other).filter(is_telling).take(CANDIDATES).filter_map(|(id, owner)| {
        let other = Identity { agent: member.agent.clone(), session_id: id.clone(), part_id: None };
        let path = engine.history.root.join(engine.history.versions(&other).pop()?.archive);
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

/// Returns whose copy an archived session is, as its archive says.
fn told(engine: &Engine, member: &Member) -> Option<String> {
    let identity = Identity { agent: member.agent.clone(), session_id: member.id.clone(), part_id: None };
    let version = engine.history.versions(&identity).pop()?;
    Archive::open(&engine.history.root.join(version.archive)).ok()?.header()?.forked_from.clone()
}
