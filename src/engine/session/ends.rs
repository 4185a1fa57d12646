//! What the first and the last bytes of a source tell, and the beginnings of long rows behind the first.

use super::access::Access;
use super::blocks::Bytes;
use crate::agents;
use crate::engine::Engine;
use crate::engine::plan::Planned;
use crate::error::Result;
use crate::input::Source;

/// What the first and the last bytes of a source tell.
pub(crate) struct Ends {
    pub identified: agents::Identified,
    pub description: agents::Description,
    /// The last bytes; empty where the source is in memory, out of reach of whoever writes to it.
    pub tail: Vec<u8>,
}

/// Reads the ends of a source of `covered` bytes.
pub(crate) fn read_ends(
    engine: &Engine,
    planned: &Planned,
    source: &Source,
    access: &Access,
    covered: u64,
) -> Result<Ends> {
    const END: u64 = agents::END_BYTES as u64;
    let bytes = access.bytes(source, covered);
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let head = bytes.read(0..covered.min(END), &mut first)?;
    let found = &planned.found;
    let identified = match found.locator.is_rendered() {
        // Where it is says whose it is; its lines are of our making.
        true => agents::Identified::of_guess(&found.guess),
        false => agents::identify(found.locator.path(), &found.guess, head),
    };
    // Where the ends meet, they are one text: no record is looked at twice.
    let (head, tail) = match covered <= 2 * END {
        true => (bytes.read(0..covered, &mut last)?, &b""[..]),
        false => (head, bytes.read(covered - END..covered, &mut last)?),
    };
    let is_own_text = agents::is_own_text(planned.found.locator.path(), &planned.found.guess);
    let mut rows = LongRows { bytes: &bytes, at: END, count: 0 };
    let more: &mut dyn FnMut() -> Option<Vec<u8>> = &mut || if tail.is_empty() { None } else { rows.next() };
    let description = match engine.settings.is_dry_run {
        _ if !is_own_text => agents::Description::default(),
        true => agents::describe_beginning(identified.agent, head, more, tail),
        false => agents::describe_all(identified.agent, head, more, tail),
    };
    let path = planned.found.locator.path();
    let description = match identified.part_id {
        None => agents::describe_with_beside(identified.agent, path, description),
        Some(_) => description,
    };
    let tail = match access {
        Access::Read(_) | Access::Streamed(_) => Vec::new(),
        Access::Held(_) | Access::Mapped(_) | Access::Positioned => {
            bytes.read(covered.saturating_sub(END)..covered, &mut last)?.to_vec()
        }
    };
    Ok(Ends { identified, description, tail })
}

/// So many bytes in front of a long row's end are looked at: enough for what agents write behind a message.
const ROW_END_BYTES: u64 = 16 << 10;

/// A row that is longer is not looked for the end of.
const LONG_ROW_BYTES: u64 = 16 << 20;

/// So many long rows are passed over in search of the beginning of a session.
const LONG_ROWS: u32 = 4;

/// What follows a source's first bytes, in pieces: the end of the row that is cut there, and some rows behind it.
struct LongRows<'a, 'b> {
    bytes: &'a Bytes<'b>,
    /// Up to here all was looked at.
    at: u64,
    count: u32,
}

impl LongRows<'_, '_> {
    /// Returns the next piece, which begins within a row; `None` if there is no other, or it cannot be read.
    fn next(&mut self) -> Option<Vec<u8>> {
        self.count += 1;
        if self.count > LONG_ROWS || self.at >= self.bytes.len() {
            return None;
        }
        let (mut buffer, end) = (Vec::new(), self.row_end()?);
        let start = end.saturating_sub(ROW_END_BYTES).max(self.at);
        self.at = (end + agents::END_BYTES as u64).min(self.bytes.len());
        self.bytes.read(start..self.at, &mut buffer).ok().map(<[u8]>::to_vec)
    }

    /// Returns where the row ends that goes on where nothing was looked at yet.
    fn row_end(&self) -> Option<u64> {
        const STEP: u64 = agents::END_BYTES as u64;
        let (mut from, mut buffer) = (self.at, Vec::new());
        let limit = self.bytes.len().min(self.at + LONG_ROW_BYTES);
        while from < limit {
            let to = (from + STEP).min(limit);
            if let Some(at) = memchr::memchr(b'\n', self.bytes.read(from..to, &mut buffer).ok()?) {
                return Some(from + at as u64);
            }
            from = to;
        }
        (limit == self.bytes.len()).then_some(limit)
    }
}
