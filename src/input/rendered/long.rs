//! What is too long to be held: told in pieces, each a line of its own, and read from its place again and again instead.
//!
//! A line of which nobody knows an end would have to be in memory as a whole, and would be told again as a whole each time
//! that anything changes. So in the place of the value stands `{"pieces":"ID/","bytes":N}`, and lines named `ID/piece 0`,
//! `ID/piece 1`... follow: put together they are the value's `N` bytes.

use serde::de::IgnoredAny;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;

use super::split::{Element, Splitter, Take, own_id_of};
use super::widths::wide_text;
use crate::error::Result;
use crate::input::wide::Order;
use crate::platform;

/// Bytes of a piece, and of one in which there is no place to end it.
const PIECE_BYTES: usize = 512 << 10;
const LONGEST_PIECE_BYTES: usize = 4 << 20;

/// In so many last bytes of a piece a better place to end it is looked for than a blank.
const END_BYTES: usize = 64 << 10;

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// Bytes that are somewhere else, and can be read again.
pub(crate) trait Long {
    /// Returns a reader of what begins at `offset`.
    fn read_from(&self, offset: u64) -> io::Result<Box<dyn Read + '_>>;
}

impl Long for File {
    fn read_from(&self, offset: u64) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(AtOffset { file: self, offset }))
    }
}

impl Long for &[u8] {
    fn read_from(&self, offset: u64) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(&self[(offset as usize).min(self.len())..]))
    }
}

/// Reads a file without touching its shared position.
struct AtOffset<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for AtOffset<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = platform::read_at(self.file, buffer, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}

/// Hands all that `reader` gives to `take`, which may end it with an error.
///
/// # Errors
///
/// Within an error of `take`, or with that of the reader.
pub(crate) fn each_piece(mut reader: impl Read, take: Take<'_>) -> io::Result<Result<()>> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(Ok(())),
            Ok(count) => {
                if let Err(error) = take(&buffer[..count]) {
                    return Ok(Err(error));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Returns whether bytes are one JSON text, an object or a list if `is_structure`.
///
/// # Errors
///
/// When they cannot be read.
pub(crate) fn is_json(long: &dyn Long, is_structure: bool) -> io::Result<bool> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, long.read_from(0)?);
    if is_structure && !begins_structure(&mut reader)? {
        return Ok(false);
    }
    let reader = BufReader::with_capacity(BUFFER_BYTES, long.read_from(0)?);
    match serde_json::from_reader::<_, IgnoredAny>(reader) {
        Err(error) if error.is_io() => Err(error.into()),
        parsed => Ok(parsed.is_ok()),
    }
}

fn begins_structure(reader: &mut impl BufRead) -> io::Result<bool> {
    for byte in reader.bytes() {
        match byte? {
            byte if byte.is_ascii_whitespace() => {}
            byte => return Ok(matches!(byte, b'{' | b'[')),
        }
    }
    Ok(false)
}

/// What the elements of a long JSON text become: the caller makes lines of them.
pub(crate) enum Told<'a> {
    /// An element, or, under no name, what stands around the lists.
    Whole(Option<&'a str>, &'a [u8]),
    /// The same, of so many bytes, which come piece by piece.
    InPieces(Option<&'a str>, u64),
    /// One of the pieces.
    Piece(Option<&'a str>, Piece<'a>),
}

/// A piece of what is too long.
pub(crate) struct Piece<'a> {
    /// How many come before it.
    pub number: u64,
    pub bytes: &'a [u8],
    /// The order of its bytes, if all is text of two bytes a character.
    pub order: Option<Order>,
}

