//! Tokens and key files that a short literal gives away: its place is where to look from.

use crate::mask::pem;
use crate::mask::rule::TokenRule;
use crate::mask::text::class::*;
use crate::mask::tokens::checks::{self, CASES};
use crate::mask::tokens::parts::Part;
use crate::mask::tokens::pattern::match_parts;
use crate::mask::tokens::search::Search;
use crate::mask::tokens::starts::{later_starts, may_begin};

/// A private key between its labels, in one of which `at` is.
pub(crate) fn private_key(search: &mut Search, rule: TokenRule, at: usize) {
    pem::private_key(search.bytes, at, &mut |found| search.add_closed(rule, found.start, found.end));
}

/// The lines of base64 that follow the line in which `at` stands.
pub(crate) fn key_lines(search: &mut Search, rule: TokenRule, at: usize) {
    pem::lines_after(search.bytes, at, false, &mut |found| search.add_closed(rule, found.start, found.end));
}

/// The one line of base64 that follows the line in which `at` stands.
pub(crate) fn key_line(search: &mut Search, rule: TokenRule, at: usize) {
    pem::lines_after(search.bytes, at, true, &mut |found| search.add_closed(rule, found.start, found.end));
}

/// Base64 of a key in which Azure puts a mark six bytes before the end; `mark` is where it stands.
pub(crate) fn azure_storage(search: &mut Search, rule: TokenRule, mark: usize) {
    const PLAIN: ByteClass = ByteClass::of("A-Za-z0-9+/");
    let bytes = search.bytes;
    let body_end = mark + 10;
    let Some(first_sign) = padding_at(bytes, body_end) else { return };
    if !all(PLAIN, &bytes[mark..body_end]) {
        return;
    }
    let second_sign = padding_at(bytes, first_sign);
    let (padding, end) = (1 + usize::from(second_sign.is_some()), second_sign.unwrap_or(first_sign));
    let first = run_before(PLAIN, 96, bytes, mark);
    // What looks like base64 may begin with the rest of an escape, with a diff's sign or with a path's slash.
    let signed = |start: usize| [start, start + usize::from(matches!(bytes[start], b'+' | b'/'))];
    let starts = [Some(first)].into_iter().chain(later_starts(bytes, first)).flatten().flat_map(signed);
    let whole = |start: &usize| {
        let length = body_end - start;
        (43..=86).contains(&length) && (length + padding).is_multiple_of(4) && may_begin(bytes, *start)
    };
    if let Some(start) = starts.into_iter().find(whole) {
        search.add_closed(rule, start, end);
    }
}

/// Returns where the `=` at `at`, perhaps written `\u003d`, ends.
fn padding_at(bytes: &[u8], at: usize) -> Option<usize> {
    let backslashes = bytes.get(at..)?.iter().take(16).take_while(|&&byte| byte == b'\\').count();
    match bytes[at + backslashes..] {
        [b'=', ..] if backslashes == 0 => Some(at + 1),
        [b'u', b'0', b'0', b'3', b'd' | b'D', ..] if backslashes > 0 => Some(at + backslashes + 5),
        _ => None,
    }
}

/// A Zapier hook's path, which has no long run; `at` is where the host's name stands.
pub(crate) fn zapier_hook(search: &mut Search, rule: TokenRule, at: usize) {
    let bytes = search.bytes;
    let text = "hooks.zapier.com/hooks/catch/";
    let Some(body) = match_parts(&[Part::Text(text)], bytes, at) else { return };
    let (digits_end, digits) = match_run(DIGITS, 12, bytes, body);
    let rest = [Part::Text("/"), Part::Run(ALNUM, 5, 40)];
    if digits >= 4
        && let Some(end) = match_parts(&rest, bytes, digits_end)
    {
        search.add(rule, body, end, WORD);
    }
}

/// `PrivateKey = ` and 32 bytes in base64; `at` is where the name stands.
pub(crate) fn wireguard(search: &mut Search, rule: TokenRule, at: usize) {
    const BLANKS: ByteClass = ByteClass::of(" \t");
    const PLAIN: ByteClass = ByteClass::of("A-Za-z0-9+/");
    let bytes = search.bytes;
    let (name_end, _) = match_run(ALNUM, 16, bytes, at);
    let (operator, _) = match_run(BLANKS, 8, bytes, name_end);
    if bytes.get(operator) != Some(&b'=') {
        return;
    }
    let (start, _) = match_run(BLANKS, 8, bytes, operator + 1);
    let (end, count) = match_run(PLAIN, 44, bytes, start);
    if count == 43 && bytes.get(end) == Some(&b'=') && checks::accept(CASES, &bytes[start..end], None) {
        search.add_closed(rule, start, end + 1);
    }
}
