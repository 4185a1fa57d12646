//! The text of an archive, reached block by block. In: an open archive. Out: its bytes as the masker's windows want them, and
//! where its blocks are in them. Of another program's archive, which has no table of blocks, all text is in memory.

use crate::archive::reader::{Archive, BlockReader, Format};
use crate::engine::session::blocks::{BLOCK_BYTES, Bytes, LINE_BYTES, Pieces};
use crate::error::{Error, Kind, Result};
use crate::platform::sync::lock;
use std::ops::Range;
use std::sync::Mutex;

/// Bytes of text of an archive without a table of blocks that are read into memory at most.
const MAX_PLAIN_BYTES: usize = 1 << 30;

/// Bytes behind what is read that are kept, so that the next window need not read them again.
const KEPT_BEHIND_BYTES: u64 = 4 << 20;

/// The text of one archive.
pub(super) struct Text {
    pub archive: Archive,
    /// All of it, where there is no table of blocks.
    plain: Option<Vec<u8>>,
    /// Where each block starts in the text, and behind them where the last one ends.
    starts: Vec<u64>,
}

impl Text {
    /// Opens the text of an archive of ours, or of another program.
    ///
    /// # Errors
    ///
    /// [`Kind::Damaged`] for what cannot be read as it should, [`Kind::Source`] for a format of a newer program and what is
    /// too long to be masked as a whole.
    pub(super) fn open(archive: Archive) -> Result<Text> {
        let path = archive.path().to_path_buf();
        match archive.format() {
            Format::Ours(_) => {
                let lengths = archive.blocks().iter().map(|block| u64::from(block.masked_bytes));
                let starts = std::iter::once(0).chain(lengths.scan(0, |at, length| {
                    *at += length;
                    Some(*at)
                }));
                Ok(Text { starts: starts.collect(), archive, plain: None })
            }
            Format::Newer(format) => {
                let what = format!("format {format} is newer than this program:");
                let error = Error::new(Kind::Source, what).with_path(path);
                Err(error.with_hint("mask it with the program that wrote it"))
            }
            Format::DamagedHeader(error) => Err(Error::new(Kind::Damaged, error.to_string()).with_path(path)),
            Format::Plain => {
                let text = archive.read_to_end(&mut BlockReader::new(), MAX_PLAIN_BYTES)?;
                let starts = cuts(&Bytes::Whole(&text))?;
                Ok(Text { archive, plain: Some(text), starts })
            }
        }
    }

    /// Returns how many blocks there are.
    pub(super) fn blocks(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Returns where block `index` is in the text.
    pub(super) fn range(&self, index: usize) -> Range<u64> {
        self.starts[index]..self.starts[index + 1]
    }

    /// Returns how many bytes of text there are.
    pub(super) fn bytes(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Returns a reader for one thread.
    pub(super) fn reader(&self) -> TextReader<'_> {
        TextReader { text: self, loaded: Mutex::new(Loaded::default()) }
    }
}

/// Returns where blocks of a text begin that has none of its own, and where the last one ends.
fn cuts(bytes: &Bytes) -> Result<Vec<u64>> {
    let mut starts: Vec<u64> = (0..bytes.block_count(BLOCK_BYTES))
        .map(|index| bytes.cut(index as u64 * BLOCK_BYTES, LINE_BYTES, &mut Vec::new()))
        .collect::<Result<_>>()?;
    starts.push(bytes.len());
    starts.dedup();
    Ok(starts)
}

/// Reads a text, mostly onward. One for each thread.
pub(super) struct TextReader<'a> {
    text: &'a Text,
    loaded: Mutex<Loaded>,
}

/// Text of blocks that follow each other.
#[derive(Default)]
struct Loaded {
    /// Where it begins in the archive's text.
    offset: u64,
    bytes: Vec<u8>,
    /// The block behind it.
    next: usize,
    reader: BlockReader,
}

impl TextReader<'_> {
    /// Returns the text as the masker's windows are made of it.
    pub(super) fn bytes(&self) -> Bytes<'_> {
        match &self.text.plain {
            Some(text) => Bytes::Whole(text),
            None => Bytes::Archived { text: self, covered: self.text.bytes() },
        }
    }
}

impl Pieces for TextReader<'_> {
    fn read(&self, range: Range<u64>, buffer: &mut Vec<u8>) -> Result<()> {
        let mut loaded = lock(&self.loaded);
        loaded.reach(self.text, &range)?;
        let start = (range.start - loaded.offset) as usize;
        let end = (range.end - loaded.offset) as usize;
        buffer.clear();
        buffer.extend_from_slice(&loaded.bytes[start..end]);
        Ok(())
    }
}

impl Loaded {
    /// Reads blocks until `range` is there.
    fn reach(&mut self, text: &Text, range: &Range<u64>) -> Result<()> {
        let end = self.offset + self.bytes.len() as u64;
        if range.start < self.offset || range.start > end {
            // The last block that does not start behind the range.
            self.next = text.starts.partition_point(|start| *start <= range.start).saturating_sub(1);
            self.offset = text.starts[self.next];
            self.bytes.clear();
        }
        let behind = range.start - self.offset;
        if behind > 2 * KEPT_BEHIND_BYTES {
            let dropped = behind - KEPT_BEHIND_BYTES;
            self.bytes.drain(..dropped as usize);
            self.offset += dropped;
        }
        while self.offset + (self.bytes.len() as u64) < range.end && self.next < text.blocks() {
            text.archive.read_block(self.next, &mut self.reader, &mut self.bytes)?;
            self.next += 1;
        }
        match self.offset + (self.bytes.len() as u64) < range.end {
            true => Err(Error::new(Kind::Damaged, "the archive ends early:").with_path(text.archive.path())),
            false => Ok(()),
        }
    }
}
