//! Reads JSON text token by token, without recursion and without building anything: how the second look knows
//! whether a masked line still has the shape it had, and where its strings are. Owns the grammar (RFC 8259) and
//! the decoding of strings; does not look for secrets.
//!
//! Bytes outside ASCII are not checked for being UTF-8, and a lone surrogate escape is accepted: transcripts hold
//! both, and the readers that matter accept them.

use std::ops::Range;

/// What sort of token stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    /// A string that names a member of an object.
    Key,
    /// A string that is a value.
    Text,
    Number,
    /// `true`, `false` or `null`.
    Word,
}

/// A token and where it stands; of a string, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value or the end of an array that has just begun.
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

/// Walks over one JSON text. Yields `Err(())` once, and then nothing, when the text is not JSON.
pub(crate) struct Tokens<'a> {
    bytes: &'a [u8],
    position: usize,
    expect: Expect,
    /// Open brackets, `true` for an object: a byte a level is little against the text that opened it.
    open: Vec<bool>,
    failed: bool,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Tokens<'a> {
        Tokens { bytes, position: 0, expect: Expect::Value, open: Vec::new(), failed: false }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.bytes.get(self.position), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.position += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.skip_blanks();
        self.bytes.get(self.position).copied()
    }

    fn after_value(&self) -> Expect {
        if self.open.is_empty() { Expect::Nothing } else { Expect::CommaOrEnd }
    }

    fn step(&mut self) -> Result<Option<Token>, ()> {
        let Some(byte) = self.peek() else {
            return if self.expect == Expect::Nothing { Ok(None) } else { Err(()) };
        };
        match self.expect {
            Expect::Nothing => Err(()),
            Expect::CommaOrEnd => match byte {
                b',' => {
                    self.position += 1;
                    self.expect = if self.open.last() == Some(&true) { Expect::Key } else { Expect::Value };
                    self.step()
                }
                _ => self.close(byte),
            },
            Expect::KeyOrEnd if byte == b'}' => self.close(byte),
            Expect::Key | Expect::KeyOrEnd => self.key(byte),
            Expect::ValueOrEnd if byte == b']' => self.close(byte),
            Expect::Value | Expect::ValueOrEnd => self.value(byte),
        }
    }

    fn close(&mut self, byte: u8) -> Result<Option<Token>, ()> {
        let kind = match (byte, self.open.pop()) {
            (b'}', Some(true)) => Kind::ObjectEnd,
            (b']', Some(false)) => Kind::ArrayEnd,
            _ => return Err(()),
        };
        self.position += 1;
        self.expect = self.after_value();
        Ok(Some(Token { kind, at: self.position - 1..self.position }))
    }

    fn key(&mut self, byte: u8) -> Result<Option<Token>, ()> {
        if byte != b'"' {
            return Err(());
        }
        let at = self.string()?;
        if self.peek() != Some(b':') {
            return Err(());
        }
        self.position += 1;
        self.expect = Expect::Value;
        Ok(Some(Token { kind: Kind::Key, at }))
    }

    fn value(&mut self, byte: u8) -> Result<Option<Token>, ()> {
        let start = self.position;
        let kind = match byte {
            b'{' | b'[' => {
                let is_object = byte == b'{';
                self.open.push(is_object);
                self.position += 1;
                self.expect = if is_object { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
                let kind = if is_object { Kind::ObjectStart } else { Kind::ArrayStart };
                return Ok(Some(Token { kind, at: start..self.position }));
            }
            b'"' => {
                let at = self.string()?;
                self.expect = self.after_value();
                return Ok(Some(Token { kind: Kind::Text, at }));
            }
            b't' | b'f' | b'n' => {
                let word: &[u8] = match byte {
                    b't' => b"true",
                    b'f' => b"false",
                    _ => b"null",
                };
                if !self.bytes[start..].starts_with(word) {
                    return Err(());
                }
                self.position += word.len();
                Kind::Word
            }
            _ => {
                self.position += number_length(&self.bytes[start..]).ok_or(())?;
                Kind::Number
            }
        };
        self.expect = self.after_value();
        Ok(Some(Token { kind, at: start..self.position }))
    }

    /// Steps over a string whose first quote stands here, and returns where its content is.
    fn string(&mut self) -> Result<Range<usize>, ()> {
        let start = self.position + 1;
        let mut position = start;
        loop {
            position += plain_length(&self.bytes[position..]);
            match self.bytes.get(position) {
                Some(b'"') => break,
                Some(b'\\') => position += escape_length(&self.bytes[position..]).ok_or(())?,
                _ => return Err(()),
            }
        }
        self.position = position + 1;
        Ok(start..position)
    }
}

