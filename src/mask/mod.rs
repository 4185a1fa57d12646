//! Finds secrets in bytes and replaces them. Never touches the filesystem (known values are handed in), never
//! logs, and keeps no byte of a secret longer than a session is worked on.

pub mod context;
pub mod escape;
pub mod judge;
pub mod pem;
#[doc(hidden)]
pub mod recipe;
pub mod rule;
pub mod rules;
pub mod scan;
pub mod verify;

use crate::error::Result;
use std::ops::Range;

/// How many bytes before a match's start may decide about it. A window must hold at least so many before the
/// first wanted byte, or begin where the stream begins.
pub const LOOK_BEHIND: usize = 4 << 10;

/// How many bytes after a match's start may decide about it (its greedy end may lie further off). A window must
/// hold at least so many after the last wanted byte, or end where the stream ends.
pub const LOOK_AHEAD: usize = 64 << 10;

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
}

/// What one look at a window found. Reused from window to window.
#[derive(Debug, Default)]
pub struct Findings {
    /// Sorted by start, not overlapping within one window; the last may end after the window's wanted range.
    pub spans: Vec<Span>,
    // private: ranges of values worth learning, lines worth a second look, an end that is still open
}

/// How much was masked, and by which rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines seen (a last line without a newline counts).
    pub lines: u64,
    /// Lines in which anything was masked.
    pub masked_lines: u64,
    /// Matches by rule index.
    pub by_rule: std::collections::BTreeMap<RuleIndex, u64>,
}

/// All rules, built once and shared by all threads.
pub struct Masker {}

/// What a thread reuses from block to block; one per worker thread.
#[derive(Default)]
pub struct Scratch {}

/// Values learned so far; wiped when dropped, and shown by no `Debug`.
#[derive(Default)]
pub struct Learned {}

impl Learned {
    /// Takes over what another thread learned from the same session.
    pub fn merge(&mut self, other: Learned) {
        let _ = other;
        unimplemented!()
    }
}

/// Secret values known from outside or learned from a session, ready to be searched for. Wiped when dropped.
pub struct KnownValues {}

impl Masker {
    /// Builds the masker.
    ///
    /// # Errors
    ///
    /// [`crate::error::Kind::Config`], naming the entry, the position and the way out, when a custom rule does not
    /// compile within its limits or an id in `disable_rules` does not exist.
    pub fn new(options: &Options) -> Result<Masker> {
        let _ = options;
        unimplemented!()
    }

    /// Returns a short text that changes whenever the built-in rules or the custom ones do.
    pub fn rules_version(&self) -> &str {
        unimplemented!()
    }

    /// Returns the id of a rule as users see it: `github-classic`.
    pub fn rule_id(&self, rule: RuleIndex) -> &str {
        let _ = rule;
        unimplemented!()
    }

    /// Finds what is to be masked among the matches that start in the window's wanted range, by rule alone.
    /// The findings depend on the stream only, not on how it is cut into windows.
    pub fn scan(&self, window: &Window, scratch: &mut Scratch, findings: &mut Findings) {
        let _ = (window, scratch, findings);
        unimplemented!()
    }

    /// Adds to `learned` the values that this window's findings teach about the session (`DB_PASSWORD=...`).
    pub fn learn(&self, window: &Window, findings: &Findings, learned: &mut Learned) {
        let _ = (window, findings, learned);
        unimplemented!()
    }

    /// Turns what was learned (in a session and all of its parts) into values to search for; `None` when there is
    /// nothing to search for.
    pub fn known(&self, learned: Learned) -> Option<KnownValues> {
        let _ = learned;
        unimplemented!()
    }

    /// Adds to `findings` where known values occur in the window's wanted range.
    pub fn find_known(&self, window: &Window, known: &KnownValues, findings: &mut Findings) {
        let _ = (window, known, findings);
        unimplemented!()
    }

    /// Appends the masked form of the window's wanted range to `out` and counts what it did.
    /// `masked_until` is the stream offset up to which a span from an earlier window reaches (0 if none).
    /// Returns `false`, with nothing appended, when nothing is masked: the bytes can be used as they are.
    pub fn rewrite(
        &self,
        window: &Window,
        findings: &Findings,
        masked_until: u64,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> bool {
        let _ = (window, findings, masked_until, scratch, out, tally);
        unimplemented!()
    }

    /// Returns `text` masked: for names and metadata, which are streams of their own.
    pub fn mask_text(&self, text: &str) -> String {
        let _ = text;
        unimplemented!()
    }
}
