//! Text of two bytes a character (UTF-16), as Windows PowerShell writes it: turned into one that rules can
//! look at, and back.
//!
//! Nothing is lost on the way: a lone surrogate becomes the three bytes that UTF-8 would have for it (WTF-8), and those
//! become the surrogate again. The byte order mark is no part of the text.

use std::fmt;
use std::io::{self, Read};

use super::unpack::cut;

/// Which byte of a character comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The low one.
    Little,
    /// The high one.
    Big,
}

impl Order {
    /// Returns the byte order mark in this order.
    pub(crate) fn mark(self) -> [u8; 2] {
        self.bytes(0xfeff)
    }

    /// Returns the unit that two bytes are in this order.
    pub(crate) fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        }
    }

    /// Returns a unit of text in this order.
    pub(crate) fn bytes(self, unit: u16) -> [u8; 2] {
        match self {
            Order::Little => unit.to_le_bytes(),
            Order::Big => unit.to_be_bytes(),
        }
    }
}

/// Different bytes in the place of the high one, within a row of characters that are two bytes of ASCII each, that no wide
/// text has there: ideographs and kana have one of 0x30 and 0x4e to 0x7e, lines and punctuation one of two or three.
const NARROW_BYTES: u32 = 4;

/// The error for wide text that goes on as narrow text: taken for wide, that would hide what is to be masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mixed;

impl fmt::Display for Mixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is UTF-16 only in part, and other text in the rest")
    }
}

impl std::error::Error for Mixed {}

/// Turns wide text into UTF-8, piece by piece.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Narrower {
    order: Order,
    /// The first byte of a character that is not complete.
    half: Option<u8>,
    /// The first character of a pair of surrogates.
    high: Option<u16>,
    /// Which of the high bytes that wide text does not have, by bits, were in the characters of two bytes of ASCII that
    /// end what was seen.
    narrow: u64,
}

impl Narrower {
    pub(crate) fn new(order: Order) -> Narrower {
        Narrower { order, half: None, high: None, narrow: 0 }
    }

    /// Appends the text of the next bytes to `text`. On an error nothing that was appended may be used.
    ///
    /// # Errors
    ///
    /// [`Mixed`] when this is not wide text any more.
    pub(crate) fn push(&mut self, bytes: &[u8], text: &mut Vec<u8>) -> Result<(), Mixed> {
        for &byte in bytes {
            match self.half.take() {
                None => self.half = Some(byte),
                Some(half) => {
                    let unit = self.order.unit([half, byte]);
                    self.refuse_narrow(unit)?;
                    self.take(unit, text);
                }
            }
        }
        Ok(())
    }

    fn refuse_narrow(&mut self, unit: u16) -> Result<(), Mixed> {
        let is_text = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
        let [high, low] = unit.to_be_bytes();
        if !is_text(high) || !is_text(low) {
            self.narrow = 0;
        } else if matches!(high, 0x20..0x4e) && high != 0x30 {
            self.narrow |= 1 << (high - 0x20);
        }
        if self.narrow.count_ones() >= NARROW_BYTES { Err(Mixed) } else { Ok(()) }
    }

    fn take(&mut self, unit: u16, text: &mut Vec<u8>) {
        if let Some(high) = self.high.take() {
            if (0xdc00..0xe000).contains(&unit) {
                let code = 0x10000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
                return put(code, text);
            }
            put(high.into(), text);
        }
        match unit {
            0xd800..0xdc00 => self.high = Some(unit),
            _ => put(unit.into(), text),
        }
    }

    /// Returns the bytes of a character that is not complete, at the end of the input.
    pub(crate) fn rest(self) -> Vec<u8> {
        let high = self.high.map(|high| self.order.bytes(high));
        high.into_iter().flatten().chain(self.half).collect()
    }
}

