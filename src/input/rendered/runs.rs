//! Where among bytes of any kind text stands.

use std::ops::Range;

/// Bytes that must be text in a row to be taken for text: a token of any rule is longer.
const LEAST_TEXT: usize = 6;

/// Returns where in `bytes` there is text: without control characters, and long enough to be none by chance.
pub(crate) fn texts_in(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut texts, mut start): (Vec<Range<usize>>, usize) = (Vec::new(), 0);
    let mut end_at = |start: usize, end: usize| {
        let start = start + length_bytes(bytes, start, end);
        if end - start >= LEAST_TEXT {
            texts.push(start..end);
        }
    };
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for (offset, character) in chunk.valid().char_indices() {
            if character.is_control() && !matches!(character, '\t' | '\n' | '\r') {
                end_at(start, at + offset);
                start = at + offset + character.len_utf8();
            }
        }
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            end_at(start, at);
            at += chunk.invalid().len();
            start = at;
        }
    }
    end_at(start, at);
    texts
}

/// Returns how many of the bytes that a run of text begins with are not its own: in a message of protobuf the tag of a field
/// and the length of its text stand before it, and may both be characters.
fn length_bytes(bytes: &[u8], start: usize, end: usize) -> usize {
    let is_tag = |at: usize| bytes.get(at).is_some_and(|byte| byte & 7 == 2);
    let says = |at: usize| at < end && usize::from(bytes[at]) == end - at - 1;
    match () {
        () if start > 0 && is_tag(start - 1) && says(start) => 1,
        () if is_tag(start) && says(start + 1) => 2,
        () => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_begins_behind_its_length_also_where_the_whole_is_no_message() {
        let text = "t".repeat(50);
        for before in [&b"\x0a2"[..], b"\x122"] {
            let bytes = [before, text.as_bytes(), b"\xff\x00"].concat();
            assert_eq!(texts_in(&bytes).first(), Some(&(2..52)));
        }
        let longer = [&b"\x0a2"[..], text.as_bytes(), b"more\x00"].concat();
        assert_eq!(texts_in(&longer).first(), Some(&(0..56)));
    }
}
