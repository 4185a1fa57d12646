//! The bytes of an archive's header: the payload of the first member's `SK` subfield.
//!
//! ```text
//! u8 format   u8 flags   u32 CRC-32 of all else   [32] content hash   [32] head hash
//! varint metadata bytes   (varint stored bytes, if deflated)   metadata
//! varint number of blocks, and for each: compressed, masked, source - masked (zigzag), newlines, as varints
//! up to 3 zero bytes
//! ```
//!
//! Metadata is a row of fields: tag, varint length, bytes. Unknown tags are skipped, so that a field can be added
//! without a new format. Numbers are little-endian; varints are LEB128. A golden file in `tests/goldens` pins all this.

use std::cell::RefCell;
use std::collections::BTreeMap;

use libdeflater::{CompressionLvl, Decompressor};

use super::fields::{MAX_METADATA_BYTES, metadata, read_metadata};
use super::{Block, FORMAT_VERSION, Header};
use crate::archive::gzip;
use crate::archive::varint::{Cursor, damaged, push_varint, unzigzag, zigzag};
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;

/// Most blocks that a header has room for. The engine makes larger blocks for larger sources.
pub const MAX_BLOCKS: usize = 2048;

/// Most bytes of masked text in a block: what a reader may have to allocate. With [`MAX_BLOCKS`] enough for 128 GiB.
pub const MAX_BLOCK_BYTES: usize = 64 << 20;

/// Bytes that the counts by rule may take; the rarest rules are summed up to fit.
const MAX_RULES_BYTES: usize = 12_000;

/// Room that [`reserve_len`] leaves for metadata that grows until the header is written (counts, title, times,
/// which blocks are masked).
const METADATA_SLACK_BYTES: usize = 2048 + MAX_BLOCKS / 8;

/// Most bytes of a block's row: four varints of up to 33 bits.
const MAX_ROW_BYTES: usize = 20;

/// Bytes before the metadata's length.
const FIXED_BYTES: usize = 2 + 4 + 32 + 32;

/// Bytes that every payload has.
pub const MIN_PAYLOAD_BYTES: usize = FIXED_BYTES;

const FLAG_DEFLATED: u8 = 1;
const FLAG_RULE_SET_INCOMPLETE: u8 = 1 << 1;

/// Returns the first member for a finished archive, as small as it gets. Texts over their limits are cut.
pub fn encode(header: &Header) -> Result<Vec<u8>> {
    gzip::first_member(&payload(header, MAX_RULES_BYTES)?, 0)
}

/// Returns how many bytes to leave for a first member that is written after its `blocks` blocks. `header` has what is
/// known by then: identity and paths must not grow any more.
pub fn reserve_len(header: &Header, blocks: usize) -> usize {
    let metadata = metadata(header, MAX_RULES_BYTES).len() + METADATA_SLACK_BYTES;
    let payload = FIXED_BYTES + 5 + metadata + 5 + blocks.min(MAX_BLOCKS) * MAX_ROW_BYTES;
    let most = gzip::MAX_EXTRA_BYTES - gzip::SUBFIELD_HEAD_BYTES;
    gzip::first_member_bytes(payload.min(most), 0)
}

/// Returns a first member of exactly `bytes` bytes, padded. Counts of rare rules are summed up if that makes it fit.
pub fn encode_padded(header: &Header, bytes: usize) -> Result<Vec<u8>> {
    for rules_bytes in [MAX_RULES_BYTES, 2000, 500, 0] {
        let mut payload = payload(header, rules_bytes)?;
        let exact = gzip::first_member_bytes(payload.len(), 0);
        let Some(gap) = bytes.checked_sub(exact) else { continue };
        if gap < gzip::SUBFIELD_HEAD_BYTES {
            // Too small for a subfield of its own.
            payload.resize(payload.len() + gap, 0);
            seal(&mut payload);
            return gzip::first_member(&payload, 0);
        }
        return gzip::first_member(&payload, gap);
    }
    Err(Error::new(Kind::Internal, "the archive's header has outgrown the room that was left for it"))
}

