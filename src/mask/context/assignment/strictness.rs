//! How strict a key and the form that it stands in are with a value: what a value must look like to be taken for a secret
//! behind this key, in quotes or without.

use crate::mask::context::found::Join;
use crate::mask::context::keys::key_name::{Family, Key, Strength};
use crate::mask::context::names::{in_code, test_verdict};
use crate::mask::context::values::judge::{self, Profile};
use crate::mask::context::values::quote::Operator;
use crate::mask::context::values::value::{Ending, Value};

/// Judges a value by what its key and the form promise.
pub(crate) fn is_secret(bytes: &[u8], key: &Key, join: Join, value: &Value) -> bool {
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
        && !(value.ending == Ending::Closed && in_code::is_quoted_name(key, value.text()))
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
    looks_secret_without_quotes(bytes, key, join, value, profile)
        && !in_code::is_name_in_code(bytes, key, join, value)
        && !test_verdict::is_verdict(bytes, key, join, value)
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
