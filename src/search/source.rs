//! Opens archives for searching: ours block by block, any other gzip file as a stream.
//!
//! Owns which bytes of an archive are read when. What the bytes mean is `archive`'s.

use crate::archive::gzip::{self, MAX_EXTRA_BYTES, MAX_RATIO};
use crate::archive::header::Header;
use crate::archive::header_codec;
use crate::error::{Error, Kind, Result};
use crate::platform;
use flate2::bufread::MultiGzDecoder;
use libdeflater::Decompressor;
use memchr::{memmem, memrchr};
use serde_json::{Map, Value};
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes read at first: the largest first member, and all of most archives.
const HEAD_BYTES: usize = MAX_EXTRA_BYTES + 64;

/// Bytes of text that a stream is searched in at a time.
const PIECE_BYTES: usize = 1 << 20;

/// A line in a stream is searched as a whole up to this length, and in pieces beyond.
const MAX_LINE_BYTES: usize = 16 << 20;

/// Largest text of another program's archive that is decompressed in one go.
const MAX_WHOLE_BYTES: u64 = 32 << 20;

/// An open archive; shared by the threads that search its blocks.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    file: File,
    file_bytes: u64,
    /// The first bytes of the file.
    head: Vec<u8>,
    /// Ours only.
    blocks: Option<Vec<BlockPlace>>,
    /// Set when one match is enough and was found.
    is_done: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
struct BlockPlace {
    offset: u64,
    compressed_bytes: usize,
    text_bytes: usize,
    lines_before: u64,
}

/// Opens the archive at `path` and reads what it says of itself. What is not ours, or is damaged at its start, is
/// left to be read as a stream.
///
/// # Errors
///
/// [`Kind::Source`] when it cannot be opened or read.
pub fn open(path: &Path) -> Result<Source> {
    let failed = |error| Error::io(Kind::Source, "cannot read", path, error);
    let file = open_file(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(Error::new(Kind::Source, "cannot read").with_path(path).with_source("not a regular file"));
    }
    let mut head = vec![0; HEAD_BYTES.min(metadata.len() as usize)];
    let length = platform::read_full_at(&file, &mut head, 0).map_err(failed)?;
    head.truncate(length);
    let blocks = header(&head).and_then(|(first_member, header)| place_blocks(first_member, &header));
    Ok(Source {
        path: path.to_owned(),
        file,
        file_bytes: metadata.len(),
        head,
        blocks,
        is_done: AtomicBool::new(false),
    })
}

/// Opens without waiting: a FIFO in an archive's place must not hang the program.
pub fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC);
    }
    options.read(true).open(path)
}

/// Returns the header in the first member of `head`, and that member's length.
fn header(head: &[u8]) -> Option<(usize, Header)> {
    let member = gzip::parse_member_header(head).ok()?;
    let payload = gzip::subfield(member.extra, gzip::HEADER_SUBFIELD)?;
    let header = header_codec::decode(payload).ok()?;
    // The member is empty: two bytes of deflate and the trailer follow its header.
    Some((member.bytes + 2 + gzip::TRAILER_BYTES, header))
}

/// Returns where the blocks are; `None` when the table cannot be true.
fn place_blocks(first_member: usize, header: &Header) -> Option<Vec<BlockPlace>> {
    let mut offset = first_member as u64;
    let mut lines_before = 0;
    let mut places = Vec::with_capacity(header.blocks.len());
    for block in &header.blocks {
        if u64::from(block.masked_bytes) > u64::from(block.compressed_bytes) * MAX_RATIO {
            return None;
        }
        places.push(BlockPlace {
            offset,
            compressed_bytes: block.compressed_bytes as usize,
            text_bytes: block.masked_bytes as usize,
            lines_before,
        });
        offset += u64::from(block.compressed_bytes);
        lines_before += u64::from(block.newlines);
    }
    Some(places)
}

impl Source {
    /// Returns how many blocks can be read on their own; `None` for a stream.
    pub fn block_count(&self) -> Option<usize> {
        self.blocks.as_ref().map(Vec::len)
    }

    /// Returns how many line ends come before a block.
    pub fn lines_before(&self, block: usize) -> u64 {
        self.place(block).map_or(0, |place| place.lines_before)
    }

    /// Says that no more of this archive need be searched.
    pub fn set_done(&self) {
        self.is_done.store(true, Ordering::Relaxed);
    }

    /// Returns whether no more of this archive need be searched.
    pub fn is_done(&self) -> bool {
        self.is_done.load(Ordering::Relaxed)
    }

    fn place(&self, block: usize) -> Option<BlockPlace> {
        self.blocks.as_ref()?.get(block).copied()
    }

