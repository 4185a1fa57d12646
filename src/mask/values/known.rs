//! Known values, ready to be searched for: secrets that are known from outside the session or that the session itself gave
//! away elsewhere. Owns the search for all of their spellings at once.

use crate::mask::values::learned::Learned;
use crate::mask::values::name_use::{is_nameable, uses_as_name};
use crate::mask::values::spelling::{MIN_SPELLING_BYTES, Spelling, add_spellings};
use crate::mask::values::worth::Likeness;
use crate::mask::window::Window;
use std::ops::Range;
use zeroize::{Zeroize, Zeroizing};

/// A value that looks like a word and stands alone more often than this in a session is one.
const MAX_HITS_OF_A_WORD: u64 = 100;

/// A value that the session declares once, or calls, looks into or derives names from more often than this, is the name
/// of something in its code.
const MAX_USES_AS_A_NAME: u64 = 1;

/// Distance of the places looked at.
const STRIDE: usize = MIN_SPELLING_BYTES - SAMPLE_BYTES + 1;

/// Bytes looked at in each place.
const SAMPLE_BYTES: usize = 5;

/// Places looked at together.
const PLACES: usize = 8;

/// Bytes that looking at so many places reads.
const STEP_BYTES: usize = (PLACES - 1) * STRIDE + 8;

/// Secret values known from outside or learned from a session, ready to be searched for. Wiped when dropped.
pub struct KnownValues {
    spellings: Vec<Spelling>,
    /// The samples of all spellings, as a set of hashes: one bit each, few of them set.
    filter: Zeroizing<Vec<u64>>,
    /// The same samples with the spelling they are of and where they begin in it; sorted.
    samples: Zeroizing<Vec<Sample>>,
    /// Values that look like words.
    wordy: Vec<bool>,
    /// Values that have the form of an identifier, whatever they look like.
    nameable: Vec<bool>,
    /// Whether a private key is among them, out of whose middle lines may stand anywhere.
    has_private_key: bool,
}

/// Five bytes of a spelling.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sample {
    hash: u32,
    spelling: u32,
    /// Where in the spelling they begin: less than [`STRIDE`].
    at: u8,
}

impl Zeroize for Sample {
    fn zeroize(&mut self) {
        self.hash.zeroize();
    }
}

/// How often values that could be words or names were found; see `Masker::count_known`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HitCounts {
    by_value: Vec<u64>,
    /// Of those, the ones where it is used as code uses a name.
    as_name: Vec<u64>,
}

impl HitCounts {
    /// Takes over what was counted in another part of the same session.
    pub fn merge(&mut self, other: &HitCounts) {
        for (mine, others) in [(&mut self.by_value, &other.by_value), (&mut self.as_name, &other.as_name)] {
            mine.resize(mine.len().max(others.len()), 0);
            mine.iter_mut().zip(others).for_each(|(mine, others)| *mine += others);
        }
    }
}

impl std::fmt::Debug for KnownValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KnownValues({} values)", self.wordy.len())
    }
}

impl KnownValues {
    /// Makes values to search for of what was learned (in a session and all of its parts), but of those that may stay;
    /// `None` when there is nothing to search for.
    pub(crate) fn of_learned(learned: &Learned, may_stay: impl Fn(&[u8]) -> bool) -> Option<KnownValues> {
        let mut spellings = Vec::new();
        let (mut wordy, mut nameable) = (Vec::new(), Vec::new());
        for (value, likeness) in &learned.values {
            if !may_stay(value.bytes()) && !learned.names.contains(value) {
                add_spellings(value.bytes(), *likeness, wordy.len(), &mut spellings);
                wordy.push(*likeness == Likeness::Word);
                nameable.push(is_nameable(value.bytes()));
            }
        }
        KnownValues::of(spellings, wordy, nameable, learned.has_private_key)
    }

    /// Counts where values that could be words or names occur in the window's wanted range.
    pub(crate) fn count(&self, window: &Window, counts: &mut HitCounts) {
        counts.by_value.resize(self.wordy.len(), 0);
        counts.as_name.resize(self.wordy.len(), 0);
        self.each(window, &window.wanted, &mut |at, value| {
            counts.by_value[value] += 1;
            if self.nameable[value] {
                counts.as_name[value] += uses_as_name(window.bytes, &at);
            }
        });
    }

    /// Returns whether a private key is among them, out of whose middle lines may stand anywhere.
    pub(crate) fn has_private_key(&self) -> bool {
        self.has_private_key
    }

