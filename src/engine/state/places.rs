//! Where sessions are, beyond what the archives of their transcripts say: the parts of a session without one share a
//! directory, and a transcript that comes later takes the name that the directory has.

use crate::archive::catalog::Catalog;
use crate::archive::catalog::snapshot::{Key, archive_key, identity_key};
use crate::archive::names::Place;
use crate::engine::history::History;
use crate::engine::history::versions::Version;
use crate::identity::Identity;
use crate::platform::sync::lock;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// New sessions that the catalog is asked about one by one. A hook or a scheduled import has few; in a bulk import the
/// committer holds the catalog most of the time, and nobody is to wait for it.
const ASKED_ONE_BY_ONE: usize = 64;

/// What a run knows of the places of sessions beyond what archives of transcripts say.
#[derive(Default)]
pub(crate) struct Places {
    /// Where the parts are of sessions whose transcript is not archived; read when many sessions are asked for.
    orphaned: OnceLock<Mutex<HashMap<Key, Place>>>,
    /// How many sessions were asked for before.
    asked: AtomicUsize,
    /// Which session of this run goes to a place.
    taken: Mutex<HashMap<Key, Key>>,
}

impl Places {
    /// Notes where the first part of a session without a transcript is. For the committer, who holds the catalog: where
    /// it is read later, it tells the same.
    pub(crate) fn note_part(&self, identity: &Identity, archive: &str) {
        if let (Some(orphaned), Some(place)) = (self.orphaned.get(), Place::of_session_of(archive)) {
            lock(orphaned).entry(identity_key(&identity.session())).or_insert(place);
        }
    }

    /// Notes that a session has a place, which another run gave it.
    pub(crate) fn note_place(&self, session: &Identity, place: Place) {
        if let Some(orphaned) = self.orphaned.get() {
            lock(orphaned).insert(identity_key(session), place);
        }
    }

    /// Takes a place for a session of this run; false if another has it.
    pub(crate) fn take(&self, place: &Place, session: Key) -> bool {
        *lock(&self.taken).entry(archive_key(&place.archive_path())).or_insert(session) == session
    }

    /// Returns where a session is: the place of its archive, or, as long as there is none, the one that its parts lie
    /// beside.
    pub(crate) fn of_session(&self, history: &History, session: &Identity) -> Option<Place> {
        if let Some(first) = history.versions(session).first() {
            return Some(first.place());
        }
        let is_read = self.orphaned.get().is_some();
        if !is_read && self.asked.fetch_add(1, Ordering::Relaxed) < ASKED_ONE_BY_ONE {
            // What cannot be asked now is named as if it were new.
            return lock(&history.catalog).as_ref().and_then(|catalog| place_of_parts(catalog, session));
        }
        let orphaned = self.orphaned.get_or_init(|| Mutex::new(orphaned_by(history)));
        lock(orphaned).get(&identity_key(session)).cloned()
    }
}

/// Returns where the parts are of all sessions whose transcript is not archived.
fn orphaned_by(history: &History) -> HashMap<Key, Place> {
    let catalog = lock(&history.catalog);
    let sessions = catalog.as_ref().and_then(|catalog| catalog.sessions_with_parts().ok());
    let keyed = sessions.into_iter().flatten().map(|one| (identity_key(&one.identity), one.archive));
    keyed
        .filter(|(key, _)| history.snapshot.by_identity(*key).next().is_none())
        .filter_map(|(key, archive)| Some((key, Place::of_session_of(&archive)?)))
        .collect()
}

/// Returns where, by the catalog, the session is at this moment that a source is of which there is no archive: as
/// the verdict does, for the committer.
pub(crate) fn recorded_place(catalog: &Catalog, source: &Identity) -> Option<Place> {
    if source.part_id.is_some()
        && let Some(first) = Version::of_rows(catalog.rows_of(&source.session()).ok()?).first()
    {
        return Some(first.place());
    }
    place_of_parts(catalog, source)
}

/// Returns the place that the parts of a session lie beside, by the catalog.
fn place_of_parts(catalog: &Catalog, session: &Identity) -> Option<Place> {
    let parts = catalog.rows_of_parts(session).ok()?;
    parts.into_iter().map(|row| row.archive).min().and_then(|archive| Place::of_session_of(&archive))
}
