//! Sessions that begin with the same record, and which of them the others were copied from.
//!
//! A copy need not say that it is one, and its original cannot: what tells is what each has after the records that
//! they share, and when their files came to be. Files are read for that only where two sessions begin alike.

use crate::agents::{self, Lineage, Own};
use crate::archive::reader::{Archive, BlockReader};
use crate::input::{Links, Source};
use crate::platform::sync::lock;
use jiff::Timestamp;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// Where two sessions part is only looked for if neither has more bytes.
const PARTING_BYTES: usize = 32 << 20;

/// Of more sessions that begin alike none is read to learn which was first: each would be read for each other one. Times
/// decide then, and what was decided stays.
pub(crate) const MOST_READ: usize = 8;

/// A file that came to be later than its last record by more than this was not written by its agent: it was copied or
/// restored, and its age tells nothing.
const WRITING: Duration = Duration::from_secs(2);

/// A session among those that begin alike.
#[derive(Clone)]
pub(crate) struct Member {
    pub agent: String,
    pub id: String,
    /// Where its transcript is, or was.
    pub path: PathBuf,
    /// Its archive, where nothing else was looked at.
    pub archive: Option<PathBuf>,
    /// Label of the group that it counts for.
    pub group: Arc<str>,
    /// What its records say; its other ids left out.
    pub lineage: Lineage,
    pub ended_at: Option<Timestamp>,
    /// Whose copy it is, as its records, its archive or this run have it.
    pub owner: Option<String>,
    /// Nothing more is decided about it in this round.
    pub is_decided: bool,
}

/// The sessions of this run that have a first record, by its id.
#[derive(Default)]
pub(crate) struct Families {
    members: Mutex<HashMap<String, Vec<Member>>>,
    /// Held while it is decided whose copy a session is, so that no two are each other's.
    pub deciding: Mutex<()>,
    /// Sessions whose archives were right but for whose copies they are.
    mended: Mutex<HashSet<String>>,
}

impl Families {
    /// Adds a session, which is decided if nobody in this run begins like it. Returns whether somebody does, and whose
    /// copy the session is as an earlier round of the run has it.
    pub(crate) fn join(&self, mut member: Member) -> (bool, Option<String>) {
        let Some(first) = member.lineage.first_record.clone() else { return (false, None) };
        let mut members = lock(&self.members);
        let family = members.entry(first).or_default();
        let is_self = |other: &Member| other.id == member.id && other.agent == member.agent;
        let before = family.iter().position(is_self).map(|at| family.swap_remove(at));
        let owner = before.and_then(|before| before.owner);
        let has_others = family.iter().any(|other| other.is_like(&member));
        member.is_decided = !has_others;
        member.owner = member.owner.or_else(|| owner.clone());
        family.push(member);
        (has_others, owner)
    }

    /// Returns the other sessions of this run that begin like `member`.
    pub(crate) fn others(&self, member: &Member) -> Vec<Member> {
        let members = lock(&self.members);
        let family = member.lineage.first_record.as_ref().and_then(|first| members.get(first));
        let others = family.into_iter().flatten().filter(|other| other.is_like(member));
        others.filter(|other| other.id != member.id).cloned().collect()
    }

    /// Notes whose copy a session is.
    pub(crate) fn decide(&self, member: &Member, owner: Option<&String>) {
        let mut members = lock(&self.members);
        let family = member.lineage.first_record.as_ref().and_then(|first| members.get_mut(first));
        for known in family.into_iter().flatten().filter(|known| known.id == member.id) {
            known.is_decided = true;
            known.owner = owner.cloned();
        }
    }

    /// Notes that a session's archive is made again to say whose copy it is.
    pub(crate) fn mend(&self, id: &str) {
        lock(&self.mended).insert(id.to_owned());
    }

    /// Returns whether an archive was made again to say no more than whose copy it is: it was counted before.
    pub(crate) fn was_mended(&self, id: &str) -> bool {
        lock(&self.mended).remove(id)
    }
}

impl Member {
    pub(crate) fn is_like(&self, other: &Member) -> bool {
        self.agent == other.agent && self.lineage.begins_like(&other.lineage)
    }

    /// Returns whether something says that this is a copy.
    fn is_copy(&self) -> bool {
        self.lineage.is_marked || self.owner.is_some()
    }

    /// Returns whether its archive is wrong in that it does not name `original`. What records or an archive of an earlier
    /// run say stays, and a marked copy that nothing is decided of yet comes again by itself.
    pub(crate) fn is_to_mend(&self, original: &str) -> bool {
        let is_told = self.lineage.forked_from.is_some() || (self.archive.is_some() && self.owner.is_some());
        let is_waiting = self.lineage.is_marked && self.owner.is_none();
        self.is_decided
            && self.id != original
            && self.owner.as_deref() != Some(original)
            && !is_told
            && !is_waiting
    }

