//! Cuts the text of an archive into units of whole lines, unpacking blocks and telling lines on all threads.

use std::ops::{ControlFlow, Range};

use rayon::prelude::*;

use super::unit::Unit;
use crate::agents::Agent;
use crate::archive::reader::{Archive, BlockReader};
use crate::error::Result;

/// A line of more bytes is not told: no record of an agent's is as long, and memory has an end.
const MAX_LINE_BYTES: usize = 64 << 20;

/// Blocks that are unpacked at once, each thread one: as few as can be at first, so that the beginning is soon there.
const MOST_BLOCKS_PER_THREAD: usize = 4;

/// Hands all lines in blocks `range` of `archive` to `each`, in order; lines that begin before the range or end behind it
/// are completed. Damage becomes a unit that says so.
pub(super) fn each_unit(
    archive: &Archive,
    agent: Option<&dyn Agent>,
    range: Range<usize>,
    threads: usize,
    each: &mut dyn FnMut(Unit) -> Result<ControlFlow<()>>,
) -> Result<()> {
    if archive.header().is_none() {
        return each_chunk(archive, agent, each);
    }
    let blocks = archive.blocks();
    let first_line = 1 + blocks[..range.start].iter().map(|block| u64::from(block.newlines)).sum::<u64>();
    let mut cutter = Cutter { carried: Vec::new(), line: first_line, is_skipping: false };
    if range.start > 0 {
        let ends_line = inflate(archive, range.start - 1).is_ok_and(|text| text.last() == Some(&b'\n'));
        cutter.is_skipping = !ends_line;
    }
    let mut at = range.start;
    let mut window = 1;
    while at < range.end {
        let end = range.end.min(at + window);
        window = (window * 2).min(threads.max(1) * MOST_BLOCKS_PER_THREAD);
        let texts: Vec<Result<Vec<u8>>> =
            (at..end).into_par_iter().map(|index| inflate(archive, index)).collect();
        let mut pieces = Vec::new();
        for (index, text) in (at..end).zip(texts) {
            cutter.take(text, u64::from(blocks[index].newlines), &mut pieces);
        }
        at = end;
        if at == range.end {
            cutter.complete(archive, at, &mut pieces);
        }
        if hand_on(pieces, agent, each)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Whole lines and the number of the first, or what is wrong where lines should be.
enum Piece {
    Lines(Vec<u8>, u64),
    Damage(String, u64),
}

fn hand_on(
    pieces: Vec<Piece>,
    agent: Option<&dyn Agent>,
    each: &mut dyn FnMut(Unit) -> Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>> {
    let units: Vec<Unit> = pieces
        .into_par_iter()
        .map(|piece| match piece {
            Piece::Lines(bytes, line) => Unit::tell(agent, bytes, line),
            Piece::Damage(reason, line) => Unit::of_damage(&reason, line),
        })
        .collect();
    for unit in units {
        if each(unit)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn inflate(archive: &Archive, index: usize) -> Result<Vec<u8>> {
    thread_local! {
        static READER: std::cell::RefCell<BlockReader> = std::cell::RefCell::default();
    }
    let mut text = Vec::new();
    READER.with_borrow_mut(|reader| archive.read_block(index, reader, &mut text))?;
    Ok(text)
}

/// Joins blocks where a line goes on in the next one.
struct Cutter {
    /// A line that has no end yet.
    carried: Vec<u8>,
    /// The number of the line that comes next.
    line: u64,
    /// What comes up to the next line end is not told.
    is_skipping: bool,
}

impl Cutter {
    /// Takes the text of one block, which has so many line ends.
    fn take(&mut self, text: Result<Vec<u8>>, newlines: u64, pieces: &mut Vec<Piece>) {
        let mut text = match text {
            Ok(text) => text,
            Err(error) => {
                self.flush(pieces);
                pieces.push(Piece::Damage(error.to_string(), self.line));
                self.line += newlines;
                self.is_skipping = true;
                return;
            }
        };
        if self.is_skipping {
            let Some(end) = memchr::memchr(b'\n', &text) else { return };
            text.drain(..=end);
            self.is_skipping = false;
            // The line that was passed over ended here.
            self.line += 1;
            return self.cut(text, newlines.saturating_sub(1), pieces);
        }
        self.cut(text, newlines, pieces);
    }

    fn cut(&mut self, mut text: Vec<u8>, newlines: u64, pieces: &mut Vec<Piece>) {
        let Some(last) = memchr::memrchr(b'\n', &text) else {
            if self.carried.len() + text.len() > MAX_LINE_BYTES {
                self.carried = Vec::new();
                self.is_skipping = true;
                pieces.push(Piece::Damage(format!("a line of more than {MAX_LINE_BYTES} bytes"), self.line));
                return;
            }
            match self.carried.is_empty() {
                true => self.carried = text,
                false => self.carried.extend_from_slice(&text),
            }
            return;
        };
        let rest = text.split_off(last + 1);
        if !self.carried.is_empty() {
            let mut joined = std::mem::take(&mut self.carried);
            joined.extend_from_slice(&text);
            text = joined;
        }
        pieces.push(Piece::Lines(text, self.line));
        self.line += newlines;
        self.carried = rest;
    }

    /// Hands on a line that has no end.
    fn flush(&mut self, pieces: &mut Vec<Piece>) {
        if !self.carried.is_empty() {
            pieces.push(Piece::Lines(std::mem::take(&mut self.carried), self.line));
        }
    }

    /// Hands on what is left, with its end if that is in the blocks from `next` on.
    fn complete(&mut self, archive: &Archive, next: usize, pieces: &mut Vec<Piece>) {
        for index in next..archive.blocks().len() {
            if self.carried.is_empty() || self.carried.len() > MAX_LINE_BYTES {
                break;
            }
            let Ok(text) = inflate(archive, index) else { break };
            let end = memchr::memchr(b'\n', &text);
            self.carried.extend_from_slice(&text[..end.unwrap_or(text.len())]);
            if end.is_some() {
                break;
            }
        }
        self.flush(pieces);
    }
}

/// Hands on the lines of an archive that is none of ours.
fn each_chunk(
    archive: &Archive,
    agent: Option<&dyn Agent>,
    each: &mut dyn FnMut(Unit) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut cutter = Cutter { carried: Vec::new(), line: 1, is_skipping: false };
    let mut result = Ok(ControlFlow::Continue(()));
    let mut pass = |pieces: Vec<Piece>| {
        result = hand_on(pieces, agent, each);
        if matches!(result, Ok(ControlFlow::Continue(()))) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    let streamed = archive.for_each_chunk(&mut BlockReader::new(), &mut |text| {
        let mut pieces = Vec::new();
        let newlines = memchr::memchr_iter(b'\n', text).count() as u64;
        cutter.take(Ok(text.to_vec()), newlines, &mut pieces);
        pass(pieces)
    });
    let mut pieces = Vec::new();
    cutter.flush(&mut pieces);
    if let Err(error) = streamed {
        pieces.push(Piece::Damage(error.to_string(), cutter.line));
    }
    if !pieces.is_empty() {
        let _ = pass(pieces);
    }
    result.map(drop)
}
