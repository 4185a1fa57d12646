//! The scan of one window: the matches of all rules, without the allowed ones, joined where they overlap.

use crate::mask::built_in::ScannerScratch;
use crate::mask::findings::{Findings, Match};
use crate::mask::masker::Masker;
use crate::mask::pieces;
use crate::mask::scan::scratch::Scratch;
use crate::mask::scan::union::{LABEL_REACH, extend, join};
use crate::mask::text::wide;
use crate::mask::window::{Counts, Window};
use std::ops::Range;

impl Masker {
    /// Finds what is to be masked among the matches that start in the window's wanted range, by rule alone.
    /// The findings depend on the stream only, not on how it is cut into windows.
    pub fn scan(&self, window: &Window, scratch: &mut Scratch, findings: &mut Findings) {
        findings.clear();
        let counts = self.collect(window, window.wanted.clone(), scratch, findings, true);
        findings.counted = Some((window.wanted_in_stream(), counts));
        if scratch.matches.is_empty() {
            return;
        }
        join(&mut scratch.matches, &mut findings.spans, &mut findings.labels);
        self.extend_past_the_end(window, scratch, findings);
    }

    /// Lets what starts after the wanted range, but within the last span, take part in that span's extent and
    /// label, as it does when the window goes on.
    pub(crate) fn extend_past_the_end(
        &self,
        window: &Window,
        scratch: &mut Scratch,
        findings: &mut Findings,
    ) {
        let mut from = window.wanted.end;
        loop {
            let Some(last) = findings.spans.last() else { return };
            let until = last.end.min(last.start + LABEL_REACH + 1).saturating_sub(window.offset);
            let until =
                usize::try_from(until).map_or(window.bytes.len(), |until| until.min(window.bytes.len()));
            if until <= from {
                return;
            }
            self.collect(window, from..until, scratch, findings, false);
            scratch.matches.sort_unstable_by_key(|one| (one.start, std::cmp::Reverse(one.end), one.rule));
            for one in &scratch.matches {
                if findings.spans.last().is_some_and(|last| one.start < last.end) {
                    extend(one, &mut findings.spans, &mut findings.labels);
                }
            }
            from = until;
        }
    }

    /// Gathers in `scratch.matches` the allowed-for matches of all rules that start in `wanted`. Returns what was
    /// counted there.
    fn collect(
        &self,
        window: &Window,
        wanted: Range<usize>,
        scratch: &mut Scratch,
        findings: &mut Findings,
        teach: bool,
    ) -> Counts {
        let part = Window { wanted, ..window.clone() };
        let Scratch { scanners, matches, .. } = scratch;
        matches.clear();
        let permits = |start: u64, end: u64| {
            let at = |offset: u64| ((offset - window.offset) as usize).min(window.bytes.len());
            self.permits(&window.bytes[at(start)..at(end)])
        };
        let counts = self.scanners.scan(&part, scanners, &mut |found| {
            let rule = self.rule(found.rule);
            let (start, end) = (window.offset + found.start as u64, window.offset + found.end as u64);
            if rule.disabled || end <= start || permits(start, end) {
                return;
            }
            if teach && rule.teaches {
                findings.taught.push(start..end);
            }
            if found.open.is_some() {
                findings.open = found.open;
            }
            matches.push(Match { start, end, rule: found.rule, specificity: rule.specificity });
        });
        if wide::may_have(window.bytes, &part.wanted, &counts) {
            self.collect_wide(&part, matches);
        }
        self.custom.find(&part, &self.protected, &mut |found| {
            if !permits(found.start, found.end) {
                matches.push(found);
            }
        });
        if counts.has_pieces {
            pieces::collect(self, &part, matches);
        }
        counts
    }

    /// Adds what the built-in rules find in letters with a NUL between them.
    fn collect_wide(&self, window: &Window, matches: &mut Vec<Match>) {
        let mut scratch = ScannerScratch::default();
        wide::runs(window.bytes, window.offset, &window.wanted, &mut |run, wanted| {
            let text = Window::of_whole(&run.text, 0..run.text.len());
            self.scanners.scan(&text, &mut scratch, &mut |found| {
                let rule = self.rule(found.rule);
                let place = run.place(found.start..found.end.max(found.start + 1));
                let is_permitted = self.permits(&run.text[found.start..found.end]);
                if rule.disabled || is_permitted || !wanted.contains(&place.start) {
                    return;
                }
                let (start, end) = (window.offset + place.start as u64, window.offset + place.end as u64);
                matches.push(Match { start, end, rule: found.rule, specificity: rule.specificity });
            });
        });
    }
}
