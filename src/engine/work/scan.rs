//! The first look at every block: hash it, find what is to be masked, learn from it. Nothing is written here.

use super::find;
use crate::agents;
use crate::archive::content_hash::{self, PIECE_BYTES, PieceValue};
use crate::engine::session::blocks::{Bytes, LINE_BYTES, RENDERED_LINE_BYTES};
use crate::engine::session::work::{Scanned, Session, Work};
use crate::engine::state::workers::Worker;
use crate::engine::{Again, Engine};
use crate::error::Result;
use crate::mask::{Findings, Learned, Window};
use crate::platform::sync::lock;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Findings kept from the scan for the masking, over all sessions in flight. What does not fit is found again:
/// rare (40 bytes of secret after another for a gigabyte), and slower only by the tenth that a scan costs.
const FINDINGS_BYTES: usize = 16 << 20;

/// Scans block `index` of a source.
pub(crate) fn scan_block(
    engine: &Engine,
    session: &Session,
    work: &Work,
    index: usize,
    worker: &mut Worker,
) -> Result<()> {
    let bytes = work.bytes();
    let longest = match work.planned.found.locator.is_rendered() {
        true => RENDERED_LINE_BYTES,
        false => LINE_BYTES,
    };
    let range = bytes.block_of_lines(index, work.block_bytes, longest, &mut worker.input)?;
    let pieces = hash_pieces(engine, &bytes, work, index, &mut worker.input)?;
    let mut scanned = Scanned { range: range.clone(), pieces, ..Scanned::default() };
    scanned.is_quiet = work.old.as_ref().is_some_and(|old| old.quiet_block(&range).is_some());
    scanned.ids = other_ids(engine, &bytes, work, range.clone(), &mut worker.input)?;
    if !range.is_empty() && !scanned.is_quiet {
        let mut findings = std::mem::take(&mut worker.findings);
        findings.clear();
        let mut learned = Learned::default();
        let Worker { input, mask, .. } = &mut *worker;
        let learn = |window: &Window, findings: &Findings| {
            engine.masker.learn(window, findings, &mut learned);
        };
        find::find(&engine.masker, &bytes, range.clone(), input, mask, &mut findings, learn)?;
        scanned.counts = findings.counts(&range).unwrap_or_default();
        if scanned.counts.nul_bytes > 0 {
            work.nul_bytes.fetch_add(scanned.counts.nul_bytes, Ordering::Relaxed);
        }
        scanned.reach = findings.spans.last().map_or(0, |span| span.end);
        keep(engine, work, findings, worker, &mut scanned);
        if !learned.is_empty() {
            if engine.settings.again != Again::None {
                lock(&work.teaches).extend(learned.fingerprints());
            }
            lock(&session.learned).merge(learned);
        }
    }
    *lock(&work.scanned[index]) = Some(scanned);
    Ok(())
}

/// Returns the ids that records in a block give the session beside its own. In a dry run nobody asks.
fn other_ids(
    engine: &Engine,
    bytes: &Bytes,
    work: &Work,
    range: Range<u64>,
    input: &mut Vec<u8>,
) -> Result<Vec<String>> {
    if engine.settings.is_dry_run || range.is_empty() || !agents::has_ids_in_records(&work.identity.agent) {
        return Ok(Vec::new());
    }
    let mut ids = vec![work.identity.session_id.clone()];
    agents::find_ids(&work.identity.agent, bytes.read(range, input)?, &mut ids);
    ids.remove(0);
    Ok(ids)
}

fn keep(engine: &Engine, work: &Work, findings: Findings, worker: &mut Worker, scanned: &mut Scanned) {
    if findings.spans.is_empty() || !work.keeps_findings() {
        worker.findings = findings;
        return;
    }
    let bytes = findings.heap_bytes();
    if engine.kept_findings.fetch_add(bytes, Ordering::Relaxed) + bytes > FINDINGS_BYTES {
        engine.kept_findings.fetch_sub(bytes, Ordering::Relaxed);
        worker.findings = findings;
        return;
    }
    scanned.findings = Some(findings);
}

/// Gives back the room that kept findings took.
pub(crate) fn release(kept: &AtomicUsize, findings: &Findings) {
    kept.fetch_sub(findings.heap_bytes(), Ordering::Relaxed);
}

/// Hashes the pieces of the source that lie at the block's nominal place; pieces, unlike blocks, ignore lines.
/// A source of a single piece has none: its hash is taken when it is decided.
fn hash_pieces(
    engine: &Engine,
    bytes: &Bytes,
    work: &Work,
    index: usize,
    input: &mut Vec<u8>,
) -> Result<Vec<PieceValue>> {
    let size = PIECE_BYTES as u64;
    let end = ((index as u64 + 1) * work.block_bytes).min(work.covered);
    let mut start = index as u64 * work.block_bytes;
    let mut pieces = Vec::new();
    while start < end && work.covered > size && !work.is_unhashed {
        let piece = bytes.read(start..(start + size).min(end), input)?;
        pieces.push(content_hash::subtree(&engine.history.key, piece, start));
        start += size;
    }
    Ok(pieces)
}
