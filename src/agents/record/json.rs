//! Looks into JSON records without parsing them whole: finds the members of an object as spans of its raw text.
//!
//! Made for the ends of files, where a record may be cut anywhere: a cut value is left out and everything before it
//! still counts. Recursion-free, allocates one list a record, takes any bytes. Does not validate.

use std::borrow::Cow;

/// A value's raw text: whole, or cut at the end of the bytes at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a>(pub(super) &'a [u8]);

impl<'a> Value<'a> {
    /// Returns the value that is written so.
    pub(crate) fn of(raw: &'a [u8]) -> Value<'a> {
        Value(raw)
    }

    /// Returns a string's text, escapes resolved; bytes that are not UTF-8 are replaced. `None` for anything else,
    /// and for a string that is cut.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        if string_end(self.0, 0) != Some(self.0.len()) {
            return None;
        }
        if memchr::memchr(b'\\', inner).is_none() {
            return Some(String::from_utf8_lossy(inner));
        }
        let lossy = String::from_utf8_lossy(self.0);
        // A lone surrogate is no text for serde_json: the escapes stay as they are.
        Some(match serde_json::from_str::<String>(&lossy) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Owned(lossy[1..lossy.len() - 1].to_string()),
        })
    }

    /// Returns a string's text unless it is empty.
    pub(crate) fn filled_text(self) -> Option<Cow<'a, str>> {
        self.text().filter(|text| !text.is_empty())
    }

    /// Returns the value as it is written, perhaps cut.
    pub(crate) fn raw(self) -> &'a [u8] {
        self.0
    }

    /// Returns a number.
    pub(crate) fn number(self) -> Option<f64> {
        std::str::from_utf8(self.0).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// Returns whether this is `true`.
    pub(crate) fn is_true(self) -> bool {
        self.0 == b"true"
    }

    /// Returns the members of an object, whole or cut.
    pub(crate) fn record(self) -> Option<Record<'a>> {
        self.0.starts_with(b"{").then(|| Record::scan(self.0).0)
    }

    /// Returns one member of an object, the first of that name, without looking further than to it.
    pub(crate) fn member(self, key: &str) -> Option<Value<'a>> {
        if !self.0.starts_with(b"{") {
            return None;
        }
        Members::new(self.0).find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| value)
    }

    /// Returns the elements of an array, each with its members if it is an object: one look at each byte, where
    /// [`elements`](Value::elements) and then [`record`](Value::record) take two.
    pub(crate) fn records(self) -> impl Iterator<Item = (Value<'a>, Option<Record<'a>>)> {
        let bytes = self.0;
        let mut at = if bytes.starts_with(b"[") { 1 } else { bytes.len() };
        std::iter::from_fn(move || {
            at = skip(bytes, at, b" \t\r\n,");
            let start = at;
            let mut record = None;
            if bytes.get(at) == Some(&b'{') {
                let (found, length) = Record::scan(&bytes[at..]);
                at += length;
                record = Some(found);
            } else {
                at = value_end(bytes, at);
            }
            (at > start).then(|| (Value(&bytes[start..at]), record))
        })
    }

    /// Returns the elements of an array, whole or cut; nothing for anything else.
    pub(crate) fn elements(self) -> impl Iterator<Item = Value<'a>> {
        let bytes = self.0;
        let mut at = if bytes.starts_with(b"[") { 1 } else { bytes.len() };
        std::iter::from_fn(move || {
            at = skip(bytes, at, b" \t\r\n,");
            let end = value_end(bytes, at);
            let element = (end > at).then(|| Value(&bytes[at..end]));
            at = end;
            element
        })
    }
}

/// The members of one object.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(super) members: Vec<(&'a [u8], Value<'a>)>,
}

impl<'a> Record<'a> {
    /// Lists the members of the object that begins at `bytes[0]`, and tells where it ends.
    fn scan(bytes: &'a [u8]) -> (Record<'a>, usize) {
        let mut scan = Members::new(bytes);
        let mut members = Vec::with_capacity(16);
        members.extend(&mut scan);
        let end = match bytes.get(scan.at) {
            Some(b'}') => scan.at + 1,
            // Cut, or no object after all: what follows is found by its brackets.
            _ => value_end(bytes, 0),
        };
        (Record { members }, end)
    }

    /// Lists the members of the object that a document is, on however many lines.
    pub(crate) fn of_document(bytes: &'a [u8]) -> Option<Record<'a>> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
        text.starts_with(b"{").then(|| Record::scan(text).0)
    }

