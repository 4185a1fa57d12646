//! Text that is decoded again in each phase, because there is too much of it to be held: a window of it is in memory, which
//! moves forward with the blocks that are asked for.
//!
//! Each [`Reader`] (a block being worked on) says by what it asks for where it is. What lies behind all of them is
//! forgotten; one that is far ahead waits for the last one, which never waits, so that nobody has to start over because
//! another was faster. What is decoded again is compared, piece by piece, with what was decoded first: text that is given
//! is never of another state of the file.

use crate::engine::session::changes::{changed, changing};
use crate::error::Result;
use crate::input::{Source, Text};
use crate::platform::sync::lock;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, TryLockError, Weak};
use std::thread::{self, ThreadId};

/// Bytes of text in a piece.
const PIECE_BYTES: u64 = 1 << 20;

/// A reader may ask for what begins so far before the place that it asked for last: the block before it, and what the
/// masker looks at around one.
const BACK_BYTES: u64 = 2 << 20;

/// Text kept before the furthest place where a reader was: for a block that was handed out and has not asked for anything
/// yet.
const BEHIND_BYTES: u64 = 8 << 20;

/// A reader that needs more text waits while another is so far behind the end of what it needs.
const AHEAD_BYTES: u64 = 12 << 20;

/// The first and the last bytes are kept: they are asked for before the first block is.
const END_BYTES: usize = 128 << 10;

/// Streams that have a decoder and a window at once. Those of a session are worked on one after the other.
const MOST_AWAKE: usize = 2;

type Hash = [u8; 16];

/// What all text was when it was decoded first: hashes of its pieces, and its ends.
#[derive(Default)]
pub(crate) struct Proof {
    hashes: Vec<Hash>,
    hasher: Box<blake3::Hasher>,
    bytes: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Proof {
    /// Takes in the next bytes of the text.
    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        self.head.extend_from_slice(&bytes[..bytes.len().min(END_BYTES - self.head.len())]);
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(END_BYTES)..]);
        self.tail.drain(..self.tail.len().saturating_sub(END_BYTES));
        while !bytes.is_empty() {
            let room = (PIECE_BYTES - self.bytes % PIECE_BYTES) as usize;
            let (now, rest) = bytes.split_at(bytes.len().min(room));
            self.hasher.update(now);
            self.bytes += now.len() as u64;
            if self.bytes.is_multiple_of(PIECE_BYTES) {
                self.end_piece();
            }
            bytes = rest;
        }
    }

    fn end_piece(&mut self) {
        self.hashes.push(short(&self.hasher));
        self.hasher.reset();
    }

    fn finish(mut self) -> Proof {
        if !self.bytes.is_multiple_of(PIECE_BYTES) {
            self.end_piece();
        }
        self
    }
}

fn short(hasher: &blake3::Hasher) -> Hash {
    let hash = hasher.finalize();
    std::array::from_fn(|index| hash.as_bytes()[index])
}

/// The streams of one run, so that few of them take up memory at once.
#[derive(Clone, Default)]
pub(crate) struct Streams(Arc<Mutex<VecDeque<Weak<Shared>>>>);

impl Streams {
    /// Notes that `stream` has a decoder, and lets others that nobody reads give up theirs.
    fn woke(&self, stream: &Arc<Shared>) {
        let mut awake = lock(&self.0);
        awake.retain(|other| other.upgrade().is_some_and(|other| !Arc::ptr_eq(&other, stream)));
        let mut index = 0;
        while awake.len() >= MOST_AWAKE && index < awake.len() {
            // One whose lock is held is being read.
            match awake[index].upgrade().is_none_or(|other| other.fall_asleep()) {
                true => drop(awake.remove(index)),
                false => index += 1,
            }
        }
        awake.push_back(Arc::downgrade(stream));
    }
}

/// The text of one source.
pub(crate) struct Stream {
    proof: Proof,
    shared: Arc<Shared>,
    streams: Streams,
    next_reader: AtomicU64,
}

#[derive(Default)]
struct Shared {
    window: Mutex<Window>,
    /// A reader is gone, or further on.
    moved: Condvar,
}

impl Shared {
    /// Gives up decoder and window unless someone reads; returns whether that was done.
    fn fall_asleep(&self) -> bool {
        let mut window = match self.window.try_lock() {
            Ok(window) => window,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        if !window.readers.is_empty() {
            return false;
        }
        *window = Window { starts: window.starts, ..Window::default() };
        true
    }
}

/// What is in memory of a text.
#[derive(Default)]
struct Window {
    text: Option<Text>,
    pieces: VecDeque<Vec<u8>>,
    /// Index of the first of `pieces`.
    first: u64,
    /// The furthest place that a reader asked for since the decoder was started.
    furthest: u64,
    /// How often the decoder was started.
    starts: u64,
    readers: Vec<Position>,
    /// Memory of a piece that was forgotten.
    spare: Vec<u8>,
}

/// Where a reader is.
struct Position {
    reader: u64,
    thread: ThreadId,
    /// It asks for nothing before this.
    floor: u64,
}

impl Window {
    /// Returns the index of the piece that the decoder gives next.
    fn next(&self) -> u64 {
        self.first + self.pieces.len() as u64
    }

    fn start_over(&mut self) {
        self.text = None;
        self.pieces.clear();
        (self.first, self.furthest) = (0, 0);
    }

