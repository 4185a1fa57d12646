//! Finds lines out of the middle of a key, as `sed -n 5,9p key.pem` prints them: nothing in them says what they are. So
//! they are looked for only in sessions in which a private key was shown, and a line alone is none.

use crate::mask::pem::limits::LONGEST_KEY;
use std::ops::Range;

/// How long the lines of keys are: PEM and PuTTY, OpenSSH, MIME.
const LINES: [usize; 3] = [64, 70, 76];

/// The surroundings of two lines of a key take no more than this together: a line end, a file's name, a time stamp.
const MOST_BETWEEN: usize = 240;

/// So far before a line the label may stand that says that it is of something public.
const LABEL_BEFORE: usize = 3 << 10;

/// So much around a range decides about the lines in it.
const AROUND: usize = 1 << 10;

/// Of a line of random letters so many are different.
const LEAST_DISTINCT: u32 = 20;

/// A short line has at least so many letters, unless it is padded.
const LEAST_LAST: usize = 16;

/// Hands the lines of base64 to `found` that begin in `wanted` and may be out of the middle of a private key: of two or
/// more in a row, each that is of a key's length, and the short one after them. Only the text, not what stands around it.
pub(crate) fn middle_lines(bytes: &[u8], wanted: &Range<usize>, found: &mut dyn FnMut(Range<usize>)) {
    let until = bytes.len().min(wanted.end + AROUND);
    let mut at = wanted.start.saturating_sub(AROUND);
    // A run that began before is not seen whole.
    if at > 0 {
        at += run_length(&bytes[at..until]);
    }
    let mut last: Option<Line> = None;
    while let Some(line) = next_line(bytes, at, until) {
        at = line.at.end;
        let follows = last.as_ref().is_some_and(|last| last.is_before(&line, bytes));
        let mut hand = |line: &mut Line| {
            if !line.is_handed && wanted.contains(&line.at.start) && !is_public(bytes, line.at.start) {
                found(line.at.clone());
            }
            line.is_handed = true;
        };
        let mut line = line;
        if follows && let Some(last) = last.as_mut() {
            if line.is_whole {
                hand(last);
                hand(&mut line);
            } else if last.is_handed {
                hand(&mut line);
            }
        }
        last = line.is_whole.then_some(line);
    }
}

/// How far behind a BEGIN label the first line may stand: headers and what a search prints between take no more.
const MOST_HEADERS: usize = 1 << 10;

/// Hands the lines of base64 to `found` that follow a BEGIN label which ends at `label_end`, whatever stands around them:
/// those that begin within `near` bytes each on its own, all others as one. No line of a key's length: nothing.
pub(crate) fn lines_behind(bytes: &[u8], label_end: usize, near: usize, found: &mut dyn FnMut(Range<usize>)) {
    let until = bytes.len().min(label_end + LONGEST_KEY);
    let (mut at, mut last): (usize, Option<Line>) = (label_end, None);
    let mut rest: Option<Range<usize>> = None;
    while let Some(line) = next_line(bytes, at, until) {
        at = line.at.end;
        let is_next = match &last {
            Some(last) => last.is_before(&line, bytes),
            None if line.at.start - label_end > MOST_HEADERS => false,
            // A short run may stand in a header.
            None if !line.is_whole => continue,
            None => memchr::memchr(b'"', &bytes[label_end..line.at.start]).is_none(),
        };
        if !is_next {
            break;
        }
        match &mut rest {
            Some(rest) => rest.end = line.at.end,
            None if line.at.start - label_end > near => rest = Some(line.at.clone()),
            None => found(line.at.clone()),
        }
        if !line.is_whole {
            break;
        }
        last = Some(line);
    }
    rest.into_iter().for_each(found);
}

/// A run of base64 that may be a line of a key.
struct Line {
    at: Range<usize>,
    /// Of the length that a key's lines have; else its last.
    is_whole: bool,
    is_handed: bool,
}

impl Line {
    /// Whether `next` is the line after this one.
    fn is_before(&self, next: &Line, bytes: &[u8]) -> bool {
        let between = &bytes[self.at.end..next.at.start];
        let ends =
            || memchr::memchr(b'\n', between).is_some() || memchr::memmem::find(between, b"\\n").is_some();
        between.len() <= MOST_BETWEEN
            && memchr::memchr(b'"', between).is_none()
            && (!next.is_whole || next.at.len() == self.at.len())
            && ends()
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

fn run_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_base64(**byte)).count()
}

