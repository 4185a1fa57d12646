//! Reads archives: ours block by block, in any order and on any thread; other gzip files as one stream.
//!
//! An open file comes in, text and header go out. Trusts nothing: every length is checked against the file before
//! anything is allocated. Owns no decision about what to do with damage; [`problems`] names it.

pub(crate) mod problems;
#[cfg(test)]
pub(crate) mod tests;

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use libdeflater::Decompressor;

use crate::archive::gzip::stream::{StreamError, stream};
use crate::archive::gzip::{self, MAX_RATIO, MemberError};
use crate::archive::header::codec::{self, Undecodable};
use crate::archive::header::{Block, Header};
use crate::error::{Error, Kind, Result};
use crate::platform::{self, Dir, EntryKind, Stat};

/// Bytes read to find a header: enough for most archives; a larger one is read in a second go.
const FIRST_READ_BYTES: usize = 4096;

/// Most bytes of a first member's header that are looked at: a full extra field and what goes with it.
const MAX_HEADER_BYTES: usize = 70_000;

/// Bytes of text handed on at a time from a stream.
const CHUNK_BYTES: usize = 1 << 20;

/// Bytes up to which a chunk may grow to end with a line.
const MAX_CHUNK_BYTES: usize = 8 << 20;

/// What sort of gzip file it is.
#[derive(Debug)]
pub enum Format {
    /// Ours, with its header.
    Ours(Box<Header>),
    /// Ours, of a newer format: read as a plain stream, never replaced.
    Newer(u8),
    /// Ours, but its header cannot be believed; read as a plain stream.
    DamagedHeader(Error),
    /// Another program's, sessionkeep 0.4's included.
    Plain,
}

/// An open archive. Threads may share it; each brings its own [`BlockReader`].
#[derive(Debug)]
pub struct Archive {
    pub(super) file: File,
    path: PathBuf,
    stat: Stat,
    format: Format,
    /// Where each block starts, and behind them where the last one ends.
    pub(super) offsets: Vec<u64>,
}

/// What a thread needs to read blocks. Reused from block to block and from archive to archive.
pub struct BlockReader {
    decompressor: Decompressor,
    compressed: Vec<u8>,
}

impl BlockReader {
    /// Returns a reader with empty buffers.
    pub fn new() -> BlockReader {
        BlockReader { decompressor: Decompressor::new(), compressed: Vec::new() }
    }
}

impl Default for BlockReader {
    fn default() -> BlockReader {
        BlockReader::new()
    }
}

impl Archive {
    /// Opens the archive at `path`, which must be a regular file and not a link, and reads its header.
    pub fn open(path: &Path) -> Result<Archive> {
        let cannot = |error| Error::io(Kind::Store, "cannot read", path, error);
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().ok_or_else(|| cannot(io::ErrorKind::InvalidInput.into()))?;
        // Directories above may be links, as the store's path may lead through one.
        let parent = parent.canonicalize().map_err(cannot)?;
        let file = Dir::open(&parent).and_then(|parent| parent.open_file(name)).map_err(cannot)?;
        Archive::from_file(file, path)
    }

    /// Reads the header of an open file; `path` is for messages.
    pub fn from_file(file: File, path: &Path) -> Result<Archive> {
        let cannot = |error| Error::io(Kind::Store, "cannot read", path, error);
        let stat = Stat::of_file(&file).map_err(cannot)?;
        if stat.kind != EntryKind::File {
            return Err(Error::new(Kind::Store, "not a regular file:").with_path(path));
        }
        let start = read_start(&file, stat.bytes).map_err(cannot)?;
        let (format, offsets) = read_format(&start);
        Ok(Archive { file, path: path.to_path_buf(), stat, format, offsets })
    }

    /// Returns the path that it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the open file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Returns what the file system said of it when it was opened.
    pub fn stat(&self) -> Stat {
        self.stat
    }

    /// Returns what sort of file it is.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// Returns its header, if it is ours and readable.
    pub fn header(&self) -> Option<&Header> {
        match &self.format {
            Format::Ours(header) => Some(header),
            _ => None,
        }
    }

    /// Returns the table of blocks; empty for other programs' files.
    pub fn blocks(&self) -> &[Block] {
        self.header().map_or(&[], |header| &header.blocks)
    }

