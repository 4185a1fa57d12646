//! Variable-length numbers (LEB128) and hostile bytes: what the header's codec is made of.

use crate::error::{Error, Kind, Result};

/// Returns the error for a header that cannot be believed.
pub(super) fn damaged(what: &str) -> Error {
    Error::new(Kind::Damaged, format!("the archive's header {what}"))
}

/// Appends a number, seven bits a byte, lowest first.
pub(super) fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Returns a number whose varint is short for small values of either sign.
pub(super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// Undoes [`zigzag`].
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Hostile bytes being read.
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Takes the next `bytes` bytes.
    pub(super) fn take(&mut self, bytes: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or_else(|| damaged("is cut off"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a number.
    pub(super) fn varint(&mut self) -> Result<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged("has a number that is too large"))
    }

    /// Reads a length that may not be more than `most`.
    pub(super) fn length(&mut self, most: usize) -> Result<usize> {
        match usize::try_from(self.varint()?) {
            Ok(length) if length <= most => Ok(length),
            _ => Err(damaged("has a length that is too large")),
        }
    }
}
