//! The bytes that are searched, and the list of what was found in them.

use crate::mask::rule::{Hit, TokenRule};
use crate::mask::text::class::ByteClass;
use crate::mask::tokens::pattern::Tails;

/// A window in which tokens are searched for, and what was found so far.
pub(crate) struct Search<'a, 'b> {
    pub bytes: &'a [u8],
    pub is_end: bool,
    pub tails: &'b mut Tails,
    pub out: &'b mut Vec<Hit<TokenRule>>,
    /// Matches that start here are wanted.
    pub wanted: std::ops::Range<usize>,
}

impl Search<'_, '_> {
    /// Adds a match whose end goes on through `class`.
    pub(crate) fn add(&mut self, rule: TokenRule, start: usize, end: usize, class: ByteClass) {
        if !self.wanted.contains(&start) {
            return;
        }
        let end = self.tails.extend(class, self.bytes, end);
        let open = (end == self.bytes.len() && !self.is_end).then_some(class);
        let hit = Hit { start, end, rule, open };
        if !self.out.iter().rev().take(4).any(|other| *other == hit) {
            self.out.push(hit);
        }
    }

    /// Adds a match that ends at `end` whatever follows.
    pub(crate) fn add_closed(&mut self, rule: TokenRule, start: usize, end: usize) {
        if self.wanted.contains(&start) {
            let hit = Hit { start, end, rule, open: None };
            if !self.out.iter().rev().take(4).any(|other| *other == hit) {
                self.out.push(hit);
            }
        }
    }
}
