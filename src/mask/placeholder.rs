//! What stands in place of a secret. Owns the texts, the short tags, and the knowledge of where in a text a
//! placeholder already stands, which custom rules must leave alone.

use crate::mask::rule::{Placeholder, Rule};
use crate::mask::text::unescape::unescape;
use std::ops::Range;

/// The text that says that something was masked, when there is nothing more to say.
pub(crate) const MASKED: &[u8] = b"***MASKED***";

/// What every placeholder holds between its stars, before a rule's id and a tag: `***MASKED***`,
/// `***PRIVATE_KEY_MASKED***`, `***MASKED:rule-id***`.
const MARK: &[u8] = b"MASKED";

/// No placeholder is longer: the literal kept, the mark, the longest rule id, a tag.
const MAX_PLACEHOLDER_BYTES: usize = 160;

/// Tags are taken from so much of a value, so that a window need not hold all of it.
const MAX_TAGGED_BYTES: usize = 4 << 10;

/// Appends the placeholder of a rule for a match whose bytes (as far as at hand) are `value`, of which
/// `kept_bytes` stay.
pub(crate) fn write(
    placeholder: Placeholder,
    id: &str,
    value: &[u8],
    kept_bytes: usize,
    tag_key: Option<&[u8; 32]>,
    out: &mut Vec<u8>,
) {
    let before = out.len();
    match placeholder {
        Placeholder::Fixed(text) => out.extend_from_slice(text.as_bytes()),
        Placeholder::KeepLiteral => {
            out.extend_from_slice(&value[..kept_bytes.min(value.len())]);
            out.extend_from_slice(MASKED);
        }
        Placeholder::RuleId => {
            out.extend_from_slice(b"***MASKED:");
            out.extend_from_slice(id.as_bytes());
            out.extend_from_slice(b"***");
        }
    }
    let Some(key) = tag_key else { return };
    let Some(close) = memchr::memmem::rfind(&out[before..], b"***") else { return };
    let tag = tag(key, value);
    let at = before + close;
    out.splice(at..at, std::iter::once(b':').chain(tag));
}

/// Returns the tag of a value: the same for the same secret, however escaped, under the same key.
fn tag(key: &[u8; 32], value: &[u8]) -> [u8; 8] {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let plain = unescape(&value[..value.len().min(MAX_TAGGED_BYTES)]);
    let hash = blake3::keyed_hash(key, &plain);
    let bits = hash.as_bytes()[..5].iter().fold(0u64, |bits, &byte| bits << 8 | u64::from(byte));
    std::array::from_fn(|index| ALPHABET[(bits >> (35 - 5 * index)) as usize & 31])
}

/// Knows every text that may stand before the mark in a placeholder.
pub(crate) struct Protected {
    prefixes: Vec<&'static [u8]>,
}

impl Protected {
    /// Takes the prefixes of fixed placeholders from the table, and `literals` that rules keep.
    pub(crate) fn new(rules: impl Iterator<Item = &'static Rule>, literals: &[&'static [u8]]) -> Protected {
        let mut prefixes: Vec<&'static [u8]> = literals.to_vec();
        for rule in rules {
            if let Placeholder::Fixed(text) = rule.placeholder
                && let Some(mark) = memchr::memmem::find(text.as_bytes(), b"***")
            {
                prefixes.push(&text.as_bytes()[..mark]);
            }
        }
        prefixes.sort_unstable_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        prefixes.dedup();
        Protected { prefixes }
    }

    /// Returns whether what stands at `at` is part of a placeholder, or of the very text that would replace it:
    /// masking that again would change masked text.
    pub(crate) fn covers(&self, haystack: &[u8], at: &Range<usize>, replacement: &[u8]) -> bool {
        is_within(haystack, at, replacement) || self.is_in_placeholder(haystack, at)
    }

    fn is_in_placeholder(&self, haystack: &[u8], at: &Range<usize>) -> bool {
        if at.len() > MAX_PLACEHOLDER_BYTES {
            return false;
        }
        let from = at.start.saturating_sub(MAX_PLACEHOLDER_BYTES);
        let until = haystack.len().min(at.end + MAX_PLACEHOLDER_BYTES);
        memchr::memmem::find_iter(&haystack[from..until], MARK).any(|mark| {
            let mark = from + mark;
            let stars = &haystack[..mark - words_before(haystack, mark)];
            let Some(before) = stars.strip_suffix(b"***") else { return false };
            let prefix =
                self.prefixes.iter().find(|prefix| before.ends_with(prefix)).map_or(0, |it| it.len());
            let start = before.len() - prefix;
            let end = placeholder_end(haystack, mark);
            start <= at.start && at.end <= end
        })
    }
}

