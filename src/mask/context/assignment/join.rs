//! The forms in which a key and its value stand together: reads from the end of the name to the start of the value. Owns
//! what may stand between them; judges nothing.

use crate::mask::context::found::Join;
use crate::mask::context::values::quote::{self, Operator};

/// Reads from the end of the name to the start of the value.
pub(crate) fn join_after(bytes: &[u8], from: usize, to: usize) -> Option<(Join, usize)> {
    let closing = quote::quote_at(bytes, to);
    let mut at = closing.map_or(to, |(_, end)| end);
    let is_subscript = bytes.get(at) == Some(&b']');
    at += usize::from(is_subscript);
    let operator_from = quote::skip_blanks(bytes, at);
    let is_spaced = operator_from > at;
    let Some((operator, after)) = quote::operator_at(bytes, operator_from) else {
        return named_value(bytes, at, closing.is_some())
            .or_else(|| blank_join(bytes, from, to, at, operator_from));
    };
    if let Some(found) = (operator == Operator::Comma).then(|| named_value(bytes, at, true)).flatten() {
        return Some(found);
    }
    let value_from = quote::skip_blanks(bytes, after);
    let quoted = |at: usize| {
        let at = skip_string_prefix(bytes, skip_bracket(bytes, at));
        quote::quote_at(bytes, at).map(|(quote, end)| (Join { operator, is_spaced, quote: Some(quote) }, end))
    };
    match operator {
        Operator::Comma => closing.and_then(|_| quoted(value_from)),
        Operator::Call => quoted(value_from),
        Operator::Tag => {
            // `<password>V<` and `<property name="password">V<`.
            let is_tag = closing.is_some() || is_after_tag_start(bytes, from);
            is_tag.then(|| {
                (Join { operator, is_spaced: false, quote: None }, skip_sealed_mark(bytes, value_from))
            })
        }
        Operator::Assign | Operator::Compare | Operator::Colon => quoted(value_from)
            .or_else(|| typed_value(bytes, value_from, operator))
            .or_else(|| wrapped_value(bytes, value_from, operator))
            .or(Some((Join { operator, is_spaced, quote: None }, value_from))),
    }
}

/// Steps over `{AQAAABAAA `, the beginning of a secret in Jenkins's files.
fn skip_sealed_mark(bytes: &[u8], at: usize) -> usize {
    let Some(rest) = bytes[at..].strip_prefix(b"{AQA") else { return at };
    let mark = rest.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    if rest.get(mark) == Some(&b' ') { at + 4 + mark + 1 } else { at + 1 }
}

/// Steps over the `[` of a list whose first value is quoted.
pub(crate) fn skip_bracket(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) != Some(&b'[') {
        return at;
    }
    let first = quote::skip_blanks(bytes, at + 1);
    let first = quote::skip_blanks(bytes, quote::skip_line_end(bytes, first).unwrap_or(first));
    if quote::quote_at(bytes, first).is_some() { first } else { at }
}

/// The letter of a string literal: `b"..."`, `r'...'`, `@"..."`.
fn skip_string_prefix(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'b' | b'r' | b'u' | b'f' | b'L' | b'@' | b'&') if quote::quote_at(bytes, at + 1).is_some() => {
            at + 1
        }
        _ => at,
    }
}

/// Whether an XML tag's name begins at `at`: after `<`, perhaps with a namespace.
fn is_after_tag_start(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(24)..at];
    let prefix =
        before.iter().rev().take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b':').count();
    let before = &before[..before.len() - prefix];
    // In `\u003c` the digits look like the name's.
    before.ends_with(b"<")
        || before.ends_with(b"\\") && bytes[..at].ends_with(b"u003c")
        || bytes[..at].ends_with(b"&lt;")
}

/// `"name": "DB_PASSWORD", "value": "..."` and its kin in YAML and XML; `at` is after the name and its quote.
fn named_value(bytes: &[u8], at: usize, is_quoted: bool) -> Option<(Join, usize)> {
    let mut here = quote::skip_blanks(bytes, at);
    if is_quoted && bytes.get(here) == Some(&b',') {
        here = quote::skip_blanks(bytes, here + 1);
    }
    for _ in 0..2 {
        here = quote::skip_blanks(bytes, quote::skip_line_end(bytes, here).unwrap_or(here));
    }
    let opening = quote::quote_at(bytes, here);
    here = opening.map_or(here, |(_, end)| end);
    if here == at || !bytes.get(here..here + 5)?.eq_ignore_ascii_case(b"value") {
        return None;
    }
    here += 5;
    here = quote::quote_at(bytes, here).map_or(here, |(_, end)| end);
    let (operator, after) = quote::operator_at(bytes, quote::skip_blanks(bytes, here))?;
    let value_from = quote::skip_blanks(bytes, after);
    if !matches!(operator, Operator::Assign | Operator::Colon) {
        return None;
    }
    match quote::quote_at(bytes, value_from) {
        Some((quote, end)) => Some((Join { operator, is_spaced: false, quote: Some(quote) }, end)),
        None => Some((Join { operator, is_spaced: false, quote: None }, value_from)),
    }
}

