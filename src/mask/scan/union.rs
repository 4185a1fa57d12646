//! Joins the matches of all rules into spans that do not overlap. Owns which match labels a span.

use crate::mask::findings::{Match, Span};

/// Only matches that start at most so many bytes after a span's first byte take part in choosing its label, so
/// that a window need not look on without end to know it.
pub(crate) const LABEL_REACH: u64 = 4 << 10;

/// Sorts `matches` and appends their union to `spans`, with the match that labels each to `labels`. Matches that
/// merely touch are not joined. What `spans` already holds ends before the first match starts.
pub(crate) fn join(matches: &mut [Match], spans: &mut Vec<Span>, labels: &mut Vec<Match>) {
    matches.sort_unstable_by_key(|one| (one.start, std::cmp::Reverse(one.end), one.rule));
    for one in matches.iter() {
        extend(one, spans, labels);
    }
}

/// Adds one match that starts no earlier than all before it.
pub(crate) fn extend(one: &Match, spans: &mut Vec<Span>, labels: &mut Vec<Match>) {
    match (spans.last_mut(), labels.last_mut()) {
        (Some(span), Some(label)) if one.start < span.end => {
            span.end = span.end.max(one.end);
            if one.start - span.start <= LABEL_REACH && one.labels_better_than(label) {
                *label = *one;
                span.rule = one.rule;
            }
        }
        _ => {
            spans.push(Span { start: one.start, end: one.end, rule: one.rule });
            labels.push(*one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::rule::{RuleIndex, Specificity};

    fn a_match(start: u64, end: u64, rule: u16, specificity: Specificity) -> Match {
        Match { start, end, rule: RuleIndex(rule), specificity }
    }

    #[test]
    fn overlapping_matches_become_one_span_with_the_label_that_says_most() {
        let mut matches = [
            a_match(30, 40, 1, Specificity::Value),
            a_match(4, 20, 7, Specificity::Provider),
            a_match(0, 10, 3, Specificity::Context),
        ];
        let (mut spans, mut labels) = (Vec::new(), Vec::new());
        join(&mut matches, &mut spans, &mut labels);
        assert_eq!(spans.len(), 2);
        assert_eq!((spans[0].start, spans[0].end, spans[0].rule), (0, 20, RuleIndex(7)));
        assert_eq!(labels[0].start, 4);
        assert_eq!((spans[1].start, spans[1].end), (30, 40));
    }

    #[test]
    fn among_equals_the_longer_of_two_that_start_together_is_the_label() {
        let mut matches =
            [a_match(0, 10, 1, Specificity::Provider), a_match(0, 12, 2, Specificity::Provider)];
        let (mut spans, mut labels) = (Vec::new(), Vec::new());
        join(&mut matches, &mut spans, &mut labels);
        assert_eq!(spans, [Span { start: 0, end: 12, rule: RuleIndex(2) }]);
    }
}
