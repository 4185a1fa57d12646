//! Makes the writers of archives: in memory, into a staged file, or behind what is kept of an old archive.

use super::growth;
use super::header::header_of;
use crate::archive::header::codec;
use crate::engine::Engine;
use crate::engine::session::work::{Session, Work};
use crate::engine::session::writer::Writer;
use crate::error::Result;
use crate::mask::Tally;

/// An archive of so few blocks is put together in memory and written at once.
const HELD_BLOCKS: usize = 4;

/// Makes the writer of a source's archive: in memory for a small one, into a staged file for a large one.
fn stage(engine: &Engine, session: &Session, work: &Work, is_file: bool) -> Result<Writer> {
    let blocks = work.scanned.len();
    if blocks <= HELD_BLOCKS && !is_file {
        return Ok(Writer::held());
    }
    let header = header_of(engine, session, work, &Tally::default(), Vec::new());
    let first_bytes = codec::reserve_len(&header, blocks) as u64;
    Ok(Writer::staged(engine.store()?.stage(&work.placement().directory())?, first_bytes))
}

/// Makes the writer of a source's archive.
pub(crate) fn prepare(engine: &Engine, session: &Session, work: &Work) -> Result<Writer> {
    if engine.settings.is_dry_run {
        return Ok(Writer::counting());
    }
    let verdict = work.verdict();
    if !session.plan.refuses_growth
        && let Some(kept) = growth::kept(engine, work, &verdict.decision, &verdict.versions)
    {
        let mut writer = stage(engine, session, work, true)?;
        growth::copy(&kept, &mut writer)?;
        let _ = work.kept.set(kept);
        return Ok(writer);
    }
    stage(engine, session, work, false)
}
