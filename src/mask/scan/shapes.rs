//! Tokens that no literal at their start gives away: one function each. Each gets a run of word bytes (or the place
//! of a literal), looks at what it is about from there, and adds a match if there is one.

use super::{Place, may_begin};
use crate::mask::RuleIndex;
use crate::mask::context::provider_word;
use crate::mask::escape::{self, is_left_boundary};
use crate::mask::judge;
use crate::mask::rule::ByteClass;
use crate::mask::rules::*;
use crate::mask::verify::match_run;
use memchr::memmem;

const DOTTED: ByteClass = ByteClass::of("A-Za-z0-9_.-");

/// Returns the start of the longest run of `class` that ends at `end`, at most `most` bytes.
fn run_before(class: ByteClass, most: usize, bytes: &[u8], end: usize) -> usize {
    end - bytes[..end].iter().rev().take(most).take_while(|&&byte| class.contains(byte)).count()
}

fn all(class: ByteClass, bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| class.contains(byte))
}

/// `abc8Q~` and 31 to 34 more; `tilde` is where the `~` is.
pub(crate) fn azure_client_secret(place: &mut Place, rule: RuleIndex, tilde: usize) {
    const CLASS: ByteClass = ByteClass::of("A-Za-z0-9_.~-");
    let bytes = place.bytes;
    let Some(start) = tilde.checked_sub(5) else { return };
    if bytes[tilde - 1] != b'Q' || !bytes[tilde - 2].is_ascii_digit() || !all(CLASS, &bytes[start..tilde]) {
        return;
    }
    let (end, count) = match_run(CLASS, 31, bytes, tilde + 1);
    if count == 31 && may_begin(bytes, start) && judge::accepts(CASES, &bytes[tilde + 1..end], None) {
        place.add(rule, start, end, CLASS);
    }
}

/// Three parts; the first is the base64 of a number, the run the third.
pub(crate) fn discord_bot(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    let bytes = place.bytes;
    if end - run < 27 || run < 8 || bytes[run - 8] != b'.' || !all(WORD, &bytes[run - 7..run - 1]) {
        return;
    }
    let first = run_before(WORD, 36, bytes, run - 8);
    let starts = [Some(first)].into_iter().chain(super::later_starts(bytes, first)).flatten();
    let begins = |&start: &usize| {
        (24..=28).contains(&(run - 8).saturating_sub(start))
            && matches!(bytes[start], b'M' | b'N' | b'O')
            && all(ALNUM, &bytes[start..run - 8])
            && may_begin(bytes, start)
            && judge::accepts(CASES, &bytes[start..run - 8], None)
    };
    if let Some(start) = starts.into_iter().find(begins)
        && judge::accepts(MIXED, &bytes[run..end.min(run + 38)], None)
    {
        place.add(rule, start, end, WORD);
    }
}

/// 14 letters and digits, `.atlasv1.`, the run.
pub(crate) fn terraform(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    let bytes = place.bytes;
    if end - run < 40 || run < 23 || &bytes[run - 9..run] != b".atlasv1." {
        return;
    }
    let start = run - 23;
    if all(ALNUM, &bytes[start..start + 14]) && may_begin(bytes, start) {
        place.add(rule, start, end, WORD);
    }
}

/// `dp.st.`, the name of a configuration, `.`, the run. (Without the name the table knows it.)
pub(crate) fn doppler(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    let bytes = place.bytes;
    if end - run < 40 || !all(ALNUM, &bytes[run..run + 40]) {
        return;
    }
    const NAME: ByteClass = ByteClass::of("a-z0-9_-");
    let name = run_before(NAME, 36, bytes, run - 1);
    let kinds = ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."];
    let Some(kind) = kinds.iter().find(|kind| bytes[..name].ends_with(kind.as_bytes())) else { return };
    let start = name - kind.len();
    if name < run - 1 && may_begin(bytes, start) && judge::accepts(SURE, &bytes[run..run + 40], None) {
        place.add(rule, start, end, WORD);
    }
}

/// A run that ends where `{"name":` begins, on a line that is a record itself. Within JSON no such thing can be: a quote
/// in a string is escaped, and after a string comes no name. It is a record that a crash cut off in the middle of a
/// token, of which there may be too little left for the token's own rule, and the next one, written behind it.
pub(crate) fn torn_token(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    /// The record that is cut off begins so many bytes before at most, or is taken to begin with a brace.
    const LINE_BYTES: usize = 2 << 10;
    const NAME_BYTES: usize = 40;
    let bytes = place.bytes;
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
        place.add_closed(rule, run + usize::from(escaped), end);
    }
}

/// `snyk_uat.`, maybe eight more and a dot, the run.
pub(crate) fn snyk(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    let bytes = place.bytes;
    let inner = run_before(ALNUM, 16, bytes, run - 1);
    let heads = [run, if inner < run - 1 { inner } else { run }];
    let Some(head) = heads.into_iter().find(|&head| {
        let before = &bytes[..head];
        before.ends_with(b"snyk_uat.") || before.ends_with(b"snyk_sat.")
    }) else {
        return;
    };
    let start = head - 9;
    let (body_end, count) = match_run(DOTTED, 30, bytes, head);
    if count == 30 && may_begin(bytes, start) && judge::accepts(DIGIT, &bytes[run..end.min(run + 64)], None) {
        place.add(rule, start, body_end, DOTTED);
    }
}