/// Returns how many bytes of `PRIVATE_KEY_` and the like stand before the mark.
fn words_before(haystack: &[u8], mark: usize) -> usize {
    let is_word = |byte: &&u8| byte.is_ascii_uppercase() || **byte == b'_';
    haystack[..mark].iter().rev().take(MAX_PLACEHOLDER_BYTES).take_while(is_word).count()
}

/// Returns where the placeholder ends whose mark stands at `mark`.
fn placeholder_end(haystack: &[u8], mark: usize) -> usize {
    let from = mark + MARK.len();
    let id = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b':');
    let length = match haystack.get(from) {
        Some(b':') => haystack[from..].iter().take(MAX_PLACEHOLDER_BYTES).take_while(|byte| id(byte)).count(),
        _ => 0,
    };
    let end = from + length;
    if haystack[end..].starts_with(b"***") { end + 3 } else { from }
}

/// Returns whether `at` lies within an occurrence of `text`.
fn is_within(haystack: &[u8], at: &Range<usize>, text: &[u8]) -> bool {
    let matched = &haystack[at.clone()];
    if matched.len() > text.len() {
        return false;
    }
    memchr::memmem::find_iter(text, matched)
        .any(|into| into <= at.start && haystack[at.start - into..].starts_with(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_same_for_the_same_secret_however_it_is_escaped() {
        let key = [7; 32];
        let mut texts = Vec::new();
        for value in [&b"a/b\"c"[..], br#"a\/b\"c"#, br#"a\u002fb\\\"c"#] {
            let mut out = Vec::new();
            write(Placeholder::Fixed("x-***MASKED***"), "x", value, 0, Some(&key), &mut out);
            texts.push(out);
        }
        assert_eq!(texts[0], texts[1]);
        assert_eq!(texts[0], texts[2]);
        assert!(texts[0].starts_with(b"x-***MASKED:") && texts[0].ends_with(b"***"));
        assert_eq!(texts[0].len(), "x-***MASKED***".len() + 9);
    }

    #[test]
    fn parts_of_placeholders_are_recognised() {
        let protected = Protected { prefixes: vec![b"sk-ant-"] };
        let text = b"sk sk-ant-***MASKED*** ***MASKED:a-rule:abcdefgh*** MASKED";
        let at = |needle: &str, from: usize| {
            let start = from + memchr::memmem::find(&text[from..], needle.as_bytes()).unwrap();
            start..start + needle.len()
        };
        assert!(!protected.covers(text, &at("sk", 0), b""));
        assert!(protected.covers(text, &at("sk", 3), b""));
        assert!(protected.covers(text, &at("MASKED", 0), b""));
        assert!(protected.covers(text, &at("rule", 0), b""));
        assert!(!protected.covers(text, &at("* *", 0), b""));
        assert!(protected.covers(b"-***PRIVATE_KEY_MASKED:abcdefgh***", &(4..11), b""));
        assert!(!protected.covers(text, &at("MASKED", 50), b""));
        assert!(protected.covers(b"id-1", &(3..4), b"id-1"));
        assert!(!protected.covers(b"id-2", &(3..4), b"id-1"));
    }
}
