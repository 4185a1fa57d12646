//! Values in quotes that a name before them makes secrets of, whatever they look like.

use crate::mask::context::is_named_by_provider;
use crate::mask::rule::TokenRule;
use crate::mask::text::class::*;
use crate::mask::text::escape;
use crate::mask::tokens::checks::{self, CASES, DIGIT};
use crate::mask::tokens::search::Search;
use crate::mask::tokens::starts::later_starts;
use memchr::memmem;

/// A private number of a JSON web key: the run is the value of `d`, `k` or another such name, and `kty` is near.
// Called for every quoted run: half of its cost would be the call.
#[inline(always)]
pub(crate) fn jwk(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    const LETTERS: ByteClass = ByteClass::of("a-z");
    const NAMES: [&[u8]; 7] = [b"d", b"k", b"p", b"q", b"dp", b"dq", b"qi"];
    /// An RSA key of 4096 bits has its `kty` so far from its `d`.
    const NEAR: usize = 3000;
    let bytes = search.bytes;
    let is_between = |byte: &u8| matches!(byte, b'"' | b'\\' | b':' | b' ');
    let between = bytes[..run].iter().rev().take(24).take_while(|byte| is_between(byte)).count();
    let name_end = run - between;
    if !bytes[name_end..run].contains(&b':') {
        return;
    }
    let name_start = run_before(LETTERS, 3, bytes, name_end);
    let quoted = name_start > 0 && bytes[name_start - 1] == b'"';
    if !quoted || end - run < 20 || !NAMES.contains(&&bytes[name_start..name_end]) {
        return;
    }
    let around = checks::around(bytes, run..run, NEAR);
    if memmem::find(around, b"kty").is_some() && checks::accept(CASES, &bytes[run..end.min(run + 64)], None) {
        search.add(rule, run, end, WORD);
    }
}

/// A quoted value right after a provider's name: the run, if it is one word of letters and digits.
// As above.
#[inline(always)]
pub(crate) fn named_by_provider(search: &mut Search, rule: TokenRule, run: usize, end: usize) {
    const NAME: ByteClass = ByteClass::of("A-Za-z0-9_.-");
    let bytes = search.bytes;
    let value = &bytes[run..end];
    if !value.iter().all(u8::is_ascii_alphanumeric) || !matches!(bytes.get(end), Some(b'"' | b'\'' | b'\\')) {
        return;
    }
    let before_blanks =
        |at: usize| at - bytes[..at].iter().rev().take(8).take_while(|&&byte| byte == b' ').count();
    let before_quote = |at: usize| at - 1 - escape::backslashes_before(bytes, at - 1);
    let sign = before_blanks(before_quote(run));
    let at = match &bytes[..sign] {
        [.., b':', b'='] => before_blanks(sign - 2),
        [.., b':' | b'='] => before_blanks(sign - 1),
        _ => return,
    };
    let name_end = if matches!(bytes[..at].last(), Some(b'"' | b'\'')) { before_quote(at) } else { at };
    let name_start = run_before(NAME, 40, bytes, name_end);
    // The rest of an escape is not part of the name.
    let name_start = later_starts(bytes, name_start)[0].unwrap_or(name_start);
    let Some(name) = bytes.get(name_start..name_end) else { return };
    if checks::accept(DIGIT, value, None) && is_named_by_provider(name, value) {
        search.add_closed(rule, run, end);
    }
}
