//! Finds a key name with its value: `DB_PASSWORD=...`, `"apiKey": "..."`, `<password>...</password>`,
//! `setPassword("...")`, `--token ...`. Owns the forms in which key and value stand together and how strict each is;
//! names are read in `key_name`, values in `value`, and judged in `judge`.

use super::judge::{self, Profile};
use super::key_name::{self, Family, Key, Strength};
use super::names::{self, Place};
use super::query;
use super::quote::{self, Operator, Quote};
use super::rules;
use super::value::{self, Ending, Memory, Value};
use super::verdict;

/// A value found, and the rule that says so.
pub(crate) type Found = (usize, usize, u16);

/// How key and value are joined, as far as it matters to the judgement.
#[derive(Clone, Copy, Debug)]
struct Join {
    operator: Operator,
    /// A blank before the operator, as in code.
    is_spaced: bool,
    /// What opens the value, if it is quoted.
    quote: Option<Quote>,
}

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

/// Reads from the end of the name to the start of the value.
fn join_after(bytes: &[u8], from: usize, to: usize) -> Option<(Join, usize)> {
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
fn skip_bracket(bytes: &[u8], at: usize) -> usize {
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

/// Judges a value by what its key and the form promise.
fn is_secret(bytes: &[u8], key: &Key, join: Join, value: &Value) -> bool {
    let text = value.text();
    if text.len() < 6 {
        return false;
    }
    let profile = Profile::of(text);
    let wanted_distinct = if text.len() >= 6 { 5 } else { 4 };
    if profile.distinct < wanted_distinct || !profile.is_ascii && profile.digits == 0 {
        return false;
    }
    if judge::is_never_secret(text) || judge::is_date(text) {
        return false;
    }
    let is_certain = match join.quote {
        Some(_) => is_quoted_secret(key, join, value, &profile),
        None => is_bare_secret(bytes, key, join, value, &profile),
    };
    is_certain && !is_identifier_of_recorder(text)
}

/// Ids that transcripts are full of.
fn is_identifier_of_recorder(text: &[u8]) -> bool {
    [&b"chatcmpl-"[..], b"agent-", b"resp_"].iter().any(|start| text.starts_with(start))
}

/// Whether a value in quotes is a secret: it looks like one, and is no name.
fn is_quoted_secret(key: &Key, join: Join, value: &Value, profile: &Profile) -> bool {
    looks_secret_in_quotes(key, join, value, profile)
        && !(value.ending == Ending::Closed && names::is_quoted_name(key, value.text()))
}

fn looks_secret_in_quotes(key: &Key, join: Join, value: &Value, profile: &Profile) -> bool {
    let text = value.text();
    let is_wordlike = judge::is_wordlike(text);
    // `JWT_SECRET=",1,null]`: the quote closes a string, and what follows is the JSON around it.
    if matches!(text, [b',' | b':' | b']' | b'}', ..]) && value.ending != Ending::Closed {
        return false;
    }
    // A blank inside: prose, unless the first word is beyond doubt.
    if value.ending == Ending::Blank {
        return profile.is_mixed()
            && text.len() >= 8
            && profile.entropy >= 2.8
            && !is_wordlike
            && is_random(text, profile);
    }
    if matches!(join.operator, Operator::Comma | Operator::Call) {
        return profile.is_mixed() && text.len() >= 8 && profile.entropy >= 2.75 && !is_wordlike;
    }
    match key.strength {
        Strength::Strong => is_strong_quoted(key, text, profile, is_wordlike),
        Strength::Weak => {
            profile.is_mixed()
                && text.len() >= 16
                && profile.entropy >= 3.2
                && !is_wordlike
                && is_random(text, profile)
        }
    }
}

fn is_strong_quoted(key: &Key, text: &[u8], profile: &Profile, is_wordlike: bool) -> bool {
    let is_named = matches!(key.family, Family::Password | Family::Secret);
    if profile.entropy < 2.4 {
        return false;
    }
    let separators = text.iter().filter(|byte| b"_-./:@".contains(byte)).count();
    if profile.letters == text.len() {
        let is_camel = text.iter().skip(1).any(u8::is_ascii_uppercase) && is_wordlike;
        return is_named && text.len() >= 10 && profile.entropy >= 3.0 && !is_camel;
    }
    if !is_wordlike {
        return profile.marks > 0 && key.family == Family::Password
            || profile.digits > 0
            || text.len() >= 16 && profile.entropy >= 3.4;
    }
    // Words with digits or joined by dashes: passwords that people make up, but no dotted or snake_case names.
    let is_name = text.iter().any(|byte| b"./:_@".contains(byte));
    match key.family {
        Family::Password => !is_name && (profile.digits > 0 || separators >= 2),
        Family::Secret => !is_name && (profile.digits > 0 && text.len() >= 8 || separators >= 3),
        _ => !is_name && profile.digits > 1 && separators == 0 && text.len() >= 12,
    }
}

/// Whether a value without quotes is a secret: it looks like one, and what stands around it does not make a name of it.
fn is_bare_secret(bytes: &[u8], key: &Key, join: Join, value: &Value, profile: &Profile) -> bool {
    let place = Place {
        is_colon: join.operator == Operator::Colon,
        is_spaced: join.is_spaced,
        is_assigned: join.operator == Operator::Assign,
    };
    looks_secret_without_quotes(bytes, key, join, value, profile)
        && !names::is_name_in_code(bytes, key, place, value)
        && !verdict::is_verdict(bytes, key, place, value)
}

fn looks_secret_without_quotes(
    bytes: &[u8],
    key: &Key,
    join: Join,
    value: &Value,
    profile: &Profile,
) -> bool {
    let text = value.text();
    let next = bytes.get(value.end).copied();
    let is_code_after =
        matches!(next, Some(b'(' | b'[' | b'{')) || next == Some(b'<') && join.operator != Operator::Tag;
    let is_statement =
        matches!(next, Some(b';' | b')' | b',')) && join.operator != Operator::Tag && !key.is_all_caps;
    let is_wordlike = judge::is_wordlike(text);
    if bytes[value.end..].starts_with(b" = ") && join.operator == Operator::Colon {
        return false;
    }
    let is_path = is_wordlike && text.iter().any(|byte| b"./:".contains(byte));
    let is_number = text.iter().all(|byte| byte.is_ascii_hexdigit() || b"xX_.-+,".contains(byte))
        && text.len() <= 18
        && (profile.letters == 0 || starts_number(text));
    if is_code_after || is_path || is_number || !profile.is_ascii {
        return false;
    }
    let has_mark = text.iter().any(|byte| b"!#%^&*+$".contains(byte));
    match key.strength {
        Strength::Strong if is_wordlike => {
            let is_constant = text.contains(&b'_') && !text.iter().any(u8::is_ascii_lowercase);
            let is_made_up = key.family == Family::Password && profile.is_mixed() && !text.contains(&b'_');
            let is_environment = key.is_all_caps && !join.is_spaced && !is_constant;
            !is_statement
                && text.len() >= 8
                && join.operator != Operator::Compare
                && (is_environment && profile.entropy >= 3.0 && is_word_secret(key, text, profile)
                    || is_made_up && !join.is_spaced && profile.entropy >= 2.6
                    || join.operator == Operator::Tag && key.family == Family::Password && profile.is_mixed())
        }
        Strength::Strong => {
            let enough = text.len() >= 8 && profile.entropy >= 2.6;
            let is_environment = key.is_all_caps && profile.entropy >= 3.0 && text.len() >= 8;
            let is_marked = text.len() >= 8 && has_mark && key.family == Family::Password;
            enough
                && profile.is_mixed()
                && (!is_statement || is_random(text, profile))
                && is_simple_enough(text, join)
                || (is_environment || is_marked && !join.is_spaced)
                    && is_simple_enough(text, join)
                    && profile.letters > 0
        }
        Strength::Weak => {
            profile.is_mixed()
                && text.len() >= 16
                && profile.entropy >= 3.2
                && !is_wordlike
                && is_random(text, profile)
                && is_simple_enough(text, join)
        }
    }
}

/// Words in an environment variable: a password may be words; a key or token is not.
fn is_word_secret(key: &Key, text: &[u8], profile: &Profile) -> bool {
    match key.family {
        Family::Password | Family::Secret => {
            !text.contains(&b'.') && (text.len() >= 10 || profile.digits > 0)
        }
        _ => profile.digits > 1 && text.len() >= 12,
    }
}

fn starts_number(text: &[u8]) -> bool {
    text.starts_with(b"0x")
        || text.starts_with(b"0X")
        || text[0].is_ascii_digit() && text.iter().all(|byte| b"0123456789eE_.+-".contains(byte))
}

/// Whether a value looks drawn by lot: a run of alphanumerics with digits in it, long for what it is.
fn is_random(text: &[u8], profile: &Profile) -> bool {
    let run = judge::longest_run_with_digit(text);
    run >= 8 || run >= 5 && profile.marks > 0 || text.len() >= 20 && profile.digits >= 3 && run >= 6
}

/// No expression: operators in the middle of a bare value are code, except where the value is read from a file of
/// settings (no blank before the operator).
fn is_simple_enough(text: &[u8], join: Join) -> bool {
    let signs = text.iter().filter(|byte| b"?*!|^~".contains(byte)).count();
    let is_expression = signs > text.len() / 4 || text.ends_with(b":") || text.ends_with(b"?");
    let is_spaced_expression = join.is_spaced && signs > 0 && text.contains(&b'.');
    !is_expression && !is_spaced_expression
}

#[cfg(test)]
#[path = "assignment_tests.rs"]
mod tests;
