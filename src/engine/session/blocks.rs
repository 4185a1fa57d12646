//! Where one source is cut into blocks, and the bytes of a block with their surroundings.
//!
//! Cuts depend on the source's bytes alone: block `i` begins at the first line start at or after `i` times the
//! block size. So blocks can be cut on any thread without reading what lies before, and a source that has only
//! grown is cut as before, which is what lets a grown session keep its old members.

use super::access::held::Held;
use super::access::stream::Reader;
use crate::archive::header::codec::MAX_BLOCKS;
use crate::error::{Error, Kind, Result};
use crate::input::Source;
use crate::mask::{LONG_LINE, SHOWN, Window};
use memchr::memchr;
use std::ops::Range;

/// Smaller blocks lose ratio; larger ones idle workers at the end of a file.
pub(crate) const BLOCK_BYTES: u64 = 1 << 20;

/// A longer line is cut within itself, so that memory stays bounded whatever the input; a shorter one is always in one
/// block, as the masker's second look wants it.
pub(crate) const LINE_BYTES: u64 = LONG_LINE as u64;

/// A longer line of a source that is told in lines is cut, too: of such a source each line is compared with what is archived
/// of it, as a whole. Three times as much is in memory for each thread that works on one.
pub(crate) const RENDERED_LINE_BYTES: u64 = 12 << 20;

/// Bytes that a match may reach beyond what a window shows before its source counts as one endless token.
pub(crate) const REACH_BYTES: u64 = 32 << 20;

/// Bytes read first in the search for a line's end: more than most lines of a transcript have.
const PROBE_BYTES: u64 = 8 << 10;

/// Returns the block size in bytes for a source of `source_bytes`: [`BLOCK_BYTES`], doubled until the table of
/// blocks fits into an archive's first member.
pub(crate) fn block_bytes(source_bytes: u64) -> u64 {
    let mut size = BLOCK_BYTES;
    while source_bytes / size >= MAX_BLOCKS as u64 {
        size *= 2;
    }
    size
}

/// Text that is reached piece by piece, in a way of its owner's.
pub(crate) trait Pieces: Sync {
    /// Puts the bytes of `range`, in place of all else, into `buffer`.
    fn read(&self, range: Range<u64>, buffer: &mut Vec<u8>) -> Result<()>;
}