/// 8 to 10 digits, `:`, the run, which begins with `AA`.
pub(crate) fn telegram(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    let bytes = place.bytes;
    if end - run < 35 || &bytes[run..run + 2] != b"AA" {
        return;
    }
    let start = run_before(DIGITS, 11, bytes, run - 1);
    let digits = run - 1 - start;
    let begins = is_left_boundary(bytes, start)
        || bytes[..start].strip_suffix(b"bot").is_some_and(|before| is_left_boundary(bytes, before.len()));
    if (8..=10).contains(&digits) && begins && judge::accepts(CASES, &bytes[run..run + 35], None) {
        place.add(rule, start, end, WORD);
    }
}

/// `AAAA` and seven more, `:`, the run.
pub(crate) fn firebase_fcm(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    let bytes = place.bytes;
    // Longer runs are not seen to their end.
    if end - run < super::RUN_SEEN.min(120) || run < 12 {
        return;
    }
    let start = run - 12;
    if bytes[start..].starts_with(b"AAAA")
        && all(WORD, &bytes[start..run - 1])
        && may_begin(bytes, start)
        && judge::accepts(MIXED, &bytes[run..run + 120], None)
    {
        place.add(rule, start, end, WORD);
    }
}

/// `00D` and 12 more, `!`, at least 80 of which the run is the first.
pub(crate) fn salesforce(place: &mut Place, rule: RuleIndex, run: usize, _end: usize) {
    const CLASS: ByteClass = ByteClass::of("A-Za-z0-9._");
    let bytes = place.bytes;
    let Some(start) = run.checked_sub(16) else { return };
    let (end, count) = match_run(CLASS, 80, bytes, run);
    if bytes[start..].starts_with(b"00D")
        && all(ALNUM, &bytes[start..run - 1])
        && count == 80
        && may_begin(bytes, start)
    {
        place.add(rule, start, end, CLASS.or(WORD));
    }
}

