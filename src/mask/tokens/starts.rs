//! Where a token may begin: not within a word or an escape, but also a few bytes into a run, behind the rest of an escape
//! or a sign.

use crate::mask::text::escape::is_left_boundary;
use std::ops::Range;

/// Whether a mask may begin at `start`: right after a backslash it would tear an escape apart.
pub(crate) fn may_begin(bytes: &[u8], start: usize) -> bool {
    is_left_boundary(bytes, start)
        && !(start > 0
            && bytes[start - 1] == b'\\'
            && matches!(bytes[start], b'n' | b't' | b'r' | b'b' | b'f' | b'u'))
}

/// Returns where a token may begin a few bytes into the run at `start`: after the rest of an escape, and after a sign
/// that stands there.
pub(crate) fn later_starts(bytes: &[u8], start: usize) -> [Option<usize>; 2] {
    let after = &bytes[start..];
    let is_hex = |range: Range<usize>| after.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_hexdigit));
    let skipped = match start.checked_sub(1).map(|at| bytes[at]) {
        Some(b'\\') => match after[0] {
            b'n' | b't' | b'r' | b'b' | b'f' => 1,
            b'u' if is_hex(1..5) => 5,
            _ => 0,
        },
        Some(b'%') if after.starts_with(b"25") && is_hex(2..4) => 4,
        Some(b'%') if is_hex(0..2) => 2,
        Some(b'[' | b';') => {
            let digits = after.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
            if after.get(digits) == Some(&b'm') { digits + 1 } else { 0 }
        }
        _ => 0,
    };
    let begin = start + skipped;
    let signed = (bytes.get(begin) == Some(&b'-')).then_some(begin + 1);
    [(skipped > 0).then_some(begin), signed]
}