/// The bytes of one source, as far as they are covered: in memory (read or mapped) or read block by block.
pub(crate) enum Bytes<'a> {
    /// All of them.
    Whole(&'a [u8]),
    /// In memory, compressed: what a decoder gave.
    Held { held: &'a Held, covered: u64 },
    /// Out of a decoder, with a window of it in memory.
    Streamed { reader: Reader<'a>, covered: u64 },
    /// Read on demand, each time anew: for sources that may be written to while we look.
    Positioned { source: &'a Source, covered: u64 },
    /// No source's: the text of an archive.
    Archived { text: &'a dyn Pieces, covered: u64 },
}

impl<'a> Bytes<'a> {
    /// Returns how many bytes are covered.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Bytes::Whole(bytes) => bytes.len() as u64,
            Bytes::Held { covered, .. }
            | Bytes::Streamed { covered, .. }
            | Bytes::Archived { covered, .. }
            | Bytes::Positioned { covered, .. } => *covered,
        }
    }

    /// Returns how many blocks of `size` bytes there are at most; the last ones may turn out empty.
    pub(crate) fn block_count(&self, size: u64) -> usize {
        self.len().div_ceil(size) as usize
    }

    /// Returns the range of block `index`, which may be empty.
    pub(crate) fn block(&self, index: usize, size: u64, buffer: &mut Vec<u8>) -> Result<Range<u64>> {
        self.block_of_lines(index, size, LINE_BYTES, buffer)
    }

    /// Returns the range of block `index`, as [`Bytes::block`] does, where lines of up to `longest` bytes are not cut.
    pub(crate) fn block_of_lines(
        &self,
        index: usize,
        size: u64,
        longest: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<Range<u64>> {
        let start = self.cut(index as u64 * size, longest, buffer)?;
        let end = self.cut((index as u64 + 1) * size, longest, buffer)?;
        Ok(start..end.max(start))
    }

    /// Returns the first line start at or after `nominal`; `nominal` itself inside a line that is too long.
    pub(crate) fn cut(&self, nominal: u64, longest: u64, buffer: &mut Vec<u8>) -> Result<u64> {
        let len = self.len();
        if nominal == 0 || nominal >= len {
            return Ok(nominal.min(len));
        }
        let limit = (nominal + longest).min(len);
        // The newline that ends the previous line may stand right before the nominal place.
        let (mut from, mut probe) = (nominal - 1, PROBE_BYTES);
        while from < limit {
            let to = (from + probe).min(limit);
            let piece = self.read(from..to, buffer)?;
            if let Some(at) = memchr(b'\n', piece) {
                return Ok(from + at as u64 + 1);
            }
            from = to;
            probe = 8 * PROBE_BYTES;
        }
        Ok(if limit == len { len } else { nominal })
    }

    /// Returns the bytes of `range`; `buffer` is used where they have to be read.
    pub(crate) fn read<'b>(&'b self, range: Range<u64>, buffer: &'b mut Vec<u8>) -> Result<&'b [u8]> {
        match self {
            Bytes::Whole(bytes) => Ok(&bytes[range.start as usize..range.end as usize]),
            Bytes::Held { held, .. } => {
                held.read(range, buffer)?;
                Ok(buffer)
            }
            Bytes::Streamed { reader, .. } => {
                reader.read(range, buffer)?;
                Ok(buffer)
            }
            Bytes::Archived { text, .. } => {
                text.read(range, buffer)?;
                Ok(buffer)
            }
            Bytes::Positioned { source, .. } => {
                buffer.resize((range.end - range.start) as usize, 0);
                if source.read_at(range.start, buffer)? < buffer.len() {
                    // Truncated since it was opened.
                    return Err(Error::new(Kind::Source, "cannot read all of").with_path(source.path()));
                }
                Ok(buffer)
            }
        }
    }

    /// Returns a window for the matches that start in `wanted`, with the surroundings that the masker looks at.
    pub(crate) fn window<'b>(&'b self, wanted: Range<u64>, buffer: &'b mut Vec<u8>) -> Result<Window<'b>> {
        self.window_ahead(wanted, SHOWN as u64, buffer)
    }

    /// Returns a window that shows `ahead` bytes after the wanted range, or all that there are.
    pub(crate) fn window_ahead<'b>(
        &'b self,
        wanted: Range<u64>,
        ahead: u64,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Window<'b>> {
        match self {
            Bytes::Whole(bytes) => Ok(Window::of_whole(bytes, wanted.start as usize..wanted.end as usize)),
            Bytes::Held { covered, .. }
            | Bytes::Streamed { covered, .. }
            | Bytes::Archived { covered, .. }
            | Bytes::Positioned { covered, .. } => {
                let start = wanted.start.saturating_sub(SHOWN as u64);
                let end = wanted.end.saturating_add(ahead).min(*covered);
                let is_end = end == *covered;
                let bytes = self.read(start..end, buffer)?;
                let wanted = (wanted.start - start) as usize..(wanted.end - start) as usize;
                Ok(Window { bytes, offset: start, wanted, is_end })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(bytes: &[u8], size: u64) -> Vec<Range<u64>> {
        let bytes = Bytes::Whole(bytes);
        let mut buffer = Vec::new();
        (0..bytes.block_count(size)).map(|index| bytes.block(index, size, &mut buffer).unwrap()).collect()
    }

    #[test]
    fn blocks_follow_each_other_without_gap_and_end_at_line_ends() {
        let text: Vec<u8> = (0..5000).flat_map(|line| format!("{line}\n").into_bytes()).collect();
        let blocks = ranges(&text, 1000);
        assert_eq!(blocks[0].start, 0);
        assert_eq!(blocks.last().unwrap().end, text.len() as u64);
        for pair in blocks.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
            assert_eq!(text[pair[0].end as usize - 1], b'\n');
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_at_the_nominal_place() {
        let text = vec![b'a'; 6 << 20];
        let blocks = ranges(&text, 1 << 20);
        assert_eq!(blocks[1], 1 << 20..6 << 20, "within the limit of the end, the line's rest is one block");
        let text = vec![b'a'; 12 << 20];
        let blocks = ranges(&text, 1 << 20);
        assert_eq!(blocks[1], 1 << 20..2 << 20);
    }

    #[test]
    fn growth_leaves_all_blocks_but_the_last_as_they_were() {
        let text: Vec<u8> = (0..9000).flat_map(|line| format!("{line}\n").into_bytes()).collect();
        let old = ranges(&text[..20_003], 1000);
        let new = ranges(&text, 1000);
        let kept = old.iter().rposition(|block| !block.is_empty()).unwrap();
        assert_eq!(old[..kept], new[..kept]);
    }

    #[test]
    fn a_huge_source_gets_larger_blocks_so_that_the_table_fits() {
        assert_eq!(block_bytes(10 << 20), 1 << 20);
        let huge = 64u64 << 30;
        assert!(huge / block_bytes(huge) < MAX_BLOCKS as u64);
    }
}
