//! A session that has grown keeps the members of its old archive: only new blocks, and the last old one, are
//! compressed.
//!
//! What is kept must be byte for byte what archiving afresh would make, or mask more. Blocks are cut alike, so it is
//! when the rules are the same and the session teaches nothing new that old blocks hold; blocks in which anything is
//! masked are masked again and compared, and a difference sends the session back to be archived as a whole.
//!
//! What a source has grown from is known for sure only when it is hashed, but its name tells what to expect. Blocks
//! in which the expected archive has nothing masked are hashed and not searched: if the hash fits, there is nothing in
//! them to be found. If it does not, the session is sent back as well.

use super::decide::Decision;
use crate::archive::gzip::inflate_member;
use crate::archive::header::Block;
use crate::archive::reader::{Archive, BlockReader};
use crate::engine::Engine;
use crate::engine::history::versions::Version;
use crate::engine::session::old::{Kept, Old};
use crate::engine::session::work::{Verdict, Work};
use crate::engine::session::writer::Writer;
use crate::error::{Error, Kind, Result};
use crate::platform::sync::lock;
use std::sync::Arc;

/// Returns whether the blocks of a source that were not searched, if there are any, are those of the archive that it
/// turned out to have grown from, or to be the same as.
pub(crate) fn is_as_expected(work: &Work, verdict: &Verdict) -> bool {
    let is_any_quiet = || {
        work.scanned.iter().any(|scanned| {
            let scanned = lock(scanned);
            scanned.as_ref().is_some_and(|scanned| scanned.is_quiet)
        })
    };
    match (&verdict.decision, &work.old) {
        (_, None) => true,
        // In masked text blocks lie elsewhere than in the text that it was made of.
        (Decision::Grown { version } | Decision::Same { version }, Some(old)) if !verdict.is_by_text => {
            old.is_of(&verdict.versions[*version]) || !is_any_quiet()
        }
        (_, Some(_)) => !is_any_quiet(),
    }
}

/// Returns what can be kept of the archive that a grown source's verdict names; `None` when it has to be made anew.
pub(crate) fn kept(engine: &Engine, work: &Work, decision: &Decision, versions: &[Version]) -> Option<Kept> {
    let Decision::Grown { version } = *decision else { return None };
    let expected = work.old.as_ref().filter(|old| old.is_of(&versions[version]));
    let old = match expected {
        Some(old) => Arc::clone(old),
        None => Arc::new(Old::open(engine, &versions[version], work.block_bytes)?),
    };
    if old.source_bytes >= work.covered {
        return None;
    }
    let fresh_start = old.starts[old.count];
    let mut ranges = work.scanned.iter().map(|scanned| {
        let scanned = lock(scanned);
        scanned.as_ref().map(|scanned| scanned.range.clone()).unwrap_or_default()
    });
    let fresh_from = ranges.position(|range| range.start == fresh_start && !range.is_empty())?;
    Some(Kept { old, fresh_from })
}

/// Copies what is kept into the new archive's file.
pub(crate) fn copy(kept: &Kept, writer: &mut Writer) -> Result<()> {
    let Old { archive, count, .. } = &*kept.old;
    let range = archive.block_range(0..*count);
    let range = range.ok_or_else(|| Error::new(Kind::Damaged, "an old archive ends early"))?;
    writer.keep(archive.file(), range, &archive.blocks()[..*count], kept.fresh_from)
}

/// Returns whether old block `index` is what masking makes of its source today: `masked` if anything is masked in it.
pub(crate) fn is_same(
    old: &Old,
    index: usize,
    masked: Option<&[u8]>,
    reader: &mut BlockReader,
    text: &mut Vec<u8>,
) -> bool {
    let block: &Block = &old.archive.blocks()[index];
    match masked {
        // More was masked in it than would be today: that is as well.
        None => true,
        Some(masked) => {
            text.clear();
            block.masked_bytes as usize == masked.len()
                && old.archive.read_block(index, reader, text).is_ok()
                && text == masked
        }
    }
}

/// How the text of a new archive stands to that of an old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Different,
    Equal,
    /// The old one goes on where the new one ends.
    IsOlderState,
    /// The new one goes on where the old one ends.
    IsNewerState,
}

/// Compares the masked text of `writer`'s members with that of an archive. What differs only in masked places is
/// the same here: that tells sessions apart no more when the key of the hashes is lost, and a second archive of the
/// same text would be of no use to anybody.
pub(crate) fn compare(engine: &Engine, writer: &Writer, version: &Version) -> Comparison {
    let archive = engine.store().and_then(|store| Archive::open(&store.path().join(&version.archive)));
    let Ok(archive) = archive else { return Comparison::Different };
    if archive.header().is_none() {
        return Comparison::Different;
    }
    let mut theirs =
        Chunks { archive: &archive, reader: BlockReader::new(), index: 0, text: Vec::new(), at: 0 };
    let (mut decompressor, mut ours) = (libdeflater::Decompressor::new(), Vec::new());
    let mut found = Comparison::Equal;
    let done = writer.for_each_member(|block, member| {
        ours.clear();
        if inflate_member(&mut decompressor, member, block.masked_bytes as usize, &mut ours).is_err() {
            found = Comparison::Different;
            return false;
        }
        found = match theirs.common_prefix(&ours) {
            Some(length) if length == ours.len() => return true,
            Some(length) if theirs.is_at_end() && (length > 0 || block.source_bytes > 0) => {
                Comparison::IsNewerState
            }
            _ => Comparison::Different,
        };
        false
    });
    match (done, found) {
        (Err(_), _) => Comparison::Different,
        (Ok(()), Comparison::Equal) if !theirs.is_at_end() => Comparison::IsOlderState,
        (Ok(()), found) => found,
    }
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
    /// Consumes and counts the bytes that are the same as in `wanted`; `None` if the archive cannot be read.
    fn common_prefix(&mut self, wanted: &[u8]) -> Option<usize> {
        let mut same = 0;
        while same < wanted.len() && !self.is_at_end() {
            if self.at == self.text.len() {
                self.text.clear();
                self.at = 0;
                self.archive.read_block(self.index, &mut self.reader, &mut self.text).ok()?;
                self.index += 1;
                continue;
            }
            let length = (wanted.len() - same).min(self.text.len() - self.at);
            let pair = wanted[same..same + length].iter().zip(&self.text[self.at..]);
            let equal = pair.take_while(|(ours, theirs)| ours == theirs).count();
            same += equal;
            self.at += equal;
            if equal < length {
                break;
            }
        }
        Some(same)
    }

    fn is_at_end(&self) -> bool {
        self.at == self.text.len() && self.index == self.archive.blocks().len()
    }
}