/// Returns the next run from `at` on that may be a line.
fn next_line(bytes: &[u8], mut at: usize, until: usize) -> Option<Line> {
    loop {
        at += bytes[at..until].iter().position(|byte| is_base64(*byte))?;
        let run = at..at + run_length(&bytes[at..until]);
        at = run.end;
        // One that goes on is not seen whole.
        if run.end == until && until < bytes.len() {
            return None;
        }
        let text = without_sign(bytes, run);
        let padding = bytes[text.end..].iter().take(2).take_while(|byte| **byte == b'=').count();
        let is_mixed = || is_mixed(&bytes[text.clone()]);
        if LINES.contains(&text.len()) && is_mixed() {
            return Some(Line { at: text, is_whole: true, is_handed: false });
        }
        if text.len() < LINES[0] && (padding > 0 || text.len() >= LEAST_LAST && is_mixed()) {
            return Some(Line { at: text.start..text.end + padding, is_whole: false, is_handed: false });
        }
    }
}

/// Returns the run without what of an escape or a colour it begins with, and without a diff's sign.
fn without_sign(bytes: &[u8], run: Range<usize>) -> Range<usize> {
    let skipped = match bytes[..run.start].last() {
        Some(b'\\') => usize::from(b"nrt".contains(&bytes[run.start])),
        Some(b'[' | b';') => colour_length(&bytes[run.clone()]),
        _ => 0,
    };
    let text = run.start + skipped..run.end;
    let is_signed = bytes.get(text.start) == Some(&b'+') && LINES.contains(&(text.len().saturating_sub(1)));
    if is_signed { text.start + 1..text.end } else { text }
}

/// Returns how long the rest of a terminal colour is, `0m` of `ESC[0m`.
fn colour_length(text: &[u8]) -> usize {
    let digits = text.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    if matches!(text.get(digits), Some(b'm' | b'K')) { digits + 1 } else { 0 }
}

fn is_mixed(text: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| text.iter().any(test);
    let distinct = text.iter().fold(0u128, |seen, byte| seen | 1 << (byte & 127)).count_ones();
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && (distinct >= LEAST_DISTINCT || text.len() < LINES[0])
}

/// Whether a label before the line says that what begins there is no private key.
fn is_public(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(LABEL_BEFORE)..at];
    let Some(label) = memchr::memmem::rfind(before, b"-----BEGIN ") else { return false };
    let after = &before[label..];
    let name = &after[..after.len().min(80)];
    memchr::memmem::find(after, b"-----END ").is_none() && memchr::memmem::find(name, b"PRIVATE").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::tests::random::Random;

    fn lines(count: usize, length: usize) -> Vec<String> {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        (0..count).map(|_| random.base64(length)).collect()
    }

    fn left(text: &str) -> String {
        let mut left = text.to_owned();
        let mut places = Vec::new();
        middle_lines(text.as_bytes(), &(0..text.len()), &mut |place| places.push(place));
        places.into_iter().rev().for_each(|place| left.replace_range(place, "*"));
        left
    }

    #[test]
    fn lines_in_a_row_are_found_whatever_stands_around_them() {
        for length in LINES {
            let lines = lines(3, length);
            let short = "ab3DE+f=";
            for (before, end) in [
                ("", "\n"),
                ("", "\\n"),
                ("     5\u{2192}", "\\n"),
                ("5\\t", "\\n"),
                ("key.pem:5:", "\n"),
                ("+", "\\n"),
                ("+", "\n"),
                ("2026-01-02T10:00:00Z app | ", "\r\n"),
            ] {
                let text: String = lines.iter().map(|line| format!("{before}{line}{end}")).collect();
                let text = format!("x {end}{text}{before}{short}{end}");
                let expected = format!("{before}*{end}").repeat(3);
                // A sign before the short line is a letter of base64 as well.
                let last = format!("{}*{end}", before.trim_end_matches('+'));
                let found = left(&text);
                let found = found.replacen(&format!("{expected}+*"), &format!("{expected}*"), 1);
                assert_eq!(found, format!("x {end}{expected}{last}"), "{text}");
            }
        }
    }

    #[test]
    fn a_line_alone_a_certificate_and_hashes_are_left() {
        let two = lines(2, 64);
        let hashes = ["3f".repeat(32), "a7".repeat(32)].join("\n");
        for text in [
            format!("{}\n", two[0]),
            format!("-----BEGIN CERTIFICATE-----\n{}\n{}\n", two[0], two[1]),
            format!("{} {}\n", two[0], two[1]),
            format!("\"{}\\n\", \"{}\\n\"", two[0], two[1]),
            hashes,
        ] {
            assert_eq!(left(&text), text);
        }
    }
}
