//! A key name with its value: `DB_PASSWORD=...`, `"apiKey": "..."`, `<password>...</password>`, `setPassword("...")`,
//! `--token ...`. Owns the way from the name to the value and to the rule that labels it.

use crate::mask::context::assignment::join::{join_after, skip_bracket};
use crate::mask::context::assignment::strictness::is_secret;
use crate::mask::context::forms::query;
use crate::mask::context::found::{Found, Join};
use crate::mask::context::keys::key_name::{self, Family, Key};
use crate::mask::context::rules;
use crate::mask::context::values::judge;
use crate::mask::context::values::quote::{self, Operator};
use crate::mask::context::values::value::{self, Memory, Value};

/// Looks at the key name around `start..end` and at the value after it.
pub(crate) fn find(bytes: &[u8], start: usize, end: usize, memory: &mut Memory) -> Option<Found> {
    let (from, to) = quick_identifier(bytes, start, end)?;
    if let Some(found) = query::find_named(bytes, from, to, &mut memory.query) {
        return Some(found);
    }
    // `https://x-access-token:V@host` is a URL, and ends where a URL's password does.
    // In `arn:aws:secretsmanager:...:secret:name` the name of a secret follows.
    if matches!(bytes[..from].last(), Some(b'/' | b':')) && bytes.get(to) == Some(&b':') {
        return None;
    }
    // `"AWS::AppSync::ApiKey"` is the name of a type.
    if bytes[..from].ends_with(b"::") {
        return None;
    }
    let (join, value_at) = join_after(bytes, from, to)?;
    let key = key_name::classify(bytes, key_name::with_word_before(bytes, from, to), to)?;
    let value = match join.quote {
        Some(quote) => value::read_quoted(bytes, value_at, quote)?,
        None => read_bare(bytes, value_at, &key, join, memory)?,
    };
    is_secret(bytes, &key, join, &value)
        .then(|| (value.start, value.end, rules::for_key(&bytes[from..to], &key)))
}

/// Looks at the first value of a list: `api_keys = ["..."]`; the `s` of the name stands at `end`.
pub(crate) fn find_in_list(bytes: &[u8], start: usize, end: usize) -> Option<Found> {
    let closing = quote::quote_at(bytes, end + 1);
    let at = quote::skip_blanks(bytes, closing.map_or(end + 1, |(_, end)| end));
    if !matches!(bytes.get(at), Some(b'=' | b':' | b'\\')) {
        return None;
    }
    let (operator, after) = quote::operator_at(bytes, at)?;
    let bracket = quote::skip_blanks(bytes, after);
    let first = skip_bracket(bytes, bracket);
    if first == bracket {
        return None;
    }
    let (quote, value_at) = quote::quote_at(bytes, first)?;
    let (from, _) = key_name::identifier(bytes, start, end)?;
    let key = key_name::classify(bytes, from, end)?;
    let value = value::read_quoted(bytes, value_at, quote)?;
    let join = Join { operator, is_spaced: false, quote: Some(quote) };
    (judge::is_token(value.text(), 12) && is_secret(bytes, &key, join, &value))
        .then(|| (value.start, value.end, rules::for_key(&bytes[from..end], &key)))
}

/// [`key_name::identifier`], unless the byte after the literal already says that this is no key (`tokens`, `passed`,
/// `author`): the most frequent case by far.
fn quick_identifier(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    if bytes.get(end) == Some(&b's') && !bytes[end..].starts_with(b"sw") && !bytes[end..].starts_with(b"sp") {
        return None;
    }
    key_name::identifier(bytes, start, end)
}

/// Reads a value without quotes. After an environment variable's name at the start of a line or word the shell's own
/// rules hold, and signs such as `&` and `(` are read too.
fn read_bare(bytes: &[u8], at: usize, key: &Key, join: Join, memory: &mut Memory) -> Option<Value> {
    // `DB_PASSWORD=JWT_SECRET=...`: a name, not a value; cheap to see, and the most frequent hostile line.
    let name =
        bytes.get(at..)?.iter().take(48).take_while(|&&b| b.is_ascii_alphabetic() || b == b'_').count();
    if name > 2 && bytes.get(at + name) == Some(&b'=') && bytes.get(at + name + 1).is_some_and(|&b| b != b'=')
    {
        let is_padding = matches!(bytes.get(at + name + 1), Some(b'"' | b'\\' | b' ' | b'\n'));
        if !is_padding {
            return None;
        }
    }
    let value = value::read_unquoted(bytes, at, &mut memory.bare)?;
    if key.is_all_caps
        && join.operator == Operator::Assign
        && !join.is_spaced
        && key.family == Family::Password
    {
        let wide = value::read_run(bytes, at, &mut memory.wide, |byte| {
            value::is_unquoted_byte(byte)
                || matches!(byte, b'&' | b'(' | b')' | b'<' | b'>' | b'|' | b'{' | b'}' | b'[' | b']')
        })?;
        let next = bytes.get(value.end).copied();
        let is_single = next.is_some_and(|sign| bytes.get(value.end + 1) != Some(&sign));
        if wide.end > value.end && is_single && !matches!(next, Some(b'(' | b')' | b'<')) {
            return Some(wide);
        }
    }
    Some(value)
}

#[cfg(test)]
#[path = "pair_tests.rs"]
mod tests;
