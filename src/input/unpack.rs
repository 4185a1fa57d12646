//! Text out of gzip and zstd: of any number of members or frames, as both formats allow and as agents append them.
//!
//! What was cut off in the middle of a write gives all that can be read of it, and then an error that [`is_cut`].

use flate2::bufread::GzDecoder;
use std::fmt;
use std::io::{self, BufRead, Read};
use zstd::stream::read::Decoder as ZstdDecoder;

/// Largest window that a zstd frame may ask for, as a power of two: 128 MiB, zstd's own default limit.
const ZSTD_WINDOW_LOG: u32 = 27;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

/// The error for input of which all was given that can be read, but that is not whole.
#[derive(Clone, Copy, Debug)]
struct Cut(&'static str);

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Cut {}

/// Returns the error for input that is not whole, for the reason given.
pub(crate) fn cut(reason: &'static str) -> io::Error {
    io::Error::other(Cut(reason))
}

/// Returns whether an error only says that there should be more: what was read before it holds.
pub(crate) fn is_cut(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|error| error.is::<Cut>())
}

/// Reads the text of packed input.
pub(crate) struct Unpacked<R: BufRead> {
    packing: Packing,
    state: State<R>,
    /// Members that were read to their ends.
    members: u64,
    /// Something came out of the member that is being read.
    is_begun: bool,
}

