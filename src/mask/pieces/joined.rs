//! Pieces of a message joined. Owns how they are joined and where each letter of the joined text stands.
//!
//! What is found in a place depends on the stream alone: the stream is divided into segments of [`REACH`] bytes, and
//! what is masked in one is decided by the records in it and in the segments on both sides. So a secret is found whose
//! records take up to [`REACH`] bytes, whatever the windows are.

use crate::mask::pieces::record::{self, Piece};
use crate::mask::text::json_string;
use crate::mask::window::{LONG_LINE, Window};
use memchr::{memchr, memrchr};
use std::ops::Range;

/// How far apart the first and the last record of a secret may begin and end. Enough for a private key of 3,200 letters
/// (RSA with 4096 bits) that comes four letters at a time, in records of 300 bytes.
const REACH: usize = 256 << 10;

/// What a window must show before and after the wanted range, unless the stream begins or ends there.
pub(crate) const SHOWN: usize = 2 * REACH;

/// A text that begins so near the start of what is looked at may have begun before: what is found at its very first
/// letter may be the rest of a longer word.
const MAYBE_CUT: usize = REACH / 8;

/// The joined pieces of one message.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    pub text: Vec<u8>,
    /// For each byte of the text, where the character that it is part of begins in the bytes at hand.
    places: Vec<usize>,
    /// Where each piece begins in the text, and where its content ends in the bytes at hand. In order.
    pieces: Vec<(usize, usize)>,
    /// Whether the first byte of the text may be the middle of a word.
    is_cut: bool,
    decoded: Vec<u8>,
    origins: Vec<u32>,
}

impl Joined {
    fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
        self.pieces.clear();
    }

    fn add(&mut self, bytes: &[u8], at: &Range<usize>) {
        self.decoded.clear();
        self.origins.clear();
        json_string::decode(&bytes[at.clone()], &mut self.decoded, Some(&mut self.origins));
        self.pieces.push((self.text.len(), at.end));
        self.text.extend_from_slice(&self.decoded);
        self.places.extend(self.origins.iter().map(|&origin| at.start + origin as usize));
    }

    /// Adds a line end, which stands nowhere in the bytes at hand, at the end of the last piece.
    fn add_break(&mut self) {
        if let Some(&(_, end)) = self.pieces.last() {
            self.text.push(b'\n');
            self.places.push(end);
        }
    }

    /// Returns whether a part of the text stands in more than one piece.
    pub(crate) fn is_divided(&self, part: &Range<usize>) -> bool {
        let mut places = 0;
        self.each_place(part.clone(), |_| places += 1);
        places > 1
    }

    /// Returns whether what begins at `start` in the text begins in `wanted` of the bytes at hand.
    pub(crate) fn begins_in(&self, start: usize, wanted: &Range<usize>) -> bool {
        self.places.get(start).is_some_and(|place| wanted.contains(place))
    }

    /// Returns whether a match of this part of the text is to be believed.
    pub(crate) fn is_whole(&self, part: &Range<usize>) -> bool {
        part.start > 0 || !self.is_cut
    }

    /// Calls `found` with each range of the bytes at hand in which a part of the text stands: one a piece, in order.
    pub(crate) fn each_place(&self, part: Range<usize>, mut found: impl FnMut(Range<usize>)) {
        let first = self.pieces.partition_point(|piece| piece.0 <= part.start).saturating_sub(1);
        for (index, &(start, content_end)) in self.pieces.iter().enumerate().skip(first) {
            if start >= part.end {
                return;
            }
            let end = self.pieces.get(index + 1).map_or(self.text.len(), |next| next.0);
            let (from, until) = (part.start.max(start), part.end.min(end));
            if from < until {
                let place_end = if until == end { content_end } else { self.places[until] };
                if self.places[from] < place_end {
                    found(self.places[from]..place_end);
                }
            }
        }
    }
}

