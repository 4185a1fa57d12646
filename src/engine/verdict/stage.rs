//! Where the members of an archive are gathered before it has a name.

use super::header::header_of;
use crate::archive::header::codec;
use crate::engine::Engine;
use crate::engine::session::work::{Session, Work};
use crate::engine::session::writer::Writer;
use crate::error::Result;
use crate::mask::Tally;

/// An archive of so few blocks is put together in memory and written at once.
const HELD_BLOCKS: usize = 4;

/// Makes the writer of an archive of so many blocks: in memory for a small one, into a staged file for a large one.
pub(crate) fn stage(engine: &Engine, session: &Session, work: &Work, blocks: usize) -> Result<Writer> {
    if blocks <= HELD_BLOCKS {
        return Ok(Writer::held());
    }
    stage_file(engine, session, work, blocks)
}

/// Makes the writer of an archive of so many blocks into a staged file.
pub(crate) fn stage_file(engine: &Engine, session: &Session, work: &Work, blocks: usize) -> Result<Writer> {
    let header = header_of(engine, session, work, &Tally::default(), Vec::new());
    let first_bytes = codec::reserve_len(&header, blocks) as u64;
    Ok(Writer::staged(engine.store()?.stage(&work.placement().directory())?, first_bytes))
}
