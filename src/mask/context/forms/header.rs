//! Finds credentials in HTTP headers: `Authorization: <scheme> V` in whatever language it is written, and `Bearer V`
//! without a header. Headers that are key names (`x-api-key`) are found by `assignment`, cookies by `cookie`.

use crate::mask::context::found::Found;
use crate::mask::context::rules;
use crate::mask::context::values::judge;
use crate::mask::context::values::quote::{self, Operator, backslashes_at};
use crate::mask::context::values::value::{self, LastEnd, Value};
use crate::mask::rule::ContextRule;

/// The schemes, as written before the value.
const SCHEMES: &[(&[u8], ContextRule)] = &[
    (b"bearer", rules::BEARER),
    (b"basic", rules::AUTHORIZATION_BASIC),
    (b"token", rules::AUTHORIZATION),
    (b"bot", rules::AUTHORIZATION),
    (b"ssws", rules::OKTA_SSWS),
    (b"apikey", rules::AUTHORIZATION),
    (b"api-key", rules::AUTHORIZATION),
    (b"geniekey", rules::AUTHORIZATION),
    (b"splunk", rules::SPLUNK_HEC),
    (b"key", rules::AUTHORIZATION),
    (b"negotiate", rules::AUTHORIZATION),
    (b"ntlm", rules::AUTHORIZATION),
    (b"oauth", rules::AUTHORIZATION),
    (b"zoho-oauthtoken", rules::AUTHORIZATION),
    (b"private-token", rules::AUTHORIZATION),
    (b"klaviyo-api-key", rules::AUTHORIZATION),
    (b"discogs", rules::AUTHORIZATION),
];

/// So far behind `Digest` its `response="..."` may stand.
const MOST_DIGEST_BYTES: usize = 600;

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._~+/=-:|!%*".contains(&byte)
}

/// Whether `start..end` (`auth`) is the beginning of `authorization`.
pub(crate) fn is_authorization(bytes: &[u8], end: usize) -> bool {
    bytes.get(end..end + 9).is_some_and(|rest| rest.eq_ignore_ascii_case(b"orization"))
}

/// Looks at the value of the header whose name ends at `name_end`.
pub(crate) fn find_authorization(bytes: &[u8], name_end: usize, last: &mut LastEnd) -> Option<Found> {
    let closing = quote::quote_at(bytes, name_end);
    let mut at = closing.map_or(name_end, |(_, end)| end);
    at += usize::from(bytes.get(at) == Some(&b']'));
    let (operator, after) = quote::operator_at(bytes, quote::skip_blanks(bytes, at))?;
    match operator {
        Operator::Colon | Operator::Assign => {}
        Operator::Comma if closing.is_some() => {}
        _ => return None,
    }
    let mut value_at = quote::skip_blanks(bytes, after);
    if matches!(bytes.get(value_at), Some(b'[')) {
        value_at += 1;
    }
    if matches!(bytes.get(value_at), Some(b'f' | b'b')) && quote::quote_at(bytes, value_at + 1).is_some() {
        value_at += 1;
    }
    value_at = quote::quote_at(bytes, value_at).map_or(value_at, |(_, end)| end);
    value_at = quote::skip_blanks(bytes, value_at);
    if starts_folded(bytes, value_at, b"digest ") {
        return digest_response(bytes, value_at + 7);
    }
    let (rule, token_at) = scheme_at(bytes, value_at).unwrap_or((rules::AUTHORIZATION, value_at));
    let value = value::read_run(bytes, token_at, last, is_token_byte)?;
    let is_certain = if rule == rules::AUTHORIZATION_BASIC {
        is_basic(value.text())
    } else {
        judge::is_token(value.text(), 8) && (value.text().len() >= 12 || token_at > value_at)
    };
    (is_certain && !is_continued_template(bytes, &value)).then_some((value.start, value.end, rule))
}

fn starts_folded(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    bytes.get(at..at + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word))
}

/// Returns the rule of the scheme at `at` and where the value after it begins.
fn scheme_at(bytes: &[u8], at: usize) -> Option<(ContextRule, usize)> {
    let (word, rule) = SCHEMES.iter().find(|(word, _)| starts_folded(bytes, at, word))?;
    let end = at + word.len();
    let after = if bytes[end..].starts_with(b"%20") { end + 3 } else { quote::skip_blanks(bytes, end) };
    let after = if starts_folded(bytes, after, b"token=") { after + 6 } else { after };
    let after = if after > end { quote::quote_at(bytes, after).map_or(after, |(_, end)| end) } else { after };
    (after > end).then_some((*rule, after))
}

/// Base64 of `user:password`; not the word `authentication`.
fn is_basic(text: &[u8]) -> bool {
    let is_base64 = text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte));
    let profile = judge::Profile::of(text);
    let has_case = profile.uppercase > 1 || text.ends_with(b"=");
    text.len() >= 8
        && is_base64
        && has_case
        && profile.distinct >= 5
        && !judge::is_never_secret(text)
        && (text.ends_with(b"=") || !judge::is_wordlike(text))
}

/// Whether the value goes on as a template: `abc${x}`.
fn is_continued_template(bytes: &[u8], value: &Value) -> bool {
    bytes[value.end..].starts_with(b"${") || bytes[value.end..].starts_with(b"{")
}

/// `response="<32 hex>"`, quoted at any depth.
fn digest_response(bytes: &[u8], at: usize) -> Option<Found> {
    let rest = &bytes[at..(at + MOST_DIGEST_BYTES).min(bytes.len())];
    let response = rest.windows(9).position(|window| window == b"response=")?;
    let mut value_at = at + response + 9;
    value_at = quote::quote_at(bytes, value_at).map_or(value_at, |(_, end)| end);
    let value = value::read_class(bytes, value_at, |byte| byte.is_ascii_hexdigit())?;
    (value.text().len() >= 32 && judge::is_token(value.text(), 32)).then_some((
        value.start,
        value.end,
        rules::AUTHORIZATION,
    ))
}

/// Looks at `Bearer V`; `earer` ends at `end`.
pub(crate) fn find_bearer(bytes: &[u8], start: usize, end: usize, last: &mut LastEnd) -> Option<Found> {
    if !matches!(bytes[..start].last(), Some(b'b' | b'B')) {
        return None;
    }
    let mut at = quote::skip_blanks(bytes, end);
    if at == end {
        at = match &bytes[end..] {
            [b'%', b'2', b'0', ..] => end + 3,
            [b'+', ..] => end + 1,
            [b'\\', ..] => {
                let letter = end + backslashes_at(bytes, end);
                (quote::unicode_escape_at(bytes, letter) == Some(b' ')).then_some(letter + 5)?
            }
            _ => return None,
        };
    }
    let value =
        value::read_run(bytes, at, last, |byte| byte.is_ascii_alphanumeric() || b"._~+/=-".contains(&byte))?;
    let text = value.text();
    let is_certain = judge::longest_run_with_digit(text) >= 12
        && judge::Profile::of(text).distinct >= 6
        && !judge::is_placeholder(text);
    is_certain.then_some((value.start, value.end, rules::BEARER))
}
