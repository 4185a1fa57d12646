//! The keyed hash of source bytes, computed in pieces of 1 MiB on any thread and in any order.
//!
//! The result is standard keyed BLAKE3 of the whole: pieces are complete subtrees of its hash tree (section 2.1 of the
//! BLAKE3 paper), joined here. The key is private to a store, so that a hash in an archive cannot be used to confirm a
//! guess of what was masked. Owns no files; `store` keeps the key.

use std::fmt;

use blake3::Hasher;
use blake3::hazmat::{HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use zeroize::Zeroize;

/// Bytes of a piece: a power of two as the tree demands, as large as a block so that one task does both.
pub(crate) const PIECE_BYTES: usize = 1 << 20;

/// Bytes of the first line, at most, that the head hash covers.
pub(crate) const HEAD_BYTES: usize = 4096;

/// The hash of one piece as part of a larger whole. Never a hash of anything by itself.
pub(crate) type PieceValue = blake3::hazmat::ChainingValue;

/// A store's private key. Never displayed; wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct HashKey([u8; 32]);

impl HashKey {
    /// Returns the key made of these bytes.
    pub(crate) fn new(bytes: [u8; 32]) -> HashKey {
        HashKey(bytes)
    }

    /// Returns the bytes, to be kept in the store's private directory and nowhere else.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for HashKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(..)")
    }
}

/// Returns the hash of `bytes` as a whole.
pub(crate) fn hash(key: &HashKey, bytes: &[u8]) -> [u8; 32] {
    *blake3::keyed_hash(&key.0, bytes).as_bytes()
}

/// Returns the hash of the first line of `start`, at most [`HEAD_BYTES`] of it, its newline left out.
pub(crate) fn head_hash(key: &HashKey, start: &[u8]) -> [u8; 32] {
    let start = &start[..start.len().min(HEAD_BYTES)];
    let line = memchr::memchr(b'\n', start).map_or(start, |end| &start[..end]);
    hash(key, line)
}

/// Returns how many whole pieces come before the tail that [`root`] takes with them, for a source of `bytes`: all but
/// the last 1..=[`PIECE_BYTES`] bytes.
pub(crate) fn pieces_before_tail(bytes: u64) -> usize {
    (bytes.saturating_sub(1) / PIECE_BYTES as u64) as usize
}

/// Returns the value of the piece `bytes` that starts `offset` bytes into the source. Only the source's last piece may
/// be shorter than [`PIECE_BYTES`].
///
/// # Panics
///
/// If `bytes` is empty or longer than a piece, or `offset` is not a multiple of [`PIECE_BYTES`]: the hash would be
/// garbage.
pub(crate) fn subtree(key: &HashKey, bytes: &[u8], offset: u64) -> PieceValue {
    assert!(!bytes.is_empty() && bytes.len() <= PIECE_BYTES, "a piece has 1..=1 MiB bytes");
    assert_eq!(offset % PIECE_BYTES as u64, 0, "a piece starts at a multiple of 1 MiB");
    let mut hasher = Hasher::new_keyed(&key.0);
    hasher.set_input_offset(offset);
    hasher.update(bytes);
    hasher.finalize_non_root()
}

/// Returns the hash of a source from the values of its first whole `pieces` and the bytes after them.
///
/// `tail` holds the last 1..=[`PIECE_BYTES`] bytes (see [`pieces_before_tail`]) and is empty only for an empty source.
/// The same call answers what the hash of the first n bytes was: pieces up to there, and the bytes from the last
/// piece's end to n.
///
/// # Panics
///
/// If `tail` is longer than a piece, or empty after pieces.
pub(crate) fn root(key: &HashKey, pieces: &[PieceValue], tail: &[u8]) -> [u8; 32] {
    if pieces.is_empty() {
        assert!(tail.len() <= PIECE_BYTES, "a tail has at most 1 MiB");
        return hash(key, tail);
    }
    let last = subtree(key, tail, pieces.len() as u64 * PIECE_BYTES as u64);
    join(key, pieces, &last)
}