    /// Reads the masked text of a block into `text`.
    ///
    /// # Errors
    ///
    /// [`Kind::Source`] when it cannot be read, [`Kind::Damaged`] when it is not what the header says.
    pub fn read_block(&self, block: usize, buffers: &mut Inflater, text: &mut Vec<u8>) -> Result<()> {
        text.clear();
        let Some(place) = self.place(block) else { return Ok(()) };
        let start = usize::try_from(place.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(place.compressed_bytes);
        let member = match self.head.get(start..end) {
            Some(member) => member,
            None => {
                buffers.member.resize(place.compressed_bytes, 0);
                let length = platform::read_full_at(&self.file, &mut buffers.member, place.offset)
                    .map_err(|error| Error::io(Kind::Source, "cannot read", &self.path, error))?;
                &buffers.member[..length]
            }
        };
        gzip::inflate_member(&mut buffers.decompressor, member, place.text_bytes, text)
            .map_err(|error| self.damaged(format!("block {}: {error}", block + 1)))
    }

    /// Reads the whole text in pieces that end where a line does (the last one, and lines beyond all measure, apart),
    /// until `each` breaks off. What comes before a damaged place is read.
    ///
    /// # Errors
    ///
    /// [`Kind::Source`] when it cannot be read, [`Kind::Damaged`] when it is no gzip file or breaks off.
    pub fn stream(
        &self,
        buffers: &mut Inflater,
        each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        if let Some(text) = self.inflate_whole(buffers) {
            let _ = each(text);
            return Ok(());
        }
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                self.damaged(error.to_string())
            }
            _ => Error::io(Kind::Source, "cannot read", &self.path, error),
        };
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut decoder = MultiGzDecoder::new(BufReader::with_capacity(1 << 18, file));
        pieces(&mut decoder, &mut buffers.text, each).map_err(failed)
    }

    /// Decompresses a file of one member at once, which takes half the time; `None` when it may have several members,
    /// is large, or damaged.
    fn inflate_whole<'b>(&self, buffers: &'b mut Inflater) -> Option<&'b [u8]> {
        if self.file_bytes > MAX_WHOLE_BYTES {
            return None;
        }
        let bytes = if self.head.len() as u64 == self.file_bytes {
            self.head.as_slice()
        } else {
            buffers.member.resize(self.file_bytes as usize, 0);
            let length = platform::read_full_at(&self.file, &mut buffers.member, 0).ok()?;
            &buffers.member[..length]
        };
        // The length in the trailer is that of the only member, unless the magic number of another one follows.
        if memmem::find(bytes.get(1..)?, &[0x1f, 0x8b, 8]).is_some() {
            return None;
        }
        let trailer: [u8; 4] = bytes.get(bytes.len().checked_sub(4)?..)?.try_into().ok()?;
        let text_bytes = u64::from(u32::from_le_bytes(trailer));
        if text_bytes > MAX_WHOLE_BYTES || text_bytes > self.file_bytes * MAX_RATIO {
            return None;
        }
        buffers.text.resize(text_bytes as usize, 0);
        let length = buffers.decompressor.gzip_decompress(bytes, &mut buffers.text).ok()?;
        (length as u64 == text_bytes).then_some(&buffers.text[..length])
    }

    fn damaged(&self, reason: String) -> Error {
        Error::new(Kind::Damaged, "cannot decompress").with_path(&self.path).with_source(reason)
    }
}

/// Passes text on as it comes, cut at line ends.
fn pieces(
    decoder: &mut dyn Read,
    text: &mut Vec<u8>,
    each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<()> {
    text.clear();
    loop {
        let kept = text.len();
        text.resize(kept + PIECE_BYTES, 0);
        let (length, end) = fill(decoder, &mut text[kept..]);
        text.truncate(kept + length);
        let is_last = !matches!(end, Ok(true));
        let cut = match memrchr(b'\n', text) {
            _ if is_last || text.len() > MAX_LINE_BYTES => text.len(),
            Some(at) => at + 1,
            None => 0,
        };
        if cut > 0 && each(&text[..cut]).is_break() {
            return Ok(());
        }
        if is_last {
            return end.map(drop);
        }
        text.drain(..cut);
    }
}

/// Fills `buffer` as far as the stream goes; returns the bytes read, and whether there may be more.
fn fill(decoder: &mut dyn Read, buffer: &mut [u8]) -> (usize, io::Result<bool>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match decoder.read(&mut buffer[filled..]) {
            Ok(0) => return (filled, Ok(false)),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (filled, Err(error)),
        }
    }
    (filled, Ok(true))
}

/// What a thread reuses to decompress.
pub struct Inflater {
    decompressor: Decompressor,
    member: Vec<u8>,
    text: Vec<u8>,
}

impl Inflater {
    pub fn new() -> Inflater {
        Inflater { decompressor: Decompressor::new(), member: Vec::new(), text: Vec::new() }
    }
}

/// Returns what the archive says of itself, with a sidecar's names; `None` when it is not ours or cannot be read.
pub fn metadata(path: &Path) -> Option<Map<String, Value>> {
    let source = open(path).ok()?;
    let (_, header) = header(&source.head)?;
    let members = [
        ("session_id", Value::from(header.identity.session_id)),
        ("agent", Value::from(header.identity.agent)),
        ("archived_at", Value::from(header.archived_at)),
        ("started_at", Value::from(header.started_at)),
        ("ended_at", Value::from(header.ended_at)),
        ("source", Value::from(header.source)),
        ("cwd", Value::from(header.cwd)),
        ("project_slug", Value::from(header.project_slug)),
        ("title", Value::from(header.title)),
        ("model", Value::from(header.model)),
        ("git_branch", Value::from(header.git_branch)),
        ("source_bytes", Value::from(header.source_bytes)),
        ("archived_bytes", Value::from(source.file_bytes)),
        ("line_count", Value::from(header.line_count)),
        ("masked_lines", Value::from(header.masked_lines)),
        ("archive_path", Value::from(path.to_string_lossy())),
        ("rules_version", Value::from(header.rules_version)),
        ("version", Value::from(header.version)),
        ("supersedes", Value::from(header.supersedes)),
    ];
    Some(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
