//! What bytes are, by the first of them: text, text in a wrapping that can be taken off, or no text at all. A name tells
//! nothing: logs are called `.zst`, and backups `.jsonl`.

use super::pattern::{Width, width};
use super::wide::Order;

/// First bytes that are enough to tell; fewer are where the input ends.
pub(crate) const FIRST_BYTES: usize = 4 << 10;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// To be taken byte for byte.
    Text,
    Gzip,
    Zstd,
    /// Text of two bytes a character.
    Wide(Order),
    Foreign(Foreign),
}

/// What is not text, and cannot be made text here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// What it is, to go after "it is".
    pub what: &'static str,
    /// What to do about it, a sentence.
    pub hint: &'static str,
}

const UNPACK: &str = "Unpack it and give what comes out: compressed bytes cannot be masked.";
const BINARY: &str = "Only text can be masked; leave it out, for example with a narrower --pattern.";
const TRANSCODE: &str = "Convert it to UTF-8 first, for example with iconv.";

/// Bytes that a format begins with.
struct Magic {
    bytes: &'static [u8],
    what: &'static str,
    hint: &'static str,
    /// Text may begin like that, too: only with bytes among the first that no text has it is the format.
    is_readable: bool,
}

const fn packed(bytes: &'static [u8], what: &'static str) -> Magic {
    Magic { bytes, what, hint: UNPACK, is_readable: false }
}

const fn binary(bytes: &'static [u8], what: &'static str) -> Magic {
    Magic { bytes, what, hint: BINARY, is_readable: false }
}

const fn readable(magic: Magic) -> Magic {
    Magic { is_readable: true, ..magic }
}

