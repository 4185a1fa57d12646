//! The text of a source that has to be decoded, held in memory: as it is while it is small, else in compressed pieces,
//! since it is read more than once, from several places, and nothing unmasked may touch the disk. Text that can be decoded
//! again is only counted where it is large: rows and documents, which may be others a moment later, where it is too large
//! to be held.

use super::stream::Proof;
use crate::engine::state::buffers::{Buffers, Lent};
use crate::error::{Error, Kind, Result};
use crate::input::Source;
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use std::ops::Range;

/// Text up to this size is held as it is.
const PLAIN_BYTES: usize = 16 << 20;

/// Packed text of a source that can be had again is held up to this size.
const HELD_BYTES: usize = 32 << 20;

/// Bytes of text in a piece.
const PIECE_BYTES: usize = 1 << 20;

/// Fast, and most of what can be gained: transcripts shrink to a fifth and less.
const LEVEL: i32 = 2;

/// Text that is not held as it is: pieces of [`PIECE_BYTES`], each compressed (RFC 1951).
#[derive(Default)]
pub(crate) struct Held {
    pieces: Vec<Box<[u8]>>,
    bytes: u64,
    packed_bytes: usize,
}

/// All text of a source.
pub(crate) enum Text {
    Plain(Lent),
    Held(Held),
    /// Not held: it is decoded again.
    Proven(Proof),
}

/// Reads all text of a source that is decoded, and keeps it where it is small or cannot be had again.
///
/// # Errors
///
/// When it cannot be read, or there are more than `most` bytes of it.
pub(crate) fn read_all(source: &Source, most: u64, buffers: &Buffers) -> Result<Text> {
    let mut gathered =
        Gathered { is_proven: source.can_start_over(), is_held: source.is_rendered(), ..Gathered::new() };
    source.each_decoded(most, &mut |bytes| gathered.add(bytes))?;
    let Gathered { plain, held, proof, is_large, .. } = gathered.finish();
    if !is_large {
        return Ok(Text::Plain(buffers.adopt(plain)));
    }
    match held {
        Some(held) => Ok(Text::Held(held)),
        None => {
            source.rest();
            Ok(Text::Proven(proof))
        }
    }
}

/// Text as it comes.
struct Gathered {
    /// All of it while it is small; then what is not packed yet.
    plain: Vec<u8>,
    /// The large text, as long as it is held.
    held: Option<Held>,
    packer: Packer,
    proof: Proof,
    is_large: bool,
    /// It can be had again, so that it need not be held.
    is_proven: bool,
    /// It may be another text soon, so that it is held where there is room.
    is_held: bool,
}

impl Gathered {
    fn new() -> Gathered {
        Gathered {
            plain: Vec::new(),
            held: None,
            packer: Packer::new(),
            proof: Proof::default(),
            is_large: false,
            is_proven: false,
            is_held: false,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        if self.is_large {
            return self.add_large(bytes);
        }
        self.plain.extend_from_slice(bytes);
        if self.plain.len() > PLAIN_BYTES {
            self.is_large = true;
            self.held = (self.is_held || !self.is_proven).then(Held::default);
            let before = std::mem::take(&mut self.plain);
            self.add_large(&before);
        }
    }

    fn add_large(&mut self, bytes: &[u8]) {
        if self.is_proven {
            self.proof.add(bytes);
        }
        let Some(held) = &mut self.held else { return };
        // Not more than a piece is copied at a time, however much comes at once.
        let mut bytes = bytes;
        while !bytes.is_empty() {
            let room = PIECE_BYTES - self.plain.len();
            let (now, rest) = bytes.split_at(bytes.len().min(room));
            self.plain.extend_from_slice(now);
            if self.plain.len() == PIECE_BYTES {
                held.add(&mut self.packer, &self.plain);
                self.plain.clear();
            }
            bytes = rest;
        }
        if self.is_proven && held.packed_bytes > HELD_BYTES {
            (self.held, self.plain) = (None, Vec::new());
        }
    }

    fn finish(mut self) -> Gathered {
        if let Some(held) = &mut self.held
            && !self.plain.is_empty()
        {
            held.add(&mut self.packer, &self.plain);
        }
        self
    }
}

impl Held {
    /// Returns how many bytes of text there are.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.bytes
    }

    fn add(&mut self, packer: &mut Packer, piece: &[u8]) {
        let packed = packer.pack(piece);
        self.packed_bytes += packed.len();
        self.pieces.push(packed);
        self.bytes += piece.len() as u64;
    }

    /// Fills `buffer` with the text of `range`, which must lie within it.
    ///
    /// # Errors
    ///
    /// [`Kind::Internal`] when a piece does not decompress.
    pub(crate) fn read(&self, range: Range<u64>, buffer: &mut Vec<u8>) -> Result<()> {
        buffer.clear();
        let mut unpacker = Decompressor::new();
        let mut room = Vec::new();
        let first = (range.start / PIECE_BYTES as u64) as usize;
        for (index, piece) in self.pieces.iter().enumerate().skip(first) {
            let start = index as u64 * PIECE_BYTES as u64;
            if start >= range.end {
                break;
            }
            let length = (self.bytes - start).min(PIECE_BYTES as u64) as usize;
            room.resize(length, 0);
            unpacker.deflate_decompress(piece, &mut room).map_err(|error| {
                Error::new(Kind::Internal, "cannot unpack text in memory").with_source(error)
            })?;
            let from = range.start.saturating_sub(start) as usize;
            let to = (range.end - start).min(length as u64) as usize;
            buffer.extend_from_slice(&room[from..to]);
        }
        Ok(())
    }
}

/// Compresses pieces, one after the other.
struct Packer {
    compressor: Compressor,
    room: Vec<u8>,
}

impl Packer {
    fn new() -> Packer {
        let level = CompressionLvl::new(LEVEL).expect("1..=12 are levels of libdeflate");
        Packer { compressor: Compressor::new(level), room: Vec::new() }
    }

    fn pack(&mut self, piece: &[u8]) -> Box<[u8]> {
        self.room.resize(self.compressor.deflate_compress_bound(piece.len()), 0);
        let packed = self.compressor.deflate_compress(piece, &mut self.room);
        // The bound is what libdeflate itself says that it may take.
        let packed = packed.expect("a piece fits the room that was asked for it");
        self.room[..packed].into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_range_of_held_text_is_what_was_put_in() {
        let text: Vec<u8> = (0..3 * PIECE_BYTES as u64 + 77).map(|at| ((at * at) >> 7) as u8).collect();
        let (mut held, mut packer) = (Held::default(), Packer::new());
        text.chunks(PIECE_BYTES).for_each(|piece| held.add(&mut packer, piece));
        assert_eq!(held.text_bytes(), text.len() as u64);
        let piece = PIECE_BYTES as u64;
        let mut buffer = Vec::new();
        for range in
            [0..0, 0..1, 0..held.text_bytes(), piece - 1..piece + 1, piece..2 * piece, 5..3 * piece + 77]
        {
            held.read(range.clone(), &mut buffer).unwrap();
            assert!(buffer == text[range.start as usize..range.end as usize], "{range:?}");
        }
    }
}