impl Iterator for Tokens<'_> {
    type Item = Result<Token, ()>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step();
        self.failed = step.is_err();
        step.transpose()
    }
}

/// Returns how many of the first bytes of a string are neither its end, an escape nor forbidden in it.
fn plain_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20).unwrap_or(bytes.len())
}

/// Returns the length of the escape that starts here, if it is one.
fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => bytes.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        _ => None,
    }
}

/// Returns the length of the number that starts here, if there is one.
fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut length = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(length);
    if whole == 0 || (whole > 1 && bytes[length] == b'0') {
        return None;
    }
    length += whole;
    if bytes.get(length) == Some(&b'.') {
        let fraction = digits(length + 1);
        if fraction == 0 {
            return None;
        }
        length += 1 + fraction;
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent == 0 {
            return None;
        }
        length += 1 + sign + exponent;
    }
    Some(length)
}

/// How the shape of a masked line compares with that of the line it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// The original is not JSON, so there is nothing to keep.
    NotJson,
    /// The same tokens, apart from what strings and numbers say.
    Kept,
    /// The masked line is not JSON, or other JSON.
    Broken,
}

/// Compares the shape of `masked` with that of `original`.
pub(crate) fn compare(original: &[u8], masked: &[u8]) -> Compared {
    let mut after = Tokens::new(masked);
    let mut kept = true;
    for before in Tokens::new(original) {
        let Ok(before) = before else { return Compared::NotJson };
        kept = kept
            && matches!(after.next(), Some(Ok(token)) if token.kind == before.kind
            && (token.kind != Kind::Word || masked[token.at.clone()] == original[before.at.clone()]));
    }
    if kept && after.next().is_none() { Compared::Kept } else { Compared::Broken }
}

/// Returns whether `bytes` is one JSON text.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    Tokens::new(bytes).all(|token| token.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_told_from_what_is_not() {
        for good in
            ["{}", "[]", " {\"a\":[1,-0.5e+3,true,null,\"\\u00e9\\n\"]} ", "0", "\"\\ud800\"", "[[],{}]"]
        {
            assert!(is_json(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "01",
            "1.",
            "\"\\x\"",
            "\"\t\"",
            "tru",
            "[1}",
            "1 2",
            "-",
        ] {
            assert!(!is_json(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn agrees_with_serde_on_nesting_deeper_than_a_stack() {
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        assert!(is_json(&deep));
        assert!(!is_json(&deep[..150_000]));
    }

    #[test]
    fn a_shape_is_kept_only_with_the_same_tokens() {
        let original = br#"{"a":"x","b":[1,true]}"#;
        assert_eq!(compare(original, br#"{"a":"***","b":[0,true]}"#), Compared::Kept);
        assert_eq!(compare(original, br#"{"a":"***","b":[0,false]}"#), Compared::Broken);
        assert_eq!(compare(original, br#"{"a":"*"**","b":[1,true]}"#), Compared::Broken);
        assert_eq!(compare(original, br#"{"a":"x","b":[1,true,2]}"#), Compared::Broken);
        assert_eq!(compare(b"{nope", b"{"), Compared::NotJson);
    }
}