/// Calls `found` with each joined text of messages of which a piece may stand in the window's wanted range, and with
/// the part of that range in which matches are wanted of it. A text may come twice, with and without line ends where
/// other records stand between its pieces: whether a message went on there or another began is not known.
pub(crate) fn each_joined(window: &Window, found: &mut dyn FnMut(&Joined, &Range<usize>)) {
    let (bytes, wanted) = (window.bytes, &window.wanted);
    if record::find_sign(bytes, wanted.clone()).is_none() {
        return;
    }
    let into = |at: usize| ((window.offset + at as u64) % REACH as u64) as usize;
    let first = wanted.start.saturating_sub(into(wanted.start) + REACH);
    let last = wanted.end.saturating_add(2 * REACH - into(wanted.end)).min(bytes.len());
    let pieces = gather(window, first..last);
    if pieces.is_empty() {
        return;
    }
    let mut joined = Joined::default();
    let mut start = wanted.start;
    while start < wanted.end {
        let segment_end = start + REACH - into(start);
        let end = segment_end.min(wanted.end);
        let context = Context {
            at: start.saturating_sub(into(start) + REACH)..(segment_end + REACH).min(bytes.len()),
            is_from_start: window.offset + start as u64 <= (into(start) + REACH) as u64,
        };
        join_segment(bytes, &pieces, &context, start..end, &mut joined, found);
        start = end;
    }
    join_lists(bytes, &pieces, wanted, &mut joined, found);
}

/// What is looked at for one segment.
struct Context {
    at: Range<usize>,
    is_from_start: bool,
}

fn join_segment(
    bytes: &[u8],
    pieces: &[Piece],
    context: &Context,
    wanted: Range<usize>,
    joined: &mut Joined,
    found: &mut dyn FnMut(&Joined, &Range<usize>),
) {
    let from = pieces.partition_point(|piece| piece.line.start < context.at.start);
    let until = pieces.partition_point(|piece| piece.line.start < context.at.end);
    let is_wanted = |piece: &Piece| piece.at.start < wanted.end && wanted.start < piece.at.end;
    let is_near = |piece: &&Piece| piece.line.end <= context.at.end && !is_list(piece);
    if !pieces[from..until].iter().any(is_wanted) {
        return;
    }
    let mut near: Vec<&Piece> = pieces[from..until].iter().filter(is_near).collect();
    // Stable: the pieces of a message stay in order.
    near.sort_by_key(|piece| piece.key);
    for message in near.chunk_by(|one, other| one.key == other.key) {
        if message.len() > 1 && message.iter().any(|piece| is_wanted(piece)) {
            joined.is_cut = !context.is_from_start && message[0].line.start < context.at.start + MAYBE_CUT;
            join(bytes, message, &wanted, joined, found);
        }
    }
}

/// Lists in one record that is longer than [`REACH`] are joined on their own, whole: no window cuts their line.
fn join_lists(
    bytes: &[u8],
    pieces: &[Piece],
    wanted: &Range<usize>,
    joined: &mut Joined,
    found: &mut dyn FnMut(&Joined, &Range<usize>),
) {
    for line in pieces.chunk_by(|one, other| one.line == other.line) {
        let is_wanted = line[0].line.start < wanted.end && wanted.start < line[0].line.end;
        if !is_list(&line[0]) || !is_wanted {
            continue;
        }
        let mut list: Vec<&Piece> = line.iter().collect();
        list.sort_by_key(|piece| piece.key);
        for message in list.chunk_by(|one, other| one.key == other.key) {
            joined.is_cut = false;
            join(bytes, message, wanted, joined, found);
        }
    }
}

fn is_list(piece: &Piece) -> bool {
    piece.line.len() > REACH
}

