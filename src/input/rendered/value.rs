//! What stands in a line: names, and values as they are in a database or a document.

use super::long::{Long, Piece};
use super::split::LONG_BYTES;
use super::widths::wide_text;
use super::{protobuf, runs};
use crate::input::form::ZSTD;
use crate::input::wide::Order;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::ValueRef;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::io::{self, BufReader, Read};
use std::ops::Range;

/// Text that a packed value may unpack to; a conversation has some megabytes.
const UNPACKED_BYTES: u64 = 64 << 20;

/// Largest window that a packed value may ask for, as a power of two: that of all it may unpack to.
const WINDOW_LOG: u32 = 26;

/// What stands before JSON that an agent (Hermes) keeps where others of its values are plain text.
const MARKED_JSON: &[u8] = b"\0json:";

/// Appends a value.
pub(crate) fn push_value(value: ValueRef<'_>, line: &mut Vec<u8>) {
    match value {
        ValueRef::Null => line.extend_from_slice(b"null"),
        ValueRef::Integer(number) => line.extend_from_slice(number.to_string().as_bytes()),
        ValueRef::Real(number) if number.is_finite() => {
            // `serde_json` writes the shortest digits that are read back as the same number.
            line.extend_from_slice(serde_json::to_string(&number).unwrap_or_default().as_bytes());
        }
        // JSON has no number for it, and a string of the same letters is another value.
        ValueRef::Real(number) => line.extend_from_slice(format!("{{\"real\":\"{number}\"}}").as_bytes()),
        ValueRef::Text(text) => push_text(text, line),
        ValueRef::Blob(bytes) => push_blob(bytes, line),
    }
}

/// Appends text: as it is where it is JSON, else as a string.
fn push_text(text: &[u8], line: &mut Vec<u8>) {
    if let Some(json) = json_in(text) {
        line.extend_from_slice(&json);
    } else if let Some(json) = text.strip_prefix(MARKED_JSON).and_then(compact_json) {
        line.extend_from_slice(b"{\"json\":");
        line.extend_from_slice(&json);
        line.push(b'}');
    } else if let Ok(text) = std::str::from_utf8(text) {
        // Whatever is in it: nobody finds a secret in base64.
        push_string(text, line);
    } else {
        push_string_or_bytes(text, line);
    }
}

/// Appends bytes: as what they are where they are JSON, packed JSON or text, else in pieces.
fn push_blob(bytes: &[u8], line: &mut Vec<u8>) {
    let unpacked = if bytes.starts_with(ZSTD) { unpack(bytes) } else { None };
    let bytes = unpacked.as_deref().unwrap_or(bytes);
    match compact_json(bytes) {
        Some(json) => line.extend_from_slice(&json),
        None => match (wide_text(bytes), protobuf::texts(bytes)) {
            (Some(order), _) => push_wide(bytes, order, line),
            (None, Some(texts)) => push_pieces(bytes, &texts, line),
            (None, None) => push_string_or_bytes(bytes, line),
        },
    }
}

/// Returns the JSON object or array that a value is, however it is written; `None` where it is none.
pub(crate) fn json_of(value: ValueRef<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        ValueRef::Text(text) => json_in(text),
        ValueRef::Blob(bytes) if bytes.starts_with(ZSTD) => {
            let unpacked = unpack(bytes)?;
            let json = compact_json(&unpacked)?.into_owned();
            Some(Cow::Owned(json))
        }
        ValueRef::Blob(bytes) => compact_json(bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    }
}

/// Returns the JSON that a text is, as it is or in hexadecimal.
fn json_in(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    compact_json(text).or_else(|| {
        let decoded = from_hex(text)?;
        let json = compact_json(&decoded)?.into_owned();
        Some(Cow::Owned(json))
    })
}

fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let read = decoder(bytes).ok()?.take(LONG_BYTES + 1).read_to_end(&mut text).ok()?;
    (read as u64 <= LONG_BYTES).then_some(text)
}

fn decoder<'a>(packed: impl Read + 'a) -> io::Result<impl Read + 'a> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(64 << 10, packed))?;
    decoder.window_log_max(WINDOW_LOG)?;
    Ok(decoder)
}

/// What a packed value says.
pub(crate) struct Packed<'a>(pub Box<dyn Long + 'a>);

impl Packed<'_> {
    /// Returns whether a value is packed, by its first bytes.
    pub(crate) fn is_packed(first: &[u8]) -> bool {
        first.starts_with(ZSTD)
    }
}

impl Long for Packed<'_> {
    fn read_from(&self, offset: u64) -> io::Result<Box<dyn Read + '_>> {
        let mut text = decoder(self.0.read_from(0)?)?;
        io::copy(&mut text.by_ref().take(offset), &mut io::sink())?;
        Ok(Box::new(text))
    }
}