/// Forms with nothing but blanks between: `--password V`, `ENV KEY V`, `#define KEY "V"`, SQL's `PASSWORD 'V'`,
/// `password V` of `.netrc`.
fn blank_join(bytes: &[u8], from: usize, to: usize, at: usize, value_from: usize) -> Option<(Join, usize)> {
    if value_from == at {
        return None;
    }
    let before = &bytes[from.saturating_sub(64)..from];
    let name = &bytes[from..to];
    if bytes[value_from..].starts_with(b"is ") || bytes[value_from..].starts_with(b"is: ") {
        return said_value(bytes, value_from + 2);
    }
    let quoted = quote::quote_at(bytes, value_from);
    let join = Join { operator: Operator::Assign, is_spaced: false, quote: quoted.map(|(quote, _)| quote) };
    let value_at = quoted.map_or(value_from, |(_, end)| end);
    let is_sql =
        || name.eq_ignore_ascii_case(b"password") && quoted.is_some_and(|(quote, _)| quote.byte == b'\'');
    let is_option = || {
        name.starts_with(b"--")
            || name.starts_with(b"-") && matches!(name, b"-storepass" | b"-keypass" | b"-pass")
    };
    let is_netrc = || name == b"password" && contains(before, b"login ");
    let is_defined = || {
        [&b"define "[..], b"ENV ", b"ARG ", b"setx ", b"set ", b"setenv "]
            .iter()
            .any(|word| before.ends_with(word))
            && name.iter().all(|byte| !byte.is_ascii_lowercase())
    };
    if is_option() || is_netrc() || is_sql() || is_defined() {
        return Some((join, value_at));
    }
    // `aws configure set aws_secret_access_key V`.
    if before.ends_with(b"set ") {
        return Some((Join { operator: Operator::Compare, is_spaced: true, ..join }, value_at));
    }
    type_after_name(bytes, value_from).or_else(|| {
        is_bare_token(bytes, name, value_from)
            .then_some((Join { operator: Operator::Compare, is_spaced: true, ..join }, value_at))
    })
}

/// `a secret 3f2a9c... within`: nothing but a blank between, and a value that can only be one drawn by lot.
fn is_bare_token(bytes: &[u8], name: &[u8], at: usize) -> bool {
    const NAMES: [&str; 5] = ["secret", "token", "password", "apikey", "api_key"];
    if !NAMES.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())) {
        return false;
    }
    let at = quote::quote_at(bytes, at).map_or(at, |(_, end)| end);
    let run = bytes[at..].iter().take(80).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let digits = bytes[at..at + run].iter().filter(|byte| byte.is_ascii_digit()).count();
    (20..80).contains(&run) && digits >= 3 && digits < run
}

/// `var apiToken string = "..."`, as Go writes it; the type begins at `at`.
fn type_after_name(bytes: &[u8], at: usize) -> Option<(Join, usize)> {
    let rest = ["string", "[]byte", "String", "str", "*string", "SecretString"]
        .iter()
        .find_map(|name| bytes[at..].strip_prefix(name.as_bytes()))?;
    let (operator, after) = quote::operator_at(bytes, quote::skip_blanks(bytes, bytes.len() - rest.len()))?;
    let value_from = quote::skip_blanks(bytes, after);
    let (quote, end) = quote::quote_at(bytes, value_from)?;
    (operator == Operator::Assign).then_some((Join { operator, is_spaced: true, quote: Some(quote) }, end))
}

/// `the password is V`, as people write to an agent: only what is no word counts.
fn said_value(bytes: &[u8], after_verb: usize) -> Option<(Join, usize)> {
    let colon = usize::from(bytes.get(after_verb) == Some(&b':'));
    let value_from = quote::skip_blanks(bytes, after_verb + colon);
    let quoted = quote::quote_at(bytes, value_from);
    let operator = if quoted.is_some() { Operator::Call } else { Operator::Compare };
    let join = Join { operator, is_spaced: true, quote: quoted.map(|(quote, _)| quote) };
    Some((join, quoted.map_or(value_from, |(_, end)| end)))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// `password: str = "..."`: a type between the name and a quoted value.
fn typed_value(bytes: &[u8], at: usize, operator: Operator) -> Option<(Join, usize)> {
    const LONGEST_TYPE: usize = 40;
    if operator != Operator::Colon {
        return None;
    }
    let length = bytes[at..]
        .iter()
        .take(LONGEST_TYPE)
        .take_while(|&&byte| byte.is_ascii_alphanumeric() || b"_&<>[]:.|?' ".contains(&byte))
        .count();
    let (assigns, after) = quote::operator_at(bytes, at + length)?;
    if length < 3 || assigns != Operator::Assign {
        return None;
    }
    let value_from = quote::skip_blanks(bytes, after);
    let (quote, end) = quote::quote_at(bytes, skip_string_prefix(bytes, value_from))?;
    Some((Join { operator: Operator::Assign, is_spaced: true, quote: Some(quote) }, end))
}

/// `password = String::from("...")`: a call that makes a value of a literal.
fn wrapped_value(bytes: &[u8], at: usize, operator: Operator) -> Option<(Join, usize)> {
    const LONGEST_CALL: usize = 48;
    const MAKERS: &[&[u8]] = &[
        b"from",
        b"new",
        b"Some",
        b"SecretStr",
        b"SecretString",
        b"String",
        b"str",
        b"bytes",
        b"b64decode",
        b"strdup",
        b"fromhex",
        b"byte",
        b"SecureString",
        b"Secret",
        b"toString",
        b"of",
        b"unhexlify",
        b"decode",
        b"atob",
        b"Ok",
    ];
    let length = bytes[at..]
        .iter()
        .take(LONGEST_CALL)
        .take_while(|&&byte| byte.is_ascii_alphanumeric() || b"_:.[] ".contains(&byte))
        .count();
    if bytes.get(at + length) != Some(&b'(') {
        return None;
    }
    let word = bytes[at..at + length].rsplit(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').next()?;
    if !MAKERS.contains(&word) {
        return None;
    }
    let value_from = quote::skip_blanks(bytes, at + length + 1);
    let (quote, end) = quote::quote_at(bytes, skip_string_prefix(bytes, value_from))?;
    Some((Join { operator, is_spaced: true, quote: Some(quote) }, end))
}
