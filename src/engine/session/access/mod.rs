//! How the bytes of a source are reached: read, mapped, held in memory, or decoded again each time.
//!
//! In: an open source. Out: the way to its bytes. Here it is chosen; `held` keeps text that is not to be had again, `stream`
//! goes through text that is too much to keep.

pub(crate) mod held;
pub(crate) mod stream;

use crate::engine::Engine;
use crate::engine::session::blocks::Bytes;
use crate::engine::session::changes::{changed, changing, is_settled};
use crate::engine::state::buffers::Lent;
use crate::error::Result;
use crate::input::Source;
use crate::platform::Stat;
use crate::platform::sigbus::GuardedMap;
use held::{Held, Text};
use stream::Stream;

/// Up to so many bytes a source is read whole: cheaper than a map, whose set-up costs two system calls and a page
/// fault for every 4 KiB.
const READ_BYTES: u64 = 1 << 20;

/// Text of a packed source that is never too much, and of one that cannot be started over at most. The largest rollout
/// known has 212 MB.
const DECODED_BYTES: u64 = 1 << 30;

/// Text for each byte of a packed source at most, where it has more than [`DECODED_BYTES`]: transcripts have 5 to 100, and
/// what has more was made to use up time and disk.
const MOST_RATIO: u64 = 256;

/// How often a source that changes while it is read is read again at once.
const READ_TRIES: u32 = 3;

/// How the bytes of a source are reached.
pub(crate) enum Access {
    /// Read whole into memory.
    Read(Lent),
    /// Decoded, large, and not to be had again: in memory, compressed.
    Held(Held),
    /// Decoded and large: decoded again each time that it is gone through.
    Streamed(Stream),
    /// Mapped: large, and not written to lately.
    Mapped(GuardedMap),
    /// Large and recently written to: read block by block, each time into private memory.
    Positioned,
}

impl Access {
    /// Returns the first `covered` bytes of `source`, which is reached this way.
    pub(crate) fn bytes<'a>(&'a self, source: &'a Source, covered: u64) -> Bytes<'a> {
        match self {
            Access::Read(bytes) => Bytes::Whole(&bytes[..covered as usize]),
            Access::Mapped(map) => Bytes::Whole(&map[..covered as usize]),
            Access::Held(held) => Bytes::Held { held, covered },
            Access::Streamed(stream) => Bytes::Streamed { reader: stream.reader(source), covered },
            Access::Positioned => Bytes::Positioned { source, covered },
        }
    }
}

/// Chooses how to reach the bytes of `source`; returns that and how many bytes are covered.
pub(crate) fn reach(
    engine: &Engine,
    source: &Source,
    stat: Stat,
    tries: u32,
    path: &std::path::Path,
) -> Result<(Access, u64)> {
    if source.is_decoded() {
        let most = match source.can_start_over() {
            true => DECODED_BYTES.max(stat.bytes.saturating_mul(MOST_RATIO)),
            false => DECODED_BYTES,
        };
        return Ok(match held::read_all(source, most, &engine.buffers)? {
            Text::Plain(bytes) => {
                let covered = bytes.len() as u64;
                (Access::Read(bytes), covered)
            }
            Text::Held(held) => {
                let covered = held.text_bytes();
                (Access::Held(held), covered)
            }
            Text::Proven(proof) => {
                let stream = Stream::new(proof, &engine.streams);
                let covered = stream.text_bytes();
                (Access::Streamed(stream), covered)
            }
        });
    }
    if stat.bytes <= READ_BYTES {
        return read_whole(engine, source, path);
    }
    if is_settled(&stat)
        && tries == 0
        && let Some(map) = source.map()
    {
        return Ok((Access::Mapped(map), stat.bytes));
    }
    Ok((Access::Positioned, stat.bytes))
}

/// Reads a small source whole; again if it is written over meanwhile. What is appended meanwhile is for the next run.
fn read_whole(engine: &Engine, source: &Source, path: &std::path::Path) -> Result<(Access, u64)> {
    for _ in 0..READ_TRIES {
        let mut bytes = engine.buffers.lend(source.stat().bytes as usize);
        let read = source.read_at(0, bytes.space())?;
        bytes.truncate(read);
        if !changed(source)? || is_same(source, &bytes)? {
            let covered = bytes.len() as u64;
            return Ok((Access::Read(bytes), covered));
        }
    }
    Err(changing(path))
}

/// Returns whether the source still begins with `bytes`.
fn is_same(source: &Source, bytes: &[u8]) -> Result<bool> {
    let mut again = vec![0; bytes.len()];
    Ok(source.read_at(0, &mut again)? == bytes.len() && again == bytes)
}
