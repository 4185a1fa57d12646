//! Sets of ASCII bytes, and runs of the bytes of a set. Owns the sets that several rooms speak of; knows no rule.

/// A set of ASCII bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteClass(pub u128);

impl ByteClass {
    /// Returns the set of the bytes of `members`, in which `a-z` stands for a range (so a `-` comes first or last).
    pub(crate) const fn of(members: &str) -> ByteClass {
        let members = members.as_bytes();
        let (mut bits, mut at) = (0u128, 0);
        while at < members.len() {
            let first = members[at];
            let is_range = at + 2 < members.len() && members[at + 1] == b'-';
            let last = if is_range { members[at + 2] } else { first };
            let mut byte = first;
            while byte <= last {
                bits |= 1 << byte;
                byte += 1;
            }
            at += if is_range { 3 } else { 1 };
        }
        ByteClass(bits)
    }

    /// Returns the bytes of either set.
    pub(crate) const fn or(self, other: ByteClass) -> ByteClass {
        ByteClass(self.0 | other.0)
    }

    /// Whether `byte` is in the set.
    #[inline]
    pub(crate) const fn contains(self, byte: u8) -> bool {
        byte < 128 && (self.0 >> byte) & 1 == 1
    }
}

pub(crate) const WORD: ByteClass = ByteClass::of("A-Za-z0-9_-");
pub(crate) const ALNUM: ByteClass = ByteClass::of("A-Za-z0-9");
pub(crate) const LOWER: ByteClass = ByteClass::of("a-z0-9");
pub(crate) const UPPER: ByteClass = ByteClass::of("A-Z0-9");
pub(crate) const DIGITS: ByteClass = ByteClass::of("0-9");
pub(crate) const HEX: ByteClass = ByteClass::of("0-9a-f");
pub(crate) const ANY_HEX: ByteClass = ByteClass::of("0-9A-Fa-f");
pub(crate) const BASE32: ByteClass = ByteClass::of("A-Z2-7");
pub(crate) const BASE64: ByteClass = ByteClass::of("A-Za-z0-9+/=");

/// Returns `at`, or where the slash stands if backslashes and then a slash stand at `at`.
pub(crate) fn step_over_slash_escape(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at) != Some(&b'\\') {
        return at;
    }
    let backslashes = bytes[at..].iter().take(16).take_while(|&&byte| byte == b'\\').count();
    if bytes.get(at + backslashes) == Some(&b'/') { at + backslashes } else { at }
}

/// Returns where a run of `class` at `at` ends, and how many of its bytes there are: at most `most`. Where the class
/// holds `/`, it may be written `\/`.
pub(crate) fn match_run(class: ByteClass, most: usize, bytes: &[u8], mut at: usize) -> (usize, usize) {
    let slashes = class.contains(b'/');
    let mut count = 0;
    while count < most && at < bytes.len() {
        if class.contains(bytes[at]) {
            at += 1;
            count += 1;
            continue;
        }
        let slash = if slashes { step_over_slash_escape(bytes, at) } else { at };
        if slash == at {
            break;
        }
        at = slash + 1;
        count += 1;
    }
    (at, count)
}

/// Returns the start of the longest run of `class` that ends at `end`, at most `most` bytes.
pub(crate) fn run_before(class: ByteClass, most: usize, bytes: &[u8], end: usize) -> usize {
    end - bytes[..end].iter().rev().take(most).take_while(|&&byte| class.contains(byte)).count()
}

/// Returns whether all `bytes` are of `class`.
pub(crate) fn all(class: ByteClass, bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| class.contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_before_are_bounded() {
        assert_eq!(run_before(WORD, 3, b"abcdef", 6), 3);
        assert_eq!(run_before(DIGITS, 9, b"ab12", 4), 2);
    }
}
