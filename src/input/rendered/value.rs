//! What stands in a line: names, and values as they are in a database or a document.

use crate::input::form::ZSTD;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::ValueRef;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::io::Read;

/// Text that a packed value may unpack to; a conversation has some megabytes.
const UNPACKED_BYTES: u64 = 64 << 20;

/// Text among bytes that are none is told as text from so many bytes on; the shortest secret has more.
const TEXT_BYTES: usize = 6;

/// Appends a value.
pub(crate) fn push_value(value: ValueRef<'_>, line: &mut Vec<u8>) {
    match value {
        ValueRef::Null => line.extend_from_slice(b"null"),
        ValueRef::Integer(number) => line.extend_from_slice(number.to_string().as_bytes()),
        ValueRef::Real(number) if number.is_finite() => {
            // `serde_json` writes the shortest digits that are read back as the same number.
            line.extend_from_slice(serde_json::to_string(&number).unwrap_or_default().as_bytes());
        }
        ValueRef::Real(number) => push_string(&number.to_string(), line),
        ValueRef::Text(text) => push_text(text, line),
        ValueRef::Blob(bytes) => push_blob(bytes, line),
    }
}

/// Appends text: as it is where it is JSON, else as a string.
fn push_text(text: &[u8], line: &mut Vec<u8>) {
    if let Some(json) = compact_json(text) {
        line.extend_from_slice(&json);
    } else if let Some(decoded) = from_hex(text)
        && let Some(json) = compact_json(&decoded)
    {
        line.extend_from_slice(&json);
    } else {
        push_string_or_bytes(text, line);
    }
}

/// Appends bytes: as what they are where they are JSON, packed JSON or text, else as base64.
fn push_blob(bytes: &[u8], line: &mut Vec<u8>) {
    let unpacked = if bytes.starts_with(ZSTD) { unpack(bytes) } else { None };
    match compact_json(unpacked.as_deref().unwrap_or(bytes)) {
        Some(json) => line.extend_from_slice(&json),
        None => push_string_or_bytes(unpacked.as_deref().unwrap_or(bytes), line),
    }
}

fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let decoder = zstd::stream::read::Decoder::new(bytes).ok()?;
    let read = decoder.take(UNPACKED_BYTES + 1).read_to_end(&mut text).ok()?;
    (read as u64 <= UNPACKED_BYTES).then_some(text)
}

/// Appends text as a string; what is no text as `{"base64":"..."}`; bytes that are partly text as a list of such pieces,
/// in their order: what is text is masked only where it can be read.
pub(crate) fn push_string_or_bytes(bytes: &[u8], line: &mut Vec<u8>) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        return push_string(text, line);
    }
    let (mut pieces, mut start) = (Vec::new(), 0);
    for run in text_runs(bytes).filter(|run| run.len() >= TEXT_BYTES) {
        let at = run.as_ptr() as usize - bytes.as_ptr() as usize;
        pieces.extend((at > start).then(|| Err(&bytes[start..at])));
        pieces.push(Ok(run));
        start = at + run.len();
    }
    pieces.extend((bytes.len() > start || pieces.is_empty()).then(|| Err(&bytes[start..])));
    let is_list = pieces.len() > 1;
    line.extend_from_slice(if is_list { b"[" } else { b"" });
    for (index, piece) in pieces.into_iter().enumerate() {
        line.extend_from_slice(if index > 0 { b"," } else { b"" });
        match piece {
            Ok(text) => push_string(text, line),
            Err(bytes) => {
                line.extend_from_slice(b"{\"base64\":\"");
                line.extend_from_slice(STANDARD.encode(bytes).as_bytes());
                line.extend_from_slice(b"\"}");
            }
        }
    }
    line.extend_from_slice(if is_list { b"]" } else { b"" });
}

/// Returns the longest pieces of bytes that are text without NULs.
fn text_runs(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes.utf8_chunks().flat_map(|chunk| chunk.valid().split('\0'))
}

/// Appends a JSON string.
pub(crate) fn push_string(text: &str, line: &mut Vec<u8>) {
    // Writing to a vector and from a string cannot fail.
    let _ = serde_json::to_writer(line, text);
}

/// Returns text that is a JSON object or array, without blanks between its tokens where they hold line ends; `None` for
/// what is no such thing.
pub(crate) fn compact_json(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    let trimmed = text.trim_ascii();
    if !matches!(trimmed.first(), Some(b'{' | b'[')) || serde_json::from_slice::<IgnoredAny>(trimmed).is_err()
    {
        return None;
    }
    if memchr::memchr2(b'\n', b'\r', trimmed).is_none() {
        return Some(Cow::Borrowed(trimmed));
    }
    let (mut compact, mut is_in_string, mut is_escaped) = (Vec::with_capacity(trimmed.len()), false, false);
    for &byte in trimmed {
        if is_in_string {
            is_in_string = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            is_in_string = byte == b'"';
        }
        compact.push(byte);
    }
    Some(Cow::Owned(compact))
}

/// Returns the bytes of text that is an object of JSON in hexadecimal: how Cursor keeps what a chat is called.
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    if !text.starts_with(b"7b") || text.len() % 2 != 0 {
        return None;
    }
    let digit = |byte: u8| (byte as char).to_digit(16);
    text.chunks(2).map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(value: ValueRef<'_>) -> String {
        let mut line = Vec::new();
        push_value(value, &mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn each_value_is_written_so_that_nothing_of_it_is_lost() {
        assert_eq!(pushed(ValueRef::Null), "null");
        assert_eq!(pushed(ValueRef::Integer(i64::MIN)), i64::MIN.to_string());
        assert_eq!(pushed(ValueRef::Real(0.1)), "0.1");
        assert_eq!(pushed(ValueRef::Real(f64::INFINITY)), "\"inf\"");
        assert_eq!(pushed(ValueRef::Text(b"{ \"a\": 1.0 }")), "{ \"a\": 1.0 }");
        assert_eq!(pushed(ValueRef::Text(b"{\n  \"a b\": \"c\\\" \"\n}\n")), r#"{"a b":"c\" "}"#);
        assert_eq!(pushed(ValueRef::Text(b"{a}")), r#""{a}""#);
        assert_eq!(pushed(ValueRef::Text("[1, \u{2028}]".as_bytes())), "\"[1, \u{2028}]\"");
        assert_eq!(pushed(ValueRef::Text(b"7b2261223a317d")), r#"{"a":1}"#);
        assert_eq!(pushed(ValueRef::Text(b"7b2261")), r#""7b2261""#);
        assert_eq!(pushed(ValueRef::Text(b"\xff")), r#"{"base64":"/w=="}"#);
        assert_eq!(
            pushed(ValueRef::Text(b"a word of text \xff\x00ab\x00and some more")),
            r#"["a word of text ",{"base64":"/wBhYgA="},"and some more"]"#
        );
        assert_eq!(pushed(ValueRef::Text(b"caf\xc3\xa9 to go\xc3")), r#"["café to go",{"base64":"ww=="}]"#);
        assert_eq!(pushed(ValueRef::Blob(b"\x00\x01")), r#"{"base64":"AAE="}"#);
        assert_eq!(pushed(ValueRef::Blob(b"[1]")), "[1]");
        let packed = zstd::stream::encode_all(&b"{\"a\":2}"[..], 3).unwrap();
        assert_eq!(pushed(ValueRef::Blob(&packed)), r#"{"a":2}"#);
    }
}
