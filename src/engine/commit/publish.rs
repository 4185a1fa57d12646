//! Gives archives their names: in groups, under the first of their candidates that no other session has.

use super::counting::count_archived;
use super::ready::ReadyArchive;
use super::rows::row;
use super::sidecars::{sidecar_inode, sidecar_of};
use crate::archive::catalog::listing::{Changes, Listed};
use crate::archive::catalog::{Row, facts};
use crate::archive::names::Place;
use crate::archive::reader::Archive;
use crate::archive::sidecar::Part;
use crate::archive::store::Store;
use crate::archive::store::commit::{self, GroupCommit, Replace};
use crate::archive::store::stage::Staged;
use crate::engine::Engine;
use crate::engine::history::versions::Version;
use crate::engine::lineage::descent;
use crate::engine::plan::Plan;
use crate::engine::session::placement::Placement;
use crate::error::{Error, Kind, Result};
use crate::platform::sync::lock;
use std::sync::Arc;

/// One archive on its way to a name.
pub(crate) struct Job {
    pub archive: ReadyArchive,
    pub plan: Plan,
    pub parts: Arc<Vec<Part>>,
    /// Which of the placement's candidates is tried.
    pub choice: usize,
}

/// Publishes archives as one group; returns those that have to be tried under another name.
pub(crate) fn publish(
    engine: &Engine,
    store: &Store,
    jobs: Vec<Job>,
    rows: &mut Vec<Row>,
    changes: &mut Changes,
) -> Vec<Job> {
    let mut group = GroupCommit::new(store);
    let (mut waiting, mut again) = (Vec::new(), Vec::new());
    for mut job in jobs {
        let place = job.place();
        let staged = match (job.archive.staged.take(), job.archive.held.take()) {
            (Some(staged), _) => staged,
            (None, Some(bytes)) => match stage_held(store, &place, &bytes) {
                Ok(staged) => staged,
                Err(error) => {
                    engine.outcomes.report_failure(&job.archive.observed.planned, error);
                    continue;
                }
            },
            (None, None) => continue,
        };
        let replace = match job.archive.placement {
            Placement::Replace(_) => {
                changes.replaced.extend(sidecar_inode(store, &place));
                Replace::Yes
            }
            Placement::New(_) => Replace::No,
        };
        let sidecar = sidecar_of(engine, store, &job.archive, &job.parts, &place);
        group.add(staged, place.archive_name(), replace, Some((place.sidecar_name(), sidecar.to_bytes())));
        let mut said = Vec::new();
        facts::encode_sidecar(&sidecar, &mut said);
        waiting.push(Named { job, place, said });
        if group.is_full() {
            again.extend(commit_named(engine, store, &mut group, &mut waiting, rows, changes));
        }
    }
    again.extend(commit_named(engine, store, &mut group, &mut waiting, rows, changes));
    again
}

/// An archive that waits with others of its group for its name.
struct Named {
    job: Job,
    place: Place,
    /// What its sidecar says, for the listing.
    said: Vec<u8>,
}

/// Commits a group and takes in what became of each of its archives; returns those to be tried under another name.
fn commit_named(
    engine: &Engine,
    store: &Store,
    group: &mut GroupCommit,
    waiting: &mut Vec<Named>,
    rows: &mut Vec<Row>,
    changes: &mut Changes,
) -> Vec<Job> {
    let mut again = Vec::new();
    for (Named { job, place, said }, outcome) in waiting.drain(..).zip(group.commit()) {
        if let commit::Publication::Published(Some(stat)) = &outcome
            && job.archive.header.identity.part_id.is_none()
        {
            changes.listed.extend(Listed::of_facts(&said, stat));
        }
        again.extend(settle(engine, store, job, place, outcome, rows));
    }
    again
}

fn stage_held(store: &Store, place: &Place, bytes: &[u8]) -> Result<Staged> {
    let mut staged = store.stage(&place.directory)?;
    staged.append(bytes)?;
    Ok(staged)
}

