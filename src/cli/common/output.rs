//! Standard output: buffered, with failures that name it. A reader that has gone ends the command quietly.

use crate::error::{Error, Kind, Result};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// Fewer, larger writes when results are many.
const BUFFER_BYTES: usize = 64 << 10;

/// Standard output of a command.
pub(crate) struct Output {
    writer: BufWriter<Stdout>,
    is_terminal: bool,
}

impl Output {
    /// Returns the standard output of this process.
    pub(crate) fn new() -> Output {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        Output { writer: BufWriter::with_capacity(BUFFER_BYTES, stdout), is_terminal }
    }

    /// Returns whether a person is likely to read along.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Writes `bytes` as they are; whoever calls has made them harmless.
    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.writer.write_all(bytes.as_ref()).map_err(failure)
    }

    /// Writes `text` and a line end.
    pub(crate) fn line(&mut self, text: impl AsRef<[u8]>) -> Result<()> {
        self.write(text)?;
        self.write(b"\n")
    }

    /// Hands everything to the reader.
    pub(crate) fn flush(&mut self) -> Result<()> {
        // The standard library's handle holds back what follows the last line end.
        self.writer.flush().map_err(failure)
    }
}

/// Returns the error for a failed write to standard output.
pub(crate) fn failure(error: io::Error) -> Error {
    let kind = if crate::error::is_no_space(&error) { Kind::NoSpace } else { Kind::Store };
    Error::new(kind, "cannot write to standard output").with_source(error)
}