/// Why a payload gives no header.
#[derive(Debug)]
pub enum Undecodable {
    /// It has this format, of a newer program, which may be as it should be.
    Newer(u8),
    /// It is broken: [`Kind::Damaged`] says how.
    Damaged(Error),
}

impl From<Error> for Undecodable {
    fn from(error: Error) -> Undecodable {
        Undecodable::Damaged(error)
    }
}

/// Returns the header in a first member's `SK` payload. Any input is answered.
pub fn decode(payload: &[u8]) -> std::result::Result<Header, Undecodable> {
    match payload.first() {
        None => Err(damaged("is empty").into()),
        Some(&version) if version > FORMAT_VERSION => Err(Undecodable::Newer(version)),
        Some(0) => Err(damaged("has no format").into()),
        Some(_) => Ok(decode_known(payload)?),
    }
}

/// Returns the header in a payload of a format that is known; [`Kind::Damaged`] for what is broken.
fn decode_known(payload: &[u8]) -> Result<Header> {
    let fixed = payload.get(..FIXED_BYTES).ok_or_else(|| damaged("is cut off"))?;
    let stored = u32::from_le_bytes([fixed[2], fixed[3], fixed[4], fixed[5]]);
    if checksum(payload) != stored {
        return Err(damaged("does not match its checksum"));
    }
    let mut header = empty_header();
    let flags = fixed[1];
    header.is_rule_set_incomplete = flags & FLAG_RULE_SET_INCOMPLETE != 0;
    header.content_hash.copy_from_slice(&fixed[6..38]);
    header.head_hash.copy_from_slice(&fixed[38..70]);
    let mut cursor = Cursor { rest: &payload[FIXED_BYTES..] };
    let metadata_bytes = cursor.length(MAX_METADATA_BYTES)?;
    let masked_blocks;
    if flags & FLAG_DEFLATED != 0 {
        let stored_bytes = cursor.length(MAX_METADATA_BYTES)?;
        let deflated = cursor.take(stored_bytes)?;
        let mut metadata = vec![0; metadata_bytes];
        match Decompressor::new().deflate_decompress(deflated, &mut metadata) {
            Ok(count) if count == metadata_bytes => masked_blocks = read_metadata(&metadata, &mut header)?,
            _ => return Err(damaged("has broken metadata")),
        }
    } else {
        masked_blocks = read_metadata(cursor.take(metadata_bytes)?, &mut header)?;
    }
    read_blocks(&mut cursor, &mut header.blocks)?;
    for (index, block) in header.blocks.iter_mut().enumerate() {
        let bits = masked_blocks.as_ref().map_or(Some(&0xff), |bytes| bytes.get(index / 8));
        block.is_masked = header.masked_lines > 0 && bits.is_none_or(|bits| bits >> (index % 8) & 1 == 1);
    }
    if cursor.rest.len() >= gzip::SUBFIELD_HEAD_BYTES || cursor.rest.iter().any(|&byte| byte != 0) {
        return Err(damaged("has bytes after its end"));
    }
    if header.identity.agent.is_empty() || header.identity.session_id.is_empty() {
        return Err(damaged("does not say which session it is"));
    }
    Ok(header)
}

/// Returns the checksum of a payload: of everything but the checksum itself.
fn checksum(payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&payload[..2]);
    hasher.update(&payload[6..]);
    hasher.finalize()
}

/// Puts the checksum into a payload.
pub(super) fn seal(payload: &mut [u8]) {
    let sum = checksum(payload);
    payload[2..6].copy_from_slice(&sum.to_le_bytes());
}