/// Base64 of a key in which Azure puts a mark six bytes before the end; `mark` is where it stands.
pub(crate) fn azure_storage(place: &mut Place, rule: RuleIndex, mark: usize) {
    const PLAIN: ByteClass = ByteClass::of("A-Za-z0-9+/");
    let bytes = place.bytes;
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
    let starts =
        [Some(first)].into_iter().chain(super::later_starts(bytes, first)).flatten().flat_map(signed);
    let whole = |start: &usize| {
        let length = body_end - start;
        (43..=86).contains(&length) && (length + padding).is_multiple_of(4) && may_begin(bytes, *start)
    };
    if let Some(start) = starts.into_iter().find(whole) {
        place.add_closed(rule, start, end);
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

/// 32 hexadecimal digits, `-us`, one or two digits: the whole of the run from `start` on.
pub(crate) fn mailchimp(place: &mut Place, rule: RuleIndex, start: usize, end: usize) {
    let bytes = place.bytes;
    if !(36..=37).contains(&(end - start)) || &bytes[start + 32..start + 35] != b"-us" {
        return;
    }
    let key = &bytes[start..start + 32];
    if all(HEX, key)
        && all(DIGITS, &bytes[start + 35..end])
        && may_begin(bytes, start)
        && judge::accepts(DIGIT, key, None)
    {
        place.add(rule, start, end, WORD);
    }
}

/// 6, `_`, 29, `_mmk`: the whole of the run from `start` on.
pub(crate) fn maxmind(place: &mut Place, rule: RuleIndex, start: usize, end: usize) {
    let bytes = place.bytes;
    if end - start == 40
        && bytes[..end].ends_with(b"_mmk")
        && bytes[start + 6] == b'_'
        && all(ALNUM, &bytes[start + 7..start + 36])
        && may_begin(bytes, start)
    {
        place.add(rule, start, end, WORD);
    }
}

/// 84 letters and digits (76 in an older form) with `AZDO` eight before the end.
pub(crate) fn azure_devops(place: &mut Place, rule: RuleIndex, start: usize, end: usize) {
    marked(place, rule, start, end, 76, b"AZDO", 84);
    marked(place, rule, start, end, 68, b"AZDO", 76);
}

/// 84 letters and digits with `JQQJ99` at 52.
pub(crate) fn azure_ai(place: &mut Place, rule: RuleIndex, start: usize, end: usize) {
    marked(place, rule, start, end, 52, b"JQQJ99", 76);
}

/// `least` letters and digits with `mark` at `at`.
fn marked(
    place: &mut Place,
    rule: RuleIndex,
    start: usize,
    end: usize,
    at: usize,
    mark: &[u8],
    least: usize,
) {
    let bytes = place.bytes;
    if end - start >= least
        && bytes[start + at..].starts_with(mark)
        && all(ALNUM, &bytes[start..start + least])
        && may_begin(bytes, start)
        && judge::accepts(CASES, &bytes[start..start + at], None)
    {
        place.add(rule, start, start + least, WORD);
    }
}

/// The last part of a Slack webhook's path is the run.
pub(crate) fn slack_hook(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    const PATH: ByteClass = ByteClass::of("A-Za-z0-9/_-");
    let bytes = place.bytes;
    // Most runs after a slash are parts of paths or of base64: the id before it is what is rare.
    let slash = run - 1 - escape::backslashes_before(bytes, run - 1);
    if slash < 6
        || !all(UPPER, &bytes[slash - 6..slash])
        || end - run < 20
        || !all(ALNUM, &bytes[run..run + 20])
    {
        return;
    }
    let mut slash = run - 1;
    for _ in 0..4 {
        let end = slash - escape::backslashes_before(bytes, slash);
        let start = run_before(ALNUM, 24, bytes, end);
        let part = &bytes[start..end];
        if matches!(part, b"services" | b"workflows" | b"triggers") {
            let body = slash + 1;
            let host_end = match bytes[..start].strip_suffix(b"/") {
                Some(before) => before.len() - escape::backslashes_before(bytes, before.len()),
                None => return,
            };
            let host = &bytes[..host_end];
            if host.ends_with(b"hooks.slack.com") || host.ends_with(b"hooks.slack-gov.com") {
                let (end, count) = match_run(PATH, 30, bytes, body);
                if count == 30
                    && matches!(bytes[body], b'T' | b'E')
                    && judge::accepts(DIGIT, &bytes[body..end], None)
                {
                    place.add(rule, body, end, PATH);
                }
            }
            return;
        }
        // Ids have at least seven bytes.
        if part.len() < 7 || start == 0 || bytes[start - 1] != b'/' {
            return;
        }
        slash = start - 1;
    }
}

/// A Zapier hook's path, which has no long run; `at` is where the host's name stands.
pub(crate) fn zapier_hook(place: &mut Place, rule: RuleIndex, at: usize) {
    let bytes = place.bytes;
    let text = "hooks.zapier.com/hooks/catch/";
    let Some(body) = crate::mask::verify::match_parts(&[Part::Text(text)], bytes, at) else { return };
    let (digits_end, digits) = match_run(DIGITS, 12, bytes, body);
    let rest = [Part::Text("/"), Part::Run(ALNUM, 5, 40)];
    if digits >= 4
        && let Some(end) = crate::mask::verify::match_parts(&rest, bytes, digits_end)
    {
        place.add(rule, body, end, WORD);
    }
}

/// `PrivateKey = ` and 32 bytes in base64; `at` is where the name stands.
pub(crate) fn wireguard(place: &mut Place, rule: RuleIndex, at: usize) {
    const BLANKS: ByteClass = ByteClass::of(" \t");
    const PLAIN: ByteClass = ByteClass::of("A-Za-z0-9+/");
    let bytes = place.bytes;
    let (name_end, _) = match_run(ALNUM, 16, bytes, at);
    let (operator, _) = match_run(BLANKS, 8, bytes, name_end);
    if bytes.get(operator) != Some(&b'=') {
        return;
    }
    let (start, _) = match_run(BLANKS, 8, bytes, operator + 1);
    let (end, count) = match_run(PLAIN, 44, bytes, start);
    if count == 43 && bytes.get(end) == Some(&b'=') && judge::accepts(CASES, &bytes[start..end], None) {
        place.add_closed(rule, start, end + 1);
    }
}

/// A private number of a JSON web key: the run is the value of `d`, `k` or another such name, and `kty` is near.
pub(crate) fn jwk(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    const LETTERS: ByteClass = ByteClass::of("a-z");
    const NAMES: [&[u8]; 7] = [b"d", b"k", b"p", b"q", b"dp", b"dq", b"qi"];
    /// An RSA key of 4096 bits has its `kty` so far from its `d`.
    const NEAR: usize = 3000;
    let bytes = place.bytes;
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
    let around = judge::around(bytes, run..run, NEAR);
    if memmem::find(around, b"kty").is_some() && judge::accepts(CASES, &bytes[run..end.min(run + 64)], None) {
        place.add(rule, run, end, WORD);
    }
}

/// A quoted value right after a provider's name: the run, if it is one word of letters and digits.
pub(crate) fn named_by_provider(place: &mut Place, rule: RuleIndex, run: usize, end: usize) {
    const NAME: ByteClass = ByteClass::of("A-Za-z0-9_.-");
    let bytes = place.bytes;
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
    let name_start = super::later_starts(bytes, name_start)[0].unwrap_or(name_start);
    let Some(name) = bytes.get(name_start..name_end) else { return };
    if judge::accepts(DIGIT, value, None) && provider_word::is_named(name, value) {
        place.add_closed(rule, run, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_before_are_bounded() {
        assert_eq!(run_before(WORD, 3, b"abcdef", 6), 3);
        assert_eq!(run_before(DIGITS, 9, b"ab12", 4), 2);
    }
}
