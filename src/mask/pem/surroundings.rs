//! What stands beside the text of a line, read so that neighbours say the same: numbers become one sign, blanks, colours
//! and the signs of diffs are dropped.

use crate::mask::pem::breaks::{LONGEST_BESIDE, backslashes};
use crate::mask::text::class::BASE64;
use std::ops::Range;

/// What a line is made of, as far as its layout matters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A blank, a colour, an escaped blank: as good as nothing.
    Blank,
    Base64(u8),
    Other(u8),
}

/// Returns what stands at `at`, and where it ends.
fn unit(bytes: &[u8], at: usize) -> (Unit, usize) {
    let byte = bytes[at];
    match byte {
        b' ' | b'\t' | b'\r' => (Unit::Blank, at + 1),
        0x1b => (Unit::Blank, colour_end(bytes, at + 1)),
        b'\\' => escaped_unit(bytes, at),
        _ if BASE64.contains(byte) => (Unit::Base64(byte), at + 1),
        _ => (Unit::Other(byte), at + 1),
    }
}

/// Returns where a colour ends whose escape character ends at `at`; `at` if none goes on there.
fn colour_end(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) != Some(&b'[') {
        return at;
    }
    let parameters = bytes[at + 1..].iter().take(24).take_while(|b| b.is_ascii_digit() || **b == b';');
    let letter = at + 1 + parameters.count();
    if matches!(bytes.get(letter), Some(b'm' | b'K')) { letter + 1 } else { at }
}

fn escaped_unit(bytes: &[u8], at: usize) -> (Unit, usize) {
    let letter = at + backslashes(bytes, at);
    match &bytes[letter..] {
        [b'n' | b'r' | b't' | b'b' | b'f', ..] => (Unit::Blank, letter + 1),
        [b'/', ..] => (Unit::Base64(b'/'), letter + 1),
        [b'e', b'[', ..] => (Unit::Blank, colour_end(bytes, letter + 1)),
        [b'0', b'3', b'3', b'[', ..] => (Unit::Blank, colour_end(bytes, letter + 3)),
        [b'x', b'1', b'b' | b'B', b'[', ..] => (Unit::Blank, colour_end(bytes, letter + 3)),
        [b'u', digits @ ..] => {
            let code = digits.get(..4).and_then(|digits| std::str::from_utf8(digits).ok());
            let Some(code) = code.and_then(|digits| u16::from_str_radix(digits, 16).ok()) else {
                return (Unit::Other(b'u'), letter + 1);
            };
            let end = letter + 5;
            match code {
                0x1b => (Unit::Blank, colour_end(bytes, end)),
                0x20 | 0xa0 => (Unit::Blank, end),
                _ => match code as u8 {
                    sign if code < 0x80 && BASE64.contains(sign) => (Unit::Base64(sign), end),
                    other => (Unit::Other(other), end),
                },
            }
        }
        [other, ..] if !other.is_ascii_alphanumeric() => (Unit::Other(*other), letter + 1),
        _ => (Unit::Other(b'\\'), letter),
    }
}

/// The units of a part of a line, and where each stands.
pub(crate) fn units(bytes: &[u8], part: Range<usize>) -> impl Iterator<Item = (Unit, Range<usize>)> + '_ {
    let (mut at, bytes) = (part.start, &bytes[..part.end]);
    std::iter::from_fn(move || {
        let start = at;
        (start < bytes.len()).then(|| {
            let (unit, end) = unit(bytes, start);
            at = end;
            (unit, start..end)
        })
    })
}

/// What is the same in the surroundings of neighbours: numbers become one sign; blanks and the signs that tell a match
/// from its context (`key.pem:8:`, `key.pem-7-`) or an added line from a removed one are dropped.
pub(crate) fn essence(bytes: &[u8], part: Range<usize>) -> impl Iterator<Item = u8> + '_ {
    let mut last = 0;
    units(bytes, part).filter_map(move |(unit, _)| {
        let byte = match unit {
            Unit::Blank | Unit::Base64(b'+') | Unit::Other(b'-' | b':') => return None,
            Unit::Base64(byte) if byte.is_ascii_digit() => b'#',
            Unit::Base64(byte) | Unit::Other(byte) => byte,
        };
        let is_again = byte == b'#' && last == b'#';
        last = byte;
        (!is_again).then_some(byte)
    })
}

/// Whether there is nothing but blanks and tabs, which are masked with what they stand before.
pub(crate) fn is_white(bytes: &[u8], part: Range<usize>) -> bool {
    memchr::memchr2(b'[', 0x1b, &bytes[part.clone()]).is_none() && is_blank(bytes, part)
}

pub(crate) fn is_blank(bytes: &[u8], part: Range<usize>) -> bool {
    units(bytes, part).all(|(unit, _)| unit == Unit::Blank)
}

/// A short text of its own, so that nothing is allocated for a key.
#[derive(Clone, Copy)]
pub(crate) struct Essence {
    bytes: [u8; LONGEST_BESIDE],
    length: usize,
}

impl Essence {
    pub(crate) const EMPTY: Essence = Essence { bytes: [0; LONGEST_BESIDE], length: 0 };

    pub(crate) fn of(bytes: &[u8], part: Range<usize>) -> Essence {
        let mut made = Essence::EMPTY;
        for (place, byte) in made.bytes.iter_mut().zip(essence(bytes, part)) {
            *place = byte;
            made.length += 1;
        }
        made
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub(crate) fn equals(&self, bytes: &[u8], part: Range<usize>) -> bool {
        essence(bytes, part).eq(self.text().iter().copied())
    }

    /// Whether the text ends with what `part` says, and that says something.
    pub(crate) fn ends_with(&self, bytes: &[u8], part: Range<usize>) -> bool {
        let length = essence(bytes, part.clone()).count();
        length > 0
            && length <= self.length
            && essence(bytes, part).eq(self.text()[self.length - length..].iter().copied())
    }
}