    /// Returns the bytes in the file that blocks `range` take, for carrying them over to a grown archive.
    pub fn block_range(&self, range: std::ops::Range<usize>) -> Option<std::ops::Range<u64>> {
        Some(*self.offsets.get(range.start)?..*self.offsets.get(range.end)?)
    }

    /// Appends the text of block `index` to `out`. [`Kind::Damaged`] if it is not what the header says; then nothing
    /// is appended.
    pub fn read_block(&self, index: usize, reader: &mut BlockReader, out: &mut Vec<u8>) -> Result<()> {
        self.inflate_block(index, reader, out).map_err(|problem| self.block_error(index, problem))
    }

    /// Puts the text of block `index` at the start of `space` and returns its length; an error as
    /// [`Archive::read_block`] has it. The space grows when it is too short and never shrinks, so that a thread that
    /// reads many blocks into one need not clear it for each.
    pub fn read_block_to(
        &self,
        index: usize,
        reader: &mut BlockReader,
        space: &mut Vec<u8>,
    ) -> Result<usize> {
        let inflated = self.read_compressed(index, reader).and_then(|(text_bytes, compressed_bytes)| {
            if space.len() < text_bytes {
                space.resize(text_bytes, 0);
            }
            let member = &reader.compressed[..compressed_bytes];
            gzip::inflate_member_to(&mut reader.decompressor, member, &mut space[..text_bytes])?;
            Ok(text_bytes)
        });
        inflated.map_err(|problem| self.block_error(index, problem))
    }

    fn block_error(&self, index: usize, problem: BlockError) -> Error {
        match problem {
            BlockError::Io(error) => Error::io(Kind::Store, "cannot read", &self.path, error),
            BlockError::Member(problem) => self.damaged(index, problem),
        }
    }

    pub(super) fn inflate_block(
        &self,
        index: usize,
        reader: &mut BlockReader,
        out: &mut Vec<u8>,
    ) -> Result<(), BlockError> {
        let (text_bytes, compressed_bytes) = self.read_compressed(index, reader)?;
        let member = &reader.compressed[..compressed_bytes];
        Ok(gzip::inflate_member(&mut reader.decompressor, member, text_bytes, out)?)
    }

    /// Reads a block's member to the start of the reader's buffer; returns the bytes of its text and its own.
    fn read_compressed(&self, index: usize, reader: &mut BlockReader) -> Result<(usize, usize), BlockError> {
        let block = self.blocks().get(index).ok_or(MemberError::Truncated)?;
        let offset = self.offsets[index];
        let text_bytes = block.masked_bytes as usize;
        let lies_within = offset + u64::from(block.compressed_bytes) <= self.stat.bytes;
        // Before anything is allocated: the file has those bytes, and they can stand for that much text.
        if !lies_within {
            return Err(MemberError::Truncated.into());
        }
        if u64::from(block.masked_bytes) > u64::from(block.compressed_bytes) * MAX_RATIO
            || text_bytes > codec::MAX_BLOCK_BYTES
        {
            return Err(MemberError::Data.into());
        }
        let compressed_bytes = block.compressed_bytes as usize;
        if reader.compressed.len() < compressed_bytes {
            reader.compressed.resize(compressed_bytes, 0);
        }
        let member = &mut reader.compressed[..compressed_bytes];
        let filled = platform::read_full_at(&self.file, member, offset).map_err(BlockError::Io)?;
        if filled < compressed_bytes {
            return Err(MemberError::Truncated.into());
        }
        Ok((text_bytes, compressed_bytes))
    }

    fn damaged(&self, index: usize, problem: MemberError) -> Error {
        Error::new(Kind::Damaged, format!("block {index} {problem} in")).with_path(&self.path)
    }

