//! What was found in a window: spans that do not overlap, the match that labels each, and what was counted on the way.

use crate::mask::rule::{RuleIndex, Specificity};
use crate::mask::text::class::ByteClass;
use crate::mask::window::{Counts, Window};
use std::ops::Range;

/// One piece of bytes that is to be masked; holds no bytes itself. Offsets count from the start of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: u64,
    pub end: u64,
    pub rule: RuleIndex,
}

impl Span {
    /// Returns where the span is in a window's bytes, clipped to `range`.
    pub(crate) fn within(&self, offset: u64, range: &Range<usize>) -> Range<usize> {
        let local = |at: u64| usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
        local(self.start).clamp(range.start, range.end)..local(self.end).clamp(range.start, range.end)
    }
}

/// One match of one rule; offsets count from the start of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub start: u64,
    pub end: u64,
    pub rule: RuleIndex,
    pub specificity: Specificity,
}

impl Match {
    /// Returns whether this match labels a span better than `other`, which starts no later: by what it says,
    /// and among equals by where it starts, how long it is, and its place in the table.
    pub(crate) fn labels_better_than(&self, other: &Match) -> bool {
        let key = |one: &Match| {
            (one.specificity, std::cmp::Reverse(one.start), one.end - one.start, std::cmp::Reverse(one.rule))
        };
        key(self) > key(other)
    }
}

/// What one look at a window found. Reused from window to window; holds offsets, never bytes.
#[derive(Debug, Default)]
pub struct Findings {
    /// Sorted by start, not overlapping within one window; the last may end after the window's wanted range.
    pub spans: Vec<Span>,
    /// For each span, the match that gave it its label.
    pub(crate) labels: Vec<Match>,
    /// Values (as they stand in the stream) that are to be masked elsewhere in the session, too.
    pub(crate) taught: Vec<Range<u64>>,
    /// What was counted in a range of the stream.
    pub(crate) counted: Option<(Range<u64>, Counts)>,
    /// Set when the last span reached the end of the bytes at hand and may go on in the next window.
    pub(crate) open: Option<ByteClass>,
}

impl Findings {
    /// Forgets everything, keeps the memory.
    pub fn clear(&mut self) {
        self.spans.clear();
        self.labels.clear();
        self.taught.clear();
        self.counted = None;
        self.open = None;
    }

    /// Returns what was counted in `range` of the stream, if that range was looked at.
    pub fn counts(&self, range: &Range<u64>) -> Option<Counts> {
        self.counted.as_ref().filter(|(counted, _)| counted == range).map(|(_, counts)| *counts)
    }

    /// Returns whether there may be records in the window's wanted range that hold pieces of a message.
    pub(crate) fn may_have_pieces(&self, window: &Window) -> bool {
        self.counts(&window.wanted_in_stream()).is_none_or(|counts| counts.has_pieces)
    }

    /// Becomes the findings of a `range` of the stream in which there is nothing but what was counted.
    pub fn set_nothing_but(&mut self, range: Range<u64>, counts: Counts) {
        self.clear();
        self.counted = Some((range, counts));
    }

    /// Returns whether the last span reached the end of a window that is not the stream's end: a window that shows
    /// more is needed to know where it ends.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Returns those that start in `range` of the stream.
    pub(crate) fn within(&self, range: &Range<u64>) -> Findings {
        let (spans, labels) = self
            .spans
            .iter()
            .zip(&self.labels)
            .filter(|(span, _)| range.contains(&span.start))
            .map(|(span, label)| (*span, *label))
            .unzip();
        Findings { spans, labels, ..Findings::default() }
    }

    /// Returns the bytes of memory that the findings take.
    pub fn heap_bytes(&self) -> usize {
        self.spans.capacity() * size_of::<Span>()
            + self.labels.capacity() * size_of::<Match>()
            + self.taught.capacity() * size_of::<Range<u64>>()
    }

    /// Returns the stream offset up to which spans reach, given how far those of earlier windows did: what
    /// [`crate::mask::Masker::rewrite`] wants to know about the windows before.
    pub fn masked_until(&self, before: u64) -> u64 {
        before.max(self.spans.last().map_or(0, |span| span.end))
    }
}
