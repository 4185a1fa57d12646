//! Secrets in letters with a NUL after each: UTF-16 that was taken for UTF-8. Owns how such runs are found and read as
//! the text that they are; what is a secret in it is decided by the scanners.
//!
//! Windows' shells print UTF-16, and tools that read it as UTF-8 record `g\u0000h\u0000p\u0000...`, or the bytes as they
//! are. Whether the NUL belongs to the letter before or after it makes no difference to a run of both.

use crate::mask::window::{Counts, LOOK_BEHIND};
use std::ops::Range;

/// Fewer letters are no secret, and may stand between NULs by chance.
const LEAST_LETTERS: usize = 16;

/// Runs are read in segments of the stream of so many bytes, each with as many before it, so that what is found does not
/// depend on how the stream is cut into windows.
const SEGMENT_BYTES: usize = LOOK_BEHIND / 2;

/// So many bytes after a segment are read with it: enough for a secret that begins in it, at 14 bytes a letter.
const AHEAD_BYTES: usize = 48 << 10;

/// An escape of at most so many backslashes is followed: JSON in JSON in JSON.
const MOST_BACKSLASHES: usize = 8;

/// Returns whether runs may begin or end in the `wanted` range of `bytes`, in which this was counted. What lies
/// around it is looked at, too: a run that has only its first letters there must not be missed.
pub(crate) fn may_have(bytes: &[u8], wanted: &Range<usize>, counts: &Counts) -> bool {
    let until = (wanted.end + AROUND).min(bytes.len());
    counts.nul_bytes > 0 || counts.has_escaped_nuls || memchr::memchr(0, &bytes[wanted.end..until]).is_some()
}

/// So much around a wanted range may belong to a run that begins or ends in it.
const AROUND: usize = 256;
const _: () = assert!(AROUND <= LOOK_BEHIND);

/// Returns whether there may be runs of letters and escaped NULs (`\u0000`) in `bytes`. Looks at 8 of 96 bytes: a run
/// has 112 at least, so that one of these places is within it, and two of any 8 of its bytes are the digit 0.
pub(crate) fn may_have_escaped(bytes: &[u8]) -> bool {
    const STRIDE: usize = 96;
    const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);
    const LOW: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = LOW << 7;
    let has_nul = |from: usize, to: usize| memchr::memmem::find(&bytes[from..to], b"u0000").is_some();
    let mut at = 0;
    while let Some(eight) = bytes.get(at..at + 8).and_then(|eight| <[u8; 8]>::try_from(eight).ok()) {
        let no_zero = u64::from_ne_bytes(eight) ^ ZEROS;
        let zeros = no_zero.wrapping_sub(LOW) & !no_zero & HIGH;
        if zeros & zeros.wrapping_sub(1) != 0 && has_nul(at.saturating_sub(16), (at + 32).min(bytes.len())) {
            return true;
        }
        at += STRIDE;
    }
    false
}

/// The text of one run, and where each byte of it stands.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub text: Vec<u8>,
    /// For each byte of the text, its offset in the bytes at hand.
    places: Vec<usize>,
    letters: usize,
}

impl Run {
    /// Returns where a part of the text stands in the bytes at hand, without the NUL after its last letter.
    pub(crate) fn place(&self, part: Range<usize>) -> Range<usize> {
        self.places[part.start]..self.places[part.end - 1] + 1
    }

    fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
        self.letters = 0;
    }
}

/// Calls `found` with each run in `bytes` (which begin at `offset` of the stream), and with the range of the bytes in
/// which matches are wanted of it.
pub(crate) fn runs(
    bytes: &[u8],
    offset: u64,
    wanted: &Range<usize>,
    found: &mut dyn FnMut(&Run, Range<usize>),
) {
    let mut start = wanted.start;
    let mut run = Run::default();
    while start < wanted.end {
        let into = ((offset + start as u64) % SEGMENT_BYTES as u64) as usize;
        let segment_end = start + SEGMENT_BYTES - into;
        let end = segment_end.min(wanted.end);
        let from = start.saturating_sub(into + SEGMENT_BYTES);
        let until = (segment_end + AHEAD_BYTES).min(bytes.len());
        runs_of_segment(&bytes[..until], from, start..end, &mut run, found);
        start = end;
    }
}

fn runs_of_segment(
    bytes: &[u8],
    from: usize,
    wanted: Range<usize>,
    run: &mut Run,
    found: &mut dyn FnMut(&Run, Range<usize>),
) {
    let mut at = from;
    run.clear();
    while at < bytes.len() {
        if let Some((letter, end)) = unit_at(bytes, at) {
            run.places.extend(letter.clone());
            run.text.extend_from_slice(&bytes[letter]);
            run.letters += 1;
            at = end;
            continue;
        }
        if run.letters >= LEAST_LETTERS {
            // The last letter of a run whose NULs come first has none after it.
            if bytes[at].is_ascii_graphic() && !matches!(bytes[at], b'\\' | b'"') {
                run.places.push(at);
                run.text.push(bytes[at]);
            }
            found(run, wanted.clone());
        }
        run.clear();
        if at >= wanted.end {
            return;
        }
        at += 1;
    }
    if run.letters >= LEAST_LETTERS {
        found(run, wanted);
    }
}