/// Appends what UTF-8 has for a character, or would have for a surrogate.
fn put(code: u32, text: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        0..0x80 => text.push(code as u8),
        0x80..0x800 => text.extend([0xc0 | (code >> 6) as u8, tail(0)]),
        0x800..0x10000 => text.extend([0xe0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => text.extend([0xf0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// Turns what a [`Narrower`] made back, piece by piece.
#[derive(Debug)]
pub(crate) struct Widener {
    order: Order,
    /// The first bytes of a character that is not complete.
    held: Vec<u8>,
}

impl Widener {
    pub(crate) fn new(order: Order) -> Widener {
        Widener { order, held: Vec::new() }
    }

    /// Appends the wide form of the next bytes of text to `wide`. A mask that cuts a character in two leaves a
    /// replacement character.
    pub(crate) fn push(&mut self, text: &[u8], wide: &mut Vec<u8>) {
        self.held.extend_from_slice(text);
        let held = std::mem::take(&mut self.held);
        let mut rest = &held[..];
        while let Some(&first) = rest.first() {
            let length = match first {
                ..0x80 => 1,
                0xc2..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0..0xf5 => 4,
                _ => 0,
            };
            let tails = rest.iter().skip(1).take(length.max(1) - 1);
            let whole = 1 + tails.take_while(|&&byte| byte & 0xc0 == 0x80).count();
            if length > whole && whole == rest.len() {
                break;
            }
            if length != whole {
                wide.extend(self.order.bytes(0xfffd));
                rest = &rest[whole..];
                continue;
            }
            let mask = if length == 1 { 0x7f } else { 0x7f >> length };
            let code = rest[1..length]
                .iter()
                .fold(u32::from(first & mask), |code, byte| code << 6 | u32::from(byte & 0x3f));
            match code.checked_sub(0x10000) {
                None => wide.extend(self.order.bytes(code as u16)),
                Some(above) => {
                    wide.extend(self.order.bytes(0xd800 | (above >> 10) as u16));
                    wide.extend(self.order.bytes(0xdc00 | (above & 0x3ff) as u16));
                }
            }
            rest = &rest[length..];
        }
        self.held = rest.to_vec();
    }
}

/// Reads wide text as UTF-8, without its mark. What ends in the middle of a character is cut.
pub(crate) struct Narrowed<R> {
    wide: R,
    narrower: Narrower,
    buffer: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` was read.
    read: usize,
    is_started: bool,
}

impl<R: Read> Narrowed<R> {
    pub(crate) fn new(wide: R, order: Order) -> Narrowed<R> {
        let buffer = vec![0; 16 << 10];
        Narrowed {
            wide,
            narrower: Narrower::new(order),
            buffer,
            text: Vec::new(),
            read: 0,
            is_started: false,
        }
    }
}

impl<R: Read> Read for Narrowed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.text.len() && !buffer.is_empty() {
            let count = self.wide.read(&mut self.buffer)?;
            if count == 0 {
                return match self.narrower.rest().is_empty() {
                    true => Ok(0),
                    false => Err(cut("it ends in the middle of a character")),
                };
            }
            self.text.clear();
            self.read = 0;
            self.narrower.push(&self.buffer[..count], &mut self.text).map_err(io::Error::other)?;
            if !self.is_started && !self.text.is_empty() {
                self.is_started = true;
                self.read = if self.text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            }
        }
        let count = buffer.len().min(self.text.len() - self.read);
        buffer[..count].copy_from_slice(&self.text[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: [Order; 2] = [Order::Little, Order::Big];

    fn wide(text: &str, order: Order) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| order.bytes(unit)).collect()
    }

    #[test]
    fn there_and_back_nothing_changes_whatever_the_pieces() {
        let units: Vec<u16> = "a\0\u{e9}\u{4e0a}\u{1f600}\u{ffff}\r\n"
            .encode_utf16()
            .chain([0xdc00, 0x41, 0xd83d, 0xd83d, 0xde00, 0xd800, 0x20])
            .collect();
        for order in ORDERS {
            let bytes: Vec<u8> = units.iter().flat_map(|&unit| order.bytes(unit)).chain([7]).collect();
            for size in 1..9 {
                let (mut narrower, mut widener) = (Narrower::new(order), Widener::new(order));
                let mut back = Vec::new();
                for piece in bytes.chunks(size) {
                    let mut text = Vec::new();
                    narrower.push(piece, &mut text).unwrap();
                    text.chunks(2).for_each(|text| widener.push(text, &mut back));
                }
                back.extend(narrower.rest());
                assert_eq!(back, bytes, "{order:?}, pieces of {size}");
            }
        }
    }

    #[test]
    fn narrow_text_after_wide_text_is_an_error_and_ideographs_are_not() {
        for order in ORDERS {
            let mut mixed = wide("first wide, then ", order);
            mixed.extend_from_slice(
                b"{\"type\":\"user\",\"sessionId\":\"5d1f-42A7\",\"isMeta\":1, \"B\": 2}\n",
            );
            assert_eq!(Narrower::new(order).push(&mixed, &mut Vec::new()), Err(Mixed));
            // Chinese, Japanese, lines of a table.
            for text in [
                "\u{4e2d}\u{6587}\u{6d4b}\u{8bd5}",
                "\u{3042}\u{3044}\u{3046}\u{3068}",
                "\u{2550}",
                "\u{2026}\u{2550}",
            ] {
                let text = text.repeat(50);
                let mut narrow = Vec::new();
                Narrower::new(order).push(&wide(&text, order), &mut narrow).unwrap();
                assert_eq!(narrow, text.as_bytes());
            }
        }
    }

    #[test]
    fn what_ends_within_a_character_is_cut_and_the_rest_is_read() {
        for bytes in [&b"\xff\xfea\0b"[..], b"\xff\xfea\0\x3d\xd8", b"\xff\xfea\0\x3d\xd8\0"] {
            let mut text = Vec::new();
            let error = Narrowed::new(bytes, Order::Little).read_to_end(&mut text).unwrap_err();
            assert!(super::super::unpack::is_cut(&error), "{error}");
            assert_eq!(text, b"a");
        }
    }

    #[test]
    fn a_mask_that_cuts_a_character_leaves_a_replacement() {
        let mut back = Vec::new();
        Widener::new(Order::Big).push(b"a\x80b\xe2\x82c\xff", &mut back);
        assert_eq!(back, wide("a\u{fffd}b\u{fffd}c\u{fffd}", Order::Big));
    }
}
