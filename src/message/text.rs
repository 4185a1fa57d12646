//! A place of text in the bytes of a session, and what it says once its escapes are resolved.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr;

/// Where a text stands: a range of the bytes that its message was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Text {
    #[default]
    None,
    /// As it is written.
    Plain(Range<usize>),
    /// Between the quotes of a JSON string, escapes among it.
    Escaped(Range<usize>),
    /// Named by the reader, not by the record.
    Named(&'static str),
    /// What another record says.
    Known(Arc<str>),
}

impl Text {
    /// Returns whether there is none.
    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Text::None)
    }

    /// Returns whether it stands nowhere or is empty.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Text::None => true,
            Text::Plain(range) | Text::Escaped(range) => range.is_empty(),
            Text::Named(name) => name.is_empty(),
            Text::Known(text) => text.is_empty(),
        }
    }

    /// Returns the range of bytes where it stands, if it stands anywhere.
    pub(crate) fn range(&self) -> Option<&Range<usize>> {
        match self {
            Text::Plain(range) | Text::Escaped(range) => Some(range),
            Text::None | Text::Named(_) | Text::Known(_) => None,
        }
    }

    /// Returns its bytes in `bytes` as they are written; empty where it stands nowhere or beyond their end.
    pub(crate) fn raw<'a>(&'a self, bytes: &'a [u8]) -> &'a [u8] {
        match self {
            Text::Plain(range) | Text::Escaped(range) => bytes.get(range.clone()).unwrap_or_default(),
            Text::Named(name) => name.as_bytes(),
            Text::Known(text) => text.as_bytes(),
            Text::None => b"",
        }
    }

    /// Returns what it says: escapes resolved, what is no UTF-8 replaced.
    pub(crate) fn of<'a>(&'a self, bytes: &'a [u8]) -> Cow<'a, str> {
        let raw = self.raw(bytes);
        match self {
            Text::Escaped(_) => resolved(raw),
            _ => String::from_utf8_lossy(raw),
        }
    }
}

/// Resolves the escapes of JSON in `raw`. What is no escape stays as it is; half of a surrogate pair and what is no UTF-8
/// becomes U+FFFD.
pub(crate) fn resolved(raw: &[u8]) -> Cow<'_, str> {
    let Some(first) = memchr(b'\\', raw) else { return String::from_utf8_lossy(raw) };
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    let mut at = Some(first);
    while let Some(backslash) = at {
        out.extend_from_slice(&rest[..backslash]);
        let used = resolve_one(&rest[backslash..], &mut out);
        rest = &rest[backslash + used..];
        at = memchr(b'\\', rest);
    }
    out.extend_from_slice(rest);
    Cow::Owned(match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// Appends what the escape at the start of `bytes` stands for; returns how many bytes it takes.
fn resolve_one(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    let simple = match bytes.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
        Some(b'u') => return resolve_unit(bytes, out),
        _ => {
            out.push(b'\\');
            return 1;
        }
    };
    out.push(simple);
    2
}

/// Appends the character of a `\uXXXX`, or of two that are a surrogate pair; returns how many bytes they take.
fn resolve_unit(bytes: &[u8], out: &mut Vec<u8>) -> usize {
    let Some(unit) = unit_at(bytes) else {
        out.push(b'\\');
        return 1;
    };
    let (code, used) = match unit {
        0xd800..=0xdbff => match unit_at(&bytes[6..]) {
            Some(low @ 0xdc00..=0xdfff) => (0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 12),
            _ => (0xfffd, 6),
        },
        unit => (unit, 6),
    };
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    used
}

/// Reads the `\uXXXX` at the start of `bytes`.
fn unit_at(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_are_resolved_and_what_is_none_stays() {
        for (raw, expected) in [
            (r#"a\n\t\"b\"\\ \/"#, "a\n\t\"b\"\\ /"),
            (r"\u043f\u0440 \ud83d\udc4d", "пр 👍"),
            (r"\ud83d x \udc4d", "\u{fffd} x \u{fffd}"),
            (r"\q \u12 \", r"\q \u12 \"),
            ("plain", "plain"),
        ] {
            assert_eq!(resolved(raw.as_bytes()), expected, "{raw}");
        }
        assert_eq!(resolved(b"\xff\\n"), "\u{fffd}\n");
    }

    proptest! {
        #[test]
        fn a_string_of_json_says_what_it_was_made_of(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(resolved(&json.as_bytes()[1..json.len() - 1]), text);
        }

        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(
            prop_oneof![Just(b'\\'), Just(b'u'), Just(b'd'), Just(b'8'), any::<u8>()], 0..100)) {
            let _ = resolved(&bytes);
        }
    }
}
