//! The parts of a stream in which secrets are looked for, and how much of what is around must be at hand.

use std::ops::Range;

/// How many bytes before a match's start may decide about it, pieces of messages aside: for these a window must hold
/// [`crate::mask::SHOWN`] bytes before the first wanted byte, or begin where the stream begins.
pub(crate) const LOOK_BEHIND: usize = 4 << 10;

/// How many bytes after a match's start may decide about it (its greedy end may lie further off), pieces of messages
/// aside: for these a window must hold [`crate::mask::SHOWN`] bytes after the last wanted byte, or end where the stream ends.
pub(crate) const LOOK_AHEAD: usize = 64 << 10;

/// Lines up to this length are looked at as wholes: a window must not cut them, their JSON is checked after
/// masking, and custom patterns see them at once. Longer ones (there are lines of 1 GiB) may be cut, at stream
/// offsets that are multiples of [`CUT`], and are masked by rules alone.
pub(crate) const LONG_LINE: usize = 4 << 20;

/// Where a line longer than [`LONG_LINE`] may be cut: stream offsets that are multiples of this.
pub(crate) const CUT: usize = 64 << 10;

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
    pub(crate) fn wanted_in_stream(&self) -> Range<u64> {
        self.offset + self.wanted.start as u64..self.offset + self.wanted.end as u64
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