/// Returns the range of the letter at `at`, and where the NUL after it ends.
fn unit_at(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let first = *bytes.get(at)?;
    if first == 0 || !first.is_ascii() {
        return None;
    }
    if bytes.get(at + 1) == Some(&0) {
        return Some((at..at + 1, at + 2));
    }
    let end = if first == b'\\' { escape_end(bytes, at)? } else { at + 1 };
    if end > at + 1 && is_escaped_nul(&bytes[at..end]) {
        return None;
    }
    if bytes.get(end) == Some(&0) {
        return Some((at..end, end + 1));
    }
    let nul_end = escape_end(bytes, end).filter(|nul_end| is_escaped_nul(&bytes[end..*nul_end]))?;
    Some((at..end, nul_end))
}

/// Returns where the escape at `at` ends, whatever its depth.
fn escape_end(bytes: &[u8], at: usize) -> Option<usize> {
    let backslashes =
        bytes[at..].iter().take(MOST_BACKSLASHES + 1).take_while(|byte| **byte == b'\\').count();
    if backslashes == 0 || backslashes > MOST_BACKSLASHES {
        return None;
    }
    let letter = at + backslashes;
    match bytes.get(letter)? {
        b'u' => bytes.get(letter + 1..letter + 5)?.iter().all(u8::is_ascii_hexdigit).then_some(letter + 5),
        b'n' | b'r' | b't' | b'b' | b'f' | b'/' | b'"' => Some(letter + 1),
        _ => None,
    }
}

fn is_escaped_nul(escape: &[u8]) -> bool {
    escape.ends_with(b"\\u0000")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::masker::Masker;
    use crate::mask::masker::options::Options;
    use crate::mask::output::mask_whole;
    use crate::mask::tests::windows::mask_as_stream;

    fn token(seed: usize) -> String {
        let body: String = (0..36).map(|at| (b'a' + ((at * 7 + seed * 5) % 26) as u8) as char).collect();
        ["gh", "p_", &body.replacen(&body[3..6], "4X9", 1)].concat()
    }

    fn wide(text: &str, nul: &str, is_nul_first: bool) -> String {
        text.chars()
            .map(|letter| if is_nul_first { format!("{nul}{letter}") } else { format!("{letter}{nul}") })
            .collect()
    }

    #[test]
    fn a_secret_with_nuls_between_its_letters_is_masked_in_place() {
        let masker = Masker::new(&Options::default()).unwrap();
        let nuls = ["\0", "\\u0000", "\\\\u0000", "\\\\\\\\u0000"];
        for (seed, nul) in nuls.iter().enumerate() {
            for is_nul_first in [false, true] {
                for far in [0, 3_000, 70_000] {
                    let before = wide(&"some words ".repeat(far / 11 + 1), nul, is_nul_first);
                    let after = wide(" and more", nul, is_nul_first);
                    let secret = wide(&format!("x={} ", token(seed)), nul, is_nul_first);
                    let text = format!("{{\"a\":\"{before}{secret}{after}\",\"b\":1}}\n");
                    let (out, tally) = mask_whole(&masker, None, text.as_bytes());
                    let shown = String::from_utf8_lossy(&out);
                    assert!(
                        !shown.contains(&wide(&token(seed)[8..24], nul, false)),
                        "{nul:?} {is_nul_first} {far}"
                    );
                    assert!(
                        shown.starts_with(&format!("{{\"a\":\"{before}")) && shown.contains(&after),
                        "{nul:?}"
                    );
                    assert_eq!(tally.masked_lines, 1);
                    if *nul != "\0" {
                        assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
                    }
                    assert_eq!(mask_as_stream(&masker, None, text.as_bytes(), &[97]).0, out);
                    assert_eq!(mask_whole(&masker, None, &out).0, out, "masked once more");
                }
            }
        }
    }

    #[test]
    fn what_has_nuls_and_no_secret_stays() {
        let masker = Masker::new(&Options::default()).unwrap();
        for text in [
            wide("nothing to see here, only words and a number 1234567", "\\u0000", false),
            wide(&"0".repeat(80), "\\u0000", true),
            "\\u0000".repeat(60),
            "\0".repeat(500),
        ] {
            let text = format!("{{\"a\":\"{text}\"}}\n");
            assert_eq!(mask_whole(&masker, None, text.as_bytes()).0, text.as_bytes());
        }
    }

    #[test]
    fn escaped_nuls_are_seen_wherever_they_stand() {
        for before in 0..140 {
            for nul in ["\\u0000", "\\\\u0000", "\\\\\\\\u0000"] {
                let text = format!(
                    "{}{}{}",
                    "x".repeat(before),
                    wide(&token(1), nul, false),
                    "y".repeat(before % 7)
                );
                assert!(may_have_escaped(text.as_bytes()), "{before} {nul}");
            }
        }
        assert!(!may_have_escaped("a plain text, 1,000,000 lines of it; ".repeat(50).as_bytes()));
    }
}