/// Hands the elements of lists in a JSON text to `take`, and what stands around them last.
///
/// # Errors
///
/// As [`each_piece`].
pub(crate) fn split_long(
    long: &dyn Long,
    lists: &[&str],
    take: &mut dyn FnMut(Told<'_>) -> Result<()>,
) -> io::Result<Result<()>> {
    let name_at = |range: Range<u64>| {
        let text = long.read_from(range.start).ok()?.take(range.end - range.start);
        own_id_of(BufReader::with_capacity(BUFFER_BYTES, text))
    };
    let mut splitter = Splitter::new(lists, &name_at);
    let mut failed = None;
    let mut element = |id: Option<&str>, element: Element<'_>| match element {
        Element::Text(text) => take(Told::Whole(id, text)),
        Element::LongAround(bytes) => take(Told::InPieces(id, bytes)),
        Element::Long(range) => {
            let bytes = range.end - range.start;
            take(Told::InPieces(id, bytes))?;
            let mut piece = |piece: Piece<'_>| take(Told::Piece(id, piece));
            let told = long.read_from(range.start).and_then(|text| {
                let mut pieces = Pieces::new(&mut piece);
                let told = each_piece(text.take(bytes), &mut |bytes| pieces.push(bytes))?;
                Ok(told.and_then(|()| pieces.finish()))
            });
            told.unwrap_or_else(|error| {
                failed = Some(error);
                Ok(())
            })
        }
    };
    let told = each_piece(long.read_from(0)?, &mut |bytes| splitter.push(bytes, &mut element))?;
    let is_around_long = splitter.is_around_long();
    let told = told.and_then(|()| splitter.finish(&mut element));
    if let Some(error) = failed {
        return Err(error);
    }
    match told {
        Ok(()) if is_around_long => {}
        told => return Ok(told),
    }
    let mut splitter = Splitter::of_around(lists);
    let mut piece = |piece: Piece<'_>| take(Told::Piece(None, piece));
    let mut pieces = Pieces::new(&mut piece);
    let told = each_piece(long.read_from(0)?, &mut |bytes| {
        splitter.push(bytes, &mut |_, _| Ok(()))?;
        pieces.push(&splitter.take_around())
    })?;
    Ok(told.and_then(|()| pieces.finish()))
}

/// Cuts bytes into pieces, at the same places however they come.
pub(crate) struct Pieces<'a> {
    take: &'a mut dyn FnMut(Piece<'_>) -> Result<()>,
    waiting: Vec<u8>,
    /// So many bytes are looked at for a place to cut.
    wanted: usize,
    number: u64,
    /// That of wide text; known when the first piece is.
    order: Option<Order>,
}

impl<'a> Pieces<'a> {
    /// Returns one that hands each piece to `take`.
    pub(crate) fn new(take: &'a mut dyn FnMut(Piece<'_>) -> Result<()>) -> Pieces<'a> {
        Pieces { take, waiting: Vec::new(), wanted: PIECE_BYTES, number: 0, order: None }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// That of the taker.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.waiting.extend_from_slice(bytes);
        while self.waiting.len() >= self.wanted {
            self.look();
            let shown = &self.waiting[..self.wanted];
            let end = if self.order.is_some() { end_in_wide(shown) } else { end_in(shown) };
            match end {
                None if self.wanted < LONGEST_PIECE_BYTES => self.wanted *= 2,
                end => {
                    let whole = if self.order.is_some() { shown.len() } else { whole_characters(shown) };
                    self.emit(end.unwrap_or(whole))?;
                }
            }
        }
        Ok(())
    }

    fn look(&mut self) {
        if self.number == 0 {
            self.order = wide_text(&self.waiting[..self.waiting.len().min(PIECE_BYTES)]);
        }
    }

    fn emit(&mut self, end: usize) -> Result<()> {
        (self.take)(Piece { number: self.number, bytes: &self.waiting[..end], order: self.order })?;
        self.waiting.drain(..end);
        self.number += 1;
        self.wanted = PIECE_BYTES;
        Ok(())
    }

    /// Takes the end of the bytes.
    ///
    /// # Errors
    ///
    /// That of the taker.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.look();
        match self.waiting.len() {
            0 => Ok(()),
            end => self.emit(end),
        }
    }
}

