//! Finds what is to be masked in one block of a source: by rules, and of known values.

use crate::engine::session::blocks::{Bytes, REACH_BYTES};
use crate::error::Result;
use crate::mask::{Findings, KnownValues, Masker, SHOWN, Scratch, Window};
use std::ops::Range;

/// Longest value that can be known; a match of one may begin so far before a block that starts within a line.
const KNOWN_VALUE_BYTES: u64 = 4 << 10;

/// Finds the matches that start in `range`, showing the masker more of the source as long as a match goes on. Calls
/// `seen` with what was shown last.
pub(crate) fn find(
    masker: &Masker,
    bytes: &Bytes,
    range: Range<u64>,
    input: &mut Vec<u8>,
    scratch: &mut Scratch,
    findings: &mut Findings,
    seen: impl FnOnce(&Window, &Findings),
) -> Result<()> {
    let mut ahead = SHOWN as u64;
    loop {
        let window = bytes.window_ahead(range.clone(), ahead, input)?;
        masker.scan(&window, scratch, findings);
        if !findings.is_open() || ahead >= REACH_BYTES {
            seen(&window, findings);
            return Ok(());
        }
        ahead *= 8;
    }
}

/// Adds where known values stand in a block; returns how far one that began before the block reaches into it.
pub(crate) fn find_known(
    masker: &Masker,
    bytes: &Bytes,
    range: Range<u64>,
    known: &KnownValues,
    input: &mut Vec<u8>,
    findings: &mut Findings,
) -> Result<u64> {
    let mut wanted = range.clone();
    if wanted.start > 0 && bytes.read(wanted.start - 1..wanted.start, input)? != b"\n" {
        wanted.start = wanted.start.saturating_sub(KNOWN_VALUE_BYTES);
    }
    let window = bytes.window(wanted.clone(), input)?;
    masker.find_known(&window, known, findings);
    if wanted.start == range.start {
        return Ok(0);
    }
    let before = findings.spans.iter().filter(|span| span.start < range.start);
    let reached = before.map(|span| span.end).max().unwrap_or(0);
    findings.spans.retain(|span| span.start >= range.start);
    Ok(if reached > range.start { reached } else { 0 })
}
