//! Gzip members (RFC 1952): makes them from blocks, and parses their headers. Never touches the file system.
//!
//! An archive is a row of members: the first is empty and carries the archive's header in an extra field, each other
//! one holds a block. Members that we make have a 10-byte header with no time in it, so that the same block always
//! gives the same bytes. Blocks come in and members go out; back from members whose places are known comes text. That is
//! here, and is met first; [`stream`] reads what any program wrote, from start to end.

pub(crate) mod stream;

use std::fmt;

use libdeflater::{CompressionLvl, Decompressor};

use crate::error::{Error, Kind, Result};

/// Bytes of a member's header when it has no optional fields.
pub(crate) const PLAIN_HEADER_BYTES: usize = 10;

/// Bytes of a member's trailer: CRC-32 and length.
pub(crate) const TRAILER_BYTES: usize = 8;

/// The subfield that holds an archive's header.
pub(crate) const HEADER_SUBFIELD: [u8; 2] = *b"SK";

/// The subfield that holds nothing: it keeps room for a header written last.
pub(crate) const PADDING_SUBFIELD: [u8; 2] = *b"PD";

/// Bytes of a subfield's id and length.
pub(crate) const SUBFIELD_HEAD_BYTES: usize = 4;

/// Most bytes that an extra field can hold.
pub(crate) const MAX_EXTRA_BYTES: usize = u16::MAX as usize;

/// Most bytes of text that one byte of deflate can stand for; more is a lie in a header. (258 bytes by two bits, see
/// the zlib technical notes: 1032:1.)
pub(crate) const MAX_RATIO: u64 = 1032;

/// Header flags, RFC 1952 section 2.3.1.
const FLAG_HEADER_CRC: u8 = 1 << 1;
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;
const FLAGS_RESERVED: u8 = 0b1110_0000;

/// How a first member begins.
const FIRST_HEADER: [u8; PLAIN_HEADER_BYTES] = [0x1f, 0x8b, 8, FLAG_EXTRA, 0, 0, 0, 0, 0, 255];

/// Deflate's encoding of nothing: one final block with fixed codes and only the end mark.
const EMPTY_DEFLATE: [u8; 2] = [0x03, 0x00];

/// Bytes of an empty member after its header.
pub(crate) const EMPTY_TAIL_BYTES: usize = EMPTY_DEFLATE.len() + TRAILER_BYTES;

/// Makes members at one level. One for each thread: it owns the compressor's tables.
pub struct Compressor {
    inner: libdeflater::Compressor,
    /// What libdeflate writes to. It never shrinks: wiping the room for a whole block each time would cost more than
    /// copying what becomes of one.
    room: Vec<u8>,
}

impl Compressor {
    /// Returns a compressor for `level`, 1 (fast) to 12 (small).
    pub fn new(level: u8) -> Result<Compressor> {
        if !(1..=12).contains(&level) {
            return Err(
                Error::new(Kind::Usage, format!("no compression level {level}")).with_hint("Use 1 to 12.")
            );
        }
        let level = CompressionLvl::new(i32::from(level)).expect("1..=12 are levels of libdeflate");
        Ok(Compressor { inner: libdeflater::Compressor::new(level), room: Vec::new() })
    }

    /// Appends one complete member that holds `block` to `out`; returns its bytes. Allocates only until `out` and its
    /// own room have grown to their steady sizes.
    pub fn member(&mut self, block: &[u8], out: &mut Vec<u8>) -> usize {
        let bound = self.inner.gzip_compress_bound(block.len());
        if self.room.len() < bound {
            self.room.resize(bound, 0);
        }
        // libdeflate writes the header that we want: no time, unknown system, the extra flags by level.
        let length =
            self.inner.gzip_compress(block, &mut self.room).expect("the bound leaves room for any block");
        out.extend_from_slice(&self.room[..length]);
        length
    }
}

/// Returns an empty member whose extra field holds `payload` and, if there is any, `padding` bytes of padding (its
/// subfield's head included; 0 or at least 4).
pub(crate) fn first_member(payload: &[u8], padding: usize) -> Result<Vec<u8>> {
    let extra = SUBFIELD_HEAD_BYTES + payload.len() + padding;
    if extra > MAX_EXTRA_BYTES || (1..SUBFIELD_HEAD_BYTES).contains(&padding) {
        return Err(Error::new(Kind::Internal, "the archive's header does not fit its member"));
    }
    let mut member = Vec::with_capacity(first_member_bytes(payload.len(), padding));
    member.extend_from_slice(&FIRST_HEADER);
    member.extend_from_slice(&(extra as u16).to_le_bytes());
    push_subfield(&mut member, HEADER_SUBFIELD, payload);
    if padding > 0 {
        member.extend_from_slice(&PADDING_SUBFIELD);
        member.extend_from_slice(&((padding - SUBFIELD_HEAD_BYTES) as u16).to_le_bytes());
        member.resize(member.len() + padding - SUBFIELD_HEAD_BYTES, 0);
    }
    member.extend_from_slice(&EMPTY_DEFLATE);
    member.extend_from_slice(&[0; TRAILER_BYTES]);
    Ok(member)
}