const MAGICS: [Magic; 28] = [
    packed(b"\xfd7zXZ\0", "compressed with xz"),
    packed(b"BZh", "compressed with bzip2"),
    packed(b"PK\x03\x04", "a zip archive"),
    packed(b"PK\x05\x06", "a zip archive"),
    packed(b"\x04\x22\x4d\x18", "compressed with lz4"),
    packed(b"\x02\x21\x4c\x18", "compressed with lz4"),
    packed(b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    packed(b"Rar!\x1a\x07", "a rar archive"),
    packed(b"LZIP\x01", "compressed with lzip"),
    packed(b"\x89LZO\0\r\n\x1a\n", "compressed with lzop"),
    packed(b"\xff\x06\0\0sNaPpY", "compressed with snappy"),
    packed(b"\x1f\x9d", "compressed with compress"),
    packed(b"\x22\xb5\x2f\xfd", "compressed with an old zstd"),
    packed(b"\x25\xb5\x2f\xfd", "compressed with an old zstd"),
    binary(b"\x7fELF", "an ELF program"),
    binary(b"\x89PNG\r\n\x1a\n", "a PNG image"),
    binary(b"\xff\xd8\xff", "a JPEG image"),
    binary(b"SQLite format 3\0", "an SQLite database"),
    binary(b"\0asm", "a WebAssembly program"),
    binary(b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    binary(b"\xce\xfa\xed\xfe", "a Mach-O program"),
    binary(b"\xca\xfe\xba\xbe", "a program"),
    readable(binary(b"GIF8", "a GIF image")),
    readable(binary(b"%PDF-", "a PDF document")),
    readable(binary(b"MZ", "a Windows program")),
    readable(binary(b"PAR1", "a Parquet file")),
    readable(binary(b"RIFF", "a media file")),
    readable(binary(b"Obj\x01", "an Avro file")),
];

const GZIP: &[u8] = b"\x1f\x8b\x08";
pub(super) const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
/// Any first byte from 0x50 to 0x5f, then these: a frame that zstd skips. lz4 has the same.
const SKIPPABLE: &[u8] = b"\x2a\x4d\x18";

/// What a `bzip2` stream has after its magic and the digit of its block size: a block, or the end.
const BZIP2_NEXT: [&[u8]; 2] = [b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];

/// Where a tar archive says that it is one, and with what.
const TAR: (usize, &[u8]) = (257, b"ustar");

/// Returns what an input that begins with `first` is; `None` if more of it has to be seen, which is never so with
/// [`FIRST_BYTES`] of it or at its end (`is_end`). Depends on the input alone and not on the pieces that it comes in.
pub(crate) fn form(first: &[u8], is_end: bool) -> Option<Form> {
    let is_end = is_end || first.len() >= FIRST_BYTES;
    let first = &first[..first.len().min(FIRST_BYTES)];
    let mut may_become = false;
    let mut begins = |magic: &[u8]| {
        may_become |= !is_end && first.len() < magic.len() && magic.starts_with(first);
        first.starts_with(magic)
    };
    if begins(GZIP) {
        return Some(Form::Gzip);
    }
    if begins(ZSTD) {
        return Some(Form::Zstd);
    }
    for magic in &MAGICS {
        if !begins(magic.bytes) {
            continue;
        }
        let is_it = match magic.bytes {
            b"BZh" => is_bzip2(first, is_end),
            _ if magic.is_readable => has_unreadable(first, is_end),
            _ => Some(true),
        };
        match is_it {
            Some(true) => return Some(Form::Foreign(Foreign { what: magic.what, hint: magic.hint })),
            Some(false) => {}
            None => return None,
        }
    }
    if let [0x50..=0x5f, rest @ ..] = first {
        if rest.starts_with(SKIPPABLE) {
            return Some(Form::Zstd);
        }
        may_become |= !is_end && SKIPPABLE.starts_with(rest);
    }
    if may_become {
        return None;
    }
    match is_lzma(first, is_end) {
        Some(true) => {
            return Some(Form::Foreign(Foreign { what: "compressed with lzma", hint: UNPACK }));
        }
        Some(false) => {}
        None => return None,
    }
    if first.get(TAR.0..).is_some_and(|rest| rest.starts_with(TAR.1)) && first[..TAR.0].contains(&0)
        // Else it was a line of text already when it came in pieces.
        && !first[..TAR.0].contains(&b'\n')
    {
        return Some(Form::Foreign(Foreign { what: "a tar archive", hint: UNPACK }));
    }
    Some(match width(first, is_end) {
        Width::More => return None,
        Width::Narrow => match unreadable(first, is_end)? {
            Some(foreign) => Form::Foreign(foreign),
            None => Form::Text,
        },
        Width::Wide(order) => Form::Wide(order),
        Width::Wider => Form::Foreign(Foreign { what: "UTF-32 text", hint: TRANSCODE }),
    })
}

/// Returns what bytes are that begin like no format that is known, if they are no text all the same; `None` if that cannot
/// be told yet. A stream of zlib, or anything in which bytes that no text has in any encoding are as frequent as in
/// random ones. Text shows by its very first bytes or its first line that it is, so that nobody
/// waits for more of it.
fn unreadable(first: &[u8], is_end: bool) -> Option<Option<Foreign>> {
    let start = &first[..first.len().min(LEAST_TO_ASK)];
    let is_odd = |byte: &u8| *byte >= 0x80 || is_control(*byte);
    // Whoever ends a line waits for what comes of it.
    if start.contains(&b'\n') {
        return Some(None);
    }
    if start.len() < LEAST_TO_ASK && !is_end {
        return None;
    }
    if !start.iter().any(is_odd) {
        return Some(None);
    }
    let first = &first[..first.len().min(LEAST_TO_JUDGE)];
    if let Some(end) = memchr::memchr(b'\n', first)
        && std::str::from_utf8(&first[..end]).is_ok()
        && !first[..end].iter().any(|byte| is_control(*byte))
    {
        return Some(None);
    }
    if first.len() < LEAST_TO_JUDGE && !is_end {
        return None;
    }
    if is_zlib(first) {
        return Some(Some(Foreign { what: "compressed with zlib", hint: UNPACK }));
    }
    let is_binary = is_suspect(first) && first.len() == LEAST_TO_JUDGE;
    Some(is_binary.then_some(Foreign { what: "binary data", hint: BINARY }))
}

/// Of what is no text, one of so many bytes shows it, all but always.
const LEAST_TO_ASK: usize = 6;

/// So many bytes are enough to see whether they are text.
const LEAST_TO_JUDGE: usize = 256;

/// Line ends, tabs, backspaces and the escapes of terminals are in many a log, NUL in text of two bytes a letter.
fn is_control(byte: u8) -> bool {
    matches!(byte, 1..=6 | 14..=26 | 28..=31 | 127)
}

/// Whether control characters are so frequent among bytes that are no UTF-8 that they are no text: of random bytes every
/// tenth is one, of text in an encoding of one or two bytes a letter none.
fn is_suspect(first: &[u8]) -> bool {
    let controls = first.iter().filter(|byte| is_control(**byte)).count();
    let invalid = || first.utf8_chunks().map(|chunk| chunk.invalid().len()).sum::<usize>();
    32 * controls >= first.len() && 10 * invalid() >= first.len()
}

/// Whether bytes begin with a header of zlib (RFC 1950: 32 KiB window, no dictionary, a checksum over the two bytes), and
/// what follows is no text.
fn is_zlib(first: &[u8]) -> bool {
    let [0x78, flags, ..] = first else { return false };
    let is_header = (0x78 * 256 + u32::from(*flags)) % 31 == 0 && flags & 0x20 == 0;
    is_header && std::str::from_utf8(first).is_err_and(|error| error.error_len().is_some())
}

/// Returns whether a gzip file that begins with `first` is an archive of this program: whether its first extra field is
/// ours.
pub(crate) fn is_own_archive(first: &[u8]) -> bool {
    const HAS_EXTRA: u8 = 4;
    const EXTRA: usize = 12;
    first.starts_with(GZIP)
        && first.get(3).is_some_and(|flags| flags & HAS_EXTRA != 0)
        && first.get(EXTRA..).is_some_and(|extra| extra.starts_with(b"SK"))
}

/// Returns whether what begins with `BZh` is bzip2; `None` if that cannot be told yet.
fn is_bzip2(first: &[u8], is_end: bool) -> Option<bool> {
    let [_, _, _, rest @ ..] = first else { return Some(false) };
    let [digit, rest @ ..] = rest else { return is_end.then_some(false) };
    if !(b'1'..=b'9').contains(digit) {
        return Some(false);
    }
    if BZIP2_NEXT.iter().any(|next| rest.starts_with(next)) {
        return Some(true);
    }
    match BZIP2_NEXT.iter().any(|next| next.starts_with(rest)) {
        // Cut before it said so.
        true if is_end => Some(!rest.is_empty()),
        true => None,
        false => Some(false),
    }
}

/// Returns whether there is a byte that no text has; `None` if that cannot be told yet.
fn has_unreadable(first: &[u8], is_end: bool) -> Option<bool> {
    let is_utf8 = match std::str::from_utf8(first) {
        Ok(_) => true,
        // Cut in the middle of a character.
        Err(error) => error.error_len().is_none() && !is_end,
    };
    match !is_utf8 || first.iter().any(|&byte| byte == 0 || byte == 1) {
        true => Some(true),
        false if is_end => Some(false),
        false => None,
    }
}

/// Returns whether this is the header of the old `.lzma`, which has no magic: properties, the size of the dictionary (a
/// power of two, or one and a half), the length of the text or all ones.
fn is_lzma(first: &[u8], is_end: bool) -> Option<bool> {
    const HEADER_BYTES: usize = 13;
    const MOST_TEXT: u64 = 1 << 38;
    if !b"\x5d\0\0".starts_with(&first[..first.len().min(3)]) {
        return Some(false);
    }
    if first.len() < HEADER_BYTES {
        return is_end.then_some(false);
    }
    let dictionary = u32::from_le_bytes([first[1], first[2], first[3], first[4]]);
    let length = u64::from_le_bytes(std::array::from_fn(|index| first[5 + index]));
    let is_size = dictionary.is_power_of_two() || (dictionary / 3 * 2).is_power_of_two();
    Some(is_size && (length == u64::MAX || length < MOST_TEXT))
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
