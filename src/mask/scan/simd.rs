//! Classifies bytes with vector instructions. The only `unsafe` of the token scanner; [`super::runs`] has the plain
//! equivalent that the tests compare it with, and that runs where there is no AVX2.

use super::runs::{Runs, State, find_plain};

/// Takes in all whole blocks of 64 bytes of `bytes`, whose first byte has offset `at`; returns how many bytes that is.
pub(super) fn find(bytes: &[u8], at: usize, state: &mut State, runs: &mut Runs) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the function needs nothing but AVX2, which this processor was just seen to have.
        return unsafe { x86::find(bytes, at, state, runs) };
    }
    find_plain(bytes, at, state, runs)
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::runs::{Masks, Runs, State};
    use std::arch::x86_64::*;

    /// For each low half of a byte, in which groups of high halves it makes a word byte: 1 for `2_` (`-`), 2 for `3_`
    /// (digits), 4 for `4_` and `6_` (A-O), 8 for `5_` (P-Z and `_`), 16 for `7_` (p-z).
    const LOW: [i8; 16] = [26, 30, 30, 30, 30, 30, 30, 30, 30, 30, 28, 4, 4, 5, 4, 12];
    /// The group of each high half.
    const HIGH: [i8; 16] = [0, 0, 1, 2, 4, 8, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0];

    /// # Safety
    ///
    /// The processor must have AVX2.
    #[target_feature(enable = "avx2")]
    pub unsafe fn find(bytes: &[u8], at: usize, state: &mut State, runs: &mut Runs) -> usize {
        let low = _mm256_broadcastsi128_si256(table(&LOW));
        let high = _mm256_broadcastsi128_si256(table(&HIGH));
        let (blocks, _) = bytes.as_chunks::<64>();
        for (index, block) in blocks.iter().enumerate() {
            // SAFETY: `block` has 64 bytes, so 32 can be read at its start and 32 from its middle; no alignment is
            // asked for.
            let (first, second) = unsafe {
                let pointer = block.as_ptr().cast::<__m256i>();
                (_mm256_loadu_si256(pointer), _mm256_loadu_si256(pointer.add(1)))
            };
            let (word_first, tilde_first) = classify(first, low, high);
            let (word_second, tilde_second) = classify(second, low, high);
            let masks = Masks {
                word: u64::from(word_first) | u64::from(word_second) << 32,
                tilde: u64::from(tilde_first) | u64::from(tilde_second) << 32,
            };
            state.step(masks, at + index * 64, runs);
        }
        blocks.len() * 64
    }

    #[target_feature(enable = "avx2")]
    fn table(entries: &[i8; 16]) -> __m128i {
        // SAFETY: `entries` has 16 bytes, all of which are read, without asking for alignment.
        unsafe { _mm_loadu_si128(entries.as_ptr().cast()) }
    }

    /// Which of 32 bytes are word bytes, and which are `~`. (A look-up by a byte of 128 or more gives 0.)
    #[target_feature(enable = "avx2")]
    fn classify(bytes: __m256i, low: __m256i, high: __m256i) -> (u32, u32) {
        let high_halves = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(0x0f));
        let groups =
            _mm256_and_si256(_mm256_shuffle_epi8(low, bytes), _mm256_shuffle_epi8(high, high_halves));
        let outside = _mm256_cmpeq_epi8(groups, _mm256_setzero_si256());
        let tildes = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'~' as i8));
        (!(_mm256_movemask_epi8(outside) as u32), _mm256_movemask_epi8(tildes) as u32)
    }
}
