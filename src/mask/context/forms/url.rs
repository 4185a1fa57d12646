//! Finds the credentials in URLs: `scheme://user:PASS@host`, `https://TOKEN@host`, `https://TOKEN:x-oauth-basic@host`,
//! with slashes and other signs escaped or not. Query strings are in `query`.

use crate::mask::context::found::Found;
use crate::mask::context::rules;
use crate::mask::context::values::judge;
use crate::mask::context::values::quote::{backslashes_at, unicode_escape_at};
use crate::mask::context::values::value::{self, Value};
use crate::mask::text::escape::backslashes_before;

/// The part of a URL before its path is not longer in practice; tokens in it may be.
const MOST_AUTHORITY_BYTES: usize = 4 << 10;

/// Looks at `user/V@host` after `jdbc:oracle:thin:`.
pub(crate) fn find_oracle(bytes: &[u8], at: usize) -> Option<Found> {
    let is_part = |byte: u8| byte > b' ' && !b"\"'`<>\\/@".contains(&byte);
    let user = bytes[at..].iter().take(64).take_while(|&&byte| is_part(byte)).count();
    let slash = at + user + backslashes_at(bytes, at + user);
    let value_at = slash + 1;
    if bytes.get(slash) != Some(&b'/') {
        return None;
    }
    let value = value::read_class(bytes, value_at, is_part)?;
    let is_user = value.text() == &bytes[at..at + user];
    (bytes.get(value.end) == Some(&b'@') && !is_user && is_password(value.text())).then_some((
        value_at,
        value.end,
        rules::URL_PASSWORD,
    ))
}

/// Looks at the URL whose first slash, written with one or more backslashes, ends at `start + 2`.
pub(crate) fn find_escaped(bytes: &[u8], start: usize) -> Option<Found> {
    let backslashes = backslashes_before(bytes, start);
    let colon = (start - backslashes).checked_sub(1)?;
    if bytes[colon] == b':' { find(bytes, colon) } else { None }
}

