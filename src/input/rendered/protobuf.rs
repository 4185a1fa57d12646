//! Where in a message of protobuf text stands. The byte before a string says how long it is, and may be a letter: read as
//! one text, the two would be a word that nobody knows.
//!
//! Of the wire format (<https://protobuf.dev/programming-guides/encoding>) no more is known than which bytes are a field's.

use std::ops::Range;

/// Messages within messages that are looked into.
const MOST_DEPTH: usize = 24;

/// Returns where texts stand in bytes that are one message from end to end; `None` for other bytes.
pub(crate) fn texts(bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut texts = Vec::new();
    message(bytes, 0, 0, &mut texts)?;
    (!texts.is_empty()).then_some(texts)
}

/// Adds the texts of the message that `bytes` are, `offset` bytes into the whole.
fn message(bytes: &[u8], offset: usize, depth: usize, texts: &mut Vec<Range<usize>>) -> Option<()> {
    if bytes.is_empty() || depth > MOST_DEPTH {
        return None;
    }
    let mut at = 0;
    while at < bytes.len() {
        let tag = varint(bytes, &mut at)?;
        if tag >> 3 == 0 {
            return None;
        }
        let length = match tag & 7 {
            0 => varint(bytes, &mut at).map(|_| 0)?,
            1 => 8,
            2 => {
                let length = usize::try_from(varint(bytes, &mut at)?).ok()?;
                let value = bytes.get(at..at.checked_add(length)?)?;
                field(value, offset + at, depth, texts);
                length
            }
            5 => 4,
            _ => return None,
        };
        at = at.checked_add(length).filter(|end| *end <= bytes.len())?;
    }
    Some(())
}

/// Adds the texts of a field: it is one, or a message, or neither.
fn field(value: &[u8], offset: usize, depth: usize, texts: &mut Vec<Range<usize>>) {
    if value.is_empty() {
        return;
    }
    let is_seen = |character: char| !character.is_control() || matches!(character, '\t' | '\n' | '\r');
    if std::str::from_utf8(value).is_ok_and(|text| text.chars().all(is_seen)) {
        texts.push(offset..offset + value.len());
        return;
    }
    let before = texts.len();
    if message(value, offset, depth + 1, texts).is_none() {
        texts.truncate(before);
        texts.extend(
            super::runs::texts_in(value).into_iter().map(|text| offset + text.start..offset + text.end),
        );
    }
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> Option<Vec<&str>> {
        let texts = texts(bytes)?;
        Some(texts.into_iter().map(|text| std::str::from_utf8(&bytes[text]).unwrap()).collect())
    }

    fn with(field: u8, value: &[u8]) -> Vec<u8> {
        [&[field << 3 | 2, value.len() as u8], value].concat()
    }

    #[test]
    fn a_text_begins_behind_the_byte_that_says_how_long_it_is() {
        let token = "t".repeat(50);
        let inner = [with(1, token.as_bytes()), vec![2 << 3, 5], with(4, b"short")].concat();
        assert_eq!(told(&inner).unwrap(), [&token, "short"]);
        let outer = [with(3, &inner), with(2, b"and more of it")].concat();
        assert_eq!(told(&outer).unwrap(), [&token, "short", "and more of it"]);
        assert_eq!(told(b"just some words"), None);
        assert_eq!(told(b"\x0a\x7fcut"), None);
        assert_eq!(told(b""), None);
    }
}
