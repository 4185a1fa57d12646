//! Finds, 64 bytes at a time, what tokens and key names are recognised by: runs of at least 16 bytes of
//! `[A-Za-z0-9_-]`, which almost every token holds; the three bytes that each literal has its stem in; and three rare
//! bytes. One pass for all of it, since each pass over memory costs as much as its arithmetic. Owns the arithmetic on
//! bit masks; how 64 bytes become a mask is `simd`'s business or, where there is no such thing, this file's.

use crate::mask::sweep::masks::{BLOCK_AND_AFTER, Masks, Runs, State, masks_of};
use crate::mask::sweep::simd;

/// Replaces what is in `runs` by what starts in `bytes[from..to]`; offsets count from the start of `bytes`. A run that
/// goes on before `from` or after `to` is seen only as far as it lies between.
pub(crate) fn find(bytes: &[u8], from: usize, to: usize, runs: &mut Runs) {
    find_with(simd::find, bytes, from, to, runs);
}

type FindRuns = fn(&[u8], usize, usize, &mut State, &mut Runs) -> usize;

fn find_with(search: FindRuns, bytes: &[u8], from: usize, to: usize, runs: &mut Runs) {
    for offsets in [&mut runs.starts, &mut runs.ends, &mut runs.marks] {
        offsets.clear(to.saturating_sub(from));
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
        let end = &mut runs.ends.offsets[last];
        *end = (*end).min(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::sweep::masks::{LEAST_RUN, RARE, find_plain};
    use crate::mask::sweep::nibbles::may_be_stem;
    use proptest::prelude::*;

    type Found = (Vec<usize>, Vec<usize>, Vec<usize>);

    fn found(runs: &Runs) -> Found {
        (runs.starts.to_vec(), runs.ends.to_vec(), runs.marks.to_vec())
    }

    fn slow(bytes: &[u8], from: usize, to: usize) -> Found {
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        let mut at = from;
        while at < to {
            let length = bytes[at..to].iter().take_while(|&&b| crate::mask::text::escape::is_word(b)).count();
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
