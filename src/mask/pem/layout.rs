//! Learns what stands before and after the text of a line: a viewer's line numbers, a file's name, a time stamp, the
//! sign of a diff, a border. Two lines have the same layout if their surroundings say the same but for numbers, blanks,
//! colours and signs. Owns how lines end and what counts as the same; knows nothing of keys.

use super::{BASE64, LONGEST_LINE};
use std::ops::Range;

/// So much of a line is looked at before its text: file names, time stamps and colours of a few escapes take less.
pub(super) const LONGEST_PREFIX: usize = 160;

/// So much of a line is looked at after its text.
const LONGEST_SUFFIX: usize = 200;

/// How many runs of base64 a line may have, those of its prefix among them.
const MOST_RUNS: usize = 24;

/// What a line is made of, as far as its layout matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
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

pub(super) fn backslashes(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take(64).take_while(|&&byte| byte == b'\\').count()
}

/// The units of a part of a line, and where each stands.
fn units(bytes: &[u8], part: Range<usize>) -> impl Iterator<Item = (Unit, Range<usize>)> + '_ {
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
fn essence(bytes: &[u8], part: Range<usize>) -> impl Iterator<Item = u8> + '_ {
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
fn is_white(bytes: &[u8], part: Range<usize>) -> bool {
    memchr::memchr2(b'[', 0x1b, &bytes[part.clone()]).is_none() && is_blank(bytes, part)
}

fn is_blank(bytes: &[u8], part: Range<usize>) -> bool {
    units(bytes, part).all(|(unit, _)| unit == Unit::Blank)
}

/// A short text of its own, so that nothing is allocated for a key.
#[derive(Clone, Copy)]
struct Essence {
    bytes: [u8; LONGEST_SUFFIX],
    length: usize,
}

impl Essence {
    const EMPTY: Essence = Essence { bytes: [0; LONGEST_SUFFIX], length: 0 };

    fn of(bytes: &[u8], part: Range<usize>) -> Essence {
        let mut made = Essence::EMPTY;
        for (place, byte) in made.bytes.iter_mut().zip(essence(bytes, part)) {
            *place = byte;
            made.length += 1;
        }
        made
    }

    fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn equals(&self, bytes: &[u8], part: Range<usize>) -> bool {
        essence(bytes, part).eq(self.text().iter().copied())
    }

    /// Whether the text ends with what `part` says, and that says something.
    fn ends_with(&self, bytes: &[u8], part: Range<usize>) -> bool {
        let length = essence(bytes, part.clone()).count();
        length > 0
            && length <= self.length
            && essence(bytes, part).eq(self.text()[self.length - length..].iter().copied())
    }
}

/// How the lines of a text end: with a newline, or with an escaped one of so many backslashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Breaks(usize);

/// A line, and where the next one starts; none if the text ends with this one.
#[derive(Clone, Debug)]
pub(super) struct TextLine {
    pub at: Range<usize>,
    pub next: Option<usize>,
}

impl Breaks {
    /// Returns how the line ends that goes on at `at`.
    fn after(bytes: &[u8], at: usize) -> Option<Breaks> {
        let end = bytes.len().min(at + LONGEST_SUFFIX);
        let mut here = at;
        while here < end {
            match bytes[here] {
                b'\n' => return Some(Breaks(0)),
                b'"' => return None,
                b'\\' => {
                    let count = backslashes(bytes, here);
                    if bytes.get(here + count) == Some(&b'n') {
                        return Some(Breaks(count));
                    }
                    here += count + 1;
                }
                _ => here += 1,
            }
        }
        None
    }

    /// Returns how the line before the one ends in which `at` stands.
    fn before(bytes: &[u8], at: usize) -> Option<Breaks> {
        let floor = at.saturating_sub(LONGEST_PREFIX);
        for here in (floor..at).rev() {
            match bytes[here] {
                b'\n' => return Some(Breaks(0)),
                b'n' if here > 0 && bytes[here - 1] == b'\\' => {
                    return Some(Breaks(backslashes_before(bytes, here)));
                }
                b'"' if here > 0 && bytes[here - 1] != b'\\' => return None,
                _ => {}
            }
        }
        None
    }

