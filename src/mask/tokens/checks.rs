//! Checks whether a token that has the right form is a secret: not a name, a placeholder or part of a blob of base64. Owns
//! what an entry of the table may ask for. Sees candidates only, so it may take its time.

use crate::mask::text::class::{BASE64, WORD};
use std::ops::Range;

/// What else must hold of the bytes after the literal; a sum of the constants below.
pub(crate) type Checks = u16;
/// Nothing else.
pub(crate) const SURE: Checks = 0;
/// Holds a digit.
pub(crate) const DIGIT: Checks = 1;
/// Holds an uppercase letter, a lowercase letter and a digit.
pub(crate) const MIXED: Checks = 2;
/// Holds an uppercase and a lowercase letter.
pub(crate) const CASES: Checks = 4;
/// Holds a run of 16 letters and digits with a digit in it, or of 24 without: no name in kebab or snake case does.
pub(crate) const DENSE: Checks = 8;
/// Does not end in `EXAMPLE`.
pub(crate) const NO_EXAMPLE: Checks = 16;
/// No byte of `[A-Za-z0-9_-]` follows: the length decides between a secret and, say, a hash.
pub(crate) const ENDS: Checks = 32;
/// No letter or digit follows.
pub(crate) const ENDS_ALNUM: Checks = 64;

/// So much of a token's body is looked at.
pub(crate) const CHECKED_BYTES: usize = 512;

/// How far from a match a word may stand that a rule wants near it.
const NEAR_BYTES: usize = 256;

/// So many bytes of base64 right before a match make it part of a blob.
const BLOB_BYTES: usize = 48;

/// Returns whether `body`, which `next` follows, passes `checks` and what holds for all rules: at least 6 different
/// bytes and no `xxxxxx`.
pub(crate) fn accept(checks: Checks, body: &[u8], next: Option<u8>) -> bool {
    let body = &body[..body.len().min(CHECKED_BYTES)];
    let has = |test: fn(&u8) -> bool| body.iter().any(test);
    let (digit, upper, lower) =
        (has(u8::is_ascii_digit), has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase));
    let asks = |check: Checks| checks & check != 0;
    if asks(DIGIT) && !digit
        || asks(MIXED) && !(digit && upper && lower)
        || asks(CASES) && !(upper && lower)
        || asks(NO_EXAMPLE) && body.ends_with(b"EXAMPLE")
        || asks(ENDS) && next.is_some_and(|byte| WORD.contains(byte))
        || asks(ENDS_ALNUM) && next.is_some_and(|byte| byte.is_ascii_alphanumeric())
        || asks(DENSE) && !is_dense(body)
    {
        return false;
    }
    is_varied(body) && !is_crossed_out(body)
}

/// Whether there are at least 6 different bytes.
fn is_varied(body: &[u8]) -> bool {
    let mut seen = [0u64; 4];
    for &byte in body {
        seen[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    seen.iter().map(|set| set.count_ones()).sum::<u32>() >= 6
}

/// Whether it holds `xxxxxx`, as placeholders do.
fn is_crossed_out(body: &[u8]) -> bool {
    let mut row = 0;
    body.iter().any(|byte| {
        row = if byte.eq_ignore_ascii_case(&b'x') { row + 1 } else { 0 };
        row == 6
    })
}

/// Whether there is a run of 16 letters and digits with a digit in it, or of 24 without.
pub(crate) fn is_dense(body: &[u8]) -> bool {
    body.split(|byte| !byte.is_ascii_alphanumeric())
        .any(|run| run.len() >= 24 || (run.len() >= 16 && run.iter().any(u8::is_ascii_digit)))
}

/// Whether `word` (lowercase) stands within some hundred bytes of `start..end`, in any case.
pub(crate) fn is_near(word: &str, bytes: &[u8], start: usize, end: usize) -> bool {
    around(bytes, start..end, NEAR_BYTES)
        .windows(word.len())
        .any(|there| there.eq_ignore_ascii_case(word.as_bytes()))
}

/// Returns what stands within `reach` bytes of `at` in the same line. Other lines never decide: they are other
/// records, and may not have been written yet.
pub(crate) fn around(bytes: &[u8], at: Range<usize>, reach: usize) -> &[u8] {
    let before = &bytes[at.start.saturating_sub(reach)..at.start];
    let from = at.start - before.iter().rev().take_while(|&&byte| byte != b'\n').count();
    let after = &bytes[at.end..bytes.len().min(at.end + reach)];
    &bytes[from..at.end + memchr::memchr(b'\n', after).unwrap_or(after.len())]
}

/// Whether `start` lies in a blob of standard base64, where any few letters occur by chance. Only its own line tells:
/// what ends the line before may be a token, too.
pub(crate) fn is_in_blob(bytes: &[u8], start: usize) -> bool {
    is_after_blob(bytes, start, |byte| BASE64.contains(byte))
}

/// Whether `start` lies in a blob of base64 of the alphabet for URLs, in which hyphens and underscores are no joints.
pub(crate) fn is_in_url_blob(bytes: &[u8], start: usize) -> bool {
    is_after_blob(bytes, start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
}

/// Whether [`BLOB_BYTES`] of an alphabet stand before `start`, all sorts of them.
fn is_after_blob(bytes: &[u8], start: usize, is_part: impl Fn(u8) -> bool) -> bool {
    let Some(from) = start.checked_sub(BLOB_BYTES) else { return false };
    let blob = &bytes[from..start];
    let has = |test: fn(&u8) -> bool| blob.iter().any(test);
    blob.iter().all(|&byte| is_part(byte))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_placeholders_are_no_secrets() {
        assert!(!accept(DENSE, b"circle-fade-dot-animation-container-large", None));
        assert!(!accept(SURE, b"xxxxxxxxxxxxxxxxxxxxab12", None));
        assert!(!accept(SURE, b"abababababababababab", None));
        assert!(!accept(NO_EXAMPLE, b"IOSFODNN7EXAMPLE", None));
        assert!(accept(DENSE, b"a1b2c3d4e5f6a7b8", None));
    }

    #[test]
    fn what_follows_decides_where_length_does() {
        assert!(accept(ENDS, b"0123456789abcdef", Some(b'"')));
        assert!(!accept(ENDS, b"0123456789abcdef", Some(b'0')));
        assert!(!accept(ENDS, b"0123456789abcdef", Some(b'-')));
        assert!(accept(ENDS_ALNUM, b"0123456789abcdef", Some(b'-')));
    }

    #[test]
    fn a_match_in_a_blob_is_seen() {
        let blob = b"Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9v/AKIA";
        assert!(is_in_blob(blob, blob.len() - 4));
        assert!(!is_in_blob(b"https://example.com/AKIA", 20));
        assert!(!is_in_blob(b"\"AKIA", 1));
        let next_line = [&blob[..blob.len() - 5], b"\nAKIA"].concat();
        assert!(!is_in_blob(&next_line, next_line.len() - 4));
    }
}