/// Returns the hash of a source of two or more pieces from all their values; `None` for fewer, whose hash is [`hash`]
/// of their bytes.
pub(crate) fn root_of_pieces(key: &HashKey, pieces: &[PieceValue]) -> Option<[u8; 32]> {
    let (last, before) = pieces.split_last()?;
    if before.is_empty() { None } else { Some(join(key, before, last)) }
}

/// Joins one or more whole pieces and the last one, which may be shorter, into the root.
fn join(key: &HashKey, pieces: &[PieceValue], last: &PieceValue) -> [u8; 32] {
    // As in a binary counter: a value is merged with its left neighbour of the same size as soon as there is one,
    // which leaves the tree's left subtrees, largest first.
    let mut subtrees: Vec<PieceValue> = Vec::with_capacity(64);
    for (index, piece) in pieces.iter().enumerate() {
        let mut value = *piece;
        for _ in 0..(index + 1).trailing_zeros() {
            let left = subtrees.pop().expect("a carry has a left neighbour");
            value = merge_subtrees_non_root(&left, &value, Mode::KeyedHash(&key.0));
        }
        subtrees.push(value);
    }
    let mut right = *last;
    while subtrees.len() > 1 {
        let left = subtrees.pop().expect("there is more than one");
        right = merge_subtrees_non_root(&left, &right, Mode::KeyedHash(&key.0));
    }
    *merge_subtrees_root(&subtrees[0], &right, Mode::KeyedHash(&key.0)).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> HashKey {
        HashKey::new([7; 32])
    }

    fn source(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|index| (index * 31 % 251) as u8).collect()
    }

    fn in_pieces(bytes: &[u8]) -> [u8; 32] {
        let before = pieces_before_tail(bytes.len() as u64);
        let values: Vec<PieceValue> = (0..before)
            .map(|index| {
                subtree(&key(), &bytes[index * PIECE_BYTES..][..PIECE_BYTES], (index * PIECE_BYTES) as u64)
            })
            .collect();
        root(&key(), &values, &bytes[before * PIECE_BYTES..])
    }

    #[test]
    fn pieces_make_the_standard_hash_at_every_edge() {
        let whole = source(9 * PIECE_BYTES + 5);
        for pieces in 0..=9 {
            for extra in [0, 1, 1023, 1024, 1025] {
                let bytes = &whole[..(pieces * PIECE_BYTES + extra).min(whole.len())];
                assert_eq!(in_pieces(bytes), hash(&key(), bytes), "{pieces} pieces and {extra} bytes");
            }
        }
    }

    #[test]
    fn all_pieces_alone_make_the_standard_hash() {
        let bytes = source(3 * PIECE_BYTES - 7);
        let values: Vec<PieceValue> = bytes
            .chunks(PIECE_BYTES)
            .enumerate()
            .map(|(index, piece)| subtree(&key(), piece, (index * PIECE_BYTES) as u64))
            .collect();
        assert_eq!(root_of_pieces(&key(), &values), Some(hash(&key(), &bytes)));
        assert_eq!(root_of_pieces(&key(), &values[..1]), None);
        assert_eq!(root_of_pieces(&key(), &[]), None);
    }

    #[test]
    fn the_head_is_the_first_line_and_no_more() {
        let long = vec![b'a'; 3 * HEAD_BYTES];
        assert_eq!(head_hash(&key(), b"one\ntwo\n"), hash(&key(), b"one"));
        assert_eq!(head_hash(&key(), &long), hash(&key(), &long[..HEAD_BYTES]));
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", key()), "HashKey(..)");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_prefix_is_proved_from_the_same_pieces(total in 1usize..5 * PIECE_BYTES, part in 0.0f64..1.0) {
            let bytes = source(total);
            let prefix = ((total as f64) * part) as usize;
            let values: Vec<PieceValue> = bytes
                .chunks(PIECE_BYTES)
                .enumerate()
                .map(|(index, piece)| subtree(&key(), piece, (index * PIECE_BYTES) as u64))
                .collect();
            let before = pieces_before_tail(prefix as u64);
            let found = root(&key(), &values[..before], &bytes[before * PIECE_BYTES..prefix]);
            prop_assert_eq!(found, hash(&key(), &bytes[..prefix]));
        }
    }
}