    /// Hands the text to `each`, in order, in chunks of about 1 MiB that end with a line (unless a line has more than
    /// 8 MiB), until it breaks off. Works for every format; memory is bounded whatever the file says.
    pub fn for_each_chunk(
        &self,
        reader: &mut BlockReader,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        if let Some(header) = self.header() {
            let mut text = Vec::new();
            for index in 0..header.blocks.len() {
                text.clear();
                self.read_block(index, reader, &mut text)?;
                if each(&text).is_break() {
                    break;
                }
            }
            return Ok(());
        }
        let mut text = Vec::with_capacity(CHUNK_BYTES);
        let streamed = stream(&self.file, self.stat.bytes, &mut |piece| {
            text.extend_from_slice(piece);
            if text.len() < CHUNK_BYTES {
                return ControlFlow::Continue(());
            }
            let end = match memchr::memrchr(b'\n', &text) {
                Some(newline) => newline + 1,
                None if text.len() >= MAX_CHUNK_BYTES => text.len(),
                None => return ControlFlow::Continue(()),
            };
            let flow = each(&text[..end]);
            text.drain(..end);
            flow
        });
        match streamed {
            Ok(ControlFlow::Break(())) => Ok(()),
            Ok(ControlFlow::Continue(())) => {
                if !text.is_empty() {
                    let _ = each(&text);
                }
                Ok(())
            }
            Err(StreamError::Io(error)) => Err(Error::io(Kind::Store, "cannot read", &self.path, error)),
            Err(damage) => {
                // What was whole before the damage is still of use to a search.
                if !text.is_empty() {
                    let _ = each(&text);
                }
                Err(Error::new(Kind::Damaged, format!("the archive {damage}:")).with_path(&self.path))
            }
        }
    }

    /// Returns the whole text; an error if it has more than `most` bytes.
    pub fn read_to_end(&self, reader: &mut BlockReader, most: usize) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        let mut is_too_long = false;
        self.for_each_chunk(reader, &mut |chunk| {
            is_too_long = text.len() + chunk.len() > most;
            if is_too_long {
                return ControlFlow::Break(());
            }
            text.extend_from_slice(chunk);
            ControlFlow::Continue(())
        })?;
        if is_too_long {
            return Err(Error::new(Kind::Damaged, format!("more than {most} bytes in")).with_path(&self.path));
        }
        Ok(text)
    }
}

/// Why a block could not be read.
#[derive(Debug)]
pub(super) enum BlockError {
    Io(io::Error),
    Member(MemberError),
}

impl From<MemberError> for BlockError {
    fn from(error: MemberError) -> BlockError {
        BlockError::Member(error)
    }
}

/// Reads enough of the file's start to hold its first member's header.
fn read_start(file: &File, bytes: u64) -> io::Result<Vec<u8>> {
    let mut start = vec![0; FIRST_READ_BYTES.min(bytes as usize)];
    let filled = platform::read_full_at(file, &mut start, 0)?;
    start.truncate(filled);
    if gzip::parse_member_header(&start) == Err(MemberError::Truncated) && (start.len() as u64) < bytes {
        start.resize(MAX_HEADER_BYTES.min(bytes as usize), 0);
        let filled = platform::read_full_at(file, &mut start, 0)?;
        start.truncate(filled);
    }
    Ok(start)
}

/// Tells what the start of a file says it is, and where its blocks are if it is ours.
fn read_format(start: &[u8]) -> (Format, Vec<u64>) {
    let Ok(member) = gzip::parse_member_header(start) else { return (Format::Plain, Vec::new()) };
    let Some(payload) = gzip::subfield(member.extra, gzip::HEADER_SUBFIELD) else {
        // Other programs' extra fields are far shorter; without this, damage to the subfield's id would make one of
        // our archives a stranger's, and nobody would be told.
        if member.extra.len() >= codec::MIN_PAYLOAD_BYTES && gzip::is_first_header(start) {
            let error = Error::new(Kind::Damaged, "the archive's header has lost its mark");
            return (Format::DamagedHeader(error), Vec::new());
        }
        return (Format::Plain, Vec::new());
    };
    match codec::decode(payload) {
        Ok(header) => {
            let mut offset = (member.bytes + gzip::EMPTY_TAIL_BYTES) as u64;
            let mut offsets = Vec::with_capacity(header.blocks.len() + 1);
            offsets.push(offset);
            for block in &header.blocks {
                offset += u64::from(block.compressed_bytes);
                offsets.push(offset);
            }
            (Format::Ours(Box::new(header)), offsets)
        }
        Err(Undecodable::Newer(version)) => (Format::Newer(version), Vec::new()),
        Err(Undecodable::Damaged(error)) => (Format::DamagedHeader(error), Vec::new()),
    }
}
