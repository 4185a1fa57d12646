//! Finds, 64 bytes at a time, what tokens and key names are recognised by: runs of at least 16 bytes of
//! `[A-Za-z0-9_-]`, which almost every token holds; the three bytes that each literal has its stem in; and three rare
//! bytes. One pass for all of it, since each pass over memory costs as much as its arithmetic. Owns the arithmetic on
//! bit masks; how 64 bytes become a mask is `simd`'s business or, where there is no such thing, this file's.

use super::nibbles::{STEM_BYTES, may_be_stem};
use super::simd;

/// Single bytes that are looked for: a sign of one kind of token, and what is counted.
pub(crate) const RARE: [u8; 3] = [b'~', b'\n', 0];

/// A run has at least so many bytes.
pub(crate) const LEAST_RUN: usize = 16;

/// What a search found; reused from search to search.
#[derive(Debug, Default, Clone)]
pub(crate) struct Runs {
    /// Where runs start, in order.
    pub starts: Places,
    /// Where the same runs end.
    pub ends: Places,
    /// Where one of [`RARE`] or, perhaps, the stem of a literal stands.
    pub marks: Places,
}

/// Places in a text, in order. They are added without asking whether there are any: in every other 64 bytes there are,
/// and a branch that goes one way as often as the other costs more than a write in vain.
#[derive(Debug, Default, Clone)]
pub(crate) struct Places {
    places: Vec<usize>,
    /// How many of `places` count.
    count: usize,
}

impl Places {
    /// Forgets all places, and makes room for those of a text of `bytes` bytes.
    fn clear(&mut self, bytes: usize) {
        self.count = 0;
        // The last 64 bytes may lie partly after the end; and one more is written in vain.
        if self.places.len() < bytes + 65 {
            self.places.resize(bytes + 65, 0);
        }
    }

    /// Adds the place of each bit: `at` plus its number, less `back`.
    #[inline(always)]
    fn add_each(&mut self, mut bits: u64, at: usize, back: usize) {
        self.places[self.count] = (at + bits.trailing_zeros() as usize).wrapping_sub(back);
        self.count += usize::from(bits != 0);
        bits &= bits.wrapping_sub(1);
        while bits != 0 {
            self.places[self.count] = at + bits.trailing_zeros() as usize - back;
            self.count += 1;
            bits &= bits - 1;
        }
    }
}

impl std::ops::Deref for Places {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.places[..self.count]
    }
}

/// Which of 64 bytes are word bytes, and at which there is a mark; bit 0 is the first byte.
#[derive(Clone, Copy)]
pub(super) struct Masks {
    pub word: u64,
    pub mark: u64,
}

/// Carries what is known of a run from one 64 bytes to the next: the masks of the positions that end 1, 2, 4, 8 and 16
/// word bytes in a row.
#[derive(Default)]
pub(super) struct State {
    ends_1: u64,
    ends_2: u64,
    ends_4: u64,
    ends_8: u64,
    ends_16: u64,
}

impl State {
    /// Takes in the masks of the 64 bytes at `at`.
    #[inline(always)]
    pub(super) fn step(&mut self, masks: Masks, at: usize, runs: &mut Runs) {
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
        table[byte] = crate::mask::rules::WORD.contains(byte as u8) as u8;
        byte += 1;
    }
    table
};

/// What is classified at once: 64 bytes, and those after them that a stem at the last of them reaches into.
pub(super) const BLOCK_AND_AFTER: usize = 64 + STEM_BYTES - 1;

