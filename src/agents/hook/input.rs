//! What is kept of a hook's standard input while it comes: enough to read a payload from, whatever its size.
//!
//! A payload repeats the assistant's last message, which can have megabytes; a session's id and path have some hundred
//! bytes. Long strings are therefore left out as they pass.

/// A longer string is no id and no path, with all its escapes: it is kept as an empty one.
const STRING_BYTES: usize = 256 << 10;

/// More than this of a payload without its long strings is not kept; what came before it counts.
const KEPT_BYTES: usize = 4 << 20;

/// A JSON value that comes piece by piece, without its long strings.
#[derive(Debug, Default)]
pub struct HookInput {
    end: ValueEnd,
    kept: Vec<u8>,
    /// Where in `kept` the string begins that is being read.
    string_start: usize,
    is_too_long: bool,
    is_full: bool,
}

impl HookInput {
    /// Takes the next piece; returns whether the value is whole.
    pub fn push(&mut self, mut piece: &[u8]) -> bool {
        while let Some((first, rest)) = piece.split_first() {
            let plain = if self.end.is_in_string && !self.end.is_escaped {
                memchr::memchr2(b'"', b'\\', piece).unwrap_or(piece.len())
            } else {
                0
            };
            if plain > 0 {
                self.take_inside_string(&piece[..plain]);
                piece = &piece[plain..];
            } else if self.take(*first) {
                return true;
            } else {
                piece = rest;
            }
        }
        false
    }

    /// Takes bytes that neither end the string that is being read nor begin an escape.
    fn take_inside_string(&mut self, plain: &[u8]) {
        if self.is_full || self.is_too_long {
            return;
        }
        let string_bytes = self.kept.len() - self.string_start;
        let room = (STRING_BYTES + 1).saturating_sub(string_bytes).min(KEPT_BYTES - self.kept.len());
        self.kept.extend_from_slice(&plain[..plain.len().min(room)]);
        self.is_too_long = plain.len() > room;
        self.is_full = self.kept.len() >= KEPT_BYTES;
    }

    /// Returns what was kept so far: the beginning of a JSON value, or all of it.
    pub fn kept(&self) -> &[u8] {
        &self.kept
    }

    fn take(&mut self, byte: u8) -> bool {
        let was_in_string = self.end.is_in_string;
        let is_whole = self.end.ends_at(byte);
        if self.is_full {
            return is_whole;
        }
        match (was_in_string, self.end.is_in_string) {
            (true, true) if self.kept.len() - self.string_start > STRING_BYTES => self.is_too_long = true,
            (true, false) if self.is_too_long => {
                self.kept.truncate(self.string_start);
                self.kept.extend_from_slice(b"\"\"");
                self.is_too_long = false;
            }
            (was_in_string, _) => {
                if !was_in_string {
                    self.string_start = self.kept.len();
                }
                self.kept.push(byte);
            }
        }
        self.is_full = self.kept.len() >= KEPT_BYTES;
        is_whole
    }
}

/// Returns the length of the first whole JSON value in `bytes`, white space before it included, or `None` if more
/// bytes are needed. For a pipe that stays open after its one value. Checks nesting, not grammar.
pub fn complete_json_value(bytes: &[u8]) -> Option<usize> {
    let mut end = ValueEnd::default();
    end.push(bytes)
}

/// Finds the end of a JSON value in bytes that come piece by piece; looks at each byte once.
#[derive(Clone, Debug, Default)]
pub struct ValueEnd {
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
    has_begun: bool,
    seen_bytes: usize,
}

impl ValueEnd {
    /// Takes the next piece. Returns the length of the value counted from the first piece's first byte, once it is
    /// whole. A number is whole at the white space after it. A closing bracket that nothing opened ends the value:
    /// what cannot become JSON need not be waited for.
    pub fn push(&mut self, piece: &[u8]) -> Option<usize> {
        for byte in piece {
            self.seen_bytes += 1;
            if self.ends_at(*byte) {
                return Some(self.seen_bytes);
            }
        }
        None
    }

    fn ends_at(&mut self, byte: u8) -> bool {
        if self.is_in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => {
                    self.is_in_string = false;
                    return self.depth == 0;
                }
                _ => {}
            }
            return false;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return self.has_begun && self.depth == 0,
            b'"' => self.is_in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        self.has_begun = true;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_strings_are_left_out_and_what_stands_around_them_is_kept() {
        let long = format!("{}\\\"}}", "x".repeat(9 << 20));
        let payload = format!("{{\"a\":\"{long}\",\"session_id\":\"s\",\"b\":[\"{long}\"]}}");
        let mut input = HookInput::default();
        let pieces: Vec<bool> = payload.as_bytes().chunks(65_536).map(|piece| input.push(piece)).collect();
        assert_eq!(pieces.iter().position(|is_whole| *is_whole), Some(pieces.len() - 1));
        assert_eq!(input.kept(), br#"{"a":"","session_id":"s","b":[""]}"#);
    }

    #[test]
    fn what_is_too_much_without_a_long_string_is_kept_up_to_a_limit() {
        let mut input = HookInput::default();
        assert!(!input.push(b"{\"session_id\":\"s\",\"a\":["));
        (0..200).for_each(|_| assert!(!input.push("1,".repeat(1 << 15).as_bytes())));
        assert!(input.push(b"1]}"));
        assert_eq!(input.kept().len(), KEPT_BYTES);
    }

    #[test]
    fn a_value_is_whole_at_its_last_bracket() {
        assert_eq!(complete_json_value(br#" {"a":"}\"]","b":[1,{}]} {"#), Some(24));
        assert_eq!(complete_json_value(br#"{"a":"}"#), None);
        assert_eq!(complete_json_value(br#""a\"b" "#), Some(6));
        assert_eq!(complete_json_value(b"12"), None);
        assert_eq!(complete_json_value(b"12\n"), Some(3));
        assert_eq!(complete_json_value(b"}"), Some(1));
        assert_eq!(complete_json_value(b" \n"), None);
        assert_eq!(complete_json_value(&[b'['; 1 << 20]), None);
    }

    proptest! {
        #[test]
        fn any_input_is_taken_in_any_pieces(bytes in proptest::collection::vec(any::<u8>(), 0..300), cut in 0usize..300) {
            let cut = cut.min(bytes.len());
            let mut end = ValueEnd::default();
            let pieces = end.push(&bytes[..cut]).or_else(|| end.push(&bytes[cut..]));
            prop_assert_eq!(pieces, complete_json_value(&bytes));
            let mut input = HookInput::default();
            let is_whole = input.push(&bytes[..cut]) || input.push(&bytes[cut..]);
            prop_assert_eq!(is_whole, pieces.is_some());
            prop_assert_eq!(input.kept(), &bytes[..pieces.unwrap_or(bytes.len())]);
        }
    }
}
