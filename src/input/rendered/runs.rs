//! Where among bytes of any kind text stands.

use std::ops::Range;

/// Bytes that must be text in a row to be taken for text: a token of any rule is longer.
const LEAST_TEXT: usize = 6;

/// Returns where in `bytes` there is text: without control characters, and long enough to be none by chance.
pub(super) fn texts_in(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut texts, mut start): (Vec<Range<usize>>, usize) = (Vec::new(), 0);
    let mut end_at = |start: usize, end: usize| {
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
