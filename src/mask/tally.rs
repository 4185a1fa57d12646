//! How much was masked, and by which rules; added up part by part.

use crate::mask::rule::RuleIndex;
use std::collections::BTreeMap;

/// How much was masked, and by which rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines seen (a last line without a newline counts).
    pub lines: u64,
    /// Lines in which anything was masked.
    pub masked_lines: u64,
    /// Matches by rule index.
    pub by_rule: BTreeMap<RuleIndex, u64>,
    /// Whether the line that the first window began in (and maybe all of the stream so far) was masked.
    pub(crate) first_masked: bool,
    /// Whether the line that the last window ended within was masked.
    pub(crate) last_masked: bool,
}

impl Tally {
    /// Returns the tally of whole lines in which nothing is masked.
    pub fn of_lines(lines: u64) -> Tally {
        Tally { lines, ..Tally::default() }
    }

    /// Adds what was counted in the part of the stream that follows. A line that was cut between the two counts
    /// once in `lines` (where its newline stands) and once in `masked_lines`.
    pub fn merge(&mut self, later: &Tally) {
        let joined = self.last_masked && later.first_masked;
        let first = self.first_masked || (self.lines == 0 && later.first_masked);
        self.last_masked = later.last_masked || (later.lines == 0 && self.last_masked);
        self.first_masked = first;
        self.lines += later.lines;
        self.masked_lines += later.masked_lines - u64::from(joined);
        for (rule, count) in &later.by_rule {
            *self.by_rule.entry(*rule).or_insert(0) += count;
        }
    }
}
