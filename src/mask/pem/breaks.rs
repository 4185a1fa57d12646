//! How the lines of a text end, raw or escaped at any depth, and where they begin and end.

use crate::mask::pem::limits::LONGEST_LINE;
use std::ops::Range;

/// So much of a line is looked at before its text: file names, time stamps and colours of a few escapes take less.
pub(crate) const LONGEST_PREFIX: usize = 160;

/// So much of a line is looked at after its text.
pub(crate) const LONGEST_BESIDE: usize = 200;

pub(crate) fn backslashes(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take(64).take_while(|&&byte| byte == b'\\').count()
}

/// How the lines of a text end: with a newline, or with an escaped one of so many backslashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Breaks(usize);

/// A line, and where the next one starts; none if the text ends with this one.
#[derive(Clone, Debug)]
pub(crate) struct TextLine {
    pub at: Range<usize>,
    pub next: Option<usize>,
}

impl Breaks {
    /// Returns how the line ends that goes on at `at`.
    pub(crate) fn after(bytes: &[u8], at: usize) -> Option<Breaks> {
        let end = bytes.len().min(at + LONGEST_BESIDE);
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
    pub(crate) fn before(bytes: &[u8], at: usize) -> Option<Breaks> {
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
    pub(crate) fn line(self, bytes: &[u8], start: usize, limit: usize) -> Option<TextLine> {
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
    pub(crate) fn start(self, bytes: &[u8], at: usize, floor: usize) -> (usize, Option<usize>) {
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