    /// Returns the line that starts at `start`, unless it goes on to `limit` or is too long.
    pub(super) fn line(self, bytes: &[u8], start: usize, limit: usize) -> Option<TextLine> {
        let end = bytes.len().min(limit).min(start + LONGEST_LINE);
        let mut at = start;
        while at < end {
            let here = at + memchr::memchr3(b'\n', b'"', b'\\', &bytes[at..end]).unwrap_or(end - at);
            match bytes[..end].get(here) {
                None => break,
                Some(b'\n') if self.0 == 0 => {
                    return Some(TextLine { at: start..here, next: Some(here + 1) });
                }
                Some(b'\\') => {
                    let count = backslashes(bytes, here);
                    match bytes.get(here + count) {
                        Some(b'n') if count == self.0 => {
                            return Some(TextLine { at: start..here, next: Some(here + count + 1) });
                        }
                        Some(b'"') if count < self.0 => {
                            return Some(TextLine { at: start..here, next: None });
                        }
                        _ => at = here + count + 1,
                    }
                }
                // A quote ends the string, a newline the record that it stands in.
                Some(_) => return Some(TextLine { at: start..here, next: None }),
            }
        }
        (end == bytes.len()).then_some(TextLine { at: start..end, next: None })
    }

    /// Returns where the line starts that goes on to `at`, not before `floor`, and where the line before it ends, if
    /// there is one.
    pub(super) fn start(self, bytes: &[u8], at: usize, floor: usize) -> (usize, Option<usize>) {
        for here in (floor..at).rev() {
            match bytes[here] {
                b'\n' => return (here + 1, (self.0 == 0).then_some(here)),
                b'n' if self.0 > 0 && here >= self.0 && backslashes_before(bytes, here) == self.0 => {
                    return (here + 1, Some(here - self.0));
                }
                b'"' if self.0 == 0 || backslashes_before(bytes, here) < self.0 => return (here + 1, None),
                _ => {}
            }
        }
        (floor, None)
    }
}

fn backslashes_before(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rev().take(64).take_while(|&&byte| byte == b'\\').count()
}

/// A piece of base64 in a line, without what stands around it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub at: Range<usize>,
    /// How many letters of base64 it has.
    pub count: usize,
    /// Whether nothing but blanks stands around it.
    pub is_bare: bool,
}

/// What stands around the text of each line.
pub(super) struct Layout {
    pub breaks: Breaks,
    before: Essence,
    after: Essence,
    /// Whether nothing but blanks stands around the lines.
    pub is_plain: bool,
    /// Whether a diff's `+` stands before the label.
    is_added: bool,
    /// How long what stands before the label is, if it may end with a diff's sign.
    sign_ends: Option<usize>,
}

impl Layout {
    /// Learns from the line in which the label at `label` stands: one that lines follow, or that follows lines.
    pub(super) fn of(bytes: &[u8], label: &Range<usize>, follows: bool) -> Option<Layout> {
        let breaks = match follows {
            true => Breaks::before(bytes, label.start)?,
            false => Breaks::after(bytes, label.end)?,
        };
        let (start, _) = breaks.start(bytes, label.start, label.start.saturating_sub(LONGEST_PREFIX));
        let end = breaks.line(bytes, label.end, label.end + LONGEST_SUFFIX);
        let end = end.map_or(label.end, |line| line.at.end);
        Some(Layout {
            breaks,
            before: Essence::of(bytes, start..label.start),
            after: Essence::of(bytes, label.end..end),
            is_plain: is_white(bytes, start..label.start) && is_white(bytes, label.end..end),
            is_added: bytes[start..label.start].ends_with(b"+"),
            sign_ends: matches!(bytes[start..label.start].last(), Some(b' ' | b'-'))
                .then_some(label.start - start),
        })
    }

    /// The layout of lines that have nothing around them, whatever stands beside the label.
    pub(super) fn without_surroundings(&self) -> Layout {
        let (before, after) = (Essence::EMPTY, Essence::EMPTY);
        Layout { breaks: self.breaks, before, after, is_plain: true, is_added: false, sign_ends: None }
    }

    /// Whether the part of a line stands where its text begins.
    pub(super) fn is_prefix(&self, bytes: &[u8], part: Range<usize>) -> bool {
        self.before.equals(bytes, part.clone()) || self.before.ends_with(bytes, part)
    }

