//! Reads escapes backwards in raw JSONL bytes: where a token may begin, and where a mask may not begin or end.
//! Owns no rule. Every look is bounded, so that a line of a gigabyte of backslashes costs no more than any other.

use std::ops::Range;

/// How many backslashes are counted at most before a byte: eight levels of nesting need 255.
const MOST_BACKSLASHES: usize = 512;

/// How long a colour's parameters (`38;2;255;100;0`) may be.
const LONGEST_COLOUR: usize = 24;

/// Whether `byte` is one of `[A-Za-z0-9_-]`, the bytes that no token begins right after.
#[inline]
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Returns how many backslashes stand right before `position` (512 at most).
pub(crate) fn backslashes_before(bytes: &[u8], position: usize) -> usize {
    bytes[..position].iter().rev().take(MOST_BACKSLASHES).take_while(|&&byte| byte == b'\\').count()
}

/// Whether a token may begin at `position`: at the start of `bytes`, after a byte that is none of `[A-Za-z0-9_-]`,
/// or right after an escape of any depth (`\n`, `\\n`, `\u003d`), a percent escape, a terminal colour, or the sign of
/// a diff's line.
pub(crate) fn is_left_boundary(bytes: &[u8], position: usize) -> bool {
    begins_after_break(bytes, position)
        || (position > 0 && bytes[position - 1] == b'-' && begins_after_break(bytes, position - 1))
}

/// [`is_left_boundary`] without the diff sign.
fn begins_after_break(bytes: &[u8], position: usize) -> bool {
    position == 0 || !is_word(bytes[position - 1]) || ends_escape(bytes, position)
}

/// Whether an escape, a percent escape or a terminal colour ends at `end`.
fn ends_escape(bytes: &[u8], end: usize) -> bool {
    let before = &bytes[..end];
    match before {
        [.., b'\\', b'n' | b't' | b'r' | b'b' | b'f'] => true,
        [.., b'\\', b'u', a, b, c, d] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) => true,
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., b'%', b'2', b'5', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., b'm'] => ends_colour(before),
        _ => false,
    }
}

/// Whether `before` ends in a colour: ESC (raw, or in one of the ways to write it), `[`, parameters, `m`.
fn ends_colour(before: &[u8]) -> bool {
    let parameters = before[..before.len() - 1]
        .iter()
        .rev()
        .take(LONGEST_COLOUR)
        .take_while(|&&byte| byte.is_ascii_digit() || byte == b';' || byte == b':')
        .count();
    let Some(before) = before[..before.len() - 1 - parameters].strip_suffix(b"[") else { return false };
    let written = [&b"\x1b"[..], b"\\u001b", b"\\u001B", b"\\x1b", b"\\x1B", b"\\033", b"\\e", b"^["];
    written.iter().any(|escape| before.ends_with(escape))
}

/// Returns the escape that `position` stands inside: after its first backslash and before its end. All backslashes in
/// a row count as one escape with what follows them, since their nesting is not known. A mask must neither begin nor
/// end at such a position.
pub(crate) fn escape_around(bytes: &[u8], position: usize) -> Option<Range<usize>> {
    if position == 0 || position > bytes.len() {
        return None;
    }
    // The longest tail after the backslashes is `uXXXX`.
    for tail in 0..=4.min(position - 1) {
        let last_backslash = position - 1 - tail;
        if bytes[last_backslash] == b'\\' {
            let run_after =
                bytes[position..].iter().take(MOST_BACKSLASHES).take_while(|&&byte| byte == b'\\');
            let letter = if tail == 0 { position + run_after.count() } else { last_backslash + 1 };
            let end = escape_end(bytes, letter);
            let start = last_backslash + 1 - backslashes_before(bytes, last_backslash + 1);
            return (position < end).then_some(start..end);
        }
        if !bytes[last_backslash].is_ascii_hexdigit() && bytes[last_backslash] != b'u' {
            return None;
        }
    }
    None
}

/// Returns where the escape ends whose letter (the byte after its last backslash) is at `letter`.
pub(crate) fn escape_end(bytes: &[u8], letter: usize) -> usize {
    match bytes.get(letter) {
        None => bytes.len(),
        Some(b'u') => {
            let digits =
                bytes[letter + 1..].iter().take(4).take_while(|byte| byte.is_ascii_hexdigit()).count();
            if digits == 4 { letter + 5 } else { letter + 1 }
        }
        Some(_) => letter + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boundary_at_end(before: &[u8]) -> bool {
        let mut bytes = before.to_vec();
        bytes.extend_from_slice(b"sk-abc");
        is_left_boundary(&bytes, before.len())
    }

    #[test]
    fn a_token_may_begin_after_punctuation_escapes_and_colours() {
        for before in [
            &b""[..],
            b" ",
            b"=",
            b"/",
            b"\"",
            b"\n",
            b"\xe2\x86\x92",
            b"\\n",
            b"\\\\n",
            b"\\\\\\\\t",
            b"\\u003d",
            b"\\\\u003D",
            b"%3D",
            b"%253d",
            b"\\u001b[32m",
            b"\\\\u001b[1;32m",
            b"\x1b[0m",
            b"\\n-",
            b"\n-",
            b"\n+",
            b"\\u001b[31m-",
            b" -",
        ] {
            assert!(boundary_at_end(before), "{}", before.escape_ascii());
        }
    }

    #[test]
    fn a_token_may_not_begin_inside_a_word() {
        for before in
            [&b"a"[..], b"9", b"_", b"n", b"ta", b"a-", b"--", b"u003d", b"m", b"[32m", b"3D", b"\\x"]
        {
            assert!(!boundary_at_end(before), "{}", before.escape_ascii());
        }
    }

    #[test]
    fn escapes_are_found_around_every_position_in_them() {
        let bytes = b"ab\\\\u003dcd\\nef\\\"";
        let all = |range: Range<usize>, expected: Option<Range<usize>>| {
            for position in range {
                assert_eq!(escape_around(bytes, position), expected, "{position}");
            }
        };
        all(0..3, None);
        all(3..9, Some(2..9));
        all(9..12, None);
        all(12..13, Some(11..13));
        all(13..16, None);
        all(16..17, Some(15..17));
        all(17..18, None);
    }

    #[test]
    fn a_word_after_an_escape_is_not_part_of_it() {
        assert_eq!(escape_around(b"\\nabcdef", 4), None);
        assert_eq!(escape_around(b"\\uface5", 6), None);
        assert_eq!(escape_around(b"\\ufa\"e5", 3), None);
    }
}
