//! Finds runs of at least 16 bytes of `[A-Za-z0-9_-]`, which almost every token holds, and the rare `~`, 64 bytes at a
//! time. Owns the arithmetic on bit masks; how 64 bytes become a mask is `simd`'s business or, where there
//! is no such thing, this file's.

use super::simd;

/// A run has at least so many bytes.
pub const LEAST_RUN: usize = 16;

/// What a search found; reused from search to search.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Runs {
    /// Where runs start, in order.
    pub starts: Vec<usize>,
    /// Where the same runs end.
    pub ends: Vec<usize>,
    /// Where a `~` stands.
    pub tildes: Vec<usize>,
}

/// Which of 64 bytes are word bytes and which are `~`; bit 0 is the first byte.
#[derive(Clone, Copy)]
pub(super) struct Masks {
    pub word: u64,
    pub tilde: u64,
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
        let mut begun = ends_16 & !before;
        while begun != 0 {
            runs.starts.push(at + begun.trailing_zeros() as usize + 1 - LEAST_RUN);
            begun &= begun - 1;
        }
        let mut ended = before & !ends_16;
        while ended != 0 {
            runs.ends.push(at + ended.trailing_zeros() as usize);
            ended &= ended - 1;
        }
        let mut tildes = masks.tilde;
        while tildes != 0 {
            runs.tildes.push(at + tildes.trailing_zeros() as usize);
            tildes &= tildes - 1;
        }
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

/// Classifies 64 bytes without SIMD.
fn masks_of(block: &[u8; 64]) -> Masks {
    let mut masks = Masks { word: 0, tilde: 0 };
    for (index, &byte) in block.iter().enumerate() {
        masks.word |= u64::from(IS_WORD[usize::from(byte)]) << index;
        masks.tilde |= u64::from(byte == b'~') << index;
    }
    masks
}

/// The plain search over whole blocks of 64 bytes; returns how many bytes it took in.
pub(super) fn find_plain(bytes: &[u8], at: usize, state: &mut State, runs: &mut Runs) -> usize {
    let (blocks, _) = bytes.as_chunks::<64>();
    for (index, block) in blocks.iter().enumerate() {
        state.step(masks_of(block), at + index * 64, runs);
    }
    blocks.len() * 64
}

/// Replaces what is in `runs` by what stands in `bytes[from..to]`; offsets count from the start of `bytes`. A run that
/// goes on before `from` or after `to` is seen only as far as it lies between.
pub fn find(bytes: &[u8], from: usize, to: usize, runs: &mut Runs) {
    find_with(simd::find, bytes, from, to, runs);
}

type Search = fn(&[u8], usize, &mut State, &mut Runs) -> usize;

fn find_with(search: Search, bytes: &[u8], from: usize, to: usize, runs: &mut Runs) {
    runs.starts.clear();
    runs.ends.clear();
    runs.tildes.clear();
    let mut state = State::default();
    let done = from + search(&bytes[from..to], from, &mut state, runs);
    // A last block that is not whole is filled up with bytes that are in no run.
    let mut last = [b' '; 64];
    last[..to - done].copy_from_slice(&bytes[done..to]);
    state.step(masks_of(&last), done, runs);
    // It may be empty; if it was whole, the run can only end here.
    state.step(Masks { word: 0, tilde: 0 }, done + 64, runs);
    if let Some(end) = runs.ends.last_mut() {
        *end = (*end).min(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow(bytes: &[u8], from: usize, to: usize) -> Runs {
        let mut runs = Runs::default();
        let mut at = from;
        while at < to {
            let length = bytes[at..to].iter().take_while(|&&b| crate::mask::escape::is_word(b)).count();
            if length >= LEAST_RUN {
                runs.starts.push(at);
                runs.ends.push(at + length);
            }
            at += length.max(1);
        }
        runs.tildes = (from..to).filter(|&at| bytes[at] == b'~').collect();
        runs
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
        #[test]
        fn every_search_finds_what_a_simple_loop_finds(
            pieces in prop::collection::vec((prop::sample::select(b"aZ09_-n ~\"\\/.\x80\xff@[`{".to_vec()), 1usize..70), 0..20),
            cut in 0usize..40,
        ) {
            let bytes: Vec<u8> = pieces.iter().flat_map(|&(byte, count)| vec![byte; count]).collect();
            let from = cut.min(bytes.len());
            let to = bytes.len() - (cut / 2).min(bytes.len() - from);
            let expected = slow(&bytes, from, to);
            let mut found = Runs::default();
            find(&bytes, from, to, &mut found);
            prop_assert_eq!(&found, &expected);
            find_with(find_plain, &bytes, from, to, &mut found);
            prop_assert_eq!(&found, &expected);
        }

        #[test]
        fn every_byte_is_classified_alike(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            // Random bytes hold no long runs: each is repeated often enough to make one.
            let bytes: Vec<u8> = bytes.into_iter().flat_map(|byte| [byte; 17]).collect();
            let mut found = Runs::default();
            find(&bytes, 0, bytes.len(), &mut found);
            prop_assert_eq!(found, slow(&bytes, 0, bytes.len()));
        }
    }
}
