//! Pseudo-random numbers, the same everywhere for the same seed.

/// SplitMix64 (Steele, Lea and Flood 2014): fast, and good enough for text.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed ^ 0x7472_616e_7363_7269)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Returns a number in [0, 1).
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns true `percent` times in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Returns an index below `bound`, small ones far more often: words and names are used as Zipf says, roughly.
    pub fn skewed(&mut self, bound: usize) -> usize {
        let fraction = self.fraction();
        ((fraction * fraction * fraction) * bound as f64) as usize
    }

    /// Returns one of `choices`, the first ones far more often.
    pub fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.skewed(choices.len())]
    }

    /// Returns one of `choices`, each as often.
    pub fn choose<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// Returns a log-normal number: `median` times e to the power of a normal number of deviation `sigma`.
    pub fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        // The sum of twelve uniform numbers less six: normal enough, and no logarithm of zero.
        let normal = (0..12).map(|_| self.fraction()).sum::<f64>() - 6.0;
        median * (sigma * normal).exp()
    }

    /// Appends `count` characters drawn from `alphabet`, 64 of them.
    pub fn characters(&mut self, alphabet: &[u8; 64], count: usize, out: &mut Vec<u8>) {
        out.reserve(count);
        let mut left = count;
        while left > 0 {
            let mut bits = self.next();
            for _ in 0..left.min(10) {
                out.push(alphabet[(bits & 63) as usize]);
                bits >>= 6;
            }
            left -= left.min(10);
        }
    }

    /// Appends `count` lowercase hex digits.
    pub fn hex(&mut self, count: usize, out: &mut Vec<u8>) {
        self.characters(b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", count, out);
    }

    /// Appends base64.
    pub fn base64(&mut self, count: usize, out: &mut Vec<u8>) {
        self.characters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", count, out);
    }

    /// Appends base64 of the alphabet for URLs.
    pub fn base64_url(&mut self, count: usize, out: &mut Vec<u8>) {
        self.characters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", count, out);
    }

    /// Returns a UUID of version 4.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 50) & 0x3fff,
            low & 0xffff_ffff_ffff
        )
    }

    /// Returns an id as APIs give them: a prefix and so many letters and digits.
    pub fn id(&mut self, prefix: &str, count: usize) -> String {
        let mut id = prefix.as_bytes().to_vec();
        self.characters(b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789aeiou7", count, &mut id);
        String::from_utf8_lossy(&id).into_owned()
    }
}
