//! Parts that older archives hold under an id that others of their session could share. They go on under that id as long
//! as they are what is archived there or have grown from it; so nothing is archived twice. What is not archived yet, or
//! not under such an id, has the id that tells it apart.

use super::decide::Decision;
use super::judge::judge;
use crate::engine::Engine;
use crate::engine::plan::Plan;
use crate::engine::session::work::{Verdict, Work};
use crate::error::Error;

/// Lets parts of which only the content tells that they are archived under a former id (the catalog was made anew, or the
/// session's directory moved) go on under it. An archive that another source of the session is or has grown from is
/// that one's.
///
/// # Errors
///
/// When a source cannot be read; with its index.
pub(crate) fn settle(
    engine: &Engine,
    plan: &Plan,
    works: &[Work],
    verdicts: &mut [Verdict],
) -> Result<(), (usize, Error)> {
    for (index, work) in works.iter().enumerate() {
        let is_open = matches!(verdicts[index].decision, Decision::New | Decision::Rewritten { .. });
        let Some(former) = work.former.as_ref().filter(|_| is_open && !work.is_unhashed) else { continue };
        if engine.history.versions(former).is_empty() {
            continue;
        }
        let verdict = judge(engine, plan, work, former.clone()).map_err(|error| (index, error))?;
        let is_free = archive(&verdict).is_some_and(|mine| {
            let is_mine = |other: &Verdict| other.identity == *former && archive(other) == Some(mine);
            !verdicts.iter().any(is_mine)
        });
        if is_free {
            verdicts[index] = verdict;
        }
    }
    Ok(())
}

/// Returns the archive that a source is or has grown from.
fn archive(verdict: &Verdict) -> Option<&str> {
    match verdict.decision {
        Decision::Same { version } | Decision::Grown { version } => Some(&verdict.versions[version].archive),
        Decision::New | Decision::Rewritten { .. } | Decision::Copy | Decision::Pruned { .. } => None,
    }
}
