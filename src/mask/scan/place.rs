//! The bytes that are searched, and the list of what was found in them.

use crate::mask::RuleIndex;
use crate::mask::rule::{ByteClass, RawSpan};
use crate::mask::verify::Tails;

/// What a match is found in.
pub(super) struct Place<'a, 'b> {
    pub bytes: &'a [u8],
    pub is_end: bool,
    pub tails: &'b mut Tails,
    pub out: &'b mut Vec<RawSpan>,
    /// Matches that start here are wanted.
    pub wanted: std::ops::Range<usize>,
}

impl Place<'_, '_> {
    /// Adds a match whose end goes on through `class`.
    pub(super) fn add(&mut self, rule: RuleIndex, start: usize, end: usize, class: ByteClass) {
        if !self.wanted.contains(&start) {
            return;
        }
        let end = self.tails.extend(class, self.bytes, end);
        let open = (end == self.bytes.len() && !self.is_end).then_some(class);
        let span = RawSpan { start, end, rule, open };
        if !self.out.iter().rev().take(4).any(|other| *other == span) {
            self.out.push(span);
        }
    }

    /// Adds a match that ends at `end` whatever follows.
    pub(super) fn add_closed(&mut self, rule: RuleIndex, start: usize, end: usize) {
        if self.wanted.contains(&start) {
            let span = RawSpan { start, end, rule, open: None };
            if !self.out.iter().rev().take(4).any(|other| *other == span) {
                self.out.push(span);
            }
        }
    }
}
