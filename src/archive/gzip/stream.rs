//! Reads any gzip file as one stream, from start to end, whatever made it: members of unknown length, one after another.
//!
//! Trusts nothing: there is no more text than the file's bytes can stand for, and what follows the last member is padding
//! or damage.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;

use flate2::bufread::GzDecoder;

use super::MAX_RATIO;
use crate::platform;

/// What is wrong with a stream of members.
#[derive(Debug)]
pub(in crate::archive) enum StreamError {
    Io(io::Error),
    /// It does not begin with a gzip member.
    NotGzip,
    Truncated,
    /// Broken data or a checksum that does not match.
    Data,
    /// Bytes behind the last member that are neither a member nor zeros.
    Trailing,
    /// More text than so many bytes can stand for.
    TooLarge,
}

impl std::fmt::Display for StreamError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            StreamError::Io(_) => "cannot be read",
            StreamError::NotGzip => "is not a gzip file",
            StreamError::Truncated => "is cut off",
            StreamError::Data => "does not decompress",
            StreamError::Trailing => "has other bytes behind its end",
            StreamError::TooLarge => "decompresses to more than it can hold",
        })
    }
}

/// Inflates all members of `file`, handing on small pieces, until `each` breaks off. Zeros behind the last member are
/// taken for padding, as gzip does.
pub(in crate::archive) fn stream(
    file: &File,
    bytes: u64,
    each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, StreamError> {
    let limit = bytes.saturating_mul(MAX_RATIO);
    let mut total = 0u64;
    let mut input = BufReader::with_capacity(1 << 16, FileAt { file, offset: 0 });
    let mut piece = vec![0; 1 << 16];
    let mut is_first = true;
    loop {
        let ahead = input.fill_buf().map_err(StreamError::Io)?;
        match ahead.first() {
            None if is_first => return Err(StreamError::Truncated),
            None => return Ok(ControlFlow::Continue(())),
            Some(0x1f) => {}
            Some(0) if !is_first => return only_zeros(&mut input),
            Some(_) if is_first => return Err(StreamError::NotGzip),
            Some(_) => return Err(StreamError::Trailing),
        }
        is_first = false;
        let mut member = GzDecoder::new(&mut input);
        loop {
            let count = match member.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) => return Err(stream_error(error)),
            };
            total += count as u64;
            if total > limit {
                return Err(StreamError::TooLarge);
            }
            if each(&piece[..count]).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

fn stream_error(error: io::Error) -> StreamError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => StreamError::Truncated,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => StreamError::Data,
        _ => StreamError::Io(error),
    }
}

/// Checks that nothing but zeros is left.
fn only_zeros(input: &mut impl BufRead) -> Result<ControlFlow<()>, StreamError> {
    loop {
        let ahead = input.fill_buf().map_err(StreamError::Io)?;
        if ahead.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if ahead.iter().any(|&byte| byte != 0) {
            return Err(StreamError::Trailing);
        }
        let count = ahead.len();
        input.consume(count);
    }
}

/// Reads a shared file from a position of its own.
struct FileAt<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for FileAt<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = platform::read_at(self.file, buffer, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}
