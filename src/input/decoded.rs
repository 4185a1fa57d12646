//! A position in the text of a file that has to be decoded to be read: wrapped in gzip or zstd, wide, or both.

use super::form::{FIRST_BYTES, Foreign, Form, form};
use super::unpack::{Packing, Unpacked, is_cut};
use super::wide::Narrowed;
use crate::platform;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};

/// Wrappings around each other that are taken off. Each may need memory, and nobody packs more than twice.
const MOST_LAYERS: usize = 3;

/// Bytes that are read of a file at a time.
const BUFFER_BYTES: usize = 64 << 10;

type Stream = Box<dyn Read + Send>;

/// The error for what is not text under its wrappings, or without any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal(pub Foreign);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is {}", self.0.what)
    }
}

impl std::error::Error for Refusal {}

/// Returns what is refused and why, if that is what an error says.
pub(crate) fn refusal(error: &io::Error) -> Option<Foreign> {
    error.get_ref()?.downcast_ref::<Refusal>().map(|refusal| refusal.0)
}

/// A position in decoded text.
#[derive(Default)]
pub(crate) struct Decoded {
    stream: Option<Stream>,
    /// Where in the text the stream is.
    position: u64,
    /// Why there is no more at the end of what can be read; known once that was read to.
    cut: Option<String>,
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoded({})", self.position)
    }
}

impl Decoded {
    /// Returns the start of the text of `file`, of which the first `bytes` bytes are read.
    ///
    /// # Errors
    ///
    /// A [`refusal`] when there is no text in it.
    pub(crate) fn new(file: &File, bytes: u64) -> io::Result<Decoded> {
        Ok(Decoded { stream: Some(stream(file, bytes)?), position: 0, cut: None })
    }

    /// Returns the start of text that comes from elsewhere.
    pub(crate) fn of_stream(stream: Stream) -> Decoded {
        Decoded { stream: Some(stream), position: 0, cut: None }
    }

    /// Gives up the decoder and its memory; what is known of the end stays known.
    pub(crate) fn rest(&mut self) {
        (self.stream, self.position) = (None, 0);
    }

    /// Fills `buffer` with what comes next, as far as the text goes.
    pub(crate) fn read_on(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read(&mut buffer[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(filled)
    }

    /// Returns why what was read is not all, if it was read to its end and is not.
    pub(crate) fn cut(&self) -> Option<&str> {
        self.cut.as_deref()
    }

    /// Fills `buffer` from `offset` of the text; going back starts it over.
    pub(crate) fn read_at(
        &mut self,
        file: &File,
        bytes: u64,
        offset: u64,
        buffer: &mut [u8],
    ) -> io::Result<usize> {
        if offset < self.position || self.stream.is_none() {
            *self = Decoded::new(file, bytes)?;
        }
        let mut skipped = [0; 8192];
        while self.position < offset {
            let step = (offset - self.position).min(skipped.len() as u64) as usize;
            if self.read(&mut skipped[..step])? == 0 {
                return Ok(0);
            }
        }
        self.read_on(buffer)
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = &mut self.stream else { return Ok(0) };
        loop {
            match stream.read(buffer) {
                Ok(count) => {
                    self.position += count as u64;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_cut(&error) => {
                    self.cut = Some(error.to_string());
                    return Ok(0);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Returns the text of a file: takes off one wrapping after the other, until there is text.
fn stream(file: &File, bytes: u64) -> io::Result<Stream> {
    let mut stream: Stream = Box::new(Positioned { file: file.try_clone()?, offset: 0, end: bytes });
    for _ in 0..=MOST_LAYERS {
        let mut first = Vec::new();
        if let Err(error) = stream.by_ref().take(FIRST_BYTES as u64).read_to_end(&mut first)
            && !is_cut(&error)
        {
            return Err(error);
        }
        let form = form(&first, true);
        // One that was cut says so each time it is asked.
        let whole = Cursor::new(first).chain(stream);
        stream = match form {
            Some(Form::Gzip) => unpacked(whole, Packing::Gzip),
            Some(Form::Zstd) => unpacked(whole, Packing::Zstd),
            Some(Form::Wide(order)) => return Ok(Box::new(Narrowed::new(whole, order))),
            Some(Form::Foreign(foreign)) => return Err(io::Error::other(Refusal(foreign))),
            Some(Form::Text) | None => return Ok(Box::new(whole)),
        };
    }
    let what = "compressed over and over";
    Err(io::Error::other(Refusal(Foreign { what, hint: "Unpack it, and give what comes out." })))
}

fn unpacked(packed: impl Read + Send + 'static, packing: Packing) -> Stream {
    Box::new(Unpacked::new(BufReader::with_capacity(BUFFER_BYTES, packed), packing))
}

/// Reads a file from its start to the length that it had, without touching its shared position.
struct Positioned {
    file: File,
    offset: u64,
    end: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = (self.end - self.offset).min(buffer.len() as u64) as usize;
        let count = platform::read_at(&self.file, &mut buffer[..most], self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}