/// Returns the sealed payload, with at most `rules_bytes` for the counts by rule.
fn payload(header: &Header, rules_bytes: usize) -> Result<Vec<u8>> {
    let is_too_large = |block: &Block| block.masked_bytes as usize > MAX_BLOCK_BYTES;
    if header.blocks.len() > MAX_BLOCKS || header.blocks.iter().any(is_too_large) {
        return Err(Error::new(
            Kind::Internal,
            "the archive has more or larger blocks than its header allows",
        ));
    }
    let metadata = metadata(header, rules_bytes);
    let deflated = deflate(&metadata);
    let is_deflated = deflated.len() + 1 < metadata.len();
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    let mut out = Vec::with_capacity(FIXED_BYTES + metadata.len() + 10 * header.blocks.len() + 16);
    out.push(FORMAT_VERSION);
    out.push(
        flag(is_deflated, FLAG_DEFLATED) | flag(header.is_rule_set_incomplete, FLAG_RULE_SET_INCOMPLETE),
    );
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&header.content_hash);
    out.extend_from_slice(&header.head_hash);
    push_varint(&mut out, metadata.len() as u64);
    if is_deflated {
        push_varint(&mut out, deflated.len() as u64);
        out.extend_from_slice(&deflated);
    } else {
        out.extend_from_slice(&metadata);
    }
    push_varint(&mut out, header.blocks.len() as u64);
    for block in &header.blocks {
        push_varint(&mut out, u64::from(block.compressed_bytes));
        push_varint(&mut out, u64::from(block.masked_bytes));
        push_varint(&mut out, zigzag(i64::from(block.source_bytes) - i64::from(block.masked_bytes)));
        push_varint(&mut out, u64::from(block.newlines));
    }
    seal(&mut out);
    Ok(out)
}

fn deflate(metadata: &[u8]) -> Vec<u8> {
    thread_local! {
        // Its tables are large next to a header: one for each thread, not one for each archive. And a higher level has
        // larger ones, which are cleared for each, for a few bytes less.
        static COMPRESSOR: RefCell<libdeflater::Compressor> = RefCell::new(libdeflater::Compressor::new(
            CompressionLvl::new(1).expect("1 is a level of libdeflate"),
        ));
    }
    COMPRESSOR.with_borrow_mut(|compressor| {
        let mut out = vec![0; compressor.deflate_compress_bound(metadata.len())];
        let length = compressor.deflate_compress(metadata, &mut out).expect("the bound leaves room");
        out.truncate(length);
        out
    })
}

fn read_blocks(cursor: &mut Cursor<'_>, blocks: &mut Vec<Block>) -> Result<()> {
    let count = cursor.length(MAX_BLOCKS)?;
    blocks.reserve_exact(count.min(cursor.rest.len() / 4));
    let narrow = |number: u64| u32::try_from(number).map_err(|_| damaged("has a block that is too large"));
    for _ in 0..count {
        let compressed_bytes = narrow(cursor.varint()?)?;
        let masked_bytes = narrow(cursor.varint()?)?;
        let difference = unzigzag(cursor.varint()?);
        let source_bytes = i64::from(masked_bytes).checked_add(difference).unwrap_or(-1);
        let source_bytes = narrow(u64::try_from(source_bytes).unwrap_or(u64::MAX))?;
        let newlines = narrow(cursor.varint()?)?;
        if masked_bytes as usize > MAX_BLOCK_BYTES {
            return Err(damaged("has a block that is too large"));
        }
        blocks.push(Block { compressed_bytes, masked_bytes, source_bytes, newlines, is_masked: false });
    }
    Ok(())
}

/// Returns a header in which nothing is set.
pub(super) fn empty_header() -> Header {
    Header {
        identity: Identity { agent: String::new(), session_id: String::new(), part_id: None },
        source: String::new(),
        source_bytes: 0,
        clean_bytes: 0,
        content_hash: [0; 32],
        head_hash: [0; 32],
        rules_version: String::new(),
        is_rule_set_incomplete: false,
        version: 0,
        supersedes: None,
        archived_at: String::new(),
        started_at: None,
        ended_at: None,
        cwd: String::new(),
        project_slug: String::new(),
        title: None,
        model: None,
        git_branch: None,
        forked_from: None,
        other_ids: Vec::new(),
        masked_states: Vec::new(),
        nul_bytes: 0,
        line_count: 0,
        masked_lines: 0,
        masked_by_rule: BTreeMap::new(),
        blocks: Vec::new(),
    }
}
