//! Tells in a few instructions whether three bytes may be the stem of a literal: by looking up both halves of each
//! byte. A stem that is none is let through now and then; the list of literals is asked after it.

use crate::mask::sweep::literals::{BUCKETS, STEM_BYTES};

/// The buckets of literals are sixteen, eight for each half: as many as a byte has bits.
pub(crate) const HALVES: usize = 2;

/// For each half of the buckets, each byte of a stem and each value of the byte's low or high four bits: a bit for each
/// bucket that has a stem with such a byte.
pub(crate) struct Nibbles {
    pub low: [[[u8; 16]; STEM_BYTES]; HALVES],
    pub high: [[[u8; 16]; STEM_BYTES]; HALVES],
}

/// The table for all literals.
pub(crate) static NIBBLES: Nibbles = {
    let mut nibbles = Nibbles { low: [[[0; 16]; STEM_BYTES]; HALVES], high: [[[0; 16]; STEM_BYTES]; HALVES] };
    let mut bucket = 0;
    while bucket < BUCKETS.len() {
        let mut index = 0;
        while index < BUCKETS[bucket].len() {
            let literal = &BUCKETS[bucket][index];
            let mut byte = 0;
            while byte < STEM_BYTES {
                let value = literal.text[literal.stem_at + byte];
                nibbles.low[bucket / 8][byte][(value & 15) as usize] |= 1 << (bucket % 8);
                nibbles.high[bucket / 8][byte][(value >> 4) as usize] |= 1 << (bucket % 8);
                byte += 1;
            }
            index += 1;
        }
        bucket += 1;
    }
    nibbles
};

/// For each byte of a stem and each value of it: a bit for each bucket that both halves of the value occur in.
static BUCKETS_OF: [[u16; 256]; STEM_BYTES] = {
    let mut buckets = [[0; 256]; STEM_BYTES];
    let mut index = 0;
    while index < STEM_BYTES * 256 {
        let (byte, value) = (index / 256, index % 256);
        let mut half = 0;
        while half < HALVES {
            let both = NIBBLES.low[half][byte][value & 15] & NIBBLES.high[half][byte][value >> 4];
            buckets[byte][value] |= (both as u16) << (half * 8);
            half += 1;
        }
        index += 1;
    }
    buckets
};

/// Returns whether some literal may have this stem.
#[inline(always)]
pub(crate) fn may_be_stem(stem: [u8; STEM_BYTES]) -> bool {
    let [first, second, third] = stem.map(usize::from);
    BUCKETS_OF[0][first] & BUCKETS_OF[1][second] & BUCKETS_OF[2][third] != 0
}
