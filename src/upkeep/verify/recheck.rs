//! Masks archived text once more with today's rules and counts what they would catch: with new rules, or after a
//! mistake of ours, something may still be in there. Yields rules and counts, never bytes.

use crate::archive::reader::{Archive, BlockReader};
use crate::error::Result;
use crate::mask::{Findings, Masker, RuleIndex, SHOWN, Scratch, StreamMasker, Window};
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

/// Matches by rule.
pub(crate) type Counts = BTreeMap<RuleIndex, u64>;

/// What a thread reuses from one look to the next.
#[derive(Default)]
pub(crate) struct Bench {
    pub reader: BlockReader,
    pub text: Vec<u8>,
    beside: Vec<u8>,
    scratch: Scratch,
    findings: Findings,
}

/// Counts what is found in blocks `range`, whose text is `bench.text`. The blocks beside are read for what rules look
/// at around a match.
///
/// # Errors
///
/// When a block beside cannot be read.
pub(crate) fn blocks(
    masker: &Masker,
    archive: &Archive,
    range: Range<usize>,
    bench: &mut Bench,
) -> Result<Counts> {
    let text_bytes = bench.text.len();
    let offset: u64 = archive.blocks()[..range.start].iter().map(|block| u64::from(block.masked_bytes)).sum();
    // After: as many blocks as it takes.
    let mut next = range.end;
    while bench.text.len() < text_bytes + SHOWN && next < archive.blocks().len() {
        archive.read_block(next, &mut bench.reader, &mut bench.text)?;
        next += 1;
    }
    // Before: only what lies right in front is kept.
    let mut behind = 0;
    let mut previous = range.start;
    bench.beside.clear();
    while behind < SHOWN && previous > 0 {
        previous -= 1;
        let mut block = Vec::new();
        archive.read_block(previous, &mut bench.reader, &mut block)?;
        let kept = block.len().min(SHOWN - behind);
        block.drain(..block.len() - kept);
        block.append(&mut bench.beside);
        bench.beside = block;
        behind += kept;
    }
    let wanted = behind..behind + text_bytes;
    bench.beside.append(&mut bench.text);
    std::mem::swap(&mut bench.beside, &mut bench.text);
    let window = Window {
        bytes: &bench.text,
        offset: offset - behind as u64,
        wanted,
        is_end: next >= archive.blocks().len(),
    };
    masker.scan(&window, &mut bench.scratch, &mut bench.findings);
    let mut counts = Counts::new();
    for span in &bench.findings.spans {
        *counts.entry(span.rule).or_default() += 1;
    }
    Ok(counts)
}

/// Counts what is found in an archive without a table of blocks, read from start to end.
///
/// # Errors
///
/// When it cannot be read to its end.
pub(crate) fn stream(masker: &Masker, archive: &Archive, bench: &mut Bench) -> Result<Counts> {
    let mut again = StreamMasker::new(masker, None);
    let mut out = Vec::new();
    archive.for_each_chunk(&mut bench.reader, &mut |chunk| {
        again.push(chunk, &mut out);
        out.clear();
        match crate::platform::process::interrupted() {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    })?;
    Ok(again.finish(&mut out).by_rule)
}
