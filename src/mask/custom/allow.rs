//! What the user allows: matches that are left alone. Owns `allow_literals` and `allow_patterns`.

use crate::error::Result;
use crate::mask::custom::syntax;
use crate::mask::text::unescape::unescape;
use regex_automata::meta::Regex;
use std::collections::HashSet;

/// Longer matches are compared no further: allowing them is not what the lists are for.
const MAX_ALLOWED_BYTES: usize = 64 << 10;

/// The allowed texts and patterns.
pub(crate) struct Allowed {
    literals: HashSet<Vec<u8>>,
    patterns: Vec<Regex>,
}

impl Allowed {
    pub(crate) fn new(literals: &[String], patterns: &[String]) -> Result<Allowed> {
        syntax::check_count("allow_patterns", patterns.len())?;
        let patterns = patterns
            .iter()
            .enumerate()
            .map(|(index, pattern)| syntax::compile("allow_patterns", index + 1, pattern))
            .collect::<Result<Vec<_>>>()?;
        let literals = literals.iter().map(|literal| literal.as_bytes().to_vec()).collect();
        Ok(Allowed { literals, patterns })
    }

    /// Returns whether nothing is allowed, so that matches need not be looked at.
    pub(crate) fn is_empty(&self) -> bool {
        self.literals.is_empty() && self.patterns.is_empty()
    }

    /// Returns whether the match `matched` is to be left alone: it equals an allowed text, as it stands or with
    /// its escapes undone, or an allowed pattern matches in it.
    pub(crate) fn permits(&self, matched: &[u8]) -> bool {
        if matched.len() > MAX_ALLOWED_BYTES {
            return false;
        }
        self.literals.contains(matched)
            || (!self.literals.is_empty()
                && matched.contains(&b'\\')
                && self.literals.contains(&*unescape(matched)))
            || self.patterns.iter().any(|pattern| pattern.is_match(matched))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equal_text_or_a_pattern_inside_permits() {
        let allowed = Allowed::new(&["a/b-1".into()], &["^test-".into()]).unwrap();
        assert!(allowed.permits(b"a/b-1"));
        assert!(allowed.permits(br"a\/b-1"));
        assert!(!allowed.permits(b"a/b-12"));
        assert!(allowed.permits(b"test-key"));
        assert!(!allowed.permits(b"my-test-key"));
    }
}