enum State<R: BufRead> {
    Between(R),
    Gzip(Box<GzDecoder<R>>),
    Zstd(Box<ZstdDecoder<'static, R>>),
    Ended,
    Cut(&'static str),
}

impl<R: BufRead> Unpacked<R> {
    pub(crate) fn new(packed: R, packing: Packing) -> Unpacked<R> {
        Unpacked { packing, state: State::Between(packed), members: 0, is_begun: false }
    }

    /// Begins the next member, if there is one.
    fn begin(&mut self, mut packed: R) -> io::Result<State<R>> {
        let first = packed.fill_buf()?.first().copied();
        self.is_begun = false;
        Ok(match (first, self.packing) {
            (None, _) => State::Ended,
            (Some(0x1f), Packing::Gzip) => State::Gzip(Box::new(GzDecoder::new(packed))),
            (Some(0x28 | 0x50..=0x5f), Packing::Zstd) => {
                let mut decoder = ZstdDecoder::with_buffer(packed)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                State::Zstd(Box::new(decoder))
            }
            // What tapes are filled up with, and gzip itself passes over.
            (Some(0), Packing::Gzip) if self.members > 0 && is_zeros(packed)? => State::Ended,
            _ => State::Cut("after its last whole part comes something else"),
        })
    }
}

fn is_zeros(mut packed: impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = packed.fill_buf()?;
        if bytes.iter().any(|&byte| byte != 0) {
            return Ok(false);
        }
        let count = bytes.len();
        if count == 0 {
            return Ok(true);
        }
        packed.consume(count);
    }
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.state {
                State::Gzip(decoder) => decoder.read(buffer),
                State::Zstd(decoder) => decoder.read(buffer),
                State::Ended => return Ok(0),
                State::Cut(reason) => return Err(cut(reason)),
                State::Between(_) => Ok(0),
            };
            match read {
                Ok(0) => {}
                Ok(count) => {
                    self.is_begun = true;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    self.state =
                        State::Cut("it ends in the middle, as if it was cut off while it was written");
                    continue;
                }
                Err(error) if error.raw_os_error().is_some() => return Err(error),
                Err(_) if self.members > 0 && !self.is_begun => {
                    self.state = State::Cut("after its last whole part comes something damaged");
                    continue;
                }
                Err(error) => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, format!("damaged: {error}")));
                }
            }
            self.state = match std::mem::replace(&mut self.state, State::Ended) {
                State::Gzip(decoder) => {
                    self.members += 1;
                    State::Between(decoder.into_inner())
                }
                State::Zstd(decoder) => {
                    self.members += 1;
                    State::Between(decoder.finish())
                }
                State::Between(packed) => self.begin(packed)?,
                over => over,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Write};

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 3).unwrap()
    }

    fn skippable(bytes: &[u8]) -> Vec<u8> {
        [&b"\x53\x2a\x4d\x18"[..], &(bytes.len() as u32).to_le_bytes(), bytes].concat()
    }

    /// Reads through a buffer so small that everything straddles its end.
    fn read(packed: &[u8], packing: Packing) -> (Vec<u8>, io::Result<usize>) {
        let mut text = Vec::new();
        let done = Unpacked::new(BufReader::with_capacity(3, packed), packing).read_to_end(&mut text);
        (text, done)
    }

    #[test]
    fn any_number_of_members_and_frames_are_one_text() {
        let parts: [&[u8]; 4] = [b"one\n", b"", b"two\n", b"three\n"];
        let whole = parts.concat();
        let (text, done) = read(&parts.map(gzip).concat(), Packing::Gzip);
        assert!(done.is_ok() && text == whole, "{done:?}");
        let (text, done) = read(&[parts.map(gzip).concat(), vec![0; 700]].concat(), Packing::Gzip);
        assert!(done.is_ok() && text == whole, "{done:?}");
        let frames =
            [skippable(b"x"), parts.map(zstd).concat(), skippable(b""), zstd(b"end\n"), skippable(b"last")];
        let (text, done) = read(&frames.concat(), Packing::Zstd);
        assert!(done.is_ok() && text == [&whole[..], b"end\n"].concat(), "{done:?}");
    }

    #[test]
    fn a_cut_anywhere_gives_what_was_before_it() {
        let text: Vec<u8> =
            (0..40_000u32).flat_map(|line| format!("{line} {}\n", line * 7919).into_bytes()).collect();
        for (packing, first, second) in
            [(Packing::Gzip, gzip(b"one\n"), gzip(&text)), (Packing::Zstd, zstd(b"one\n"), zstd(&text))]
        {
            let whole = [&b"one\n"[..], &text].concat();
            let packed = [&first[..], &second].concat();
            let mut most = 0;
            for end in [first.len() + 1, first.len() + 9, packed.len() / 2, packed.len() - 1] {
                let (text, done) = read(&packed[..end], packing);
                assert!(is_cut(&done.unwrap_err()), "{packing:?} cut at {end}");
                assert!(whole.starts_with(&text) && text.len() >= 4, "{packing:?} cut at {end}");
                most = text.len();
            }
            assert!(most > whole.len() / 2, "{packing:?}: {most}");
        }
    }

    #[test]
    fn what_follows_the_last_part_is_named_and_damage_within_one_is_an_error() {
        for (packing, whole) in [(Packing::Gzip, gzip(b"one\n")), (Packing::Zstd, zstd(b"one\n"))] {
            for rest in [&b"rubbish"[..], b"\x1f rubbish", b"(rubbish", b"\0\0x", b"Prubbish"] {
                let (text, done) = read(&[&whole[..], rest].concat(), packing);
                assert!(is_cut(&done.unwrap_err()), "{packing:?} {rest:?}");
                assert_eq!(text, b"one\n");
            }
        }
        let mut damaged = gzip(&b"text "[..].repeat(100));
        let end = damaged.len();
        damaged[end - 6] ^= 1;
        assert!(!is_cut(&read(&damaged, Packing::Gzip).1.unwrap_err()));
        assert!(is_cut(
            &read(&[skippable(b"x"), b"\x04\x22\x4d\x18".to_vec()].concat(), Packing::Zstd).1.unwrap_err()
        ));
    }

    #[test]
    fn a_frame_that_asks_for_too_large_a_window_is_refused() {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(28).unwrap();
        encoder.long_distance_matching(true).unwrap();
        encoder.write_all(b"text\n").unwrap();
        let packed = encoder.finish().unwrap();
        assert!(!is_cut(&read(&packed, Packing::Zstd).1.unwrap_err()));
    }
}
