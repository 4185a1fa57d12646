//! Looks three bytes up among those that literals begin or end with. A miss, by far the most frequent answer, costs
//! one look into two kilobytes.

/// A bitmap and a sorted list of what is in it: three bytes, and which entries begin (or end) with them.
pub(crate) struct Stems {
    bits: Box<[u64; 256]>,
    entries: Vec<(u32, u16)>,
}

impl Stems {
    fn slot(stem: u32) -> usize {
        (stem.wrapping_mul(0x9e37_79b1) >> 18) as usize
    }

    pub(crate) fn new(mut entries: Vec<(u32, u16)>) -> Stems {
        entries.sort_unstable();
        let mut bits = Box::new([0; 256]);
        for &(stem, _) in &entries {
            bits[Stems::slot(stem) >> 6] |= 1 << (Stems::slot(stem) & 63);
        }
        Stems { bits, entries }
    }

    /// Whether there may be entries for `stem`.
    #[inline(always)]
    pub(crate) fn may_hold(&self, stem: u32) -> bool {
        let slot = Stems::slot(stem);
        self.bits[slot >> 6] >> (slot & 63) & 1 != 0
    }

    /// Returns the entries of `stem`.
    pub(crate) fn entries(&self, stem: u32) -> impl Iterator<Item = usize> + '_ {
        let from = self.entries.partition_point(|&(other, _)| other < stem);
        self.entries[from..]
            .iter()
            .take_while(move |&&(other, _)| other == stem)
            .map(|&(_, entry)| usize::from(entry))
    }
}

/// Returns the three bytes at `at` as one number.
#[inline(always)]
pub(crate) fn stem_of(bytes: &[u8], at: usize) -> u32 {
    u32::from(bytes[at]) | u32::from(bytes[at + 1]) << 8 | u32::from(bytes[at + 2]) << 16
}
