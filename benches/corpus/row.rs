//! Writes JSON by hand, as agents do: no spaces, keys in a fixed order, text as it is but for what must be escaped.

/// Appends `text` as the inside of a JSON string.
pub fn escape(text: &[u8], out: &mut Vec<u8>) {
    let mut start = 0;
    for (at, &byte) in text.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[start..at]);
        start = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&text[start..]);
}

/// Appends `template` with each `@` replaced by the next of `values`, as it is.
pub fn fill(template: &str, values: &[&[u8]], out: &mut Vec<u8>) {
    let mut values = values.iter();
    let mut pieces = template.split('@');
    out.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        out.extend_from_slice(values.next().expect("a template has as many marks as values"));
        out.extend_from_slice(piece.as_bytes());
    }
    assert!(values.next().is_none(), "a template has as many marks as values");
}

/// Appends a JSON string that holds `text`.
pub fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    escape(text, out);
    out.push(b'"');
}

/// Returns `text` as the inside of a JSON string.
pub fn escaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    escape(text, &mut out);
    out
}

/// Milliseconds since 1970 as agents write times: `2026-01-02T03:04:05.678Z`.
pub fn time(milliseconds: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
