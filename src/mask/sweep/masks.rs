//! What 64 bytes become: a bit for each word byte and one for each mark; and the arithmetic that makes runs of these bits,
//! from one 64 bytes to the next. Owns the slow way from bytes to bits, which the fast ones are compared with.

use crate::mask::sweep::literals::STEM_BYTES;
use crate::mask::sweep::nibbles::may_be_stem;
use crate::mask::text::class::WORD;

/// Single bytes that are looked for: a sign of one kind of token, and what is counted.
pub(crate) const RARE: [u8; 3] = [b'~', b'\n', 0];

/// A run has at least so many bytes.
pub(crate) const LEAST_RUN: usize = 16;

/// What a search found; reused from search to search.
#[derive(Debug, Default, Clone)]
pub(crate) struct Runs {
    /// Where runs start, in order.
    pub starts: Offsets,
    /// Where the same runs end.
    pub ends: Offsets,
    /// Where one of [`RARE`] or, perhaps, the stem of a literal stands.
    pub marks: Offsets,
}

/// Offsets in a text, in order. They are added without asking whether there are any: in every other 64 bytes there are,
/// and a branch that goes one way as often as the other costs more than a write in vain.
#[derive(Debug, Default, Clone)]
pub(crate) struct Offsets {
    pub(crate) offsets: Vec<usize>,
    /// How many of `offsets` count.
    pub(crate) count: usize,
}

impl Offsets {
    /// Forgets all offsets, and makes room for those of a text of `bytes` bytes.
    pub(crate) fn clear(&mut self, bytes: usize) {
        self.count = 0;
        // The last 64 bytes may lie partly after the end; and one more is written in vain.
        if self.offsets.len() < bytes + 65 {
            self.offsets.resize(bytes + 65, 0);
        }
    }

    /// Adds the place of each bit: `at` plus its number, less `back`.
    #[inline(always)]
    fn add_each(&mut self, mut bits: u64, at: usize, back: usize) {
        self.offsets[self.count] = (at + bits.trailing_zeros() as usize).wrapping_sub(back);
        self.count += usize::from(bits != 0);
        bits &= bits.wrapping_sub(1);
        while bits != 0 {
            self.offsets[self.count] = at + bits.trailing_zeros() as usize - back;
            self.count += 1;
            bits &= bits - 1;
        }
    }
}

impl std::ops::Deref for Offsets {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.offsets[..self.count]
    }
}

/// Which of 64 bytes are word bytes, and at which there is a mark; bit 0 is the first byte.
#[derive(Clone, Copy)]
pub(crate) struct Masks {
    pub word: u64,
    pub mark: u64,
}

/// Carries what is known of a run from one 64 bytes to the next: the masks of the positions that end 1, 2, 4, 8 and 16
/// word bytes in a row.
#[derive(Default)]
pub(crate) struct State {
    ends_1: u64,
    ends_2: u64,
    ends_4: u64,
    ends_8: u64,
    ends_16: u64,
}

impl State {
    /// Takes in the masks of the 64 bytes at `at`.
    #[inline(always)]
    pub(crate) fn step(&mut self, masks: Masks, at: usize, runs: &mut Runs) {
        let ends_1 = masks.word;
        let ends_2 = ends_1 & (ends_1 << 1 | self.ends_1 >> 63);
        let ends_4 = ends_2 & (ends_2 << 2 | self.ends_2 >> 62);
        let ends_8 = ends_4 & (ends_4 << 4 | self.ends_4 >> 60);
        let ends_16 = ends_8 & (ends_8 << 8 | self.ends_8 >> 56);
        let before = ends_16 << 1 | self.ends_16 >> 63;
        let (begun, ended) = (ends_16 & !before, before & !ends_16);
        runs.starts.add_each(begun, at + 1, LEAST_RUN);
        runs.ends.add_each(ended, at, 0);
        runs.marks.add_each(masks.mark, at, 0);
        *self = State { ends_1, ends_2, ends_4, ends_8, ends_16 };
    }
}

/// Whether each byte is a word byte, as 0 or 1.
const IS_WORD: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = WORD.contains(byte as u8) as u8;
        byte += 1;
    }
    table
};

/// What is classified at once: 64 bytes, and those after them that a stem at the last of them reaches into.
pub(crate) const BLOCK_AND_AFTER: usize = 64 + STEM_BYTES - 1;

/// Classifies 64 bytes without SIMD.
pub(crate) fn masks_of(block: &[u8; BLOCK_AND_AFTER]) -> Masks {
    let mut masks = Masks { word: 0, mark: 0 };
    for index in 0..64 {
        let byte = block[index];
        let is_mark = RARE.contains(&byte) || may_be_stem([byte, block[index + 1], block[index + 2]]);
        masks.word |= u64::from(IS_WORD[usize::from(byte)]) << index;
        masks.mark |= u64::from(is_mark) << index;
    }
    masks
}

/// The plain search over the blocks of 64 bytes from `from` on that end, with what is after them, by the end of
/// `bytes` and start before `to`; returns where it stopped.
pub(crate) fn find_plain(bytes: &[u8], from: usize, to: usize, state: &mut State, runs: &mut Runs) -> usize {
    let mut at = from;
    while at + 64 <= to
        && let Some(block) = bytes[at..].first_chunk()
    {
        state.step(masks_of(block), at, runs);
        at += 64;
    }
    at
}
