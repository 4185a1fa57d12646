//! What the stages hand over to the committer: finished sessions, their archives, and what was seen of their sources.

use crate::archive::catalog::Catalog;
use crate::archive::header::Header;
use crate::archive::names::Place;
use crate::archive::sidecar::Part;
use crate::archive::store::stage::Staged;
use crate::engine::history::versions::Version;
use crate::engine::plan::{Plan, Planned};
use crate::engine::session::placement::Placement;
use crate::identity::Identity;
use crate::locator::Stamp;
use std::cmp::Reverse;
use std::path::Path;

/// What was seen of a source, for the catalog.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    pub planned: Planned,
    pub stamp: Stamp,
    /// When the stamp was taken, nanoseconds since 1970, UTC.
    pub observed_ns: i64,
    pub identity: Identity,
    pub clean_bytes: u64,
    /// It comes again in this run, and counts then.
    pub is_put_off: bool,
    /// The archive that holds the source's bytes already.
    pub same: Option<Version>,
    /// With it: the source's path as the catalog may keep it.
    pub kept_path: Vec<u8>,
}

/// One archive, complete but without a name.
pub(crate) struct ReadyArchive {
    pub observed: Observed,
    pub header: Header,
    /// `None` in a dry run.
    pub staged: Option<Staged>,
    /// The whole archive, instead of a staged one.
    pub held: Option<Vec<u8>>,
    pub archived_bytes: u64,
    pub placement: Placement,
    /// The archives that there were when this one was decided on.
    pub versions: Vec<Version>,
}

/// One session that is finished.
pub(crate) struct Ready {
    pub plan: Plan,
    pub archives: Vec<ReadyArchive>,
    pub unchanged: Vec<Observed>,
    /// The transcript's archive, if it stays as it is while parts are added to it.
    pub transcript: Option<Place>,
    /// The archives of the session's parts, for the transcript's sidecar.
    pub parts: Vec<Part>,
}

impl Ready {
    /// Adds the parts beside the transcript's archive whose sources were not looked at, and may be gone, for its sidecar.
    /// `root` is the store's.
    pub(crate) fn add_archived_parts(&mut self, root: &Path, catalog: &Catalog) {
        let new = self.archives.iter().find(|archive| archive.header.identity.part_id.is_none());
        let transcript = new.and_then(|archive| archive.placement.candidates().first());
        let Some(beside) = transcript.or(self.transcript.as_ref()).map(Place::parts_directory) else {
            return;
        };
        let Some(identity) = self.archives.first().map(|archive| archive.header.identity.session()) else {
            return;
        };
        // What cannot be asked now is listed by a repair.
        let mut rows = catalog.rows_of_parts(&identity).unwrap_or_default();
        rows.retain(|row| row.archive.starts_with(&format!("{beside}/")));
        rows.sort_by_key(|row| Reverse(row.version));
        for row in rows {
            let part_id = row.identity.part_id.unwrap_or_default();
            let is_known = self.parts.iter().any(|known| known.part_id == part_id);
            if !is_known && root.join(&row.archive).is_file() {
                self.parts.push(Part { part_id, archive: beside_session(&row.archive) });
            }
        }
    }
}

/// Returns the path of a part's archive relative to the directory of its session's, from that relative to the store: year
/// and month are the same.
pub(crate) fn beside_session(archive: &str) -> String {
    archive.splitn(3, '/').nth(2).unwrap_or(archive).to_owned()
}
