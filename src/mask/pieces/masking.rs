//! What is masked, and what is taught, in the joined pieces of messages. Owns how what the scanners find in a joined text
//! becomes matches where its pieces stand.

use super::{Joined, each_joined};
use crate::mask::rule::Specificity;
use crate::mask::scanners::ScannerScratch;
use crate::mask::union::Match;
use crate::mask::{KnownValues, Masker, Window};
use std::ops::Range;

impl Masker {
    /// Adds what all rules find in the joined pieces of messages, as far as it stands in the window's wanted range.
    pub(in crate::mask) fn collect_in_pieces(&self, window: &Window, matches: &mut Vec<Match>) {
        each_joined(window, &mut |joined, wanted| {
            self.collect_joined(joined, window.offset, wanted, matches);
        });
    }

    /// Adds what all rules find in the joined pieces of a message.
    fn collect_joined(&self, joined: &Joined, offset: u64, wanted: &Range<usize>, matches: &mut Vec<Match>) {
        let text = Window::of_whole(&joined.text, 0..joined.text.len());
        let mut parts: Vec<Range<usize>> = Vec::new();
        self.scanners.scan(&text, &mut ScannerScratch::default(), &mut |found| {
            if !self.rules[usize::from(found.rule)].disabled && found.start < found.end {
                parts.push(found.start..found.end);
            }
        });
        self.custom.find(&text, &self.protected, &mut |found| {
            let part = found.start as usize..found.end as usize;
            // Within a piece it is found as it stands, and has its own replacement.
            if joined.is_divided(&part) {
                parts.push(part);
            }
        });
        parts.retain(|part| joined.is_whole(part) && !self.permits(&joined.text[part.clone()]));
        self.add_parts(joined, parts, offset, wanted, matches);
    }

    /// Calls `found` with each value that teaches in the joined pieces of a message, and the text that it stands in.
    pub(in crate::mask) fn each_taught_in_pieces(
        &self,
        window: &Window,
        found: &mut dyn FnMut(&[u8], Range<usize>),
    ) {
        each_joined(window, &mut |joined, wanted| {
            let text = Window::of_whole(&joined.text, 0..joined.text.len());
            self.scanners.scan(&text, &mut ScannerScratch::default(), &mut |one| {
                let rule = &self.rules[usize::from(one.rule)];
                let part = one.start..one.end;
                let teaches = rule.teaches && !rule.disabled && !part.is_empty() && joined.is_whole(&part);
                // Of one that begins elsewhere, the end may be out of sight.
                if teaches
                    && joined.begins_in(part.start, wanted)
                    && !self.permits(&joined.text[part.clone()])
                {
                    found(&joined.text, part);
                }
            });
        });
    }

    /// Adds the places in which parts of a joined text stand, as far as they begin in `wanted`.
    fn add_parts(
        &self,
        joined: &Joined,
        mut parts: Vec<Range<usize>>,
        offset: u64,
        wanted: &Range<usize>,
        matches: &mut Vec<Match>,
    ) {
        parts.sort_unstable_by_key(|part| part.start);
        // Of overlapping parts, one placeholder.
        parts.dedup_by(|next, last| {
            let overlap = next.start < last.end;
            if overlap {
                last.end = last.end.max(next.end);
            }
            overlap
        });
        for part in parts {
            let mut rule = self.in_pieces_rule;
            joined.each_place(part, |place| {
                if wanted.contains(&place.start) {
                    let (start, end) = (offset + place.start as u64, offset + place.end as u64);
                    matches.push(Match { start, end, rule, specificity: Specificity::Value });
                }
                rule = self.piece_after_rule;
            });
        }
    }

    /// Adds where known values occur in the joined pieces of messages, in more than one of them.
    pub(in crate::mask) fn find_known_in_pieces(
        &self,
        window: &Window,
        known: &KnownValues,
        matches: &mut Vec<Match>,
    ) {
        each_joined(window, &mut |joined, wanted| {
            let text = Window::of_whole(&joined.text, 0..joined.text.len());
            let mut parts = Vec::new();
            known.each(&text, &text.wanted, &mut |part, _| {
                if joined.is_divided(&part)
                    && joined.is_whole(&part)
                    && !self.permits(&joined.text[part.clone()])
                {
                    parts.push(part);
                }
            });
            self.add_parts(joined, parts, window.offset, wanted, matches);
        });
    }
}
