//! What one source of a session is, by its hashes: a session of its own, a copy of another, grown, or written anew.

use super::decide::{Decision, Hashes};
use super::masked::{Decided, decide_with_texts};
use crate::archive::content_hash::{self, HashKey, PIECE_BYTES, PieceValue};
use crate::engine::history::versions::{There, Version};
use crate::engine::lineage::descent;
use crate::engine::plan::Plan;
use crate::engine::session::changes::changing;
use crate::engine::session::work::{Verdict, Work};
use crate::engine::{Again, Engine};
use crate::error::Result;
use crate::identity::{self, Identity};
use crate::platform::sync::lock;
use std::sync::OnceLock;

/// Decides about one source as if there were no others of its session; `identity` is what it is by its path and records.
pub(crate) fn judge(engine: &Engine, plan: &Plan, work: &Work, mut identity: Identity) -> Result<Verdict> {
    if work.planned.found.locator.is_rendered() {
        return judge_rendered(engine, plan, work, identity);
    }
    let mut hashes = SourceHashes { key: &engine.history.key, work };
    let content_hash = match work.is_unhashed {
        true => [0; 32],
        false => hashes.prefix(work.covered).ok_or_else(|| changing(work.planned.found.locator.path()))?,
    };
    let head_hash = work.head_hash(&engine.history.key)?;
    let mut versions = engine.history.versions(&identity);
    let Decided { mut decision, mut is_by_text } = decide_with_texts(engine, &versions, work, &mut hashes);
    if work.is_named_by_stem
        && matches!(decision, Decision::Rewritten { .. })
        && versions.iter().all(|version| version.head_hash != head_hash)
    {
        // Two files called `notes.jsonl` have nothing in common but a name.
        identity.session_id = identity::of_namesake(&identity.session_id, &work.planned.found.locator.key());
        versions = engine.history.versions(&identity);
        Decided { decision, is_by_text } = decide_with_texts(engine, &versions, work, &mut hashes);
    }
    // What an agent copied to the place of another session is one, however long the two are the same.
    let may_be_copy = identity.part_id.is_none() && !work.is_unhashed && !work.is_named_by_agent;
    if is_unseen(&decision, &versions, &head_hash) && may_be_copy {
        // A copy or a moved file under another name: known by its content, or by its first line and all that follows.
        for other in engine.history.sessions_like(&identity, &content_hash, &head_hash) {
            let others = engine.history.versions(&other);
            let decided = decide_with_texts(engine, &others, work, &mut hashes);
            let is_grown = decision == Decision::New && matches!(decided.decision, Decision::Grown { .. });
            if is_grown || matches!(decided.decision, Decision::Same { .. }) {
                (identity, versions) = (other, others);
                Decided { decision, is_by_text } = decided;
                break;
            }
        }
    }
    if let Decision::Grown { version } = decision {
        match engine.history.there(&identity, &versions[version]) {
            There::AsRecorded | There::Nothing => {}
            There::Other(actual) => {
                versions[version] = actual;
                Decided { decision, is_by_text } = decide_with_texts(engine, &versions, work, &mut hashes);
            }
            There::Damaged => (decision, is_by_text) = (Decision::Rewritten { version }, false),
        }
    }
    if let Decision::Same { version } = decision
        && (needs_masking_again(engine, &versions[version])
            || !engine.history.has_archive(&versions[version])
            || descent::is_to_mend(engine, plan, work, &versions[version]))
    {
        decision = Decision::Grown { version };
    }
    if let Some((whose, pruned)) =
        pruned_as(engine, work, &identity, &decision, (content_hash, head_hash), may_be_copy)
    {
        (identity, decision) = (whose, pruned);
    }
    if is_unseen(&decision, &versions, &head_hash)
        && may_be_copy
        && !engine.history.claim(&content_hash, &identity)
    {
        decision = Decision::Copy;
    }
    Ok(Verdict {
        decision,
        versions,
        is_by_text,
        content_hash,
        head_hash,
        identity,
        is_put_off: false,
        descent: OnceLock::new(),
        placement: OnceLock::new(),
        second: OnceLock::new(),
    })
}

/// Decides about a source that is told in lines anew at each look: unless it is told as it was, its archive gets more.
fn judge_rendered(engine: &Engine, plan: &Plan, work: &Work, identity: Identity) -> Result<Verdict> {
    let mut hashes = SourceHashes { key: &engine.history.key, work };
    let path = work.planned.found.locator.path();
    let content_hash = hashes.prefix(work.covered).ok_or_else(|| changing(path))?;
    let mut versions = engine.history.versions(&identity);
    if let Some(newest) = versions.last_mut() {
        match engine.history.there(&identity, newest) {
            There::AsRecorded | There::Nothing => {}
            There::Other(actual) => *newest = actual,
            There::Damaged => versions.clear(),
        }
    }
    let decision = match versions.iter().enumerate().next_back() {
        None => Decision::New,
        Some((version, newest)) if !engine.history.has_archive(newest) => {
            let _ = version;
            versions.clear();
            Decision::New
        }
        Some((version, newest)) => {
            let is_same = newest.content_hash == content_hash
                && !needs_masking_again(engine, newest)
                && !descent::is_to_mend(engine, plan, work, newest);
            if is_same { Decision::Same { version } } else { Decision::Grown { version } }
        }
    };
    let head_hash = work.head_hash(&engine.history.key)?;
    let (identity, decision) =
        match pruned_as(engine, work, &identity, &decision, (content_hash, head_hash), false) {
            Some(pruned) => pruned,
            None => (identity, decision),
        };
    Ok(Verdict {
        decision,
        versions,
        is_by_text: false,
        content_hash,
        head_hash,
        identity,
        is_put_off: false,
        descent: OnceLock::new(),
        placement: OnceLock::new(),
        second: OnceLock::new(),
    })
}

/// Returns whose source it is, and that it was pruned, where an archive held what it holds that was. `hashes` are those of
/// its content and of its first line.
fn pruned_as(
    engine: &Engine,
    work: &Work,
    identity: &Identity,
    decision: &Decision,
    hashes: ([u8; 32], [u8; 32]),
    may_be_copy: bool,
) -> Option<(Identity, Decision)> {
    if matches!(decision, Decision::Same { .. }) || work.is_unhashed {
        return None;
    }
    let identities: Vec<&Identity> = [Some(identity), work.former.as_ref()].into_iter().flatten().collect();
    let may_be_copy = may_be_copy && *decision == Decision::New;
    let known = engine.history.pruned_as(&identities, work.covered, &hashes.0, may_be_copy)?;
    let archive = Box::new(Version::of_pruned(&known, hashes.0, hashes.1));
    Some((known.identity, Decision::Pruned { archive }))
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

/// Returns whether an archive was masked with less than all rules, and all are there now; or with others than today's, if
/// that is asked for.
fn needs_masking_again(engine: &Engine, version: &Version) -> bool {
    let is_asked_for = match engine.settings.again {
        Again::None => false,
        Again::Stale => is_stale(engine, version),
        Again::All => true,
    };
    (version.is_rule_set_incomplete || is_asked_for) && !engine.settings.is_rule_set_incomplete
}

/// Returns whether an archive was masked with other rules than today's.
pub(crate) fn is_stale(engine: &Engine, version: &Version) -> bool {
    version.rules_version != engine.masker.rules_version()
}

/// Hashes of beginnings of a source, out of the pieces that the scan hashed and at most one more read.
pub(crate) struct SourceHashes<'a> {
    pub key: &'a HashKey,
    pub work: &'a Work,
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