    /// Lists the members, names as they are written.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a [u8], Value<'a>)> {
        self.members.iter().copied()
    }

    /// Returns the name of the first member.
    pub(crate) fn first_key(&self) -> Option<&'a [u8]> {
        self.members.first().map(|(key, _)| *key)
    }

    /// Returns the member `key`, the first of that name.
    pub(crate) fn get(&self, key: &str) -> Option<Value<'a>> {
        self.members.iter().find(|(name, _)| *name == key.as_bytes()).map(|(_, value)| *value)
    }

    /// Returns whether there is a member `key`.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Returns the member `key` if it is a whole string with something in it.
    pub(crate) fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key)?.filled_text()
    }

    /// Returns whether the member `key` is the string `expected`.
    pub(crate) fn is(&self, key: &str, expected: &str) -> bool {
        self.get(key).and_then(Value::text).is_some_and(|text| text == expected)
    }

    /// Returns the member `key` if it is an object.
    pub(crate) fn record(&self, key: &str) -> Option<Record<'a>> {
        self.get(key)?.record()
    }

    /// Returns the member `inner` of the object that is the member `key`.
    pub(crate) fn inside(&self, key: &str, inner: &str) -> Option<Value<'a>> {
        self.get(key)?.member(inner)
    }
}

/// Finds the members of an object one after the other.
struct Members<'a> {
    object: &'a [u8],
    /// At the end: the position of the closing brace, or of what is there instead.
    at: usize,
}

impl<'a> Members<'a> {
    /// Begins with the object at `object[0]`.
    fn new(object: &'a [u8]) -> Members<'a> {
        Members { object, at: 1 }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.object;
        self.at = skip(bytes, self.at, b" \t\r\n,");
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(bytes, self.at)?;
        let start = skip(bytes, key_end, b" \t\r\n:");
        let end = value_end(bytes, start);
        if end == start {
            return None;
        }
        let key = &bytes[self.at + 1..key_end - 1];
        self.at = end;
        Some((key, Value(&bytes[start..end])))
    }
}

/// Returns the object at the start of `bytes` and its length, if its end is there, too.
pub(crate) fn next_whole(bytes: &[u8]) -> Option<(Record<'_>, usize)> {
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut scan = Members::new(bytes);
    let mut members = Vec::with_capacity(16);
    members.extend(&mut scan);
    (bytes.get(scan.at) == Some(&b'}')).then(|| (Record { members }, scan.at + 1))
}

/// Lists the records in `bytes`, which may begin and end inside of one. Several objects on one line are several
/// records; lines that do not begin with an object (after NULs, as a crash leaves them) are none.
pub(crate) fn records(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut records = Records::new(bytes);
    std::iter::from_fn(move || records.next(|_, _| true))
}

/// Finds records one after the other, as [`records`] does.
pub(crate) struct Records<'a> {
    rest: &'a [u8],
    line: &'a [u8],
}

impl<'a> Records<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Records<'a> {
        Records { rest: bytes, line: b"" }
    }

    /// Returns the next record on a line that is `wanted`: it is asked with the line's length and with that of all that
    /// comes after the line.
    pub(crate) fn next(&mut self, wanted: impl Fn(usize, usize) -> bool) -> Option<Record<'a>> {
        loop {
            self.line = &self.line[skip(self.line, 0, b" \t\r\0")..];
            self.line = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(self.line);
            if self.line.starts_with(b"{") {
                let (record, end) = Record::scan(self.line);
                self.line = &self.line[end..];
                return Some(record);
            }
            if self.rest.is_empty() {
                return None;
            }
            let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
            let (line, rest) = self.rest.split_at(end);
            self.rest = rest.get(1..).unwrap_or_default();
            self.line = if wanted(line.len(), self.rest.len()) { line } else { b"" };
        }
    }
}

/// Returns the first position from `at` whose byte is not in `set`.
fn skip(bytes: &[u8], at: usize, set: &[u8]) -> usize {
    bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .position(|byte| !set.contains(byte))
        .map_or(bytes.len(), |n| at + n)
}

/// Returns the position after the closing quote of the string whose opening quote is at `at`; `None` if it is cut.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let start = at + 1;
    let mut at = start + quote_or_backslash(bytes.get(start..)?)?;
    if bytes[at] == b'"' {
        return Some(at + 1);
    }
    // Text with escapes has many of them, and few are quotes: a quote is the end unless an odd number of backslashes stands
    // before it. Each run of backslashes is counted once.
    let mut counted_from = start;
    loop {
        at += memchr::memchr(b'"', bytes.get(at..)?)?;
        let before = bytes[counted_from..at].iter().rev().take_while(|byte| **byte == b'\\').count();
        if before % 2 == 0 {
            return Some(at + 1);
        }
        at += 1;
        counted_from = at;
    }
}

