//! Cuts bytes into blocks of whole lines, as the engine does.

use std::ops::Range;

use super::BLOCK_BYTES;

/// Returns where `bytes` are cut: each block begins at the first line start at or after its nominal place.
pub fn cut(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut start = 0;
    let mut nominal = BLOCK_BYTES;
    while start < bytes.len() {
        let from = nominal.max(start).min(bytes.len());
        let end = memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at + 1);
        blocks.push(start..end);
        start = end;
        nominal += BLOCK_BYTES;
    }
    blocks
}
