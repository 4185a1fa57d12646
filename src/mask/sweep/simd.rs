//! Classifies bytes with vector instructions. The only `unsafe` of the token scanner; [`crate::mask::sweep::runs`] has the plain
//! equivalent that the tests compare it with, and that runs where there is no AVX2.

use crate::mask::sweep::masks::{Runs, State, find_plain};

/// Takes in the blocks of 64 bytes from `from` on that start before `to` and that have enough bytes after them;
/// returns where it stopped.
pub(crate) fn find(bytes: &[u8], from: usize, to: usize, state: &mut State, runs: &mut Runs) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("bmi1") {
        // SAFETY: the function needs nothing but AVX2 and BMI1, which this processor was just seen to have.
        return unsafe { x86::find(bytes, from, to, state, runs) };
    }
    find_plain(bytes, from, to, state, runs)
}

/// Returns how many bytes at the end of `bytes` base64 is made of, in any alphabet and perhaps in a URL.
#[inline]
pub(crate) fn parts_before(bytes: &[u8; 32]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("bmi1") {
        // SAFETY: as above.
        return unsafe { x86::parts_before(bytes) };
    }
    parts_before_plain(bytes)
}

/// The same of any number of bytes, without SIMD.
pub(crate) fn parts_before_plain(bytes: &[u8]) -> usize {
    let is_part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'%' | b'_' | b'-');
    bytes.iter().rev().take_while(is_part).count()
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use crate::mask::sweep::literals::STEM_BYTES;
    use crate::mask::sweep::masks::{BLOCK_AND_AFTER, Masks, RARE, Runs, State};
    use crate::mask::sweep::nibbles::{HALVES, NIBBLES};
    use std::arch::x86_64::*;

    /// For each low half of a byte, in which groups of high halves it makes a word byte: 1 for `2_` (`-`), 2 for `3_`
    /// (digits), 4 for `4_` and `6_` (A-O), 8 for `5_` (P-Z and `_`), 16 for `7_` (p-z).
    const LOW: [u8; 16] = [26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 28, 4, 4, 5, 4, 12];
    /// The same with `+`, `/` and `%` among the bytes.
    const PART_LOW: [u8; 16] = [26, 30, 30, 30, 30, 31, 30, 30, 30, 30, 28, 5, 4, 5, 4, 13];
    /// The group of each high half.
    const HIGH: [u8; 16] = [0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0];

    /// For each low half of a byte, the rare byte that has it; else a byte that has another.
    const RARE_BY_LOW: [u8; 16] = {
        let mut bytes = [1; 16];
        // 1 has the low half 1 itself.
        bytes[1] = 2;
        let mut index = 0;
        while index < RARE.len() {
            bytes[(RARE[index] & 15) as usize] = RARE[index];
            index += 1;
        }
        bytes
    };

    /// For the low and for the high half of a byte.
    type Pair = (__m256i, __m256i);

    /// The tables in registers (as far as there are so many).
    #[derive(Clone, Copy)]
    struct Tables {
        word: Pair,
        rare: __m256i,
        /// By byte of the stem, for each half of the buckets.
        stems: [(Pair, Pair); STEM_BYTES],
    }

    /// # Safety
    ///
    /// The processor must have AVX2 and BMI1.
    // No iterator or other closure-taking function here: those do not have the instructions, and would be called.
    #[target_feature(enable = "avx2,bmi1")]
    pub(crate) unsafe fn find(
        bytes: &[u8],
        from: usize,
        to: usize,
        state: &mut State,
        runs: &mut Runs,
    ) -> usize {
        let tables = Tables {
            word: (table(&LOW), table(&HIGH)),
            rare: table(&RARE_BY_LOW),
            stems: [stem_tables(0), stem_tables(1), stem_tables(2)],
        };
        let mut here = std::mem::take(state);
        let mut at = from;
        while at + 64 <= to
            && let Some(block) = bytes[at..].first_chunk::<BLOCK_AND_AFTER>()
        {
            let (first_word, first_mark) = classify::<0>(block, &tables);
            let (second_word, second_mark) = classify::<32>(block, &tables);
            let masks = Masks {
                word: u64::from(first_word) | u64::from(second_word) << 32,
                mark: u64::from(first_mark) | u64::from(second_mark) << 32,
            };
            here.step(masks, at, runs);
            at += 64;
        }
        *state = here;
        at
    }

    /// # Safety
    ///
    /// The processor must have AVX2 and BMI1.
    #[target_feature(enable = "avx2,bmi1")]
    pub(crate) unsafe fn parts_before(bytes: &[u8; 32]) -> usize {
        // SAFETY: all 32 bytes are there; no alignment is asked for.
        let bytes = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
        let parts = look_up((table(&PART_LOW), table(&HIGH)), bytes, high_halves(bytes));
        let others = _mm256_movemask_epi8(_mm256_cmpeq_epi8(parts, _mm256_setzero_si256())) as u32;
        others.leading_zeros() as usize
    }

    #[target_feature(enable = "avx2")]
    fn stem_tables(byte: usize) -> (Pair, Pair) {
        const { assert!(HALVES == 2 && STEM_BYTES == 3) };
        (
            (table(&NIBBLES.low[0][byte]), table(&NIBBLES.high[0][byte])),
            (table(&NIBBLES.low[1][byte]), table(&NIBBLES.high[1][byte])),
        )
    }

    #[target_feature(enable = "avx2")]
    fn table(entries: &[u8; 16]) -> __m256i {
        // SAFETY: `entries` has 16 bytes, all of which are read, without asking for alignment.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(entries.as_ptr().cast()) })
    }

    /// Which of the 32 bytes from `FROM` on are word bytes, and at which there is a mark.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn classify<const FROM: usize>(block: &[u8; BLOCK_AND_AFTER], tables: &Tables) -> (u32, u32) {
        const { assert!(FROM + 2 + 32 <= BLOCK_AND_AFTER) };
        // SAFETY: `block` has, as was just asserted, at least 32 bytes from `FROM + 2` on, and so from the two places
        // before. No alignment is asked for.
        let (first, second, third) = unsafe {
            let start = block.as_ptr().add(FROM);
            (
                _mm256_loadu_si256(start.cast()),
                _mm256_loadu_si256(start.add(1).cast()),
                _mm256_loadu_si256(start.add(2).cast()),
            )
        };
        let zero = _mm256_setzero_si256();
        let highs = [high_halves(first), high_halves(second), high_halves(third)];
        let [of_first, of_second, of_third] = tables.stems;
        let not_word = _mm256_cmpeq_epi8(look_up(tables.word, first, highs[0]), zero);
        let some = _mm256_and_si256(
            _mm256_and_si256(look_up(of_first.0, first, highs[0]), look_up(of_second.0, second, highs[1])),
            look_up(of_third.0, third, highs[2]),
        );
        let others = _mm256_and_si256(
            _mm256_and_si256(look_up(of_first.1, first, highs[0]), look_up(of_second.1, second, highs[1])),
            look_up(of_third.1, third, highs[2]),
        );
        let rare = _mm256_cmpeq_epi8(first, _mm256_shuffle_epi8(tables.rare, first));
        let not_mark = _mm256_cmpeq_epi8(_mm256_or_si256(_mm256_or_si256(some, others), rare), zero);
        (!(_mm256_movemask_epi8(not_word) as u32), !(_mm256_movemask_epi8(not_mark) as u32))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn high_halves(bytes: __m256i) -> __m256i {
        _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0f))
    }

    /// What both tables have in common for each byte; nothing for one of 128 or more.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn look_up(pair: Pair, bytes: __m256i, high_halves: __m256i) -> __m256i {
        _mm256_and_si256(_mm256_shuffle_epi8(pair.0, bytes), _mm256_shuffle_epi8(pair.1, high_halves))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_byte_is_a_part_of_base64_or_not_alike() {
        for byte in 0..=255 {
            for at in 0..32 {
                let mut bytes = [b'a'; 32];
                bytes[at] = byte;
                assert_eq!(parts_before(&bytes), parts_before_plain(&bytes), "{byte} at {at}");
            }
        }
    }

    #[test]
    fn the_bytes_of_base64_before_a_place_are_counted_to_the_first_that_is_none() {
        let text = b"ab c/d+e%2Fg_h-0123456789ABCDEFGHIJ";
        for end in 0..=text.len() {
            let plain = text[..end].iter().rev().take_while(|byte| **byte != b' ').count();
            assert_eq!(parts_before_plain(&text[..end]), plain, "{end}");
        }
    }

    proptest! {
        #[test]
        fn parts_are_counted_alike(bytes in any::<[u8; 32]>()) {
            prop_assert_eq!(parts_before(&bytes), parts_before_plain(&bytes));
        }
    }
}