impl Job {
    fn place(&self) -> Place {
        let candidates = self.archive.placement.candidates();
        match candidates.get(self.choice).or(candidates.last()) {
            Some(place) => place.clone(),
            None => Place { directory: String::new(), stem: self.archive.header.identity.session_id.clone() },
        }
    }
}

/// Takes in what became of one archive; returns it if its name was another session's and there is one more to try.
fn settle(
    engine: &Engine,
    store: &Store,
    mut job: Job,
    place: Place,
    outcome: commit::Publication,
    rows: &mut Vec<Row>,
) -> Option<Job> {
    match outcome {
        commit::Publication::Published(_) => {
            published(engine, store, job, place, rows);
            None
        }
        // Once: a disk that fails again is no disk to write to. A full one would be as full.
        commit::Publication::NotFlushed(error) if job.plan.tries == 0 && error.kind() != Kind::NoSpace => {
            lock(&engine.outcomes.failed_flush).get_or_insert(error);
            retry(engine, job.plan);
            None
        }
        commit::Publication::NotFlushed(error) | commit::Publication::Failed(error) => {
            engine.outcomes.report_failure(&job.archive.observed.planned, error);
            None
        }
        commit::Publication::NameTaken(staged) => {
            let there = Archive::open(&store.path().join(place.archive_path()));
            let other = there.ok().and_then(|archive| archive.header().cloned());
            if let Some(other) = other
                && other.identity == job.archive.header.identity
            {
                // Made by a run that died before it could record it.
                let version = Version::of_header(&other, &place);
                let mut versions = job.archive.versions.clone();
                versions.push(version);
                versions.sort_by_key(|version| version.number);
                rows.push(Version::of_header(&other, &place).row(&other.identity));
                engine.history.set_versions(other.identity.clone(), versions);
                retry(engine, job.plan);
                return None;
            }
            job.archive.staged = Some(staged);
            job.choice += 1;
            if job.choice < job.archive.placement.candidates().len() {
                return Some(job);
            }
            let error = Error::new(Kind::Store, "every name for this session is taken:")
                .with_path(store.path().join(place.archive_path()))
                .with_hint("another session's archive has this name; move it out of the store and run again");
            engine.outcomes.report_failure(&job.archive.observed.planned, error);
            None
        }
    }
}

fn published(engine: &Engine, store: &Store, job: Job, place: Place, rows: &mut Vec<Row>) {
    let archive = &job.archive;
    let mut versions = archive.versions.clone();
    // The source's row is about to name the new version, and may have been all that named an old one.
    let version = Version::of_header(&archive.header, &place);
    let is_hashed_anew =
        versions.iter().any(|old| old.archive == version.archive && old.source_bytes >= version.source_bytes);
    versions.retain(|old| old.archive != version.archive);
    rows.extend(versions.iter().map(|version| version.row(&archive.header.identity)));
    if is_hashed_anew {
        // A row of a rebuild may still have the hash that was made with a key that is lost.
        rows.push(version.row(&archive.header.identity));
    }
    rows.push(row(engine, &archive.observed, &archive.header, &place));
    if archive.header.identity.part_id.is_some() {
        engine.places.note_part(&archive.header.identity, &version.archive);
    }
    versions.push(version);
    versions.sort_by_key(|version| version.number);
    engine.history.set_versions(archive.header.identity.clone(), versions);
    if descent::was_mended(engine, &archive.header.identity) {
        return;
    }
    let path = store.path().join(place.archive_path());
    if engine.settings.lists_archives {
        engine.reporter.path(&path);
    }
    count_archived(engine, archive, path);
}

/// Puts a session up for another try, with what the store holds now.
pub(crate) fn retry(engine: &Engine, mut plan: Plan) {
    plan.tries += 1;
    let mut retries = lock(&engine.outcomes.retries);
    // Several of its archives may call for it.
    let path = |plan: &Plan| plan.sources.first().map(|planned| planned.found.locator.path().to_path_buf());
    if !retries.iter().any(|other| other.sources.len() == plan.sources.len() && path(other) == path(&plan)) {
        retries.push(plan);
    }
}