/// Returns how many bytes a value unpacks to; `None` for one that is not packed, is damaged, or has too much in it.
///
/// # Errors
///
/// When its first bytes cannot be read.
pub(crate) fn packed_bytes(value: &dyn Long) -> io::Result<Option<u64>> {
    let mut first = Vec::new();
    value.read_from(0)?.take(ZSTD.len() as u64).read_to_end(&mut first)?;
    if !Packed::is_packed(&first) {
        return Ok(None);
    }
    let text = decoder(value.read_from(0)?)?;
    let bytes = io::copy(&mut text.take(UNPACKED_BYTES + 1), &mut io::sink());
    Ok(bytes.ok().filter(|bytes| *bytes <= UNPACKED_BYTES))
}

/// Appends text as a string. Of bytes that are no text, what is text among them, as in the messages of protobuf, can be
/// read all the same, and what is secret in it is masked: `{"bytes":["text",{"base64":"..."}]}`; where nothing is,
/// `{"base64":"..."}`.
pub(crate) fn push_string_or_bytes(bytes: &[u8], line: &mut Vec<u8>) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.contains('\0')
    {
        return push_string(text, line);
    }
    let texts = protobuf::texts(bytes).unwrap_or_else(|| runs::texts_in(bytes));
    match texts.is_empty() {
        true => push_base64(bytes, line),
        false => push_pieces(bytes, &texts, line),
    }
}

/// Appends wide text, `{"utf16le":"..."}`, so that what is secret in it is masked. What is no character stands in between:
/// `{"bytes":[{"utf16le":"..."},{"base64":"..."}]}`.
pub(crate) fn push_wide(bytes: &[u8], order: Order, line: &mut Vec<u8>) {
    let name = match order {
        Order::Little => "utf16le",
        Order::Big => "utf16be",
    };
    let units = bytes.chunks_exact(2).map(|pair| order.unit([pair[0], pair[1]]));
    let mut parts: Vec<Result<String, Vec<u8>>> = Vec::new();
    for character in char::decode_utf16(units) {
        match (character, parts.last_mut()) {
            (Ok(character), Some(Ok(text))) => text.push(character),
            (Ok(character), _) => parts.push(Ok(character.into())),
            (Err(lone), Some(Err(others))) => others.extend(order.bytes(lone.unpaired_surrogate())),
            (Err(lone), _) => parts.push(Err(order.bytes(lone.unpaired_surrogate()).to_vec())),
        }
    }
    match (bytes.chunks_exact(2).remainder(), parts.last_mut()) {
        ([], _) => {}
        (rest, Some(Err(others))) => others.extend_from_slice(rest),
        (rest, _) => parts.push(Err(rest.to_vec())),
    }
    let is_list = parts.len() != 1;
    line.extend_from_slice(if is_list { b"{\"bytes\":[" } else { b"" });
    for (index, part) in parts.iter().enumerate() {
        line.extend_from_slice(if index > 0 { b"," } else { b"" });
        match part {
            Ok(text) => {
                line.extend_from_slice(format!("{{\"{name}\":").as_bytes());
                push_string(text, line);
                line.push(b'}');
            }
            Err(bytes) => push_base64(bytes, line),
        }
    }
    line.extend_from_slice(if is_list { b"]}" } else { b"" });
}

/// Appends a piece of something longer, which may be wide text.
pub(crate) fn push_piece(piece: &Piece<'_>, line: &mut Vec<u8>) {
    match piece.order {
        Some(order) => push_wide(piece.bytes, order, line),
        None => push_string_or_bytes(piece.bytes, line),
    }
}

/// Appends bytes as a list of the texts among them and of what lies between.
fn push_pieces(bytes: &[u8], texts: &[Range<usize>], line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"bytes\":[");
    let mut done = 0;
    for text in texts {
        if done > 0 {
            line.push(b',');
        }
        if done < text.start {
            push_base64(&bytes[done..text.start], line);
            line.push(b',');
        }
        push_string(&String::from_utf8_lossy(&bytes[text.clone()]), line);
        done = text.end;
    }
    if done < bytes.len() {
        line.push(b',');
        push_base64(&bytes[done..], line);
    }
    line.extend_from_slice(b"]}");
}

pub(crate) fn push_base64(bytes: &[u8], line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"base64\":\"");
    line.extend_from_slice(STANDARD.encode(bytes).as_bytes());
    line.extend_from_slice(b"\"}");
}

/// Appends a JSON string.
pub(crate) fn push_string(text: &str, line: &mut Vec<u8>) {
    // Writing to a vector and from a string cannot fail.
    let _ = serde_json::to_writer(line, text);
}

/// Appends what stands in the place of a value of `bytes` bytes that is told in pieces under names that begin with `id`.
pub(crate) fn push_pieces_of(id: &str, bytes: u64, line: &mut Vec<u8>) {
    line.extend_from_slice(b"{\"pieces\":");
    push_string(&format!("{id}/"), line);
    line.extend_from_slice(format!(",\"bytes\":{bytes}}}").as_bytes());
}