    /// Forgets the pieces that no reader asks for any more.
    fn forget(&mut self) {
        let behind = self.furthest.saturating_sub(BEHIND_BYTES);
        let floor = self.readers.iter().map(|position| position.floor).min().unwrap_or(behind).min(behind);
        while self.pieces.len() > 1 && (self.first + 1) * PIECE_BYTES <= floor {
            self.spare = self.pieces.pop_front().unwrap_or_default();
            self.first += 1;
        }
    }

    /// Returns whether a reader of another thread is so far behind that `end` has to wait.
    fn is_too_far(&self, reader: u64, end: u64) -> bool {
        let thread = thread::current().id();
        let own = self.readers.iter().find(|position| position.reader == reader).map(|own| own.floor);
        self.readers.iter().any(|other| {
            other.thread != thread
                && (Some(other.floor), other.reader) < (own, reader)
                && other.floor + AHEAD_BYTES < end
        })
    }
}

impl Stream {
    /// Returns the stream of a source whose text was decoded once, as `proof` says.
    pub(crate) fn new(proof: Proof, streams: &Streams) -> Stream {
        Stream {
            proof: proof.finish(),
            shared: Arc::default(),
            streams: streams.clone(),
            next_reader: AtomicU64::new(0),
        }
    }

    /// Returns how many bytes of text there are.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.proof.bytes
    }

    /// Returns a reader, for one block or for all of the text from start to end.
    pub(crate) fn reader<'a>(&'a self, source: &'a Source) -> Reader<'a> {
        Reader { stream: self, source, number: self.next_reader.fetch_add(1, Ordering::Relaxed) }
    }

    /// Returns the bytes of `range` if they are at an end that is kept.
    fn kept(&self, range: &Range<u64>) -> Option<&[u8]> {
        let Proof { bytes, head, tail, .. } = &self.proof;
        if range.end <= head.len() as u64 {
            return head.get(range.start as usize..range.end as usize);
        }
        let before = bytes - tail.len() as u64;
        let start = range.start.checked_sub(before)?;
        tail.get(start as usize..(range.end - before) as usize)
    }

    /// Decodes one more piece.
    fn decode(&self, source: &Source, window: &mut Window) -> Result<()> {
        let index = window.next();
        if window.text.is_none() {
            window.text = Some(source.text()?);
            window.starts += 1;
            self.streams.woke(&self.shared);
        }
        let Some(text) = &mut window.text else { return Err(changing(source.path())) };
        let wanted = (self.proof.bytes - index * PIECE_BYTES).min(PIECE_BYTES) as usize;
        let mut piece = std::mem::take(&mut window.spare);
        piece.resize(wanted, 0);
        let read = text.read(&mut piece)?;
        let hash = short(blake3::Hasher::new().update(&piece));
        if read < wanted || hash != self.proof.hashes[index as usize] {
            return Err(changing(source.path()));
        }
        window.pieces.push_back(piece);
        Ok(())
    }
}

/// Someone who reads a stream, more or less forward.
pub(crate) struct Reader<'a> {
    stream: &'a Stream,
    source: &'a Source,
    number: u64,
}

impl Reader<'_> {
    /// Fills `buffer` with the text of `range`, which must lie within it. May wait for readers that are far behind.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or has another text by now.
    pub(crate) fn read(&self, range: Range<u64>, buffer: &mut Vec<u8>) -> Result<()> {
        buffer.clear();
        if let Some(bytes) = self.stream.kept(&range) {
            buffer.extend_from_slice(bytes);
            return Ok(());
        }
        if range.is_empty() {
            return Ok(());
        }
        let mut window = lock(&self.stream.shared.window);
        self.stand_at(&mut window, range.start);
        let last = (range.end - 1) / PIECE_BYTES;
        while last >= window.next() && window.is_too_far(self.number, range.end) {
            window = self.stream.shared.moved.wait(window).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        if range.start / PIECE_BYTES < window.first {
            window.start_over();
        }
        window.furthest = window.furthest.max(range.start);
        buffer.reserve_exact((range.end - range.start) as usize);
        for index in range.start / PIECE_BYTES..=last {
            while window.next() <= index {
                if let Err(error) = self.stream.decode(self.source, &mut window) {
                    window.start_over();
                    // Half of a write looks like damage.
                    return Err(if changed(self.source)? { changing(self.source.path()) } else { error });
                }
                window.forget();
            }
            let start = index * PIECE_BYTES;
            let piece = &window.pieces[(index - window.first) as usize];
            let from = range.start.saturating_sub(start) as usize;
            let to = (range.end - start).min(piece.len() as u64) as usize;
            buffer.extend_from_slice(&piece[from..to]);
        }
        Ok(())
    }

    /// Notes where this reader is.
    fn stand_at(&self, window: &mut Window, start: u64) {
        let floor = start.saturating_sub(BACK_BYTES);
        match window.readers.iter_mut().find(|position| position.reader == self.number) {
            Some(position) => position.floor = floor,
            None => {
                let thread = thread::current().id();
                window.readers.push(Position { reader: self.number, thread, floor });
            }
        }
        self.stream.shared.moved.notify_all();
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let mut window = lock(&self.stream.shared.window);
        window.readers.retain(|position| position.reader != self.number);
        window.forget();
        self.stream.shared.moved.notify_all();
    }
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
