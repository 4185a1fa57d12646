//! The lines of a source as a stream: for those who take them when they want them, and not when they come.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::render;
use crate::error::{Error, Kind};
use crate::locator::Locator;

/// Lines that wait to be read: few, as one may be large.
const MOST_WAITING: usize = 4;

/// The lines of one source, made by a thread of their own. That ends with its source, or when it has a line that nobody reads any more.
pub(crate) struct Lines {
    lines: Receiver<io::Result<Vec<u8>>>,
    line: Vec<u8>,
    read: usize,
}

impl Lines {
    /// Returns the lines of a source that is told in lines, from its first one on.
    pub(crate) fn of(locator: Locator) -> Lines {
        let (sender, lines) = sync_channel(MOST_WAITING);
        thread::spawn(move || {
            let told = render(&locator, &mut |line| {
                sender.send(Ok(line.to_vec())).map_err(|_| Error::new(Kind::Internal, "nobody reads"))
            });
            if let Err(error) = told {
                drop(sender.send(Err(io::Error::other(error.to_string()))));
            }
        });
        Lines { lines, line: Vec::new(), read: 0 }
    }
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.line.len() {
            match self.lines.recv() {
                Ok(line) => (self.line, self.read) = (line?, 0),
                Err(_) => return Ok(0),
            }
        }
        let count = buffer.len().min(self.line.len() - self.read);
        buffer[..count].copy_from_slice(&self.line[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}