/// Looks at the URL whose scheme ends at `scheme_end`, where its `:` is.
pub(crate) fn find(bytes: &[u8], scheme_end: usize) -> Option<Found> {
    let scheme = bytes[..scheme_end].last()?;
    if !scheme.is_ascii_alphanumeric() {
        return None;
    }
    let authority = after_slash(bytes, after_slash(bytes, scheme_end + 1)?)?;
    let (marks, end) = split(bytes, authority, true)?;
    let host = &bytes[end + 1..(end + 200).min(bytes.len())];
    match marks {
        Some(mark) if mark.1 == end => token(bytes, authority, mark.0, 8),
        Some((colon, password)) => {
            let written = &bytes[password..end];
            let user = &bytes[authority..colon];
            if written == b"x-oauth-basic" || written == b"x-token-auth" {
                return token(bytes, authority, colon, 8);
            }
            let value = read(bytes, password, end)?;
            let is_default = written == user && written.len() < 12;
            // A path with an `@` in it is usual on the web, a password with a slash elsewhere.
            let is_web = bytes[..scheme_end].ends_with(b"http") || bytes[..scheme_end].ends_with(b"https");
            let is_path = is_web && written.contains(&b'/') && !judge::is_token(value.text(), 10);
            (!is_default && !is_path && is_password(value.text())).then_some((
                password,
                end,
                rules::URL_PASSWORD,
            ))
        }
        None => {
            let is_public =
                host.starts_with(b"sentry.") || contains(host, b".ingest.") || contains(host, b"sentry.io");
            if is_public { None } else { token(bytes, authority, end, 16) }
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    let name = text.iter().take_while(|&&byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)).count();
    text[..name].windows(part.len()).any(|window| window == part)
}

/// Returns where a slash (`/`, `\/`, `\u002f`) at `at` ends.
fn after_slash(bytes: &[u8], at: usize) -> Option<usize> {
    let letter = at + backslashes_at(bytes, at);
    match bytes.get(letter)? {
        b'/' => Some(letter + 1),
        b'u' if letter > at && unicode_escape_at(bytes, letter) == Some(b'/') => Some(letter + 5),
        _ => None,
    }
}

/// Finds the `@` that ends the credentials, and the first `:` before it with where the password after it begins.
#[allow(clippy::type_complexity)]
fn split(bytes: &[u8], authority: usize, may_hold_slash: bool) -> Option<(Option<(usize, usize)>, usize)> {
    let (mut colon, mut end) = (None, None);
    let mut at = authority;
    while at - authority < MOST_AUTHORITY_BYTES {
        let Some(&byte) = bytes.get(at) else { break };
        match byte {
            b'\\' => {
                let letter = at + backslashes_at(bytes, at);
                if bytes.get(letter) == Some(&b'/') && end.is_none() && is_started(bytes, colon, at) {
                    at = letter + 1;
                    continue;
                }
                match unicode_escape_at(bytes, letter) {
                    Some(b'@') => {
                        end = Some(at);
                        at = letter + 5;
                    }
                    Some(decoded) if decoded > b' ' && !b"\"'`<>/".contains(&decoded) => at = letter + 5,
                    _ => break,
                }
                continue;
            }
            b'@' => end = Some(at),
            b'/' if may_hold_slash && end.is_none() && is_started(bytes, colon, at) => {}
            b':' if colon.is_none() && end.is_none() => colon = Some((at, at + 1)),
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'/' | b'?' | b'#' | b',' | b'|' | b')' | b']' | b'}'
                if end.is_some() =>
            {
                break;
            }
            b'"' | b'\'' | b'`' | b'<' | b'>' | b'/' | 0..=b' ' => break,
            _ => {}
        }
        at += 1;
    }
    end.map(|end| (colon, end))
}

/// Whether what stands between the colon and `at` is the beginning of a password rather than a port.
fn is_started(bytes: &[u8], colon: Option<(usize, usize)>, at: usize) -> bool {
    colon.is_some_and(|(_, from)| {
        at > from && !bytes[from..at].iter().all(u8::is_ascii_digit) && at - from < 64
    })
}

/// A password or token that is the whole of `start..end`.
fn read(bytes: &[u8], start: usize, end: usize) -> Option<Value> {
    value::read_class(&bytes[..end], start, |_| true).filter(|value| value.end == end)
}

fn token(bytes: &[u8], start: usize, end: usize, least: usize) -> Option<Found> {
    let value = read(bytes, start, end)?;
    judge::is_token(value.text(), least).then_some((start, end, rules::URL_TOKEN))
}

/// What stands for a password in documentation and code.
fn is_password(text: &[u8]) -> bool {
    const STAND_INS: &[&[u8]] = &[
        b"pass",
        b"password",
        b"passwd",
        b"pwd",
        b"secret",
        b"xxx",
        b"pw",
        b"token",
        b"user",
        b"username",
        b"key",
        b"foo",
        b"bar",
        b"baz",
        b"abc",
        b"xyz",
        b"123",
        b"thing",
        b"psw",
    ];
    // `:pserver:anoncvs@host`: a repository that everybody may read.
    let is_anonymous = text.ends_with(b"anoncvs") || text.ends_with(b"anonymous");
    let is_stand_in = is_anonymous || STAND_INS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let starts_reference =
        matches!(text.first(), Some(b'$' | b'%' | b'<' | b'{' | b'[')) && !is_percent(text);
    let is_variable = text.first() == Some(&b'$')
        && text[1..]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'}' || *byte == b'{');
    let is_template = starts_reference
        && (text[0] != b'$' || is_variable || text.starts_with(b"${") || text.starts_with(b"$("));
    let has_template = [&b"${"[..], b"{{", b"***", b"...", b"#{", b"%s", b"$("]
        .iter()
        .any(|sign| text.windows(sign.len()).any(|window| window == *sign));
    let masked = [&b"redacted"[..], b"masked", b"your", b"changeme", b"placeholder", b"xxxx"]
        .iter()
        .any(|part| text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part)));
    // `http://localhost:3000?next=a@b`: no credentials, and what follows the colon is a port.
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_port = digits > 0 && matches!(text.get(digits), Some(b'?' | b'#' | b','));
    text.len() >= 3 && !is_stand_in && !is_template && !has_template && !masked && !is_port
}

/// Whether `text` begins with a percent escape.
fn is_percent(text: &[u8]) -> bool {
    matches!(text, [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}
