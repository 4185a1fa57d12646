//! The archive that a source has grown from: which of its blocks may be kept, and which need no search.

use super::blocks::{Bytes, block_bytes};
use crate::archive::header::Block;
use crate::archive::reader::Archive;
use crate::engine::history::versions::Version;
use crate::engine::{Again, Engine};
use crate::identity::Identity;
use crate::mask::SHOWN;
use std::ops::Range;
use std::sync::Arc;

/// An archive that a source may have grown from, and where its blocks lie in that source.
pub(crate) struct Old {
    pub archive: Archive,
    /// Bytes of the source that it was made from.
    pub source_bytes: u64,
    content_hash: [u8; 32],
    /// Blocks that may be kept.
    pub count: usize,
    /// Where each of these blocks starts in the source, and after them where the fresh part starts.
    pub starts: Vec<u64>,
}

/// The part of an old archive that is kept.
pub(crate) struct Kept {
    pub old: Arc<Old>,
    /// Index of the first block to be made anew, as the source is cut.
    pub fresh_from: usize,
}

impl Old {
    /// Opens the archive of `version`; `None` if nothing of it can be kept in an archive made today of a source that
    /// is cut into blocks of `size` bytes.
    pub(crate) fn open(engine: &Engine, version: &Version, size: u64) -> Option<Old> {
        let archive = Archive::open(&engine.store().ok()?.path().join(&version.archive)).ok()?;
        let header = archive.header()?;
        let is_same_machine = header.rules_version == engine.masker.rules_version()
            && !header.is_rule_set_incomplete
            && !engine.settings.is_rule_set_incomplete
            && engine.settings.again == Again::None
            && header.content_hash == version.content_hash
            // These are counted in what is searched.
            && header.nul_bytes == 0
            && block_bytes(header.source_bytes) == size;
        // The last block may end anywhere, a cut-off line included.
        let count = header.blocks.len().saturating_sub(1);
        if !is_same_machine || count == 0 {
            return None;
        }
        let mut starts = vec![0];
        for block in &header.blocks[..count] {
            starts.push(starts[starts.len() - 1] + u64::from(block.source_bytes));
        }
        let (source_bytes, content_hash) = (header.source_bytes, header.content_hash);
        Some(Old { archive, source_bytes, content_hash, count, starts })
    }

    /// Returns the index of the block that is made of `range` of the source.
    pub(crate) fn block(&self, range: &Range<u64>) -> Option<usize> {
        let index = self.starts.binary_search(&range.start).ok()?;
        (index < self.count && self.starts[index + 1] == range.end).then_some(index)
    }

    /// Returns the block that is made of `range` if nothing can be found there as long as the source is the same: all
    /// that was looked at when nothing was found is covered by the archive's hash.
    pub(crate) fn quiet_block(&self, range: &Range<u64>) -> Option<&Block> {
        let block = &self.archive.blocks()[self.block(range)?];
        let is_seen_past = range.end + (SHOWN as u64) < self.source_bytes;
        (is_seen_past && !block.is_masked).then_some(block)
    }

    /// Returns whether this is the archive of `version`.
    pub(crate) fn is_of(&self, version: &Version) -> bool {
        (self.source_bytes, self.content_hash) == (version.source_bytes, version.content_hash)
    }
}

/// Returns the archive that a source of some size has grown from, if it is what its name says and did only grow.
pub(crate) fn expected(
    engine: &Engine,
    identity: &Identity,
    bytes: &Bytes,
    block_bytes: u64,
) -> Option<Arc<Old>> {
    if bytes.block_count(block_bytes) < 2 {
        return None;
    }
    let versions = engine.history.versions(identity);
    let latest = versions.last().filter(|latest| latest.source_bytes <= bytes.len())?;
    Old::open(engine, latest, block_bytes).map(Arc::new)
}
