//! The ways in which a literal of the configuration may stand in a line: as it is, and as JSON writes it.

use crate::mask::text::json_string::escape_json;

/// Returns the ways in which `literal` may stand in a line. None holds a newline.
pub(crate) fn spellings_of(literal: &str) -> Vec<Vec<u8>> {
    let escaped = |text: &[u8]| {
        let mut out = Vec::new();
        escape_json(text, &mut out);
        out
    };
    let ascii = |text: &[u8]| {
        let mut out = Vec::new();
        for character in String::from_utf8_lossy(text).chars() {
            if character.is_ascii() {
                out.push(character as u8);
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
        out
    };
    let slashes = |text: &[u8]| String::from_utf8_lossy(text).replace('/', "\\/").into_bytes();
    let plain = literal.as_bytes().to_vec();
    let once = escaped(&plain);
    let mut spellings = vec![ascii(&once), slashes(&once), escaped(&once), escaped(&ascii(&once)), once];
    if !plain.contains(&b'\n') {
        spellings.push(plain);
    }
    spellings
}
