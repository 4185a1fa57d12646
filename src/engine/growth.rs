//! A session that has grown keeps the members of its old archive: only new blocks, and the last old one, are
//! compressed.
//!
//! What is kept must be byte for byte what archiving afresh would make, or mask more. Blocks are cut alike, so it is
//! when the rules are the same and the session teaches nothing new that old blocks hold; blocks in which anything is
//! masked are masked again and compared, and a difference sends the session back to be archived as a whole.

use super::Engine;
use super::blocks::block_bytes;
use super::decide::Decision;
use super::session::Work;
use super::versions::Version;
use super::writer::Writer;
use crate::archive::header::Block;
use crate::archive::reader::{Archive, BlockReader};
use crate::error::{Error, Kind, Result};
use crate::platform;
use std::ops::Range;
use std::path::Path;

/// The part of an old archive that is kept.
pub struct Kept {
    pub archive: Archive,
    /// Blocks of the old archive that are kept.
    pub count: usize,
    /// Where each of the kept blocks starts in the source, and after them where the fresh part starts.
    starts: Vec<u64>,
    /// Index of the first block to be made anew, as the source is cut.
    pub fresh_from: usize,
}

impl Kept {
    /// Returns the old block that is the same as the source's block in `range`.
    pub fn block(&self, range: &Range<u64>) -> Option<usize> {
        let index = self.starts.binary_search(&range.start).ok()?;
        (index < self.count && self.starts[index + 1] == range.end).then_some(index)
    }
}

/// Returns what can be kept of the archive that a grown source's verdict names; `None` when it has to be made anew.
pub fn kept(engine: &Engine, work: &Work, decision: &Decision, versions: &[Version]) -> Option<Kept> {
    let Decision::Grown { version } = *decision else { return None };
    let store = engine.store().ok()?;
    let archive = Archive::open(&store.path().join(&versions[version].archive)).ok()?;
    let header = archive.header()?;
    let is_same_machine = header.rules_version == engine.masker.rules_version()
        && !header.is_rule_set_incomplete
        && !engine.is_rule_set_incomplete
        && header.content_hash == versions[version].content_hash
        && header.source_bytes < work.covered
        && block_bytes(header.source_bytes) == work.block_bytes;
    // The last block may end anywhere, a cut-off line included.
    let count = header.blocks.len().saturating_sub(1);
    if !is_same_machine || count == 0 {
        return None;
    }
    let mut starts = vec![0];
    for block in &header.blocks[..count] {
        starts.push(starts[starts.len() - 1] + u64::from(block.source_bytes));
    }
    let fresh_start = starts[count];
    let mut ranges = work.scanned.iter().map(|scanned| {
        let scanned = scanned.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        scanned.as_ref().map(|scanned| scanned.range.clone()).unwrap_or_default()
    });
    let fresh_from = ranges.position(|range| range.start == fresh_start && !range.is_empty())?;
    Some(Kept { archive, count, starts, fresh_from })
}

/// Copies what is kept into the new archive's file.
pub fn copy(kept: &Kept, writer: &mut Writer) -> Result<()> {
    let range = kept.archive.block_range(0..kept.count);
    let range = range.ok_or_else(|| Error::new(Kind::Damaged, "an old archive ends early"))?;
    writer.keep(kept.archive.file(), range, &kept.archive.blocks()[..kept.count], kept.fresh_from)
}

/// Returns whether old block `index` is what masking makes of its source today: `masked` if anything is masked in it.
pub fn is_same(
    kept: &Kept,
    index: usize,
    masked: Option<&[u8]>,
    reader: &mut BlockReader,
    text: &mut Vec<u8>,
) -> bool {
    let block: &Block = &kept.archive.blocks()[index];
    match masked {
        // More was masked in it than would be today: that is as well.
        None => true,
        Some(masked) => {
            text.clear();
            block.masked_bytes as usize == masked.len()
                && kept.archive.read_block(index, reader, text).is_ok()
                && text == masked
        }
    }
}

