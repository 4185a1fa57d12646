//! Finds values by a provider's name near a word such as `token` or `key`, where the two make no key name together:
//! `bitly KEY (prod) is 3f2a...`. Owns how near all three must stand.

use crate::mask::context::found::Found;
use crate::mask::context::keys::providers::is_provider;
use crate::mask::context::rules;
use crate::mask::context::values::judge::{self, Profile};
use crate::mask::context::values::quote;

/// So far before or after the word the provider's name may stand, and so far after it the value.
const MOST_AWAY: usize = 40;

/// Lengths that keys without a prefix have.
const LENGTHS: std::ops::RangeInclusive<usize> = 20..=72;

/// Looks for a value after the telling word `start..end` and for a provider's name near the two.
pub(crate) fn find(bytes: &[u8], start: usize, end: usize) -> Option<Found> {
    let value = value_after(bytes, end)?;
    let text = &bytes[value.0..value.1];
    let profile = Profile::of(text);
    let is_hex = text.iter().all(u8::is_ascii_hexdigit);
    let floor = if is_hex { 3.0 } else { 3.4 };
    if profile.digits < 2
        || profile.letters == 0
        || profile.entropy < floor
        || judge::is_never_secret(text)
        || judge::is_wordlike(text)
    {
        return None;
    }
    if judge::longest_run_with_digit(text) < 8 {
        return None;
    }
    let near = &bytes[start.saturating_sub(MOST_AWAY)..value.0];
    let has_provider = words_of(near).any(is_provider);
    (has_provider && !is_said_otherwise(near)).then_some((value.0, value.1, rules::PROVIDER_WORD))
}

/// The words of a piece of a line; the letter of an escape before a word is not part of it.
fn words_of(near: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    near.split(|byte| !byte.is_ascii_alphanumeric()).map(move |word| {
        let from = at;
        at += word.len() + 1;
        let is_escaped = from > 0 && near[from - 1] == b'\\' && matches!(word, [b'n' | b't' | b'r', _, ..]);
        &word[usize::from(is_escaped)..]
    })
}

/// Whether the words say that the value is something else: an id, a hash, a commit, a public key.
fn is_said_otherwise(near: &[u8]) -> bool {
    const OTHERWISE: &[&[u8]] = &[
        b"sha",
        b"hash",
        b"commit",
        b"digest",
        b"checksum",
        b"fingerprint",
        b"etag",
        b"uuid",
        b"id",
        b"public",
        b"integrity",
        b"md5",
        b"url",
        b"uri",
        b"http",
        b"https",
        b"version",
        b"file",
        b"path",
        b"image",
        b"cache",
        b"tokens",
        b"index",
        b"rev",
        b"test",
    ];
    words_of(near).any(|word| OTHERWISE.iter().any(|other| word.eq_ignore_ascii_case(other)))
}

/// The first run of the right length within reach of `end`, on the same line and in the same string.
fn value_after(bytes: &[u8], end: usize) -> Option<(usize, usize)> {
    let is_value_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let last = (end + MOST_AWAY).min(bytes.len());
    // The rest of the telling word.
    let mut at = end + bytes[end..last].iter().take_while(|&&byte| is_value_byte(byte)).count();
    while at < last {
        match bytes[at] {
            b'\\' => {
                // An escaped quote may stand between; an escaped line end may not.
                let letter = at + quote::backslashes_at(bytes, at);
                if quote::unicode_escape_at(bytes, letter).is_some_and(|byte| b"='&".contains(&byte)) {
                    at = letter + 5;
                    continue;
                }
                if !matches!(bytes.get(letter), Some(b'"' | b'\'' | b't')) {
                    return None;
                }
                at = letter + 1;
            }
            b'\n' | b'{' | b'}' | b'/' => return None,
            byte if is_value_byte(byte) => {
                let length = bytes[at..]
                    .iter()
                    .take(LENGTHS.end() + 1)
                    .take_while(|&&byte| is_value_byte(byte))
                    .count();
                if LENGTHS.contains(&length) {
                    let is_path = matches!(bytes.get(at + length), Some(b'.' | b'/' | b'(' | b':'));
                    return (!is_path).then_some((at, at + length));
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    None
}
