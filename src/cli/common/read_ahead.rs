//! Reads ahead on a thread of its own, so that whoever works on one chunk need not wait for the next. A chunk is what
//! one read brings: in a live pipe nothing is held back.

use std::io::{ErrorKind, Read, Result};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Chunks that wait to be worked on at most.
const CHUNKS_AHEAD: usize = 2;

/// The reading end.
pub(crate) struct ReadAhead {
    chunks: Receiver<Result<Vec<u8>>>,
    /// Chunks that were worked on go back, to be read into again.
    used: Sender<Vec<u8>>,
}

impl ReadAhead {
    /// Starts to read `input`, up to `chunk_bytes` bytes at a time.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub(crate) fn start(input: impl Read + Send + 'static, chunk_bytes: usize) -> Result<ReadAhead> {
        let (chunks_in, chunks) = sync_channel(CHUNKS_AHEAD);
        let (used, used_out) = channel();
        // Never joined: when the work ends early, it may wait for input that does not come.
        std::thread::Builder::new()
            .name("reader".into())
            .spawn(move || read_all(input, chunk_bytes, &chunks_in, &used_out))?;
        Ok(ReadAhead { chunks, used })
    }

    /// Returns the next chunk; `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// When the input cannot be read.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>> {
        // The other end hangs up after the last chunk.
        self.chunks.recv().ok().transpose()
    }

    /// Gives a chunk back.
    pub(crate) fn done(&mut self, chunk: Vec<u8>) {
        // Nobody wants it when all is read.
        let _ = self.used.send(chunk);
    }
}

fn read_all(
    mut input: impl Read,
    chunk_bytes: usize,
    chunks: &SyncSender<Result<Vec<u8>>>,
    used: &Receiver<Vec<u8>>,
) {
    loop {
        let mut chunk = used.try_recv().unwrap_or_default();
        chunk.resize(chunk_bytes, 0);
        let read = match input.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Ok(0) => return,
            Ok(length) => {
                chunk.truncate(length);
                Ok(chunk)
            }
            Err(error) => Err(error),
        };
        let is_last = read.is_err();
        if chunks.send(read).is_err() || is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one piece a read, and fails where there is none.
    struct Pieces(Vec<Option<&'static [u8]>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let Some(piece) = self.0.remove(0) else { return Err(ErrorKind::PermissionDenied.into()) };
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    fn start(pieces: &[Option<&'static [u8]>]) -> ReadAhead {
        ReadAhead::start(Pieces(pieces.to_vec()), 8).unwrap()
    }

    #[test]
    fn each_read_is_a_chunk_and_the_end_is_the_end() {
        let pieces: Vec<Option<&[u8]>> =
            [&b"one"[..], b"2", b"three"].repeat(40).into_iter().map(Some).collect();
        let mut ahead = start(&pieces);
        for piece in pieces {
            let chunk = ahead.next().unwrap().unwrap();
            assert_eq!(Some(&chunk[..]), piece);
            ahead.done(chunk);
        }
        assert_eq!(ahead.next().unwrap(), None);
        assert_eq!(ahead.next().unwrap(), None);
    }

    #[test]
    fn an_error_comes_after_what_was_read_before_it() {
        let mut ahead = start(&[Some(b"one"), None, Some(b"never")]);
        assert_eq!(ahead.next().unwrap().unwrap(), b"one");
        assert_eq!(ahead.next().unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(ahead.next().unwrap(), None);
    }

    #[test]
    fn whoever_leaves_early_does_not_wait_for_input() {
        let (reader, _writer) = std::io::pipe().unwrap();
        drop(ReadAhead::start(reader, 8).unwrap());
    }
}
