//! Finds secrets in bytes and replaces them. Never touches the filesystem (but for [`outside`], which gathers known
//! values), never logs, and keeps no byte of a secret longer than a session is worked on.

mod allow;
pub(crate) mod context;
mod custom;
mod custom_syntax;
pub(crate) mod escape;
mod json;
pub(crate) mod judge;
mod known;
mod learned;
mod masker;
mod name;
mod name_shape;
pub(crate) mod outside;
pub(crate) mod pem;
mod pieces;
mod placeholder;
#[doc(hidden)]
pub mod recipe;
#[doc(hidden)]
pub(crate) mod reference;
mod rewrite;
pub(crate) mod rule;
pub(crate) mod rules;
pub(crate) mod scan;
mod scanners;
mod second_look;
pub(crate) mod stream;
mod template;
mod union;
pub(crate) mod verify;
mod wide;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use known::{HitCounts, KnownValues};
pub use learned::Learned;
pub use masker::Masker;
pub(crate) use masker::RuleInfo;
pub(crate) use pieces::SHOWN;
#[cfg(test)]
pub(crate) use stream::StreamLearner;
pub use stream::StreamMasker;

use std::collections::BTreeMap;
use std::ops::Range;

/// How many bytes before a match's start may decide about it, pieces of messages aside: for these a window must hold
/// [`SHOWN`] bytes before the first wanted byte, or begin where the stream begins.
pub(crate) const LOOK_BEHIND: usize = 4 << 10;

/// How many bytes after a match's start may decide about it (its greedy end may lie further off), pieces of messages
/// aside: for these a window must hold [`SHOWN`] bytes after the last wanted byte, or end where the stream ends.
pub(crate) const LOOK_AHEAD: usize = 64 << 10;

/// Lines up to this length are looked at as wholes: a window must not cut them, their JSON is checked after
/// masking, and custom patterns see them at once. Longer ones (there are lines of 1 GiB) may be cut, at stream
/// offsets that are multiples of [`CUT`], and are masked by rules alone.
pub(crate) const LONG_LINE: usize = 4 << 20;

/// Where a line longer than [`LONG_LINE`] may be cut: stream offsets that are multiples of this.
pub(crate) const CUT: usize = 64 << 10;

/// Index of a rule in the masker's table (built-in rules first, then custom ones).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleIndex(pub u16);

/// One piece of bytes that is to be masked; holds no bytes itself. Offsets count from the start of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: u64,
    pub end: u64,
    pub rule: RuleIndex,
}

/// Custom rules and choices, as the configuration gives them; see [`Masker::new`].
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `mask_patterns`: regex and replacement template in Python's syntax (`\1`, `\g<name>`).
    pub patterns: Vec<(String, String)>,
    /// `mask_literals`.
    pub literals: Vec<String>,
    /// `allow_literals`: a match that equals one of them is left alone.
    pub allow_literals: Vec<String>,
    /// `allow_patterns`: a match in which one of these regexes matches is left alone.
    pub allow_patterns: Vec<String>,
    /// `disable_rules`: ids of built-in rules.
    pub disable_rules: Vec<String>,
    /// Key for the short tags of `"placeholders": "tagged"`; none: no tags.
    pub tag_key: Option<[u8; 32]>,
}

/// A part of a stream, with its surroundings, to look for secrets in.
#[derive(Clone, Debug)]
pub struct Window<'a> {
    /// The bytes at hand.
    pub bytes: &'a [u8],
    /// Offset of `bytes[0]` in the stream.
    pub offset: u64,
    /// Which matches are wanted: those that start in this range of `bytes`.
    pub wanted: Range<usize>,
    /// Whether the stream ends where `bytes` ends.
    pub is_end: bool,
}

impl<'a> Window<'a> {
    /// Returns a window on a stream that is in memory (or mapped) as a whole, for the matches that start in `wanted`.
    pub fn of_whole(bytes: &'a [u8], wanted: Range<usize>) -> Window<'a> {
        Window { bytes, offset: 0, wanted, is_end: true }
    }

    /// Returns the wanted range in offsets of the stream.
    fn wanted_in_stream(&self) -> Range<u64> {
        self.offset + self.wanted.start as u64..self.offset + self.wanted.end as u64
    }
}

/// What one look at a window found. Reused from window to window; holds offsets, never bytes.
#[derive(Debug, Default)]
pub struct Findings {
    /// Sorted by start, not overlapping within one window; the last may end after the window's wanted range.
    pub spans: Vec<Span>,
    /// For each span, the match that gave it its label.
    labels: Vec<union::Match>,
    /// Values (as they stand in the stream) that are to be masked elsewhere in the session, too.
    taught: Vec<Range<u64>>,
    /// What was counted in a range of the stream.
    counted: Option<(Range<u64>, Counts)>,
    /// Set when the last span reached the end of the bytes at hand and may go on in the next window.
    open: Option<rule::ByteClass>,
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
    fn may_have_pieces(&self, window: &Window) -> bool {
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

    /// Returns the bytes of memory that the findings take.
    pub fn heap_bytes(&self) -> usize {
        self.spans.capacity() * size_of::<Span>()
            + self.labels.capacity() * size_of::<union::Match>()
            + self.taught.capacity() * size_of::<Range<u64>>()
    }

    /// Returns the stream offset up to which spans reach, given how far those of earlier windows did: what
    /// [`Masker::rewrite`] wants to know about the windows before.
    pub fn masked_until(&self, before: u64) -> u64 {
        before.max(self.spans.last().map_or(0, |span| span.end))
    }
}

/// What is counted while other things are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub newlines: u64,
    pub nul_bytes: u64,
    /// Whether there may be runs of letters and escaped NULs in or around.
    pub has_escaped_nuls: bool,
    /// Whether there may be records that hold pieces of a message.
    pub has_pieces: bool,
}

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
    first_masked: bool,
    /// Whether the line that the last window ended within was masked.
    last_masked: bool,
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

/// What a thread reuses from block to block; one per worker thread.
#[derive(Default)]
pub struct Scratch {
    /// What the scanners of built-in rules reuse.
    scanners: scanners::ScannerScratch,
    /// Matches of all rules, before overlapping ones are joined.
    matches: Vec<union::Match>,
    /// What rewriting a line reuses.
    line: second_look::LineScratch,
}
