//! Reads a value in raw JSONL bytes, to its end and no further, and measures it. Owns where a value ends; whether it
//! looks like a secret is judged in `judge`.

use crate::mask::context::values::quote::{Quote, backslashes_at, unicode_escape_at};
use crate::mask::text::escape::escape_around;

/// A longer value is a blob and no secret that somebody typed or pasted. Below the masker's look-ahead, so that
/// every value is either seen to its end or refused, however the stream is cut.
pub(crate) const MOST_VALUE_BYTES: usize = 16 << 10;

/// So much of a value is looked at when it is judged; its end may be further off.
pub(crate) const SAMPLE_BYTES: usize = 192;

/// Why a value ends where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At its closing quote.
    Closed,
    /// At a blank.
    Blank,
    /// At anything else: the end of a string, of a line, of a word.
    Other,
}

/// A value and how it reads once its escapes are undone.
#[derive(Clone)]
pub(crate) struct Value {
    pub start: usize,
    pub end: usize,
    pub ending: Ending,
    sample: [u8; SAMPLE_BYTES],
    sample_length: usize,
}

impl Value {
    fn starting(at: usize) -> Value {
        Value { start: at, end: at, ending: Ending::Other, sample: [0; SAMPLE_BYTES], sample_length: 0 }
    }

    #[inline]
    fn push(&mut self, byte: u8) {
        if self.sample_length < SAMPLE_BYTES {
            self.sample[self.sample_length] = byte;
            self.sample_length += 1;
        }
    }

    /// The value's first bytes, escapes undone.
    pub(crate) fn text(&self) -> &[u8] {
        &self.sample[..self.sample_length]
    }

    /// Whether the value is longer than what [`Value::text`] returns.
    pub(crate) fn is_long(&self) -> bool {
        self.sample_length == SAMPLE_BYTES
    }
}

/// Reads what stands between quotes; `at` is right after the opening one. `None` when it is too long.
pub(crate) fn read_quoted(bytes: &[u8], at: usize, quote: Quote) -> Option<Value> {
    let mut value = Value::starting(at);
    let mut here = at;
    loop {
        if here - at > MOST_VALUE_BYTES {
            return None;
        }
        value.end = here;
        let Some(&byte) = bytes.get(here) else { return Some(value) };
        match byte {
            b'\\' => match escape_in_quotes(bytes, here, quote) {
                Escape::Byte(byte, next) => {
                    value.push(byte);
                    here = next;
                }
                Escape::Ends(ending) => {
                    value.ending = ending;
                    return Some(value);
                }
            },
            b'"' | b'\'' | b'`' if byte == quote.byte || byte == b'"' => {
                let is_closing = byte == quote.byte && quote.backslashes == 0;
                value.ending = if is_closing { Ending::Closed } else { Ending::Other };
                return Some(value);
            }
            b'&' if quote.byte == b'&' => {
                value.ending = Ending::Closed;
                return Some(value);
            }
            b' ' | b'\t' => {
                value.ending = Ending::Blank;
                return Some(value);
            }
            0..0x20 => return Some(value),
            _ => {
                value.push(byte);
                here += 1;
            }
        }
    }
}

enum Escape {
    /// A byte of the value, and where the next one stands.
    Byte(u8, usize),
    Ends(Ending),
}

/// Reads the escape at `at` inside a value between `quote`s.
fn escape_in_quotes(bytes: &[u8], at: usize, quote: Quote) -> Escape {
    let count = backslashes_at(bytes, at);
    let letter = at + count;
    let Some(&byte) = bytes.get(letter) else { return Escape::Ends(Ending::Other) };
    match byte {
        b'"' | b'\'' | b'`' if byte == quote.byte && count == quote.backslashes => {
            Escape::Ends(if quote.is_unicode { Ending::Other } else { Ending::Closed })
        }
        // The quote one level deeper: part of the value.
        b'"' | b'\'' | b'`' if byte == quote.byte && count == 2 * quote.backslashes + 1 => {
            Escape::Byte(byte, letter + 1)
        }
        b'"' => Escape::Ends(Ending::Other),
        b'/' => Escape::Byte(b'/', letter + 1),
        b'u' => match unicode_escape_at(bytes, letter) {
            Some(decoded) if decoded == quote.byte && quote.is_unicode && count == quote.backslashes => {
                Escape::Ends(Ending::Closed)
            }
            Some(b' ' | b'\t') => Escape::Ends(Ending::Blank),
            Some(decoded) if decoded > b' ' => Escape::Byte(decoded, letter + 5),
            _ => doubled_or_end(count, quote, letter),
        },
        _ => doubled_or_end(count, quote, letter),
    }
}

/// A backslash that belongs to the value stands doubled once for each level of nesting.
fn doubled_or_end(count: usize, quote: Quote, letter: usize) -> Escape {
    if count.is_multiple_of(2 * (quote.backslashes + 1)) && !quote.is_unicode {
        Escape::Byte(b'\\', letter)
    } else {
        Escape::Ends(Ending::Other)
    }
}

/// Whether `byte` may stand in a value without quotes.
#[inline]
pub(crate) fn is_unquoted_byte(byte: u8) -> bool {
    byte > b' '
        && !matches!(
            byte,
            b'"' | b'\''
                | b'`'
                | b'\\'
                | b','
                | b';'
                | b'('
                | b')'
                | b'{'
                | b'}'
                | b'['
                | b']'
                | b'<'
                | b'>'
                | b'&'
                | b'|'
                | 0x7f
        )
}

/// Remembers where the last value of a class ended, so that `password=password=...` is read once and not once for
/// every key in it.
#[derive(Default)]
pub(crate) struct LastEnd {
    start: usize,
    end: usize,
}

