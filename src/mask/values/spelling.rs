//! The spellings in which a value may stand: as it is, escaped, in a URL, in base64.

use crate::mask::text::json_string::escape_json;
use crate::mask::values::worth::Likeness;
use std::ops::Range;
use zeroize::Zeroizing;

/// The shortest spelling searched for. Whatever stands anywhere, of eight bytes in a row five begin at a multiple
/// of four, so that looking at five bytes at every fourth place finds it.
pub(crate) const MIN_SPELLING_BYTES: usize = 8;

/// One way in which a value may stand in a transcript.
pub(crate) struct Spelling {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// Whether letters, digits and `_` beside it make it something else.
    stands_alone: bool,
    /// Whether it is the middle of a base64 text, whose neighbours hold a few bits of the value, too.
    is_base64: bool,
    /// Index of its value.
    pub(crate) value: usize,
}

impl Spelling {
    /// Returns what is to be masked if the spelling stands at `start`.
    pub(crate) fn at(&self, bytes: &[u8], start: usize) -> Option<Range<usize>> {
        if !bytes[start..].starts_with(&self.bytes) {
            return None;
        }
        let mut at = start..start + self.bytes.len();
        if self.is_base64 {
            let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
            at.start -= usize::from(
                at.start > 0 && is_base64(&bytes[at.start - 1]) && !is_escape_letter(bytes, at.start - 1),
            );
            at.end += usize::from(bytes.get(at.end).is_some_and(is_base64));
        }
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if self.stands_alone {
            let joined_before = start > 0 && is_word(bytes[start - 1]) && !is_escape_letter(bytes, start - 1);
            let joined_after = bytes.get(at.end).is_some_and(|&byte| is_word(byte));
            if joined_before || joined_after {
                return None;
            }
        }
        Some(at)
    }
}

/// Returns whether the byte at `position` is the letter of `\n`, `\t` and the like, or the last digit of `\u003d`.
fn is_escape_letter(bytes: &[u8], position: usize) -> bool {
    let before = &bytes[..position];
    matches!(bytes[position], b'n' | b't' | b'r' | b'b' | b'f') && before.ends_with(b"\\")
        || bytes[position].is_ascii_hexdigit()
            && before.len() >= 5
            && before[..before.len() - 3].ends_with(b"\\u")
}

/// Adds the ways in which a value may stand: as it is, escaped up to three times, in a URL, and in base64.
pub(crate) fn add_spellings(value: &[u8], looks: Likeness, index: usize, spellings: &mut Vec<Spelling>) {
    let mut seen: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    let mut add = |bytes: Vec<u8>, is_base64: bool| {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() >= MIN_SPELLING_BYTES && !seen.contains(&bytes) {
            seen.push(bytes.clone());
            let stands_alone = looks == Likeness::Word && !is_base64;
            spellings.push(Spelling { bytes, stands_alone, is_base64, value: index });
        }
    };
    let mut escaped = Zeroizing::new(value.to_vec());
    for _ in 0..4 {
        add(escaped.to_vec(), false);
        add(with_escaped_slashes(&escaped), false);
        let mut next = Zeroizing::new(Vec::new());
        escape_json(&escaped, &mut next);
        escaped = next;
    }
    add(in_ascii(value), false);
    for (upper, blank) in [(true, &b"%20"[..]), (false, b"%20"), (true, b"+")] {
        add(in_url(value, upper, blank), false);
    }
    for shift in 0..3 {
        add(base64_middle(value, shift, b"+/"), true);
        add(base64_middle(value, shift, b"-_"), true);
    }
}

fn with_escaped_slashes(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        if byte == b'/' {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

/// Returns a value as a JSON writer that keeps to ASCII writes it.
fn in_ascii(value: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(value) else { return value.to_vec() };
    let mut out = Vec::with_capacity(value.len());
    for character in text.chars() {
        if character.is_ascii() {
            escape_json(&[character as u8], &mut out);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
            }
        }
    }
    out
}

fn in_url(value: &[u8], upper: bool, blank: &[u8]) -> Vec<u8> {
    let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let mut out = Vec::with_capacity(value.len());
    for &byte in value {
        match byte {
            b' ' => out.extend_from_slice(blank),
            _ if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) => out.push(byte),
            _ => {
                out.extend_from_slice(&[b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]])
            }
        }
    }
    out
}

/// Returns the characters of base64 that a value decides alone when `shift` bytes stand before it in its group
/// of three.
fn base64_middle(value: &[u8], shift: usize, marks: &[u8; 2]) -> Vec<u8> {
    let bits_before = shift * 8;
    let first = bits_before.div_ceil(6);
    let last = (bits_before + value.len() * 8) / 6;
    let bit = |at: usize| value[at / 8] >> (7 - at % 8) & 1;
    (first..last)
        .map(|character| {
            let from = character * 6 - bits_before;
            let index = (from..from + 6).fold(0u8, |sum, at| sum << 1 | bit(at));
            match index {
                0..26 => b'A' + index,
                26..52 => b'a' + index - 26,
                52..62 => b'0' + index - 52,
                62 => marks[0],
                _ => marks[1],
            }
        })
        .collect()
}