fn join(
    bytes: &[u8],
    message: &[&Piece],
    wanted: &Range<usize>,
    joined: &mut Joined,
    found: &mut dyn FnMut(&Joined, &Range<usize>),
) {
    for is_broken in [false, true] {
        let mut any_break = false;
        joined.clear();
        for (index, piece) in message.iter().enumerate() {
            let before = index.checked_sub(1).map(|before| &message[before].line);
            if let Some(before) =
                before.filter(|before| **before != piece.line && before.end + 1 != piece.line.start)
            {
                let is_border = is_border(&bytes[before.end.min(piece.line.start)..piece.line.start]);
                any_break |= !is_border;
                if is_broken || is_border {
                    joined.add_break();
                }
            }
            joined.add(bytes, &piece.at);
        }
        if !is_broken || any_break {
            found(joined, wanted);
        }
    }
}

/// Returns whether what stands between two pieces says that a message ended there or another one began.
fn is_border(between: &[u8]) -> bool {
    const LOOKED_AT: usize = 4 << 10;
    let signs: [&[u8]; 7] = [
        b"_stop\"",
        b"_start\"",
        b".done\"",
        b".completed\"",
        b".created\"",
        b"\"type\":\"user\"",
        b"\"role\":\"user\"",
    ];
    let head = &between[..between.len().min(LOOKED_AT)];
    let tail = &between[between.len().saturating_sub(LOOKED_AT).max(head.len())..];
    [head, tail].iter().any(|part| signs.iter().any(|sign| memchr::memmem::find(part, sign).is_some()))
}

/// Returns all pieces in the lines that lie in `range`, and in the lines that reach over its ends and are longer than
/// [`REACH`]. In order.
fn gather(window: &Window, range: Range<usize>) -> Vec<Piece> {
    let bytes = window.bytes;
    let mut pieces = Vec::new();
    let mut from = range.start;
    while let Some(at) = record::find_sign(bytes, from..range.end) {
        // Nothing before `from` needs to be searched again, but the line that `range` begins in.
        let back = if from == range.start { at.saturating_sub(LONG_LINE) } else { from };
        let line_start = match memrchr(b'\n', &bytes[back..at]) {
            Some(newline) => Some(back + newline + 1),
            None if back == from && from != range.start => Some(from),
            None => (back == 0 && window.offset == 0).then_some(0),
        };
        let ahead = bytes.len().min(at.saturating_add(LONG_LINE));
        let line_end = match memchr(b'\n', &bytes[at..ahead]) {
            Some(newline) => Some(at + newline),
            None => (window.is_end && ahead == bytes.len()).then_some(ahead),
        };
        if let (Some(start), Some(end)) = (line_start, line_end)
            && end - start <= LONG_LINE
            // A list that is joined on its own matters where it stands only.
            && (end - start <= REACH || start < window.wanted.end && window.wanted.start < end)
        {
            record::pieces_of(bytes, start..end, &mut pieces);
        }
        let Some(end) = line_end else {
            // The rest of a line that is too long: its end is searched for once.
            match memchr(b'\n', &bytes[ahead..range.end.max(ahead)]) {
                Some(newline) => from = ahead + newline + 1,
                None => break,
            }
            continue;
        };
        from = end + 1;
        if from >= range.end {
            break;
        }
    }
    pieces
}

/// Returns where the first line with a piece begins, of the whole lines in `range`.
pub(crate) fn first_record(bytes: &[u8], range: Range<usize>) -> Option<usize> {
    let mut from = range.start;
    let mut pieces = Vec::new();
    while let Some(at) = record::find_sign(bytes, from..range.end) {
        let start = memrchr(b'\n', &bytes[from..at]).map_or(from, |newline| from + newline + 1);
        let end = memchr(b'\n', &bytes[at..range.end]).map_or(range.end, |newline| at + newline);
        if end - start <= LONG_LINE {
            record::pieces_of(bytes, start..end, &mut pieces);
        }
        if !pieces.is_empty() {
            return Some(start);
        }
        from = (end + 1).min(range.end);
    }
    None
}

#[cfg(test)]
#[path = "joined_tests.rs"]
mod tests;
