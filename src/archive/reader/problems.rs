//! Checks archives and names what is wrong with them. Changes nothing.

use std::fmt;
use std::ops::ControlFlow;

use super::{Archive, BlockError, BlockReader, Format};
use crate::archive::gzip::stream::{StreamError, stream};
use crate::archive::gzip::{self, MemberError};
use crate::archive::header::{Block, Header};
use crate::platform;

/// One thing that is wrong with an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The file ends before its last block does.
    Truncated { missing_bytes: u64 },
    /// There is something behind the last block.
    TrailingBytes { bytes: u64 },
    /// The header does not decode or match its checksum.
    Header { why: String },
    /// The first member has other bytes than its header calls for.
    FirstMember,
    /// The table of blocks contradicts the header's totals.
    TableMismatch { what: &'static str },
    /// A block does not decompress, or not to what its checksum says.
    Block { index: usize, error: MemberError },
    /// A block has another number of lines than the table says.
    BlockLines { index: usize },
    /// The file cannot be read.
    Unreadable { why: String },
    /// Another program's gzip file, or one with a damaged header, that does not decompress.
    Stream { why: String },
    /// The format is newer than this program: nothing was checked but that it decompresses.
    NewerFormat { version: u8 },
}

impl Problem {
    /// Returns whether it means damage: a newer format does not.
    pub fn is_damage(&self) -> bool {
        !matches!(self, Problem::NewerFormat { .. })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Truncated { missing_bytes } => write!(f, "truncated: {missing_bytes} bytes are missing"),
            Problem::TrailingBytes { bytes } => write!(f, "{bytes} bytes behind the end"),
            Problem::Header { why } => f.write_str(why),
            Problem::FirstMember => f.write_str("the first member is damaged"),
            Problem::TableMismatch { what } => write!(f, "the table of blocks contradicts the {what}"),
            Problem::Block { index, error } => write!(f, "block {index} {error}"),
            Problem::BlockLines { index } => write!(f, "block {index} has another number of lines"),
            Problem::Unreadable { why } => write!(f, "cannot be read: {why}"),
            Problem::Stream { why } => write!(f, "the archive {why}"),
            Problem::NewerFormat { version } => write!(f, "format {version} is newer than this program"),
        }
    }
}

impl Archive {
    /// Returns all that is wrong with the archive; empty if nothing is. `deep` decompresses every block; otherwise
    /// only the header, the table and the members' own headers and lengths are compared.
    pub fn verify(&self, deep: bool) -> Vec<Problem> {
        let mut problems = Vec::new();
        match self.format() {
            Format::Ours(header) => {
                self.verify_lengths(header, &mut problems);
                self.verify_first_member(&mut problems);
                self.verify_blocks(header, deep, &mut problems);
                return problems;
            }
            Format::Newer(version) => problems.push(Problem::NewerFormat { version: *version }),
            Format::DamagedHeader(error) => problems.push(Problem::Header { why: error.to_string() }),
            Format::Plain => {}
        }
        // Without a table there is no way to check a stream but to read it.
        match stream(&self.file, self.stat().bytes, &mut |_| ControlFlow::Continue(())) {
            Ok(_) => {}
            Err(StreamError::Io(error)) => problems.push(Problem::Unreadable { why: error.to_string() }),
            Err(error) => problems.push(Problem::Stream { why: error.to_string() }),
        }
        problems
    }

    /// Compares the totals with the table and the file's length.
    fn verify_lengths(&self, header: &Header, problems: &mut Vec<Problem>) {
        let expected = self.offsets.last().copied().unwrap_or(0);
        let found = self.stat().bytes;
        if found < expected {
            problems.push(Problem::Truncated { missing_bytes: expected - found });
        } else if found > expected {
            problems.push(Problem::TrailingBytes { bytes: found - expected });
        }
        let sum =
            |field: fn(&Block) -> u32| header.blocks.iter().map(|block| u64::from(field(block))).sum::<u64>();
        if sum(|block| block.source_bytes) != header.source_bytes {
            problems.push(Problem::TableMismatch { what: "source's length" });
        }
        let newlines = sum(|block| block.newlines);
        // A last line may be without its newline.
        if header.line_count != newlines && header.line_count != newlines + 1 {
            problems.push(Problem::TableMismatch { what: "number of lines" });
        }
        if header.clean_bytes > header.source_bytes {
            problems.push(Problem::TableMismatch { what: "length of whole lines" });
        }
    }

    /// Compares the first member with the one that its own fields call for, byte by byte.
    fn verify_first_member(&self, problems: &mut Vec<Problem>) {
        let length = self.offsets.first().copied().unwrap_or(0) as usize;
        let mut member = vec![0; length];
        match platform::read_full_at(&self.file, &mut member, 0) {
            Ok(filled) if filled == length => {}
            Ok(_) => return,
            Err(error) => return problems.push(Problem::Unreadable { why: error.to_string() }),
        }
        let rebuilt = gzip::parse_member_header(&member).ok().and_then(|parsed| {
            let payload = gzip::subfield(parsed.extra, gzip::HEADER_SUBFIELD)?;
            let padding = parsed.extra.len().checked_sub(gzip::SUBFIELD_HEAD_BYTES + payload.len())?;
            gzip::first_member(payload, padding).ok()
        });
        if rebuilt.as_deref() != Some(&member[..]) {
            problems.push(Problem::FirstMember);
        }
    }

    fn verify_blocks(&self, header: &Header, deep: bool, problems: &mut Vec<Problem>) {
        let mut reader = BlockReader::new();
        let mut text = Vec::new();
        for (index, block) in header.blocks.iter().enumerate() {
            if self.offsets[index + 1] > self.stat().bytes {
                // Named once, as a truncation.
                break;
            }
            if !deep {
                if let Some(error) = self.check_frame(index, block) {
                    problems.push(Problem::Block { index, error });
                }
                continue;
            }
            text.clear();
            problems.extend(self.verify_block(index, &mut reader, &mut text));
        }
    }

    /// Appends the text of block `index` to `out`, and returns what is wrong with it: for checking the blocks of one
    /// archive on many threads. Nothing is appended for a block that does not decompress.
    pub fn verify_block(&self, index: usize, reader: &mut BlockReader, out: &mut Vec<u8>) -> Option<Problem> {
        let start = out.len();
        match self.inflate_block(index, reader, out) {
            Ok(()) => {
                let newlines = memchr::memchr_iter(b'\n', &out[start..]).count();
                let is_as_recorded =
                    self.blocks().get(index).is_some_and(|block| block.newlines as usize == newlines);
                (!is_as_recorded).then_some(Problem::BlockLines { index })
            }
            Err(BlockError::Member(error)) => Some(Problem::Block { index, error }),
            Err(BlockError::Io(error)) => Some(Problem::Unreadable { why: error.to_string() }),
        }
    }

    /// Compares a member's header and recorded length with the table.
    fn check_frame(&self, index: usize, block: &Block) -> Option<MemberError> {
        let mut head = [0; gzip::PLAIN_HEADER_BYTES];
        let mut length = [0; 4];
        let end = self.offsets[index + 1];
        let read = platform::read_full_at(&self.file, &mut head, self.offsets[index])
            .and_then(|_| platform::read_full_at(&self.file, &mut length, end.saturating_sub(4)));
        if read.is_err() {
            return Some(MemberError::Truncated);
        }
        if !gzip::is_plain_header(&head) {
            return Some(MemberError::NotGzip);
        }
        (u32::from_le_bytes(length) != block.masked_bytes).then_some(MemberError::Data)
    }
}