/// Returns the position of the first `"` or `\`. In transcripts the next one is a few words off as a rule, which is
/// nearer than where a vector search begins to pay, so the first bytes are looked at eight at a time.
#[inline]
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    const NEAR_WORDS: usize = 6;
    let (words, _) = bytes.as_chunks::<8>();
    let near = words.len().min(NEAR_WORDS);
    for (index, word) in words[..near].iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = zero_bytes(word ^ u64::from_ne_bytes([b'"'; 8]))
            | zero_bytes(word ^ u64::from_ne_bytes([b'\\'; 8]));
        if found != 0 {
            return Some(index * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    memchr::memchr2(b'"', b'\\', &bytes[near * 8..]).map(|at| near * 8 + at)
}

/// Sets the highest bit of every byte of `word` that is 0, and perhaps of ones above such a byte, never below (H. Warren,
/// Hacker's Delight, section 6-1).
#[inline]
fn zero_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

/// Returns the position after the value at `at`, or the end of `bytes` if it is cut.
fn value_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        None => bytes.len(),
        Some(b'"') => string_end(bytes, at).unwrap_or(bytes.len()),
        Some(b'{' | b'[') => nested_end(bytes, at),
        Some(_) => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
            bytes[at..].iter().position(ends).map_or(bytes.len(), |length| at + length)
        }
    }
}

/// Returns the position after the bracket that closes the one at `at`, or the end of `bytes`.
fn nested_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => match string_end(bytes, at) {
                Some(end) => {
                    at = end;
                    continue;
                }
                None => return bytes.len(),
            },
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(bytes: &[u8], key: &str) -> Vec<String> {
        records(bytes).filter_map(|record| record.text(key).map(Cow::into_owned)).collect()
    }

    #[test]
    fn members_are_found_whatever_lies_between() {
        let bytes = br#" {"a":"x","n":{"b":["}",{"c":"\"}"}]},"t":true,"i":-1.5e3 ,"z":"y\u00e9\n"}"#;
        let record = records(bytes).next().unwrap();
        assert_eq!(record.text("a").unwrap(), "x");
        assert_eq!(record.text("z").unwrap(), "y\u{e9}\n");
        assert!(record.get("t").unwrap().is_true());
        assert_eq!(record.get("i").unwrap().number(), Some(-1500.0));
        assert_eq!(record.record("n").unwrap().get("b").unwrap().elements().count(), 2);
        assert!(!record.has("b") && !record.has("c"));
    }

    #[test]
    fn glued_and_torn_lines_and_nuls_hide_no_other_record() {
        let bytes = b"rn\":1}\n{\"k\":\"1\"}{\"k\":\"2\"}\n\0\0\0{\"k\":\"3\"}\r\n\n{\"k\":\"to\n{\"k\":\"4\"}\n{\"k\":\"5\",\"x\":\"cut";
        assert_eq!(texts(bytes, "k"), ["1", "2", "3", "4", "5"]);
        assert_eq!(texts(bytes, "x"), [""; 0]);
    }

    #[test]
    fn members_before_a_cut_inside_a_nested_object_are_seen() {
        let bytes = br#"{"type":"session_meta","payload":{"id":"one","base":{"text":"lon"#;
        let record = records(bytes).next().unwrap();
        assert_eq!(record.record("payload").unwrap().text("id").unwrap(), "one");
    }

    #[test]
    fn strings_that_are_no_text_are_still_shown() {
        let bytes = b"{\"a\":\"\\ud800x\",\"b\":\"\xff\",\"c\":\"\\\"\"}";
        let record = records(bytes).next().unwrap();
        assert_eq!(record.text("a").unwrap(), "\\ud800x");
        assert_eq!(record.text("b").unwrap(), "\u{fffd}");
        assert_eq!(record.text("c").unwrap(), "\"");
    }

    #[test]
    fn nesting_of_any_depth_needs_no_stack() {
        let mut bytes = b"{\"a\":".to_vec();
        bytes.resize(1 << 20, b'[');
        assert_eq!(records(&bytes).count(), 1);
    }

    proptest! {
        #[test]
        fn the_search_for_quotes_is_a_plain_search(bytes in proptest::collection::vec(
            prop_oneof![1 => Just(b'"'), 1 => Just(b'\\'), 1 => Just(b'"' + 1), 20 => any::<u8>()], 0..150)) {
            let plain = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\'));
            prop_assert_eq!(quote_or_backslash(&bytes), plain);
        }

        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(
            prop_oneof![Just(b'{'), Just(b'}'), Just(b'"'), Just(b'\\'), Just(b':'), Just(b'['), Just(b']'),
                Just(b','), Just(b'\n'), Just(0), any::<u8>()], 0..200)) {
            for record in records(&bytes) {
                for (_, value) in &record.members {
                    let _ = (value.text(), value.number(), value.record().is_some());
                    prop_assert!(value.elements().count() <= bytes.len());
                    let both = value.elements().zip(value.records());
                    for (element, (same, record)) in both {
                        prop_assert_eq!((element.0, element.record().is_some()), (same.0, record.is_some()));
                    }
                    prop_assert_eq!(value.elements().count(), value.records().count());
                }
            }
        }
    }
}