    /// Returns when the file came to be, if its agent made it.
    fn born(&self) -> Option<SystemTime> {
        let ended = SystemTime::from(self.ended_at?).checked_add(WRITING)?;
        let born = self.path.metadata().ok()?.created().ok()?;
        (self.archive.is_none() && born <= ended).then_some(born)
    }

    fn file_time(&self, time: fn(&Metadata) -> io::Result<SystemTime>) -> Option<SystemTime> {
        time(&self.path.metadata().ok()?).ok()
    }

    fn steps(&self) -> Option<Vec<agents::Step>> {
        let bytes = match &self.archive {
            Some(archive) => {
                Archive::open(archive).ok()?.read_to_end(&mut BlockReader::new(), PARTING_BYTES).ok()?
            }
            None => {
                let source = Source::open(&self.path.as_path().into(), Links::Follow).ok()?;
                match source.is_decoded() {
                    true => source.decoded(PARTING_BYTES).ok()?,
                    false => {
                        let size = usize::try_from(source.stat().bytes).ok();
                        let mut bytes = vec![0; size.filter(|size| *size <= PARTING_BYTES)?];
                        let read = source.read_at(0, &mut bytes).ok()?;
                        bytes.truncate(read);
                        bytes
                    }
                }
            }
        };
        Some(agents::steps(&bytes))
    }
}

/// Returns the session that `member` was copied from; `others` begin like it. `None` if it is the original, or nothing
/// is known of that one.
pub(crate) fn original(member: &Member, others: &[Member]) -> Option<String> {
    // What records say; what was only found out before may be found out better now.
    let named: Vec<&String> = others.iter().filter_map(|other| other.lineage.forked_from.as_ref()).collect();
    if !member.lineage.is_marked && named.contains(&&member.id) {
        return None;
    }
    let mut candidates: Vec<&Member> = others.iter().filter(|other| !other.is_copy()).collect();
    if !member.lineage.is_marked {
        candidates.push(member);
    }
    candidates.sort_by(|one, other| one.id.cmp(&other.id));
    if let Some(known) = candidates.iter().find(|candidate| named.contains(&&candidate.id)) {
        return Some(known.id.clone());
    }
    let is_alone = candidates.iter().all(|candidate| candidate.id == member.id);
    if is_alone && others.iter().all(|other| other.owner.as_ref() != Some(&member.id)) {
        // All others are copies, perhaps of one that is gone.
        let is_gone = |id: &&String| others.iter().all(|other| other.id != **id);
        return others.iter().filter_map(|other| other.owner.as_ref()).filter(is_gone).min().cloned();
    }
    let is_read = others.len() <= MOST_READ;
    let first = candidates.into_iter().reduce(|first, next| match age(next, first, is_read) {
        Ordering::Less => next,
        _ => first,
    })?;
    (first.id != member.id).then(|| first.id.clone())
}

/// Compares two sessions of which one may be a copy of the other, or both of a third: the lesser was there first. Their
/// records are read only if `is_read`.
fn age(one: &Member, other: &Member, is_read: bool) -> Ordering {
    let by_time =
        |time: fn(&Metadata) -> io::Result<SystemTime>| earlier(one.file_time(time), other.file_time(time));
    earlier(one.born(), other.born())
        .then_with(|| if is_read { by_own(one, other) } else { Ordering::Equal })
        .then_with(|| by_time(Metadata::modified))
        .then_with(|| by_time(Metadata::created))
        .then_with(|| one.archive.is_none().cmp(&other.archive.is_none()))
        .then_with(|| one.id.cmp(&other.id))
}

fn earlier(one: Option<SystemTime>, other: Option<SystemTime>) -> Ordering {
    one.zip(other).map_or(Ordering::Equal, |(one, other)| one.cmp(&other))
}

/// A copy is made to go on: an original that nobody went on with ends where the two part. Where both go on, a copy does
/// so later, as a rule.
fn by_own(one: &Member, other: &Member) -> Ordering {
    let (Some(one), Some(other)) = (one.steps(), other.steps()) else { return Ordering::Equal };
    match agents::parting(&one, &other) {
        (Own::Nothing, Own::Since(_)) => Ordering::Less,
        (Own::Since(_), Own::Nothing) => Ordering::Greater,
        (Own::Since(Some(one)), Own::Since(Some(other))) => one.cmp(&other),
        _ => Ordering::Equal,
    }
}