/// Returns the error that sends a session back to be archived as a whole.
pub fn refused(path: &Path) -> Error {
    Error::new(Kind::Source, REFUSED).with_path(path)
}

/// Returns whether `error` is [`refused`]'s.
pub fn is_refusal(error: &Error) -> bool {
    error.kind() == Kind::Source && error.what() == REFUSED
}

const REFUSED: &str = "the archived part is masked otherwise today:";

/// Returns whether an archive has the text of `writer`'s members as its beginning: then they are an older state of
/// the same session, and nothing of them is lost by leaving them out.
pub fn is_older_state(engine: &Engine, writer: &Writer, archive: &Version) -> bool {
    let text_bytes: u64 = writer.blocks.iter().map(|block| u64::from(block.masked_bytes)).sum();
    let Ok(archive) = engine.store().and_then(|store| Archive::open(&store.path().join(&archive.archive))) else {
        return false;
    };
    let mut theirs = Chunks { archive: &archive, reader: BlockReader::new(), index: 0, text: Vec::new(), at: 0 };
    let (mut decompressor, mut ours) = (libdeflater::Decompressor::new(), Vec::new());
    let mut compared = 0;
    let done = writer.for_each_member(|block, member| {
        ours.clear();
        let read = crate::archive::gzip::inflate_member(&mut decompressor, member, block.masked_bytes as usize, &mut ours);
        let is_same = read.is_ok() && theirs.starts_with(&ours);
        compared += u64::from(block.masked_bytes);
        is_same || { compared = u64::MAX; false }
    });
    done.is_ok() && compared == text_bytes && platform::process::interrupted().is_none()
}

/// Returns whether the text of `writer`'s members begins with that of an archive: then nothing of it is lost when
/// they take its place.
pub fn is_newer_state(engine: &Engine, writer: &Writer, archive: &Version) -> bool {
    let Ok(archive) = engine.store().and_then(|store| Archive::open(&store.path().join(&archive.archive))) else {
        return false;
    };
    let mut left: u64 = archive.blocks().iter().map(|block| u64::from(block.masked_bytes)).sum();
    let mut theirs = Chunks { archive: &archive, reader: BlockReader::new(), index: 0, text: Vec::new(), at: 0 };
    let (mut decompressor, mut ours) = (libdeflater::Decompressor::new(), Vec::new());
    let mut is_same = true;
    let done = writer.for_each_member(|block, member| {
        ours.clear();
        let read = crate::archive::gzip::inflate_member(&mut decompressor, member, block.masked_bytes as usize, &mut ours);
        let compared = left.min(ours.len() as u64) as usize;
        is_same &= read.is_ok() && theirs.starts_with(&ours[..compared]);
        left -= compared as u64;
        is_same && left > 0
    });
    done.is_ok() && is_same && left == 0 && archive.header().is_some()
}

/// The text of an archive of ours, read block by block.
struct Chunks<'a> {
    archive: &'a Archive,
    reader: BlockReader,
    index: usize,
    text: Vec<u8>,
    at: usize,
}

impl Chunks<'_> {
    /// Consumes as many bytes as `wanted` has and returns whether they are the same.
    fn starts_with(&mut self, mut wanted: &[u8]) -> bool {
        while !wanted.is_empty() {
            if self.at == self.text.len() {
                self.text.clear();
                self.at = 0;
                let is_read = self.index < self.archive.blocks().len()
                    && self.archive.read_block(self.index, &mut self.reader, &mut self.text).is_ok();
                if !is_read {
                    return false;
                }
                self.index += 1;
                continue;
            }
            let length = wanted.len().min(self.text.len() - self.at);
            if wanted[..length] != self.text[self.at..self.at + length] {
                return false;
            }
            wanted = &wanted[length..];
            self.at += length;
        }
        true
    }
}
