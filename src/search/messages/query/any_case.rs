//! Finds a literal of ASCII characters in whatever case its letters are.
//!
//! Where text is unpacked as fast as it is searched, a regular expression for it would cost more than all the rest. So three
//! of its rarest bytes are compared at 64 places at once, with the bit that tells cases apart set on both sides, in loops
//! that compilers turn into vector instructions.

/// Places that are compared at once.
const LANES: usize = 64;

/// The bit that a lower-case letter of ASCII has and its upper-case one has not. Set on what is no letter, it makes some
/// bytes equal that are not: a match is looked at again.
const CASE_BIT: u8 = 0x20;

/// Finds one literal.
#[derive(Clone, Debug)]
pub(super) struct AnyCase {
    literal: Vec<u8>,
    /// Where in the literal its three rarest bytes stand, and the bytes.
    rare: [(usize, u8); 3],
}

impl AnyCase {
    /// Returns what finds `literal`, which is ASCII and not empty.
    pub(super) fn new(literal: &str) -> AnyCase {
        let literal = literal.as_bytes().to_ascii_lowercase();
        let mut places: Vec<usize> = (0..literal.len()).collect();
        places.sort_by_key(|at| std::cmp::Reverse(rarity(literal[*at])));
        let place = |nth: usize| {
            let at = places[nth.min(places.len() - 1)];
            (at, literal[at] | CASE_BIT)
        };
        AnyCase { rare: [place(0), place(1), place(2)], literal }
    }

    /// Returns where the literal stands first in `bytes` at or behind `from`.
    pub(super) fn find(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let starts = (bytes.len() + 1).checked_sub(self.literal.len())?;
        let mut at = from;
        let [(first, a), (second, b), (third, c)] = self.rare;
        while at + LANES <= starts {
            let lanes = |offset: usize| bytes[at + offset..].first_chunk::<LANES>();
            let (Some(x), Some(y), Some(z)) = (lanes(first), lanes(second), lanes(third)) else { break };
            let mut any = 0;
            for lane in 0..LANES {
                let is_first = u8::from(x[lane] | CASE_BIT == a);
                let is_second = u8::from(y[lane] | CASE_BIT == b);
                let is_third = u8::from(z[lane] | CASE_BIT == c);
                any |= is_first & is_second & is_third;
            }
            if any != 0
                && let Some(found) = (at..at + LANES).find(|start| self.stands_at(bytes, *start))
            {
                return Some(found);
            }
            at += LANES;
        }
        (at..starts).find(|start| self.stands_at(bytes, *start))
    }

    fn stands_at(&self, bytes: &[u8], start: usize) -> bool {
        let (at, rarest) = self.rare[0];
        bytes[start + at] | CASE_BIT == rarest
            && bytes[start..start + self.literal.len()].eq_ignore_ascii_case(&self.literal)
    }
}

/// Returns how seldom a byte is met in transcripts, roughly: from 1 for blanks and vowels to 8.
pub(super) fn rarity(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' | b't' => 1,
        b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 2,
        b'l' | b'd' | b'c' | b'u' | b'p' | b'm' | b'-' | b'_' | b',' | b':' | b'.' => 3,
        b'h' | b'f' | b'g' | b'b' | b'y' | b'0'..=b'9' => 4,
        b'w' | b'v' | b'k' => 5,
        b'x' | b'j' | b'z' | b'q' => 7,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_literal_is_found_in_any_case_and_at_any_place() {
        let finder = AnyCase::new("Needle");
        for before in 0..200 {
            let text = format!("{}nEEdLe{}", "n".repeat(before), "x".repeat(before / 3));
            assert_eq!(finder.find(text.as_bytes(), 0), Some(before), "{before}");
            assert_eq!(finder.find(text.as_bytes(), before + 1), None, "{before}");
        }
        assert_eq!(finder.find(b"needl", 0), None);
        assert_eq!(finder.find(b"", 0), None);
        assert_eq!(AnyCase::new("[").find(b"{ [", 0), Some(2), "bytes that differ by the bit of the case");
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_search_finds(text in "[abAB \\[{]{0,300}", literal in "[abAB\\[]{1,4}", from in 0usize..50) {
            let lower = text.to_ascii_lowercase();
            let expected = lower.get(from..).and_then(|rest| rest.find(&literal.to_ascii_lowercase())).map(|at| from + at);
            prop_assert_eq!(AnyCase::new(&literal).find(text.as_bytes(), from), expected);
        }
    }
}
