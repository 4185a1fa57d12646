//! Finds secrets in query strings and form bodies: `?access_token=...&sig=...`, with `&` and `=` escaped or not.
//! Owns which parameters are secret there and nowhere else.

use crate::mask::context::found::Found;
use crate::mask::context::rules;
use crate::mask::context::values::judge;
use crate::mask::context::values::quote::{self, Operator};
use crate::mask::context::values::value::{self, LastEnd, Value};

/// Secrets in a query string are not shorter: short ones are flags and page numbers.
const LEAST_VALUE: usize = 12;

/// How the names of parameters end that are secret in a query only.
const SECRET_ENDINGS: &[&[u8]] = &[b"sig", b"signature", b"code"];

/// Whether a parameter's name begins at `at`: after `?` or `&`, the latter perhaps `\u0026`, `&amp;` or `%26`.
fn is_parameter(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(8)..at];
    matches!(before.last(), Some(b'?' | b'&'))
        || [&b"\\u0026"[..], b"&amp;", b"%26", b"%3F", b"%3f", b"\\u003f"]
            .iter()
            .any(|sign| before.ends_with(sign))
}

/// Looks at the name `from..to`, if a parameter that may hold a secret.
pub(crate) fn find_named(bytes: &[u8], from: usize, to: usize, last: &mut LastEnd) -> Option<Found> {
    const SECRET_PARAMETERS: &[&[u8]] = &[
        b"key",
        b"access_token",
        b"token",
        b"api_key",
        b"apikey",
        b"api-key",
        b"secret",
        b"password",
        b"client_secret",
        b"auth",
        b"auth_token",
        b"refresh_token",
        b"id_token",
        b"private_token",
        b"x-amz-security-token",
        b"authkey",
        b"subscription-key",
        b"accesskey",
        b"access_key",
        b"pwd",
        b"passwd",
        b"session_token",
        b"sharedkey",
    ];
    if to - from > 24 || !is_parameter(bytes, from) {
        return None;
    }
    let name = &bytes[from..to];
    SECRET_PARAMETERS.iter().find(|known| name.eq_ignore_ascii_case(known))?;
    let (operator, value_at) = quote::operator_at(bytes, to)?;
    if operator != Operator::Assign {
        return None;
    }
    secret(bytes, value_at, last)
}

/// Looks at `sig=`, `signature=`, `code=`, the end of which, `=` (or the start of its escape) included, is at
/// `start..end`.
pub(crate) fn find(bytes: &[u8], start: usize, end: usize, last: &mut LastEnd) -> Option<Found> {
    let name_start = bytes[..start]
        .iter()
        .rposition(|&byte| !byte.is_ascii_alphanumeric() && byte != b'-' && byte != b'_')
        .map_or(0, |at| at + 1)
        .max(start.saturating_sub(24));
    let is_escape = name_start > 0 && bytes[name_start - 1] == b'\\';
    let name_start = match quote::unicode_escape_at(bytes, name_start) {
        Some(_) if is_escape && name_start + 5 <= start => name_start + 5,
        _ => name_start,
    };
    let sign =
        bytes[start..end].iter().position(|byte| !byte.is_ascii_alphanumeric()).map_or(end, |at| start + at);
    let (operator, value_at) = quote::operator_at(bytes, sign)?;
    let name = &bytes[name_start..sign];
    if operator != Operator::Assign
        || !SECRET_ENDINGS.iter().any(|ending| {
            name.len() >= ending.len() && name[name.len() - ending.len()..].eq_ignore_ascii_case(ending)
        })
    {
        return None;
    }
    // The header form of an AWS signature: `SignedHeaders=..., Signature=<64 hex>`.
    let is_header = bytes[..name_start].ends_with(b", ") && name == b"Signature";
    if is_header || is_parameter(bytes, name_start) { secret(bytes, value_at, last) } else { None }
}

fn secret(bytes: &[u8], at: usize, last: &mut LastEnd) -> Option<Found> {
    let value = read(bytes, at, last)?;
    judge::is_token(value.text(), LEAST_VALUE).then_some((value.start, value.end, rules::QUERY_SECRET))
}

/// Reads a parameter's value, up to the next parameter.
fn read(bytes: &[u8], at: usize, last: &mut LastEnd) -> Option<Value> {
    let value = value::read_run(bytes, at, last, |byte| {
        byte.is_ascii_alphanumeric() || b"%+/=_.~:-!*".contains(&byte)
    })?;
    let inside = &bytes[value.start..value.end];
    match inside.windows(3).position(|sign| sign == b"%26") {
        Some(0) => None,
        Some(length) => value::read_class(&bytes[..at + length], at, |_| true),
        None => Some(value),
    }
}
