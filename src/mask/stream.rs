//! Masks a stream of unknown length piece by piece, in bounded memory, with exactly the bytes that masking it as a
//! whole gives. Owns what is held back: lines until they are complete, a private key until it is over, and of a
//! line that is too long to be held, what a rule may look at.

use super::pem;
use super::pieces;
use super::rule::ByteClass;
use super::union::LABEL_REACH;
use super::{CUT, Findings, KnownValues, LONG_LINE, LOOK_AHEAD, Masker, SHOWN, Scratch, Tally, Window};
use memchr::memmem;

/// Input is taken in steps of this many bytes, so that one huge push needs no more memory than many small ones.
const STEP_BYTES: usize = 1 << 20;

/// What stays in front of a cut in a long line: enough for a match that starts just before the cut, and for those
/// that join in its label.
const HELD_BYTES: usize = LOOK_AHEAD + LABEL_REACH as usize;

/// So many bytes at least, of records that hold pieces of messages, are looked at together.
const LEAST_SETTLED: usize = SHOWN / 4;

/// Masks a stream by rules and, if given, by known values.
///
/// Whole lines come out with the push that completes them, so that a filter in a pipe does not wait, with three
/// exceptions: from a line with the beginning of a private key (`-----BEGIN`, `Private-Lines: `) on, lines are held
/// until the key ends or 64 KiB have gone by; lines that may be the last ones of a key (`MIIE...` and nothing that it
/// begins with) are held until a line says what they are, 4 KiB of them at most; and from a record with a piece of a
/// message on, until 640 KiB have gone by, because what the next pieces say may make a secret of it.
pub struct StreamMasker<'a> {
    masker: &'a Masker,
    known: Option<&'a KnownValues>,
    cutter: Cutter,
    masked_until: u64,
    /// What the span that ends at `masked_until` goes on with, if the bytes at hand ended there.
    open: Option<ByteClass>,
    scratch: Scratch,
    findings: Findings,
    tally: Tally,
}

impl<'a> StreamMasker<'a> {
    pub fn new(masker: &'a Masker, known: Option<&'a KnownValues>) -> StreamMasker<'a> {
        StreamMasker {
            masker,
            known,
            cutter: Cutter::default(),
            masked_until: 0,
            open: None,
            scratch: Scratch::default(),
            findings: Findings::default(),
            tally: Tally::default(),
        }
    }

    /// Makes a masker of what follows the first `offset` bytes of a stream, which end with a line and were masked already:
    /// `before` are the last [`SHOWN`] bytes of them, or all; matches in them reach up to `masked_until`.
    pub fn resumed(
        masker: &'a Masker,
        known: Option<&'a KnownValues>,
        offset: u64,
        before: &[u8],
        masked_until: u64,
        tally: Tally,
    ) -> StreamMasker<'a> {
        let mut resumed = StreamMasker::new(masker, known);
        let done = before.len();
        resumed.cutter = Cutter {
            bytes: before.to_vec(),
            offset: offset - done as u64,
            done,
            searched: done,
            ..Cutter::default()
        };
        (resumed.masked_until, resumed.tally) = (masked_until, tally);
        resumed
    }

    /// Takes the next bytes of the stream and appends to `out` what is decided of its masked form.
    pub fn push(&mut self, input: &[u8], out: &mut Vec<u8>) {
        for step in input.chunks(STEP_BYTES) {
            self.cutter.append(step);
            self.advance(false, out);
        }
    }

    /// Appends the rest and returns what was counted.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Tally {
        self.advance(true, out);
        self.tally
    }

    fn advance(&mut self, is_end: bool, out: &mut Vec<u8>) {
        while let Some(window) = self.cutter.window(is_end) {
            if let Some(open) = self.open {
                let from = (self.masked_until - window.offset) as usize;
                let extent = window.bytes[from..].iter().take_while(|&&byte| open.contains(byte)).count();
                self.masked_until += extent as u64;
                if from + extent < window.bytes.len() {
                    self.open = None;
                }
            }
            self.masker.scan(&window, &mut self.scratch, &mut self.findings);
            if let Some(known) = self.known {
                self.masker.find_known(&window, known, &mut self.findings);
            }
            let (findings, scratch, tally) = (&self.findings, &mut self.scratch, &mut self.tally);
            if !self.masker.rewrite(&window, findings, self.masked_until, scratch, out, tally) {
                out.extend_from_slice(&window.bytes[window.wanted.clone()]);
            }
            let until = findings.masked_until(self.masked_until);
            if until == window.offset + window.bytes.len() as u64 && until > self.masked_until {
                self.open = findings.open;
            }
            self.masked_until = until;
            let taken = window.wanted.end;
            self.cutter.take(taken);
        }
    }
}

/// Gathers what a stream teaches, without writing anything: the first of two passes over a stream that is masked
/// with what it taught in the second.
#[cfg(test)]
pub(crate) struct StreamLearner<'a> {
    masker: &'a Masker,
    cutter: Cutter,
    scratch: Scratch,
    findings: Findings,
    learned: super::Learned,
}

#[cfg(test)]
impl<'a> StreamLearner<'a> {
    pub(crate) fn new(masker: &'a Masker) -> StreamLearner<'a> {
        StreamLearner {
            masker,
            cutter: Cutter::default(),
            scratch: Scratch::default(),
            findings: Findings::default(),
            learned: super::Learned::default(),
        }
    }

    /// Takes the next bytes of the stream.
    pub(crate) fn push(&mut self, input: &[u8]) {
        for step in input.chunks(STEP_BYTES) {
            self.cutter.append(step);
            self.advance(false);
        }
    }

    /// Returns what the stream taught.
    pub(crate) fn finish(mut self) -> super::Learned {
        self.advance(true);
        self.learned
    }

    fn advance(&mut self, is_end: bool) {
        while let Some(window) = self.cutter.window(is_end) {
            self.masker.scan(&window, &mut self.scratch, &mut self.findings);
            self.masker.learn(&window, &self.findings, &mut self.learned);
            let taken = window.wanted.end;
            self.cutter.take(taken);
        }
    }
}

/// Returns where `literal` stands last. There is none, as a rule, and forwards that is known much sooner.
fn last(bytes: &[u8], literal: &[u8]) -> Option<usize> {
    memmem::find(bytes, literal).and_then(|_| memmem::rfind(bytes, literal))
}

/// Holds the end of a stream and cuts windows from it.
#[derive(Default)]
struct Cutter {
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
    fn append(&mut self, input: &[u8]) {
        self.bytes.extend_from_slice(input);
    }

    /// Returns the next window, if enough is at hand.
    fn window(&mut self, is_end: bool) -> Option<Window<'_>> {
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
    fn take(&mut self, end: usize) {
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
