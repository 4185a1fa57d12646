//! The scan of one window for known values, whose matches join the spans that rules have found.

use crate::mask::findings::{Findings, Match, Span};
use crate::mask::masker::Masker;
use crate::mask::masker::table::KNOWN_RULE;
use crate::mask::rule::Specificity;
use crate::mask::scan::scratch::Scratch;
use crate::mask::scan::union::{LABEL_REACH, join};
use crate::mask::values::{HitCounts, KnownValues, Learned};
use crate::mask::window::Window;
use crate::mask::{pem, pieces};

impl Masker {
    /// Turns what was learned (in a session and all of its parts) into values to search for; `None` when there is
    /// nothing to search for.
    pub fn known(&self, learned: Learned) -> Option<KnownValues> {
        KnownValues::of_learned(&learned, |value| self.permits(value))
    }

    /// Adds to `findings` where known values occur in the window's wanted range.
    pub fn find_known(&self, window: &Window, known: &KnownValues, findings: &mut Findings) {
        let mut matches = Vec::new();
        known.each(window, &window.wanted, &mut |at, _| {
            if !self.permits(&window.bytes[at.clone()]) {
                matches.push(Match {
                    start: window.offset + at.start as u64,
                    end: window.offset + at.end as u64,
                    rule: KNOWN_RULE,
                    specificity: Specificity::Value,
                });
            }
        });
        if known.has_private_key() {
            self.find_lines_of_keys(window, &mut matches);
        }
        if findings.may_have_pieces(window) {
            pieces::find_known(self, window, known, &mut matches);
        }
        if matches.is_empty() {
            return;
        }
        // Spans found by rule join in as they are: whole, and with their labels.
        matches.sort_unstable_by_key(|one| (one.start, std::cmp::Reverse(one.end)));
        let spans = std::mem::take(&mut findings.spans);
        let labels = std::mem::take(&mut findings.labels);
        merge(matches, spans.into_iter().zip(labels).collect(), findings);
        self.extend_past_the_end(window, &mut Scratch::default(), findings);
    }

    /// Adds lines that may be out of the middle of a private key.
    fn find_lines_of_keys(&self, window: &Window, matches: &mut Vec<Match>) {
        pem::middle_lines(window.bytes, &window.wanted, &mut |line| {
            if !self.permits(&window.bytes[line.clone()]) {
                matches.push(Match {
                    start: window.offset + line.start as u64,
                    end: window.offset + line.end as u64,
                    rule: self.private_key_rule,
                    specificity: Specificity::Value,
                });
            }
        });
    }

    /// Counts where values that could be words or names occur in the window's wanted range. Worth a pass over the whole
    /// session only if [`KnownValues::must_be_counted`].
    pub fn count_known(&self, window: &Window, known: &KnownValues, counts: &mut HitCounts) {
        known.count(window, counts);
    }
}

/// Joins known values with spans that rules have found.
fn merge(matches: Vec<Match>, spans: Vec<(Span, Match)>, findings: &mut Findings) {
    let (mut known_spans, mut known_labels) = (Vec::new(), Vec::new());
    let mut matches = matches;
    join(&mut matches, &mut known_spans, &mut known_labels);
    let mut all: Vec<(Span, Match)> = known_spans.into_iter().zip(known_labels).chain(spans).collect();
    all.sort_by_key(|(span, label)| {
        (span.start, std::cmp::Reverse(label.specificity), std::cmp::Reverse(span.end))
    });
    for (span, label) in all {
        match (findings.spans.last_mut(), findings.labels.last_mut()) {
            (Some(last), Some(last_label)) if span.start < last.end => {
                last.end = last.end.max(span.end);
                if label.specificity > last_label.specificity && label.start - last.start <= LABEL_REACH {
                    *last_label = label;
                    last.rule = label.rule;
                }
            }
            _ => {
                findings.spans.push(span);
                findings.labels.push(label);
            }
        }
    }
}
