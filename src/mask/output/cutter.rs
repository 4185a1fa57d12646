//! Cuts the end of a stream into windows. Owns what is held back: lines until they are complete, a private key until it is
//! over, and of a line that is too long to be held, what a rule may look at.

use crate::mask::pem;
use crate::mask::pieces::{self, SHOWN};
use crate::mask::scan::LABEL_REACH;
use crate::mask::window::{CUT, LONG_LINE, LOOK_AHEAD, Window};
use memchr::memmem;

/// What stays in front of a cut in a long line: enough for a match that starts just before the cut, and for those
/// that join in its label.
const HELD_BYTES: usize = LOOK_AHEAD + LABEL_REACH as usize;

/// So many bytes at least, of records that hold pieces of messages, are looked at together.
const LEAST_SETTLED: usize = SHOWN / 4;

/// Returns where `literal` stands last. There is none, as a rule, and forwards that is known much sooner.
fn last(bytes: &[u8], literal: &[u8]) -> Option<usize> {
    memmem::find(bytes, literal).and_then(|_| memmem::rfind(bytes, literal))
}

/// Holds the end of a stream and cuts windows from it.
#[derive(Default)]
pub(crate) struct Cutter {
    bytes: Vec<u8>,
    /// Offset of `bytes[0]` in the stream.
    offset: u64,
    /// How many of the bytes are dealt with and only stay for looking back.
    done: usize,
    /// Up to where there is no newline after `done`.
    searched: usize,
    /// Up to where no piece of a message stands after `done`.
    without_pieces: usize,
    /// Whether a record with a piece stands right there.
    is_record_next: bool,
}

impl Cutter {
    /// Makes a cutter of what follows the first `offset` bytes of a stream, the last of which are `before`.
    pub(crate) fn resumed(offset: u64, before: &[u8]) -> Cutter {
        let done = before.len();
        Cutter {
            bytes: before.to_vec(),
            offset: offset - done as u64,
            done,
            searched: done,
            ..Cutter::default()
        }
    }

    /// Takes the next bytes of the stream.
    pub(crate) fn append(&mut self, input: &[u8]) {
        self.bytes.extend_from_slice(input);
    }

    /// Returns the next window, if enough is at hand.
    pub(crate) fn window(&mut self, is_end: bool) -> Option<Window<'_>> {
        let end = if is_end { self.bytes.len() } else { self.decided()? };
        if end <= self.done {
            return None;
        }
        Some(Window { bytes: &self.bytes, offset: self.offset, wanted: self.done..end, is_end })
    }

    /// Returns up to where nothing that comes can change what is masked.
    fn decided(&mut self) -> Option<usize> {
        let from = self.searched.max(self.done);
        match memchr::memrchr(b'\n', &self.bytes[from..]) {
            Some(newline) => {
                let end = from + newline + 1;
                let held = self.open_key(end).unwrap_or(end);
                let held = self.open_message(held);
                // Looked at again with the next push if anything is held back.
                self.searched = held;
                (held > self.done).then_some(held)
            }
            None => {
                self.searched = self.bytes.len();
                let ahead = (self.bytes.len() - self.done).saturating_sub(HELD_BYTES);
                let is_long =
                    self.is_within_long_line() || self.bytes.len() - self.done > LONG_LINE + HELD_BYTES;
                if !is_long || ahead == 0 {
                    return None;
                }
                let cut = self.offset + (self.done + ahead) as u64;
                let cut = (cut - cut % CUT as u64).saturating_sub(self.offset) as usize;
                (cut > self.done).then_some(cut)
            }
        }
    }

    /// Returns up to where, of the lines that end at `end`, no piece of a message stands that may still go on.
    fn open_message(&mut self, end: usize) -> usize {
        let from = self.without_pieces.max(self.done).min(end);
        if !self.is_record_next || self.without_pieces < self.done {
            let record = pieces::first_record(&self.bytes, from..end);
            self.is_record_next = record.is_some();
            self.without_pieces = record.unwrap_or(end);
        }
        if !self.is_record_next {
            return end;
        }
        let line = self.without_pieces.min(end);
        let settled = self.bytes.len().saturating_sub(SHOWN);
        // Each window looks at all around it: lines are let go many at a time.
        if settled < line + LEAST_SETTLED {
            return line;
        }
        memchr::memrchr(b'\n', &self.bytes[line..settled.min(end)]).map_or(line, |newline| line + newline + 1)
    }

    /// Returns whether the line that goes on at `done` was cut.
    fn is_within_long_line(&self) -> bool {
        self.done > 0 && self.bytes[self.done - 1] != b'\n'
    }

    /// Returns the start of the line in which a private key begins that has not ended before `end`, as long as it
    /// may still go on.
    fn open_key(&self, end: usize) -> Option<usize> {
        let lines = &self.bytes[self.done..end];
        let is_open = |begin: &usize| lines.len() - begin <= HELD_BYTES;
        let pem = last(lines, b"-----BEGIN")
            .filter(|&begin| memmem::find(&lines[begin..], b"-----END").is_none())
            .filter(is_open);
        let putty =
            last(lines, b"Private-Lines: ").filter(|&begin| pem::lines_go_on(lines, begin)).filter(is_open);
        let begin = [pem, putty, pem::open_tail(lines)].into_iter().flatten().min()?;
        Some(self.done + memchr::memrchr(b'\n', &lines[..begin]).map_or(0, |newline| newline + 1))
    }

    /// Notes that all before `end` is dealt with, and forgets what is not needed for looking back.
    pub(crate) fn take(&mut self, end: usize) {
        self.done = end;
        let forgotten = end.saturating_sub(SHOWN);
        // What stays is moved: not for every line anew.
        if forgotten < SHOWN {
            return;
        }
        self.bytes.drain(..forgotten);
        self.offset += forgotten as u64;
        self.done -= forgotten;
        self.searched = self.searched.saturating_sub(forgotten);
        self.without_pieces = self.without_pieces.saturating_sub(forgotten);
    }
}
