//! Parts that older archives hold under an id that others of their session could share. They go on under that id as long
//! as they are what is archived there or have grown from it; so nothing is archived twice. What is not archived yet, or
//! not under such an id, has the id that tells it apart.

use super::decide::Decision;
use super::judge::judge;
use crate::agents;
use crate::archive::snapshot::identity_key;
use crate::engine::Engine;
use crate::engine::session::work::{Plan, Verdict, Work};
use crate::error::Error;
use crate::identity;
use crate::identity::Identity;
use std::path::Path;

impl Engine<'_> {
    /// Returns the identity that the part at `path`, which is `identity`, may have in older archives.
    pub(crate) fn former_identity(&self, identity: &Identity, path: &Path) -> Option<Identity> {
        identity.part_id.as_ref()?;
        let part_id = agents::former_part_id(&identity.agent, path)?;
        let is_suspect = identity::is_made_over(&part_id) && !self.is_harmless(&path.to_string_lossy());
        Some(Identity { part_id: Some(self.safe_id(&part_id, is_suspect)), ..identity.clone() })
    }

    /// Returns whether the catalog knows the file at `path` by this identity.
    pub(crate) fn is_recorded_as(&self, identity: &Identity, path: &Path) -> bool {
        let entry = self.snapshot.by_path(self.key_of(&path.into()));
        entry.is_some_and(|entry| entry.identity == identity_key(identity))
    }
}

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
        if engine.versions(former).is_empty() {
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
        Decision::New | Decision::Rewritten { .. } | Decision::Copy => None,
    }
}
