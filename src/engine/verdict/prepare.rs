//! Makes the writers of archives: in memory, into a staged file, or behind what is kept of an old archive.

use super::decide::Decision;
use super::stage::{stage, stage_file};
use super::{growth, log};
use crate::engine::Engine;
use crate::engine::session::work::{Session, Work};
use crate::engine::session::writer::Writer;
use crate::error::Result;

/// Makes the writer of a source's archive.
pub(crate) fn prepare(engine: &Engine, session: &Session, work: &Work) -> Result<Writer> {
    let verdict = work.verdict();
    if let Decision::Grown { version } = verdict.decision
        && work.planned.found.locator.is_rendered()
    {
        let (writer, log) = log::continued(engine, session, work, &verdict.versions[version])?;
        let _ = work.log.set(log);
        return Ok(writer);
    }
    if engine.settings.is_dry_run {
        return Ok(Writer::counting());
    }
    if !session.plan.refuses_growth
        && !verdict.is_by_text
        && let Some(kept) = growth::kept(engine, work, &verdict.decision, &verdict.versions)
    {
        let mut writer = stage_file(engine, session, work, work.scanned.len())?;
        growth::copy(&kept, &mut writer)?;
        let _ = work.kept.set(kept);
        return Ok(writer);
    }
    stage(engine, session, work, work.scanned.len())
}