/// Returns the id of a piece of what is called `id`.
pub(crate) fn piece_id(id: &str, number: u64) -> String {
    format!("{id}/piece {number}")
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
    if !text.starts_with(b"7b") || !text.len().is_multiple_of(2) {
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
        assert_eq!(pushed(ValueRef::Real(f64::INFINITY)), r#"{"real":"inf"}"#);
        assert_eq!(pushed(ValueRef::Real(f64::NEG_INFINITY)), r#"{"real":"-inf"}"#);
        assert_eq!(pushed(ValueRef::Text(b"{ \"a\": 1.0 }")), "{ \"a\": 1.0 }");
        assert_eq!(pushed(ValueRef::Text(b"{\n  \"a b\": \"c\\\" \"\n}\n")), r#"{"a b":"c\" "}"#);
        assert_eq!(pushed(ValueRef::Text(b"{a}")), r#""{a}""#);
        assert_eq!(pushed(ValueRef::Text("[1, \u{2028}]".as_bytes())), "\"[1, \u{2028}]\"");
        assert_eq!(pushed(ValueRef::Text(b"7b2261223a317d")), r#"{"a":1}"#);
        assert_eq!(pushed(ValueRef::Text(b"7b2261")), r#""7b2261""#);
        assert_eq!(pushed(ValueRef::Text(b"\xff")), r#"{"base64":"/w=="}"#);
        assert_eq!(pushed(ValueRef::Blob(b"\x00\x01")), r#"{"base64":"AAE="}"#);
        assert_eq!(pushed(ValueRef::Blob(b"[1]")), "[1]");
        assert_eq!(pushed(ValueRef::Blob(b"short")), r#""short""#);
        assert_eq!(pushed(ValueRef::Text(b"\0json:[1]")), r#"{"json":[1]}"#);
        assert_eq!(pushed(ValueRef::Text(b"\0json:[1")), r#""\u0000json:[1""#);
        let packed = zstd::stream::encode_all(&b"{\"a\":2}"[..], 3).unwrap();
        assert_eq!(pushed(ValueRef::Blob(&packed)), r#"{"a":2}"#);
        assert_eq!(json_of(ValueRef::Blob(&packed)).as_deref(), Some(&b"{\"a\":2}"[..]));
        assert_eq!(json_of(ValueRef::Text(b"7b7d")).as_deref(), Some(&b"{}"[..]));
        assert_eq!(json_of(ValueRef::Text(b"7b")), None);
    }

    #[test]
    fn wide_text_in_bytes_can_be_read_and_all_of_it_comes_back() {
        let wide = |order: Order, units: &[u16]| {
            units.iter().flat_map(|unit| order.bytes(*unit)).collect::<Vec<u8>>()
        };
        let units: Vec<u16> = "a pass\nphrase é\u{1f600}\0".encode_utf16().collect();
        let text = r#""a pass\nphrase é\u{1f600}\u0000""#.replace("\\u{1f600}", "\u{1f600}");
        assert_eq!(pushed(ValueRef::Blob(&wide(Order::Little, &units))), format!("{{\"utf16le\":{text}}}"));
        assert_eq!(pushed(ValueRef::Blob(&wide(Order::Big, &units))), format!("{{\"utf16be\":{text}}}"));
        let marked = [&[0xfeff, u16::from(b'a')][..], &[0xd800, u16::from(b'b')]].concat();
        let told = pushed(ValueRef::Blob(&[wide(Order::Little, &marked), vec![7]].concat()));
        let expected = "{\"bytes\":[{\"utf16le\":\"\u{feff}a\"},{\"base64\":\"ANg=\"},{\"utf16le\":\"b\"},{\"base64\":\"Bw==\"}]}";
        assert_eq!(told, expected);
        // Numbers of two bytes are no text.
        let numbers: Vec<u8> = (0..40u16).flat_map(|number| number.to_le_bytes()).collect();
        assert!(!pushed(ValueRef::Blob(&numbers)).contains("utf16"));
    }

    #[test]
    fn text_among_bytes_can_be_read_and_all_of_them_come_back() {
        let told = pushed(ValueRef::Blob(b"\x0a\x05words that count\x00\xff\x01ab\x02{\"a\": \"b c d\"}"));
        assert_eq!(
            told,
            r#"{"bytes":[{"base64":"CgU="},"words that count",{"base64":"AP8BYWIC"},"{\"a\": \"b c d\"}"]}"#
        );
        assert_eq!(
            pushed(ValueRef::Blob(b"words that count\x00")),
            r#"{"bytes":["words that count",{"base64":"AA=="}]}"#
        );
        assert_eq!(pushed(ValueRef::Text("wörter mit ö\u{85}".as_bytes())), "\"wörter mit ö\u{85}\"");
        assert_eq!(
            pushed(ValueRef::Text(b"latin \xe9t\xe9 and more")),
            r#"{"bytes":["latin ",{"base64":"6XTp"}," and more"]}"#
        );
    }
}