/// Returns the bytes of a first member with a payload and padding of these sizes.
pub(crate) fn first_member_bytes(payload: usize, padding: usize) -> usize {
    PLAIN_HEADER_BYTES + 2 + SUBFIELD_HEAD_BYTES + payload + padding + EMPTY_DEFLATE.len() + TRAILER_BYTES
}

fn push_subfield(out: &mut Vec<u8>, id: [u8; 2], bytes: &[u8]) {
    out.extend_from_slice(&id);
    out.extend_from_slice(&(bytes.len() as u16).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberError {
    /// The bytes end too early.
    Truncated,
    /// Not a gzip member: other magic bytes, method or flags.
    NotGzip,
    /// A checksum in its header does not match.
    HeaderChecksum,
    /// The deflate data is broken, or its length is not the recorded one.
    Data,
    /// The text is not what the checksum says.
    Checksum,
}

impl fmt::Display for MemberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MemberError::Truncated => "is cut off",
            MemberError::NotGzip => "is not a gzip member",
            MemberError::HeaderChecksum | MemberError::Checksum => "does not match its checksum",
            MemberError::Data => "does not decompress",
        })
    }
}

/// A parsed member header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemberHeader<'a> {
    /// Bytes from the magic number to the first byte of deflate data.
    pub bytes: usize,
    /// The extra field, empty if there is none.
    pub extra: &'a [u8],
}

/// Parses the member header at the start of `bytes`. Any input is answered; nothing is allocated.
pub(crate) fn parse_member_header(bytes: &[u8]) -> Result<MemberHeader<'_>, MemberError> {
    let magic = &bytes[..bytes.len().min(3)];
    if magic != &[0x1f, 0x8b, 8][..magic.len()] {
        return Err(MemberError::NotGzip);
    }
    let fixed = bytes.get(..PLAIN_HEADER_BYTES).ok_or(MemberError::Truncated)?;
    let flags = fixed[3];
    if flags & FLAGS_RESERVED != 0 {
        return Err(MemberError::NotGzip);
    }
    let mut at = PLAIN_HEADER_BYTES;
    let mut extra: &[u8] = &[];
    if flags & FLAG_EXTRA != 0 {
        let length = bytes.get(at..at + 2).ok_or(MemberError::Truncated)?;
        let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
        extra = bytes.get(at + 2..at + 2 + length).ok_or(MemberError::Truncated)?;
        at += 2 + length;
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let end = memchr::memchr(0, &bytes[at..]).ok_or(MemberError::Truncated)?;
            at += end + 1;
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        let stored = bytes.get(at..at + 2).ok_or(MemberError::Truncated)?;
        if crc32fast::hash(&bytes[..at]) as u16 != u16::from_le_bytes([stored[0], stored[1]]) {
            return Err(MemberError::HeaderChecksum);
        }
        at += 2;
    }
    Ok(MemberHeader { bytes: at, extra })
}

/// Returns the bytes of the first subfield `id` in an extra field.
pub(crate) fn subfield(extra: &[u8], id: [u8; 2]) -> Option<&[u8]> {
    let mut rest = extra;
    while let Some((head, body)) = rest.split_at_checked(SUBFIELD_HEAD_BYTES) {
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let (field, after) = body.split_at_checked(length)?;
        if head[..2] == id {
            return Some(field);
        }
        rest = after;
    }
    None
}

/// Returns whether `bytes` begin as [`first_member`] does.
pub(crate) fn is_first_header(bytes: &[u8]) -> bool {
    bytes.starts_with(&FIRST_HEADER)
}

/// Returns whether `bytes` begin with the plain header that [`Compressor::member`] makes, at any level.
pub(crate) fn is_plain_header(bytes: &[u8]) -> bool {
    bytes.len() >= PLAIN_HEADER_BYTES
        && bytes[..8] == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]
        && matches!(bytes[8], 0 | 2 | 4)
        && bytes[9] == 255
}

