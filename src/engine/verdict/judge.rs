//! Between scan and compression: settles what each source of a session is, what the session teaches, and opens the
//! staged files of the archives to come.

use super::decide::{Decision, Hashes, decide};
use super::former;
use super::growth;
use crate::archive::content_hash::{self, HEAD_BYTES, HashKey, PIECE_BYTES, PieceValue};
use crate::engine::Engine;
use crate::engine::history::versions::{There, Version};
use crate::engine::lineage::owner;
use crate::engine::session::open::{changing, is_as_read};
use crate::engine::session::work::{Plan, Session, Verdict, Work};
use crate::engine::session::writer::Writer;
use crate::engine::work::finish;
use crate::error::{Error, Result};
use crate::identity;
use crate::identity::Identity;
use crate::mask::{HitCounts, KnownValues};
use crate::platform::sync::lock;

/// Decides about all sources of a session. `Ok(false)`: nothing is to be archived, and all is counted.
pub(crate) fn decide_session(engine: &Engine, session: &Session) -> Result<bool, (usize, Error)> {
    let mut verdicts = Vec::with_capacity(session.works.len());
    for (index, work) in session.works.iter().enumerate() {
        if !is_as_read(work).map_err(|error| (index, error))? {
            return Err((index, changing(work.planned.found.locator.path())));
        }
        chain_reaches(work);
        let verdict = judge(engine, &session.plan, work, work.identity.clone());
        verdicts.push(verdict.map_err(|error| (index, error))?);
    }
    former::settle(engine, &session.plan, &session.works, &mut verdicts)?;
    for (index, (work, verdict)) in session.works.iter().zip(&verdicts).enumerate() {
        if !growth::is_as_expected(work, &verdict.decision, &verdict.versions) {
            return Err((index, growth::refused(work.planned.found.locator.path())));
        }
    }
    settle_copies(engine, session, &mut verdicts);
    for (work, verdict) in session.works.iter().zip(verdicts) {
        let _ = work.verdict.set(verdict);
    }
    let learned = std::mem::take(&mut *lock(&session.learned));
    if engine.masks_known_values {
        let known = engine.masker.known(learned);
        let known = known.map(|known| without_words(engine, session, known)).transpose();
        let _ = session.known.set(known.map_err(|error| (0, error))?.flatten());
        let _ = session.outside.set(engine.outside.of(&engine.masker, session));
    }
    let mut is_any = false;
    for (index, work) in session.works.iter().enumerate() {
        if work.is_to_archive() {
            is_any = true;
            let _ = work.lineage.set(owner::settle(engine, session, work));
            let writer = prepare(engine, session, work).map_err(|error| (index, error))?;
            *lock(&work.writer) = Some(writer);
        }
    }
    if !is_any {
        finish::count_unchanged(engine, session);
    }
    Ok(is_any)
}

/// Leaves out learned values that look like words and stand in the session so often that they must be words.
fn without_words(engine: &Engine, session: &Session, known: KnownValues) -> Result<Option<KnownValues>> {
    if !known.must_be_counted() {
        return Ok(Some(known));
    }
    let (mut counts, mut buffer) = (HitCounts::default(), Vec::new());
    for work in &session.works {
        let bytes = work.bytes();
        for scanned in &work.scanned {
            let scanned = lock(scanned);
            let range = scanned.as_ref().map(|scanned| scanned.range.clone()).unwrap_or_default();
            engine.masker.count_known(&bytes.window(range, &mut buffer)?, &known, &mut counts);
        }
    }
    Ok(known.settle(&counts))
}

/// Lets one source of several with the same identity (a file and copies of it) be archived: the one that covers
/// most. What begins it is a copy; what does not comes again when it is archived, and becomes its next version.
fn settle_copies(engine: &Engine, session: &Session, verdicts: &mut [Verdict]) {
    let mut order: Vec<usize> = (0..verdicts.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(session.works[index].covered));
    for place in 1..order.len() {
        let this = order[place];
        let is_rival = |&&other: &&usize| {
            verdicts[other].identity == verdicts[this].identity && verdicts[other].decision != Decision::Copy
        };
        if matches!(verdicts[this].decision, Decision::Same { .. }) {
            continue;
        }
        let Some(&first) = order[..place].iter().find(is_rival) else { continue };
        let mut hashes = SourceHashes { key: &engine.key, work: &session.works[first] };
        if hashes.prefix(session.works[this].covered) != Some(verdicts[this].content_hash) {
            verdicts[this].is_put_off = true;
            engine.give_up_claim(&verdicts[this].content_hash);
            engine.try_later(session.works[this].planned.clone(), session.plan.tries);
        }
        verdicts[this].decision = Decision::Copy;
    }
}

/// Sets for each block how far matches of earlier blocks reach into it.
fn chain_reaches(work: &Work) {
    let mut reach = 0;
    for scanned in &work.scanned {
        let mut scanned = lock(scanned);
        if let Some(scanned) = scanned.as_mut() {
            scanned.masked_until = reach;
            reach = reach.max(scanned.reach);
        }
    }
}