/// Classifies 64 bytes without SIMD.
fn masks_of(block: &[u8; BLOCK_AND_AFTER]) -> Masks {
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
pub(super) fn find_plain(bytes: &[u8], from: usize, to: usize, state: &mut State, runs: &mut Runs) -> usize {
    let mut at = from;
    while at + 64 <= to
        && let Some(block) = bytes[at..].first_chunk()
    {
        state.step(masks_of(block), at, runs);
        at += 64;
    }
    at
}

/// Replaces what is in `runs` by what starts in `bytes[from..to]`; offsets count from the start of `bytes`. A run that
/// goes on before `from` or after `to` is seen only as far as it lies between.
pub(crate) fn find(bytes: &[u8], from: usize, to: usize, runs: &mut Runs) {
    find_with(simd::find, bytes, from, to, runs);
}

type Search = fn(&[u8], usize, usize, &mut State, &mut Runs) -> usize;

fn find_with(search: Search, bytes: &[u8], from: usize, to: usize, runs: &mut Runs) {
    for places in [&mut runs.starts, &mut runs.ends, &mut runs.marks] {
        places.clear(to.saturating_sub(from));
    }
    let mut state = State::default();
    let mut at = search(bytes, from, to, &mut state, runs);
    while at < to {
        // What is missing in the last blocks is filled up with bytes that are in no run and no stem.
        let mut block = [b' '; BLOCK_AND_AFTER];
        let there = &bytes[at..bytes.len().min(at + BLOCK_AND_AFTER)];
        block[..there.len()].copy_from_slice(there);
        let masks = masks_of(&block);
        let within = if to - at < 64 { (1 << (to - at)) - 1 } else { u64::MAX };
        state.step(Masks { word: masks.word & within, mark: masks.mark & within }, at, runs);
        at += 64;
    }
    // If the last block was whole, the run can only end here.
    state.step(Masks { word: 0, mark: 0 }, at, runs);
    if let Some(last) = runs.ends.count.checked_sub(1) {
        let end = &mut runs.ends.places[last];
        *end = (*end).min(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Found = (Vec<usize>, Vec<usize>, Vec<usize>);

    fn found(runs: &Runs) -> Found {
        (runs.starts.to_vec(), runs.ends.to_vec(), runs.marks.to_vec())
    }

    fn slow(bytes: &[u8], from: usize, to: usize) -> Found {
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        let mut at = from;
        while at < to {
            let length = bytes[at..to].iter().take_while(|&&b| crate::mask::escape::is_word(b)).count();
            if length >= LEAST_RUN {
                starts.push(at);
                ends.push(at + length);
            }
            at += length.max(1);
        }
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(b' ');
        let is_mark =
            |&at: &usize| RARE.contains(&byte(at)) || may_be_stem([byte(at), byte(at + 1), byte(at + 2)]);
        (starts, ends, (from..to).filter(is_mark).collect())
    }

    #[test]
    fn what_ends_anywhere_in_a_block_is_searched_to_its_last_byte() {
        let mut runs = Runs::default();
        for length in [0, 1, 63, 64, 65, 66, 67, 127, 128, 130, 131] {
            // Of exactly this size, so that a look past its end is one past what was allocated.
            let bytes: Box<[u8]> = (0..length).map(|at| b"0aZ_-k9~gh"[at % 10]).collect();
            for from in [0, 1, 5].into_iter().filter(|&from| from <= length) {
                find(&bytes, from, length, &mut runs);
                assert_eq!(found(&runs), slow(&bytes, from, length), "{from}..{length}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
        #[test]
        fn every_search_finds_what_a_simple_loop_finds(
            pieces in prop::collection::vec((prop::sample::select(b"aZ09_-n ~\n\0\"\\/.\x80\xff@[`{".to_vec()), 1usize..70), 0..20),
            cut in 0usize..40,
        ) {
            let bytes: Vec<u8> = pieces.iter().flat_map(|&(byte, count)| vec![byte; count]).collect();
            let from = cut.min(bytes.len());
            let to = bytes.len() - (cut / 2).min(bytes.len() - from);
            let expected = slow(&bytes, from, to);
            let mut runs = Runs::default();
            find(&bytes, from, to, &mut runs);
            prop_assert_eq!(&found(&runs), &expected);
            find_with(find_plain, &bytes, from, to, &mut runs);
            prop_assert_eq!(&found(&runs), &expected);
        }

        #[test]
        fn every_byte_is_classified_alike(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut runs = Runs::default();
            find(&bytes, 0, bytes.len(), &mut runs);
            prop_assert_eq!(found(&runs), slow(&bytes, 0, bytes.len()));
            // Random bytes hold no long runs: each is repeated often enough to make one.
            let bytes: Vec<u8> = bytes.into_iter().flat_map(|byte| [byte; 17]).collect();
            let mut runs = Runs::default();
            find(&bytes, 0, bytes.len(), &mut runs);
            prop_assert_eq!(found(&runs), slow(&bytes, 0, bytes.len()));
        }
    }
}
