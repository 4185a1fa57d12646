//! What JSON strings say: their escapes undone and written.

/// Appends the content of a JSON string with its escapes undone, and returns whether there were any. A lone
/// surrogate becomes U+FFFD. When `origins` is given, it gets the offset in `content` of each byte appended.
pub(crate) fn decode(content: &[u8], decoded: &mut Vec<u8>, mut origins: Option<&mut Vec<u32>>) -> bool {
    let mut position = 0;
    let mut any = false;
    while position < content.len() {
        let plain = memchr::memchr(b'\\', &content[position..]).unwrap_or(content.len() - position);
        decoded.extend_from_slice(&content[position..position + plain]);
        if let Some(origins) = origins.as_deref_mut() {
            origins.extend((position..position + plain).map(|at| at as u32));
        }
        position += plain;
        if position == content.len() {
            break;
        }
        let (length, character) = decode_escape(&content[position..]);
        let before = decoded.len();
        match character {
            Some(character) => {
                any = true;
                decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            None => decoded.extend_from_slice(&content[position..position + length]),
        }
        if let Some(origins) = origins.as_deref_mut() {
            origins.extend((before..decoded.len()).map(|_| position as u32));
        }
        position += length;
    }
    any
}

/// Returns the length of what starts with the backslash here, and the character it stands for, if it is an escape.
fn decode_escape(bytes: &[u8]) -> (usize, Option<char>) {
    let character = match bytes.get(1) {
        Some(b'u') => return decode_unicode(bytes),
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        _ => return (1, None),
    };
    (2, Some(character))
}

fn decode_unicode(bytes: &[u8]) -> (usize, Option<char>) {
    let unit = |from: usize| -> Option<u32> {
        if bytes.get(from..from + 2)? != b"\\u" {
            return None;
        }
        let digits = bytes.get(from + 2..from + 6)?;
        digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + (digit as char).to_digit(16)?))
    };
    let Some(first) = unit(0) else { return (1, None) };
    if (0xd800..0xdc00).contains(&first)
        && let Some(second @ 0xdc00..0xe000) = unit(6)
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (12, char::from_u32(code));
    }
    (6, Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)))
}

/// Whether the template's own text is written as it is or as the content of a JSON string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escaping {
    None,
    Json,
}

/// Appends `text` as the content of a JSON string.
pub(crate) fn escape_json(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_decode_with_their_origins() {
        let content = br"a\u0062\ud83d\ude00\n\ud800\q";
        let (mut decoded, mut origins) = (Vec::new(), Vec::new());
        assert!(decode(content, &mut decoded, Some(&mut origins)));
        assert_eq!(decoded, "ab😀\n\u{fffd}\\q".as_bytes());
        assert_eq!(origins.len(), decoded.len());
        assert_eq!(origins[1], 1);
        assert_eq!(origins[2], 7);
    }
}