/// Returns where a piece can end so that no secret, and no name without the value that it gives away, is cut in two: behind
/// a line, between two members, else behind a blank; never within a private key.
fn end_in(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(END_BYTES);
    let last = &bytes[from..];
    // A newline as it is, and as JSON has it; the comma before a member's name.
    let places =
        [memchr::memrchr(b'\n', last).map(|at| at + 1), last_of(last, b"\\n", 2), last_of(last, b",\"", 1)];
    let best = places.into_iter().flatten().max().map(|at| from + at);
    let end = best.or_else(|| memchr::memrchr(b' ', bytes).map(|at| at + 1))?;
    let begun = last_of(&bytes[..end], b"-----BEGIN ", 0);
    let is_within = begun.filter(|at| memchr::memmem::find(&bytes[*at..end], b"-----END ").is_none());
    match is_within {
        // One that does not end is none.
        Some(at) if end - at < END_BYTES => (at > 0).then_some(at),
        _ => Some(end),
    }
}

/// The same of wide text: behind a line, else behind a blank.
fn end_in_wide(bytes: &[u8]) -> Option<usize> {
    let last_unit =
        |byte: u8| bytes.chunks_exact(2).rposition(|pair| matches!(*pair, [a, 0] | [0, a] if a == byte));
    last_unit(b'\n').or_else(|| last_unit(b' ')).map(|unit| 2 * unit + 2)
}

fn last_of(bytes: &[u8], wanted: &[u8], behind: usize) -> Option<usize> {
    memchr::memmem::rfind(bytes, wanted).map(|at| at + behind)
}

/// Returns the length of `bytes` without the beginning of a character at their end.
fn whole_characters(bytes: &[u8]) -> usize {
    let is_first = |byte: &&u8| **byte & 0xc0 != 0x80;
    let back = bytes.iter().rev().take(4).position(|byte| is_first(&byte)).map_or(0, |at| at + 1);
    let is_cut = back > 0 && std::str::from_utf8(&bytes[bytes.len() - back..]).is_err();
    if is_cut { bytes.len() - back } else { bytes.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(bytes: &[u8], step: usize) -> Vec<Vec<u8>> {
        let mut told = Vec::new();
        let mut take = |piece: Piece<'_>| {
            assert_eq!(piece.number, told.len() as u64);
            told.push(piece.bytes.to_vec());
            Ok(())
        };
        let mut pieces = Pieces::new(&mut take);
        bytes.chunks(step).for_each(|bytes| pieces.push(bytes).unwrap());
        pieces.finish().unwrap();
        told
    }

    #[test]
    fn pieces_are_the_same_however_bytes_come_and_are_all_of_them() {
        for unit in ["some words\n", "some words and more\\n", "\"a\":\"value\",", "é", "one two "] {
            let text = unit.repeat((5 << 20) / unit.len());
            let told = pieces(text.as_bytes(), 1000);
            assert!(told.concat() == text.as_bytes() && told.len() > 1, "{unit}");
            assert!(told == pieces(text.as_bytes(), 300_007), "{unit}");
            assert!(told.iter().all(|piece| std::str::from_utf8(piece).is_ok()), "{unit}");
            let last = told[0].iter().rev().take(2).rev().copied().collect::<Vec<u8>>();
            let expected = if unit.ends_with(',') { "\"," } else { &unit[unit.len() - 2..] };
            assert_eq!(String::from_utf8(last).unwrap(), expected);
        }
    }

    #[test]
    fn no_piece_ends_within_a_private_key() {
        let key =
            ["-----BEGIN SOME KEY-----", &"abcdefgh\n".repeat(300), "-----END SOME KEY-----\n"].concat();
        for before in (PIECE_BYTES - key.len() - 20..PIECE_BYTES).step_by(97) {
            let text = ["a\n".repeat(before / 2), key.clone(), "b\n".repeat(PIECE_BYTES)].concat();
            let told = pieces(text.as_bytes(), 100_000);
            assert!(
                told.iter().any(|piece| memchr::memmem::find(piece, key.as_bytes()).is_some()),
                "{before}"
            );
        }
    }
}