    /// Whether nothing but its surroundings is in the line, or not even those.
    pub(super) fn is_empty(&self, bytes: &[u8], line: Range<usize>) -> bool {
        let surroundings = self.before.text().iter().chain(self.after.text());
        essence(bytes, line.clone()).next().is_none() || essence(bytes, line).eq(surroundings.copied())
    }

    /// Returns the piece of base64 that is all of the line's text; with `may_be_bare`, also where a line has nothing
    /// around it, as the rest of one that a terminal wrapped.
    pub(super) fn piece(&self, bytes: &[u8], line: Range<usize>, may_be_bare: bool) -> Option<Piece> {
        let mut runs = [(0, 0, 0); MOST_RUNS];
        let mut found = 0;
        let mut is_open = false;
        for (unit, at) in units(bytes, line.clone()) {
            let is_base64 = matches!(unit, Unit::Base64(_));
            if is_base64 && !is_open {
                *runs.get_mut(found)? = (at.start, at.end, 0);
                found += 1;
            }
            is_open = is_base64;
            if is_base64 {
                (runs[found - 1].1, runs[found - 1].2) = (at.end, runs[found - 1].2 + 1);
            }
        }
        let runs = &runs[..found];
        // From the last on, since the names and numbers of a prefix are base64 as well.
        for is_exact in [true, false] {
            for (first, &(start, ..)) in runs.iter().enumerate().rev() {
                let prefix = line.start..start;
                let fits = match is_exact {
                    true => self.before.equals(bytes, prefix),
                    false => self.before.ends_with(bytes, prefix),
                };
                if !fits {
                    continue;
                }
                let last = (first..found).rev().find(|&last| {
                    self.after.equals(bytes, runs[last].1..line.end) && beside(bytes, &runs[first..=last])
                });
                if let Some(last) = last {
                    return Some(self.without_sign(bytes, line, &runs[first..=last]));
                }
            }
        }
        match runs {
            [(start, end, _)]
                if may_be_bare && is_blank(bytes, line.start..*start) && is_blank(bytes, *end..line.end) =>
            {
                Some(self.without_sign(bytes, line, runs))
            }
            _ => None,
        }
    }

    /// A diff's `+` is a letter of base64 as well: a sign where the label has one, or where the line is a letter longer
    /// than its kind.
    fn without_sign(&self, bytes: &[u8], line: Range<usize>, runs: &[(usize, usize, usize)]) -> Piece {
        let count: usize = runs.iter().map(|run| run.2).sum();
        let at = runs[0].0..runs[runs.len() - 1].1;
        let may_be_sign =
            self.is_added || count % 4 == 1 || self.sign_ends == Some(at.start + 1 - line.start);
        let is_signed = bytes[at.start] == b'+' && count > 1 && may_be_sign;
        Piece {
            is_bare: !is_signed && is_white(bytes, line.start..at.start) && is_white(bytes, at.end..line.end),
            at: at.start + usize::from(is_signed)..at.end,
            count: count - usize::from(is_signed),
        }
    }
}

/// Whether runs are one, or the columns of a diff beside each other.
fn beside(bytes: &[u8], runs: &[(usize, usize, usize)]) -> bool {
    let is_border =
        |(unit, _): (Unit, Range<usize>)| matches!(unit, Unit::Blank | Unit::Other(b'|' | b'<' | b'>'));
    runs.len() == 1
        || runs.iter().all(|run| run.2 >= super::LEAST_LINE)
            && runs.windows(2).all(|pair| units(bytes, pair[0].1..pair[1].0).all(is_border))
}

/// Returns whether a piece has capitals, small letters and digits.
pub(super) fn classes(bytes: &[u8], piece: &Piece) -> [bool; 3] {
    let has = |class: fn(&u8) -> bool| bytes[piece.at.clone()].iter().any(class);
    [has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase), has(u8::is_ascii_digit)]
}

/// Whether a piece has all of them, as no word of prose or code has.
pub(super) fn is_mixed(bytes: &[u8], piece: &Piece) -> bool {
    classes(bytes, piece) == [true; 3]
}
