//! Opens archives for searching: ours block by block, any other gzip file in one go or as a stream.
//!
//! Adds to `archive::reader` what only a search needs: line numbers of blocks, and a quick way for small files of
//! sessionkeep 0.4.

use crate::archive::gzip::MAX_RATIO;
use crate::archive::reader::{Archive, BlockReader, Format};
use crate::error::{Error, Kind, Result};
use crate::platform;
use crate::platform::open_at_once;
use libdeflater::Decompressor;
use memchr::memmem;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Largest file of another program, and largest text in one, that is decompressed in one go.
const MAX_WHOLE_BYTES: u64 = 32 << 20;

/// Whose session an archive holds, by its own header. Masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub session_id: String,
    pub project_slug: String,
    pub agent: String,
    /// Which part of the session it is, if it is one.
    pub part_id: Option<String>,
}

/// An open archive; shared by the threads that search its blocks.
#[derive(Debug)]
pub(crate) struct OpenArchive {
    archive: Archive,
    /// Line ends before each block.
    lines_before: Vec<u64>,
    /// Set when one match is enough and was found.
    is_done: AtomicBool,
}

/// Opens the archive at `path` and reads what it says of itself. What is not ours, or is damaged at its start, is
/// left to be read as a stream.
///
/// # Errors
///
/// [`Kind::Source`] when it cannot be opened, [`Kind::Store`] when it cannot be read.
pub(crate) fn open(path: &Path) -> Result<OpenArchive> {
    let file = open_at_once(path).map_err(|error| Error::io(Kind::Source, "cannot read", path, error))?;
    let archive = Archive::from_file(file, path)?;
    let mut lines_before = Vec::with_capacity(archive.blocks().len());
    let mut lines = 0;
    for block in archive.blocks() {
        lines_before.push(lines);
        lines += u64::from(block.newlines);
    }
    Ok(OpenArchive { archive, lines_before, is_done: AtomicBool::new(false) })
}

/// Returns whether an archive could not be opened because there is none any more.
pub(crate) fn is_gone(error: &Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

impl OpenArchive {
    /// Returns how many blocks can be read on their own; `None` for a stream.
    pub(crate) fn block_count(&self) -> Option<usize> {
        self.archive.header().map(|header| header.blocks.len())
    }

    /// Returns whose the archive is, if it says so.
    pub(crate) fn owner(&self) -> Option<Owner> {
        let header = self.archive.header()?;
        Some(Owner {
            session_id: header.identity.session_id.clone(),
            project_slug: header.project_slug.clone(),
            agent: header.identity.agent.clone(),
            part_id: header.identity.part_id.clone(),
        })
    }

    /// Returns how many line ends come before a block.
    pub(crate) fn lines_before(&self, block: usize) -> u64 {
        self.lines_before.get(block).copied().unwrap_or(0)
    }

    /// Says that no more of this archive need be searched.
    pub(crate) fn set_done(&self) {
        self.is_done.store(true, Ordering::Relaxed);
    }

    /// Returns whether no more of this archive need be searched.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Relaxed)
    }

    /// Reads the masked text of a block to the start of `space`, which grows as it must; returns its length.
    ///
    /// # Errors
    ///
    /// Those of [`Archive::read_block`].
    pub(crate) fn read_block(
        &self,
        block: usize,
        inflater: &mut Inflater,
        space: &mut Vec<u8>,
    ) -> Result<usize> {
        self.archive.read_block_to(block, &mut inflater.reader, space)
    }

    /// Reads the whole text in pieces that end where a line does (the last one, and lines beyond all measure, apart),
    /// until `each` breaks off. What comes before a damaged place is read.
    ///
    /// # Errors
    ///
    /// Those of [`Archive::for_each_chunk`].
    pub(crate) fn stream(
        &self,
        inflater: &mut Inflater,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        if let Some(text) = self.inflate_whole(inflater) {
            let _ = each(text);
            return Ok(());
        }
        self.archive.for_each_chunk(&mut inflater.reader, each)
    }

    /// Decompresses a file of one member at once, which takes half the time of a stream; `None` when it may have
    /// several members, is large, or damaged.
    fn inflate_whole<'i>(&self, inflater: &'i mut Inflater) -> Option<&'i [u8]> {
        let file_bytes = self.archive.stat().bytes;
        if file_bytes > MAX_WHOLE_BYTES || !matches!(self.archive.format(), Format::Plain) {
            return None;
        }
        let Inflater { whole, compressed, text, .. } = inflater;
        compressed.resize(file_bytes as usize, 0);
        let length = platform::read_full_at(self.archive.file(), compressed, 0).ok()?;
        let bytes = compressed.get(..length)?;
        // The length in the trailer is that of the only member, unless the magic number of another one follows.
        if memmem::find(bytes.get(1..)?, &[0x1f, 0x8b, 8]).is_some() {
            return None;
        }
        let trailer: [u8; 4] = bytes.get(bytes.len().checked_sub(4)?..)?.try_into().ok()?;
        let text_bytes = u64::from(u32::from_le_bytes(trailer));
        if text_bytes > MAX_WHOLE_BYTES || text_bytes > file_bytes * MAX_RATIO {
            return None;
        }
        text.resize(text_bytes as usize, 0);
        let length = whole.gzip_decompress(bytes, text).ok()?;
        (length as u64 == text_bytes).then_some(&text[..length])
    }
}

/// What a thread reuses to decompress.
pub(crate) struct Inflater {
    reader: BlockReader,
    whole: Decompressor,
    compressed: Vec<u8>,
    text: Vec<u8>,
}

impl Inflater {
    pub(crate) fn new() -> Inflater {
        Inflater {
            reader: BlockReader::new(),
            whole: Decompressor::new(),
            compressed: Vec::new(),
            text: Vec::new(),
        }
    }
}