    fn of(
        spellings: Vec<Spelling>,
        wordy: Vec<bool>,
        nameable: Vec<bool>,
        has_private_key: bool,
    ) -> Option<KnownValues> {
        if spellings.is_empty() && !has_private_key {
            return None;
        }
        let mut samples = Zeroizing::new(Vec::with_capacity(spellings.len() * STRIDE));
        for (index, spelling) in spellings.iter().enumerate() {
            for at in 0..STRIDE {
                let mut eight = [0; 8];
                eight[..SAMPLE_BYTES].copy_from_slice(&spelling.bytes[at..at + SAMPLE_BYTES]);
                samples.push(Sample { hash: hash(eight), spelling: index as u32, at: at as u8 });
            }
        }
        samples.sort_unstable();
        // Sixty-four bits a sample keep false hits near one in a hundred; at least 8 KiB, which any cache holds.
        let bits = (samples.len() * 64).next_power_of_two().max(1 << 16);
        let mut filter = Zeroizing::new(vec![0u64; bits / 64]);
        let mask = filter.len() - 1;
        samples.iter().for_each(|sample| filter[sample.hash as usize >> 6 & mask] |= 1 << (sample.hash & 63));
        Some(KnownValues { spellings, filter, samples, wordy, nameable, has_private_key })
    }

    /// Returns whether there are values that could be words or names, of which it pays to know how they occur.
    pub fn must_be_counted(&self) -> bool {
        self.wordy.contains(&true) || self.nameable.contains(&true)
    }

    /// Drops the values that look like words and are so common in the session that they must be words, and those that
    /// its code uses as names.
    pub fn settle(self, counts: &HitCounts) -> Option<KnownValues> {
        let KnownValues { spellings, wordy, nameable, has_private_key, .. } = self;
        let exceeds =
            |counts: &[u64], value: usize, most: u64| counts.get(value).is_some_and(|&it| it > most);
        let is_dropped = |value: usize| {
            wordy[value] && exceeds(&counts.by_value, value, MAX_HITS_OF_A_WORD)
                || nameable[value] && exceeds(&counts.as_name, value, MAX_USES_AS_A_NAME)
        };
        let kept = spellings.into_iter().filter(|spelling| !is_dropped(spelling.value)).collect();
        KnownValues::of(kept, wordy, nameable, has_private_key)
    }

    /// Hands out every occurrence that starts in `wanted`, with the index of its value. Occurrences may overlap.
    pub(crate) fn each(
        &self,
        window: &Window,
        wanted: &Range<usize>,
        found: &mut dyn FnMut(Range<usize>, usize),
    ) {
        if self.spellings.is_empty() {
            return;
        }
        let bytes = window.bytes;
        // The byte before a base64 middle belongs to the match: the middle may start right after the range.
        let last = bytes.len().min(wanted.end.saturating_add(MIN_SPELLING_BYTES));
        let mut place = wanted.start;
        let mut compare_at = |place: usize, hash: u32| {
            let from = self.samples.partition_point(|sample| sample.hash < hash);
            for sample in self.samples[from..].iter().take_while(|sample| sample.hash == hash) {
                let spelling = &self.spellings[sample.spelling as usize];
                let start = place.checked_sub(usize::from(sample.at));
                if let Some(at) = start.and_then(|start| spelling.at(bytes, start))
                    && wanted.contains(&at.start)
                {
                    found(at, spelling.value);
                }
            }
        };
        let (filter, mask) = (self.filter.as_slice(), self.filter.len() - 1);
        let is_known = |hash: u32| filter[hash as usize >> 6 & mask] >> (hash & 63) & 1;
        while let Some(step) = bytes[place..].first_chunk::<STEP_BYTES>() {
            if place >= last {
                return;
            }
            // Without a branch for each place: hits are rare, and the places independent of each other.
            let mut hashes = [0; PLACES];
            let mut any = 0;
            for (index, slot) in hashes.iter_mut().enumerate() {
                let mut eight = [0; 8];
                eight.copy_from_slice(&step[index * STRIDE..index * STRIDE + 8]);
                *slot = hash(eight);
                any |= is_known(*slot);
            }
            if any != 0 {
                for (index, &hash) in hashes.iter().enumerate().filter(|(_, hash)| is_known(**hash) != 0) {
                    compare_at(place + index * STRIDE, hash);
                }
            }
            place += PLACES * STRIDE;
        }
        while place < last {
            let mut eight = [0; 8];
            let rest = &bytes[place..bytes.len().min(place + 8)];
            eight[..rest.len()].copy_from_slice(rest);
            if rest.len() >= SAMPLE_BYTES {
                compare_at(place, hash(eight));
            }
            place += STRIDE;
        }
    }
}

/// Hashes the first five of eight bytes.
#[inline(always)]
fn hash(eight: [u8; 8]) -> u32 {
    let bits = u64::from_le_bytes(eight) << (64 - 8 * SAMPLE_BYTES);
    (bits.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}