/// What is remembered of each class of values while a window is scanned. Speeds up; never changes what is found.
#[derive(Default)]
pub(crate) struct Memory {
    pub bare: LastEnd,
    pub wide: LastEnd,
    pub query: LastEnd,
    pub header: LastEnd,
    pub bearer: LastEnd,
    pub hash: LastEnd,
    pub long_hash: LastEnd,
    pub argument: LastEnd,
}

/// Reads a value without quotes; `None` when it is empty or too long.
pub(crate) fn read_unquoted(bytes: &[u8], at: usize, last: &mut LastEnd) -> Option<Value> {
    let mut value = read_run(bytes, at, last, is_unquoted_byte)?;
    if bytes.get(value.end).is_some_and(|&byte| byte == b' ' || byte == b'\t') {
        value.ending = Ending::Blank;
    }
    Some(value)
}

/// Reads the bytes for which `belongs` holds, escapes (`\/`, `\u00XX`) undone; `None` when there is none or too many.
/// `last` must have been used with the same class only.
pub(crate) fn read_run(
    bytes: &[u8],
    at: usize,
    last: &mut LastEnd,
    belongs: impl Fn(u8) -> bool,
) -> Option<Value> {
    let mut value = Value::starting(at);
    let mut here = at;
    // Every position that begins a byte or an escape leads to the same end; inside an escape it need not.
    let mut known_end =
        (last.start <= at && at < last.end && escape_around(bytes, at).is_none()).then_some(last.end);
    while here - at <= MOST_VALUE_BYTES {
        if value.is_long()
            && let Some(end) = known_end.take()
        {
            here = here.max(end);
        }
        let Some((byte, next)) = value_byte_at(bytes, here, &belongs) else { break };
        value.push(byte);
        here = next;
    }
    value.end = here;
    *last = LastEnd { start: at, end: here };
    (here > at && here - at <= MOST_VALUE_BYTES).then_some(value)
}

/// [`read_run`] where nothing needs to be remembered, since `bytes` ends soon or the class holds no anchor.
pub(crate) fn read_class(bytes: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> Option<Value> {
    read_run(bytes, at, &mut LastEnd::default(), belongs)
}

/// Returns the value byte at `at`, its escape undone, and where the next one stands.
#[inline]
fn value_byte_at(bytes: &[u8], at: usize, belongs: &impl Fn(u8) -> bool) -> Option<(u8, usize)> {
    let (byte, next) = match *bytes.get(at)? {
        b'\\' => {
            let letter = at + backslashes_at(bytes, at);
            match *bytes.get(letter)? {
                b'/' => (b'/', letter + 1),
                b'u' => {
                    (unicode_escape_at(bytes, letter).filter(|&byte| is_unquoted_byte(byte))?, letter + 5)
                }
                _ => return None,
            }
        }
        byte => (byte, at + 1),
    };
    belongs(byte).then_some((byte, next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::context::values::quote::quote_at;

    fn quoted(text: &[u8]) -> (usize, Ending, Vec<u8>) {
        let (quote, at) = quote_at(text, 0).expect("a quote");
        let value = read_quoted(text, at, quote).expect("short");
        (value.end, value.ending, value.text().to_vec())
    }

    #[test]
    fn a_quoted_value_ends_at_its_own_quote() {
        assert_eq!(quoted(b"\"abc\"d"), (4, Ending::Closed, b"abc".to_vec()));
        assert_eq!(quoted(b"\\\"abc\\\"d"), (5, Ending::Closed, b"abc".to_vec()));
        assert_eq!(quoted(b"\"a\\\"bc\"d"), (6, Ending::Closed, b"a\"bc".to_vec()));
        assert_eq!(quoted(b"\\\"abc\"d"), (5, Ending::Other, b"abc".to_vec()));
        assert_eq!(quoted(b"'abc\"d"), (4, Ending::Other, b"abc".to_vec()));
        assert_eq!(quoted(b"\"a\\u003dc\""), (9, Ending::Closed, b"a=c".to_vec()));
        assert_eq!(quoted(b"\"a\\\\c\\nd\""), (5, Ending::Other, b"a\\c".to_vec()));
        assert_eq!(quoted(b"\\u0022abc\\u0022"), (9, Ending::Closed, b"abc".to_vec()));
    }

    #[test]
    fn an_unquoted_value_stops_at_escaped_line_ends() {
        let mut last = LastEnd::default();
        assert!(read_unquoted(b"\\nJWT_SECRET=", 0, &mut last).is_none());
        let value = read_unquoted(b"ab\\/c\\u003d\\nJWT", 0, &mut LastEnd::default()).expect("a value");
        assert_eq!((value.end, value.text()), (11, &b"ab/c="[..]));
    }

    #[test]
    fn a_value_that_is_too_long_is_refused_wherever_reading_began() {
        let text = b"token=".repeat(20_000);
        let mut last = LastEnd::default();
        for at in (6..text.len() - MOST_VALUE_BYTES - 6).step_by(6) {
            assert!(read_unquoted(&text, at, &mut last).is_none());
        }
        let end = text.len() - MOST_VALUE_BYTES + 100;
        assert!(read_unquoted(&text, end, &mut last).is_some());
    }

    #[test]
    fn where_a_value_ends_does_not_depend_on_what_was_read_before() {
        let text = [b"key=abcdefgh\\/ij".repeat(400), b" end".to_vec()].concat();
        let mut last = LastEnd::default();
        for at in (4..text.len() - 4).step_by(16) {
            let fresh = read_unquoted(&text, at, &mut LastEnd::default()).expect("a value");
            let remembered = read_unquoted(&text, at, &mut last).expect("a value");
            assert_eq!((fresh.end, fresh.text()), (remembered.end, remembered.text()));
        }
    }
}
