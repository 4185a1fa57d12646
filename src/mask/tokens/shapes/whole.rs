//! Tokens that are a whole run of word bytes: known by its length and how it ends, or by what stands right after it.

use crate::mask::rule::TokenRule;
use crate::mask::text::class::*;
use crate::mask::tokens::checks::{self, CASES, DIGIT};
use crate::mask::tokens::search::Search;
use crate::mask::tokens::starts::may_begin;

/// 32 hexadecimal digits, `-us`, one or two digits: the whole of the run from `start` on.
pub(crate) fn mailchimp(search: &mut Search, rule: TokenRule, start: usize, end: usize) {
    let bytes = search.bytes;
    if !(36..=37).contains(&(end - start)) || &bytes[start + 32..start + 35] != b"-us" {
        return;
    }
    let key = &bytes[start..start + 32];
    if all(HEX, key)
        && all(DIGITS, &bytes[start + 35..end])
        && may_begin(bytes, start)
        && checks::accept(DIGIT, key, None)
    {
        search.add(rule, start, end, WORD);
    }
}

/// 6, `_`, 29, `_mmk`: the whole of the run from `start` on.
pub(crate) fn maxmind(search: &mut Search, rule: TokenRule, start: usize, end: usize) {
    let bytes = search.bytes;
    if end - start == 40
        && bytes[..end].ends_with(b"_mmk")
        && bytes[start + 6] == b'_'
        && all(ALNUM, &bytes[start + 7..start + 36])
        && may_begin(bytes, start)
    {
        search.add(rule, start, end, WORD);
    }
}

/// 84 letters and digits (76 in an older form) with `AZDO` eight before the end.
pub(crate) fn azure_devops(search: &mut Search, rule: TokenRule, start: usize, end: usize) {
    marked(search, rule, start, end, 76, b"AZDO", 84);
    marked(search, rule, start, end, 68, b"AZDO", 76);
}

/// 84 letters and digits with `JQQJ99` at 52.
pub(crate) fn azure_ai(search: &mut Search, rule: TokenRule, start: usize, end: usize) {
    marked(search, rule, start, end, 52, b"JQQJ99", 76);
}

/// `least` letters and digits with `mark` at `at`.
fn marked(
    search: &mut Search,
    rule: TokenRule,
    start: usize,
    end: usize,
    at: usize,
    mark: &[u8],
    least: usize,
) {
    let bytes = search.bytes;
    if end - start >= least
        && bytes[start + at..].starts_with(mark)
        && all(ALNUM, &bytes[start..start + least])
        && may_begin(bytes, start)
        && checks::accept(CASES, &bytes[start..start + at], None)
    {
        search.add(rule, start, start + least, WORD);
    }
}

/// A run that ends where `{"name":` begins, on a line that is a record itself. Within JSON no such thing can be: a quote
/// in a string is escaped, and after a string comes no name. It is a record that a crash cut off in the middle of a
/// token, of which there may be too little left for the token's own rule, and the next one, written behind it.
pub(crate) fn torn_token(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    /// The record that is cut off begins so many bytes before at most, or is taken to begin with a brace.
    const LINE_BYTES: usize = 2 << 10;
    const NAME_BYTES: usize = 40;
    let bytes = search.bytes;
    let Some(name) = bytes[end..].strip_prefix(b"{\"") else { return };
    let length = name.iter().take(NAME_BYTES).take_while(|&&byte| WORD.contains(byte)).count();
    if length == 0 || !name[length..].starts_with(b"\":") {
        return;
    }
    let before = &bytes[run.saturating_sub(LINE_BYTES)..run];
    let line = memchr::memrchr(b'\n', before).map_or(before, |newline| &before[newline + 1..]);
    let is_known = line.len() < LINE_BYTES;
    if !is_known || line.first() == Some(&b'{') {
        let escaped = run > 0 && bytes[run - 1] == b'\\';
        search.add_closed(rule, run + usize::from(escaped), end);
    }
}
