//! What an archive says of where its session comes from, and when one is made again to say so.

use crate::archive::header::MAX_OTHER_IDS;
use crate::archive::reader::Archive;
use crate::engine::Engine;
use crate::engine::history::versions::Version;
use crate::engine::plan::Plan;
use crate::engine::session::work::{Descent, Session, Work};
use crate::identity::Identity;
use crate::platform::sync::lock;

/// Bytes of a session's other ids that are kept: [`MAX_OTHER_IDS`] UUIDs fit.
const MAX_OTHER_IDS_BYTES: usize = 4 << 10;

/// Returns whether an archive that holds all of a source is to be made again: it does not say whose copy it is, or names
/// a copy. Only if the session was to be looked at again.
pub(crate) fn is_to_mend(engine: &Engine, plan: &Plan, work: &Work, version: &Version) -> bool {
    let may_be = plan.tries > 0 && plan.refuses_growth && work.identity.part_id.is_none();
    let Some(owner) = work.owner.as_ref().filter(|_| may_be && !engine.settings.is_dry_run) else {
        return false;
    };
    let archive = Archive::open(&engine.history.root.join(&version.archive));
    let known = archive.ok().and_then(|archive| archive.header().map(|header| header.forked_from.clone()));
    let is_news = known.is_some_and(|known| known.as_ref() != Some(owner));
    if is_news {
        engine.owners.families.mend(&work.identity.session_id);
    }
    is_news
}

/// Returns whether an archive was made again for no other reason than to say whose copy it is.
pub(crate) fn was_mended(engine: &Engine, identity: &Identity) -> bool {
    identity.part_id.is_none() && engine.owners.families.was_mended(&identity.session_id)
}

/// Returns whether a session should wait for the others of this run: it is a copy of one that may be among them.
pub(crate) fn waits(engine: &Engine, plan: &Plan, works: &[Work]) -> bool {
    let is_sought = |work: &Work| {
        work.owner.is_none()
            && !work.planned.is_unchanged
            && work.identity.part_id.is_none()
            && work.description.lineage.unnamed_copy().is_some()
    };
    plan.tries == 0 && !engine.settings.is_dry_run && works.iter().any(is_sought)
}

/// Returns what the archive of a source will say, when all its blocks were scanned and it is decided whose it is.
pub(crate) fn settle(engine: &Engine, session: &Session, work: &Work) -> Descent {
    if engine.settings.is_dry_run {
        return Descent::default();
    }
    let verdict = work.verdict();
    let own = &verdict.identity.session_id;
    // An id in which there is something to mask is kept nowhere.
    let is_kept = |id: &String| id != own && session.masked(&engine.masker, id) == *id;
    let before = verdict.versions.last().and_then(|version| {
        let archive = Archive::open(&engine.store().ok()?.path().join(&version.archive)).ok()?;
        archive.header().cloned()
    });
    let mut ids: Vec<String> = Vec::new();
    if work.identity.part_id.is_none() && !work.is_named_by_stem {
        // What a copy is called by the name of its file alone: what hooks and people know it by. It comes first, as not
        // all may be kept.
        ids.extend(work.planned.found.guess.session_id.clone());
        ids.push(work.identity.session_id.clone());
    }
    ids.extend(before.iter().flat_map(|header| header.other_ids.iter().cloned()));
    ids.extend(work.description.lineage.ids.iter().cloned());
    for scanned in &work.scanned {
        let scanned = lock(scanned);
        ids.extend(scanned.iter().flat_map(|scanned| scanned.ids.iter().cloned()));
    }
    let (mut other_ids, mut bytes) = (Vec::<String>::new(), 0);
    for id in ids {
        let is_room = other_ids.len() < MAX_OTHER_IDS && bytes + id.len() <= MAX_OTHER_IDS_BYTES;
        if is_room && !other_ids.contains(&id) && is_kept(&id) {
            bytes += id.len();
            other_ids.push(id);
        }
    }
    let known = work.owner.clone().or_else(|| before?.forked_from);
    Descent { forked_from: known.filter(is_kept), other_ids }
}