/// Appends the text of one of our members to `out`: exactly `text_bytes` of it, or an error and nothing appended.
/// The caller has checked `text_bytes` against [`MAX_RATIO`].
pub(crate) fn inflate_member(
    decompressor: &mut Decompressor,
    member: &[u8],
    text_bytes: usize,
    out: &mut Vec<u8>,
) -> Result<(), MemberError> {
    let start = out.len();
    out.resize(start + text_bytes, 0);
    let result = inflate_member_to(decompressor, member, &mut out[start..]);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// Fills `out` with the text of one of our members, or returns an error and leaves anything there.
pub(crate) fn inflate_member_to(
    decompressor: &mut Decompressor,
    member: &[u8],
    out: &mut [u8],
) -> Result<(), MemberError> {
    if member.len() < PLAIN_HEADER_BYTES + EMPTY_DEFLATE.len() + TRAILER_BYTES {
        return Err(MemberError::Truncated);
    }
    if !is_plain_header(member) {
        return Err(MemberError::NotGzip);
    }
    let (data, trailer) =
        member[PLAIN_HEADER_BYTES..].split_at(member.len() - PLAIN_HEADER_BYTES - TRAILER_BYTES);
    let crc = u32::from_le_bytes([trailer[0], trailer[1], trailer[2], trailer[3]]);
    let length = u32::from_le_bytes([trailer[4], trailer[5], trailer[6], trailer[7]]);
    if length as usize != out.len() {
        return Err(MemberError::Data);
    }
    match decompressor.deflate_decompress(data, out) {
        Ok(count) if count == out.len() => match libdeflater::crc32(out) == crc {
            true => Ok(()),
            false => Err(MemberError::Checksum),
        },
        _ => Err(MemberError::Data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_comes_back_as_it_was() {
        let mut out = b"before".to_vec();
        let block = b"{\"a\":1}\n".repeat(1000);
        for level in 1..=12 {
            out.truncate(6);
            let length = Compressor::new(level).unwrap().member(&block, &mut out);
            assert_eq!(length, out.len() - 6);
            assert!(is_plain_header(&out[6..]), "level {level}");
            let mut text = b"kept".to_vec();
            inflate_member(&mut Decompressor::new(), &out[6..], block.len(), &mut text).unwrap();
            assert_eq!(text[4..], block);
        }
    }

    #[test]
    fn levels_that_do_not_exist_are_refused() {
        assert!(Compressor::new(0).is_err());
        assert!(Compressor::new(13).is_err());
    }

    #[test]
    fn every_flipped_bit_of_a_member_is_noticed_or_harmless() {
        let block = b"some text, some text, and more of some text\n";
        let mut member = Vec::new();
        Compressor::new(6).unwrap().member(block, &mut member);
        let mut decompressor = Decompressor::new();
        for position in 0..member.len() * 8 {
            let mut damaged = member.clone();
            damaged[position / 8] ^= 1 << (position % 8);
            let mut text = Vec::new();
            let result = inflate_member(&mut decompressor, &damaged, block.len(), &mut text);
            assert!(result.is_err() && text.is_empty() || text == block, "bit {position}");
        }
    }

    #[test]
    fn the_first_member_carries_its_payload_and_no_text() {
        for padding in [0, 4, 5, 1000] {
            let member = first_member(b"payload", padding).unwrap();
            assert_eq!(member.len(), first_member_bytes(7, padding));
            let header = parse_member_header(&member).unwrap();
            assert_eq!(subfield(header.extra, HEADER_SUBFIELD), Some(&b"payload"[..]));
            assert_eq!(libdeflater::Decompressor::new().gzip_decompress(&member, &mut []).unwrap(), 0);
        }
        assert!(first_member(b"payload", 3).is_err());
        assert!(first_member(&vec![0; 65_535], 0).is_err());
    }

    #[test]
    fn optional_fields_of_other_programs_are_skipped() {
        let mut bytes = vec![0x1f, 0x8b, 8, 0b0001_1110, 1, 2, 3, 4, 0, 3, 2, 0, 9, 9];
        bytes.extend_from_slice(b"name\0comment\0");
        let crc = crc32fast::hash(&bytes) as u16;
        bytes.extend_from_slice(&crc.to_le_bytes());
        let header = parse_member_header(&bytes).unwrap();
        assert_eq!((header.bytes, header.extra), (bytes.len(), &[9u8, 9][..]));
        bytes[4] ^= 1;
        assert_eq!(parse_member_header(&bytes), Err(MemberError::HeaderChecksum));
    }

    #[test]
    fn a_header_cut_anywhere_is_truncated() {
        let member = first_member(b"payload", 9).unwrap();
        for end in 0..PLAIN_HEADER_BYTES + 2 + 4 + 7 + 9 {
            assert_eq!(parse_member_header(&member[..end]), Err(MemberError::Truncated), "{end}");
        }
    }

    #[test]
    fn subfields_that_lie_about_their_length_are_not_found() {
        assert_eq!(subfield(b"XX\xff\xffab", *b"SK"), None);
        assert_eq!(subfield(b"SK\x03\x00ab", *b"SK"), None);
        assert_eq!(subfield(b"SK\x02", *b"SK"), None);
        assert_eq!(subfield(b"XX\x01\x00aSK\x02\x00bc", *b"SK"), Some(&b"bc"[..]));
    }
}
