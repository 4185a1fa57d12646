//! Whether a source is still what was read of it.

use crate::error::{Error, Kind, Result};
use crate::input::Source;
use crate::platform::{Stat, clock};

/// A source that nobody wrote to for so long is mapped; a younger one is read, because a map of a file that is
/// truncated shows zeros or worse, and an agent may write over the last 64 KiB of a live transcript.
pub(crate) const SETTLED_NANOSECONDS: i64 = 120_000_000_000;

/// Returns whether nobody wrote to a source for a while.
pub(crate) fn is_settled(stat: &Stat) -> bool {
    stat.mtime_ns < clock::nanoseconds().saturating_sub(SETTLED_NANOSECONDS)
}

/// Returns whether a source was written to since it was opened.
pub(crate) fn changed(source: &Source) -> Result<bool> {
    source.changed().map_err(|error| Error::io(Kind::Source, "cannot read", source.path(), error))
}

/// Returns the error for a source that is being written over while it is archived.
pub(crate) fn changing(path: &std::path::Path) -> Error {
    Error::new(Kind::Source, "still changing, left for the next run:")
        .with_path(path)
        .with_hint("nothing is lost: run `sessionkeep import` again when its agent is idle")
}
