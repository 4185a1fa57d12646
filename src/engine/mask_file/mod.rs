//! Masks a file that is mapped, block by block on all threads: the filter's way through a large file.
//!
//! In: an open file, a masker, and where masked text goes. Out: that text, and how far it reaches. What is written is what the
//! masker of streams would write; the end of the file, and all that may change meanwhile, is left to that.

use super::session::blocks::{BLOCK_BYTES, Bytes};
use super::session::changes::is_settled;
use super::work::find;
use crate::error::Result;
use crate::mask::{Findings, KnownValues, Masker, SHOWN, Scratch, Tally};
use crate::platform::sigbus::GuardedMap;
use crate::platform::{EntryKind, Stat, thread_pool};
use rayon::prelude::*;
use std::fs::File;
use std::ops::Range;

/// A smaller file is read: it is done before threads are there.
const LEAST_BYTES: u64 = 4 * BLOCK_BYTES;

/// Blocks for each thread that are worked on before the next ones: enough that none waits long for another.
const BLOCKS_A_THREAD: usize = 4;

/// Blocks in memory at most, as long as each thread has one.
const MOST_BLOCKS: usize = 32;

/// How far a file was masked, and what the masker of streams needs to go on there.
#[derive(Debug, Default)]
pub(crate) struct Masked {
    /// Bytes that are done, whole lines.
    pub bytes: u64,
    /// Offset up to which the matches in them reach.
    pub until: u64,
    pub tally: Tally,
}

/// A block on its way. Reused from block to block.
#[derive(Default)]
struct Block {
    range: Range<u64>,
    findings: Findings,
    scratch: Scratch,
    input: Vec<u8>,
    masked: Vec<u8>,
    tally: Tally,
}

/// Masks as much of `file`, from its start on, as nothing that is appended can change, and hands it to `write` in
/// order. That is nothing for a file that is small, that cannot be mapped, or that was written to lately; and it ends
/// early when the file is written to.
///
/// # Errors
///
/// Those of `write`.
pub(crate) fn mask_file(
    masker: &Masker,
    known: Option<&KnownValues>,
    file: &File,
    threads: usize,
    mut write: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Masked> {
    let mut done = Masked::default();
    let Ok(stat) = Stat::of_file(file) else { return Ok(done) };
    if stat.kind != EntryKind::File || stat.bytes < LEAST_BYTES || threads < 2 || !is_settled(&stat) {
        return Ok(done);
    }
    let map = usize::try_from(stat.bytes).ok().and_then(|bytes| GuardedMap::new(file, bytes).ok().flatten());
    let pool = thread_pool(threads);
    let (Some(map), Ok(pool)) = (map, pool) else { return Ok(done) };
    let bytes = Bytes::Whole(&map);
    let mut blocks: Vec<Block> = Vec::new();
    blocks.resize_with((threads * BLOCKS_A_THREAD).min(MOST_BLOCKS.max(threads)), Block::default);
    for first in (0..bytes.block_count(BLOCK_BYTES)).step_by(blocks.len()) {
        for (index, block) in blocks.iter_mut().enumerate() {
            block.range = bytes.block(first + index, BLOCK_BYTES, &mut Vec::new())?;
        }
        let count = blocks.iter().take_while(|block| is_final(&map, &block.range)).count();
        let ready = &mut blocks[..count];
        pool.install(|| ready.par_iter_mut().try_for_each(|block| block.find(masker, known, &bytes)))?;
        // A match to the very end may go on in what is appended.
        let count = ready.iter().take_while(|block| block.findings.masked_until(0) < stat.bytes).count();
        let ready = &mut ready[..count];
        let reaches: Vec<u64> = ready
            .iter()
            .scan(done.until, |until, block| {
                Some(std::mem::replace(until, block.findings.masked_until(*until)))
            })
            .collect();
        pool.install(|| {
            ready.par_iter_mut().zip(reaches).try_for_each(|(block, until)| block.mask(masker, until, &bytes))
        })?;
        // What was made of bytes that changed under the map was searched as something else: it must not be written.
        if map.is_torn() || !Stat::of_file(file).is_ok_and(|now| now == stat) {
            return Ok(done);
        }
        for block in ready.iter().filter(|block| !block.range.is_empty()) {
            write(&block.masked)?;
            done.bytes = block.range.end;
            done.until = block.findings.masked_until(done.until);
            done.tally.merge(&block.tally);
        }
        if count < blocks.len() {
            break;
        }
    }
    Ok(done)
}

/// Returns whether a block is of whole lines and too far from the end to be changed by what is appended.
fn is_final(map: &[u8], range: &Range<u64>) -> bool {
    let (start, end) = (range.start as usize, range.end as usize);
    let is_line_start = |at: usize| at == 0 || map[at - 1] == b'\n';
    is_line_start(start) && is_line_start(end) && end + SHOWN < map.len()
}

impl Block {
    fn find(&mut self, masker: &Masker, known: Option<&KnownValues>, bytes: &Bytes) -> Result<()> {
        let Block { range, findings, scratch, input, .. } = self;
        find::find(masker, bytes, range.clone(), input, scratch, findings, |_, _| {})?;
        if let Some(known) = known {
            find::find_known(masker, bytes, range.clone(), known, input, findings)?;
        }
        Ok(())
    }

    /// Makes the masked text: a copy also where nothing is masked, because the map may change while it is written.
    fn mask(&mut self, masker: &Masker, masked_until: u64, bytes: &Bytes) -> Result<()> {
        let Block { range, findings, scratch, input, masked, tally } = self;
        let window = bytes.window(range.clone(), input)?;
        masked.clear();
        *tally = Tally::default();
        if !masker.rewrite(&window, findings, masked_until, scratch, masked, tally) {
            masked.extend_from_slice(&window.bytes[window.wanted.clone()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
