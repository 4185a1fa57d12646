//! Reads a value in raw JSONL bytes, to its end and no further, and measures it. Owns where a value ends; whether it
//! looks like a secret is judged in `judge`.

use super::quote::{Quote, backslashes_at, unicode_escape_at};

/// A longer value is a blob and no secret that somebody typed or pasted. Below the masker's look-ahead, so that
/// every value is either seen to its end or refused, however the stream is cut.
pub const MOST_VALUE_BYTES: usize = 16 << 10;

/// So much of a value is looked at when it is judged; its end may be further off.
pub const SAMPLE_BYTES: usize = 192;

/// Why a value ends where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// At its closing quote.
    Closed,
    /// At a blank.
    Blank,
    /// At anything else: the end of a string, of a line, of a word.
    Other,
}

/// A value and how it reads once its escapes are undone.
#[derive(Clone)]
pub struct Value {
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
    pub fn text(&self) -> &[u8] {
        &self.sample[..self.sample_length]
    }

    /// Whether the value is longer than what [`Value::text`] returns.
    pub fn is_long(&self) -> bool {
        self.sample_length == SAMPLE_BYTES
    }
}

/// Reads what stands between quotes; `at` is right after the opening one. `None` when it is too long.
pub fn read_quoted(bytes: &[u8], at: usize, quote: Quote) -> Option<Value> {
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
pub fn is_unquoted_byte(byte: u8) -> bool {
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

/// Remembers where the last unquoted value ended, so that `password=password=...` is read once and not once for
/// every key in it.
#[derive(Default)]
pub struct LastEnd {
    start: usize,
    end: usize,
}

/// Reads a value without quotes; `None` when it is empty or too long.
pub fn read_unquoted(bytes: &[u8], at: usize, last: &mut LastEnd) -> Option<Value> {
    let mut value = Value::starting(at);
    let mut here = at;
    // Every position that is read as a whole byte or escape leads to the same end, except one inside an escape.
    let known_end = (last.start <= at && at < last.end && bytes[at] != b'u').then_some(last.end);
    loop {
        if let Some(end) = known_end
            && value.is_long()
        {
            here = end;
        }
        let Some((byte, next)) = unquoted_byte_at(bytes, here) else { break };
        if here - at > 2 * MOST_VALUE_BYTES {
            break;
        }
        value.push(byte);
        here = next;
    }
    value.end = here;
    *last = LastEnd { start: at, end: here };
    if bytes.get(here).is_some_and(|&byte| byte == b' ' || byte == b'\t') {
        value.ending = Ending::Blank;
    }
    (here > at && here - at <= MOST_VALUE_BYTES).then_some(value)
}

/// Returns the value byte at `at`, its escape undone, and where the next one stands.
fn unquoted_byte_at(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    match *bytes.get(at)? {
        b'\\' => {
            let letter = at + backslashes_at(bytes, at);
            match *bytes.get(letter)? {
                b'/' => Some((b'/', letter + 1)),
                b'u' => {
                    let decoded = unicode_escape_at(bytes, letter)?;
                    is_unquoted_byte(decoded).then_some((decoded, letter + 5))
                }
                _ => None,
            }
        }
        byte => is_unquoted_byte(byte).then_some((byte, at + 1)),
    }
}

/// Reads the bytes for which `belongs` holds, escapes (`\/`, `\u00XX`) undone: for values with a class of their own.
pub fn read_class(bytes: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> Option<Value> {
    let mut value = Value::starting(at);
    let mut here = at;
    while here - at <= MOST_VALUE_BYTES {
        let next = match bytes.get(here) {
            Some(&byte) if byte != b'\\' && belongs(byte) => Some((byte, here + 1)),
            Some(b'\\') => unquoted_byte_at(bytes, here).filter(|(byte, _)| belongs(*byte)),
            _ => None,
        };
        let Some((byte, after)) = next else {
            value.end = here;
            return (here > at).then_some(value);
        };
        value.push(byte);
        here = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::quote::quote_at;
    use super::*;

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