/// Decides about one source as if there were no others of its session; `identity` is what it is by its path and records.
pub(crate) fn judge(engine: &Engine, plan: &Plan, work: &Work, mut identity: Identity) -> Result<Verdict> {
    let mut hashes = SourceHashes { key: &engine.key, work };
    let content_hash = match work.is_unhashed {
        true => [0; 32],
        false => hashes.prefix(work.covered).ok_or_else(|| changing(work.planned.found.locator.path()))?,
    };
    let head_hash = head_hash(engine, work)?;
    let mut versions = engine.versions(&identity);
    let mut decision = decide(&versions, work.covered, &mut hashes);
    if work.is_named_by_stem
        && matches!(decision, Decision::Rewritten { .. })
        && versions.iter().all(|version| version.head_hash != head_hash)
    {
        // Two files called `notes.jsonl` have nothing in common but a name.
        identity.session_id = identity::of_namesake(&identity.session_id, work.planned.found.locator.key());
        versions = engine.versions(&identity);
        decision = decide(&versions, work.covered, &mut hashes);
    }
    // What an agent copied to the place of another session is one, however long the two are the same.
    let may_be_copy = identity.part_id.is_none() && !work.is_unhashed && !work.is_named_by_agent;
    if is_unseen(&decision, &versions, &head_hash) && may_be_copy {
        // A copy or a moved file under another name: known by its content, or by its first line and all that follows.
        for other in engine.look_alikes(&identity, &content_hash, &head_hash) {
            let others = engine.versions(&other);
            let decided = decide(&others, work.covered, &mut hashes);
            let is_grown = decision == Decision::New && matches!(decided, Decision::Grown { .. });
            if is_grown || matches!(decided, Decision::Same { .. }) {
                (identity, versions, decision) = (other, others, decided);
                break;
            }
        }
    }
    if let Decision::Grown { version } = decision {
        decision = match engine.look_at(&identity, &versions[version]) {
            There::AsRecorded | There::Nothing => decision,
            There::Other(actual) => {
                versions[version] = actual;
                decide(&versions, work.covered, &mut hashes)
            }
            There::Damaged => Decision::Rewritten { version },
        };
    }
    if let Decision::Same { version } = decision
        && (needs_masking_again(engine, &versions[version])
            || !engine.has_archive(&versions[version])
            || owner::is_to_mend(engine, plan, work, &versions[version]))
    {
        decision = Decision::Grown { version };
    }
    if is_unseen(&decision, &versions, &head_hash) && may_be_copy && !engine.claim(&content_hash, &identity) {
        decision = Decision::Copy;
    }
    Ok(Verdict { decision, versions, content_hash, head_hash, identity, is_put_off: false })
}

/// Returns whether no archive begins with the first line of a source: it has none, or one that was made when that line
/// was not whole. A copy of the source is not known by its first line then, and may be archived at the same time.
fn is_unseen(decision: &Decision, versions: &[Version], head_hash: &[u8; 32]) -> bool {
    match *decision {
        Decision::New => true,
        Decision::Grown { version } => versions[version].head_hash != *head_hash,
        _ => false,
    }
}

/// Returns whether an archive was masked with less than all rules, and all are there now.
fn needs_masking_again(engine: &Engine, version: &Version) -> bool {
    version.is_rule_set_incomplete && !engine.is_rule_set_incomplete
}

/// Returns the keyed hash of a source's first line.
pub(crate) fn head_hash(engine: &Engine, work: &Work) -> Result<[u8; 32]> {
    let mut buffer = Vec::new();
    let bytes = work.bytes();
    let head = bytes.read(0..work.covered.min(HEAD_BYTES as u64), &mut buffer)?;
    Ok(content_hash::head_hash(&engine.key, head))
}

/// Makes the writer of a source's archive.
fn prepare(engine: &Engine, session: &Session, work: &Work) -> Result<Writer> {
    if engine.is_dry_run {
        return Ok(Writer::counting());
    }
    let verdict = work.verdict();
    if !session.plan.refuses_growth
        && let Some(kept) = growth::kept(engine, work, &verdict.decision, &verdict.versions)
    {
        let mut writer = finish::stage(engine, session, work, true)?;
        growth::copy(&kept, &mut writer)?;
        let _ = work.kept.set(kept);
        return Ok(writer);
    }
    finish::stage(engine, session, work, false)
}

/// Hashes of beginnings of a source, out of the pieces that the scan hashed and at most one more read.
struct SourceHashes<'a> {
    key: &'a HashKey,
    work: &'a Work,
}

impl Hashes for SourceHashes<'_> {
    fn prefix(&mut self, bytes: u64) -> Option<[u8; 32]> {
        let work = self.work;
        if bytes > work.covered {
            return None;
        }
        let size = PIECE_BYTES as u64;
        let source = work.bytes();
        let mut buffer = Vec::new();
        if bytes <= size {
            return Some(content_hash::hash(self.key, source.read(0..bytes, &mut buffer).ok()?));
        }
        let before_tail = content_hash::pieces_before_tail(bytes);
        // The last piece was hashed as it is now if it ends where the source does.
        let hashed = if bytes == work.covered { before_tail + 1 } else { before_tail };
        let mut pieces: Vec<PieceValue> = Vec::with_capacity(hashed);
        for scanned in &work.scanned {
            let scanned = lock(scanned);
            pieces.extend_from_slice(&scanned.as_ref()?.pieces);
            if pieces.len() >= hashed {
                break;
            }
        }
        pieces.truncate(hashed);
        if bytes == work.covered && pieces.len() == hashed {
            return content_hash::root_of_pieces(self.key, &pieces);
        }
        let tail = source.read(before_tail as u64 * size..bytes, &mut buffer).ok()?;
        Some(content_hash::root(self.key, &pieces, tail))
    }
}
