//! The last stage: makes finished archives durable in groups, records them, and says so.
//!
//! One thread flushes and one gives names, so that both overlap with compressing and with each other. What is counted
//! as archived here survives a power cut. The order is archive, sidecar, catalog: each is rebuilt from the one before
//! if a run dies in between.

use super::overtaken::{archives_of, is_overtaken};
use super::queue::{Closing, Queue};
use super::ready::{Placement, Ready, ReadyArchive};
use super::rows::{row, row_of_archive, row_of_unchanged};
use crate::archive::catalog::{Catalog, Row};
use crate::archive::catalog_listing::{Changes, Listed};
use crate::archive::commit::{self, GroupCommit, Replace};
use crate::archive::facts;
use crate::archive::names::Place;
use crate::archive::reader::Archive;
use crate::archive::sidecar::{Part, Sidecar};
use crate::archive::stage::Staged;
use crate::archive::store::Store;
use crate::engine::history::versions::Version;
use crate::engine::lineage::owner;
use crate::engine::session::work::Plan;
use crate::engine::state::times::Step;
use crate::engine::state::totals::Outcome;
use crate::engine::work::finish;
use crate::engine::{Engine, lock};
use crate::error::{Error, Kind, Result};
use crate::platform::Stat;
use crossbeam_channel::bounded;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long a session's lock is waited for: a hook's worker holds one for as long as a flush takes.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// Takes finished sessions until there are no more, and commits them in groups: while one group gets its names, the
/// bytes of the next are flushed.
pub(crate) fn run(engine: &Engine, queue: &Queue) {
    let _closing = Closing(queue);
    std::thread::scope(|scope| {
        let (flushed, groups) = bounded::<Vec<Ready>>(0);
        scope.spawn(move || {
            for group in groups {
                let started = engine.times.start();
                commit_group(engine, group);
                engine.times.add(Step::Commit, started);
            }
        });
        while let Some(mut group) = queue.take() {
            let started = engine.times.start();
            let archives = group.iter_mut().flat_map(|ready| &mut ready.archives);
            commit::flush(archives.filter_map(|archive| archive.staged.as_mut()).collect());
            engine.times.add(Step::Flush, started);
            if flushed.send(group).is_err() {
                break;
            }
        }
        // The other thread ends when nothing more can come.
        drop(flushed);
    });
}

/// One archive on its way to a name.
struct Job {
    archive: ReadyArchive,
    plan: Plan,
    parts: Arc<Vec<Part>>,
    /// Which of the placement's candidates is tried.
    choice: usize,
}

/// Commits a group of sessions; what fails is reported for each source.
fn commit_group(engine: &Engine, group: Vec<Ready>) {
    if engine.is_dry_run {
        return group.into_iter().for_each(|ready| count_dry(engine, ready));
    }
    let identities = group.iter().flat_map(|ready| &ready.archives).map(|archive| &archive.header.identity);
    let locks = engine.store().and_then(|store| Ok((store, store.lock_sessions(identities, LOCK_WAIT)?)));
    let (store, _locks) = match locks {
        Ok(held) => held,
        Err(error) => return fail_all(engine, group, error),
    };
    let mut catalog = lock(&engine.catalog);
    let Some(catalog) = catalog.as_mut() else { return };
    let mut rows = Vec::new();
    let mut changes = Changes::default();
    let mut jobs = Vec::new();
    let mut transcripts = Vec::new();
    let mut seen = HashSet::new();
    let look = |catalog: &mut Catalog| group.iter().map(|ready| archives_of(catalog, ready)).collect();
    let there: Vec<_> = catalog.at_one_moment(look);
    for (mut ready, there) in group.into_iter().zip(there) {
        for observed in &ready.unchanged {
            rows.extend(row_of_unchanged(engine, observed));
        }
        // Two files of one session in one group, which would be given two names: the second is looked at again when
        // the first is recorded.
        let is_second = ready.archives.iter().any(|archive| !seen.insert(archive.header.identity.clone()));
        if is_second || is_overtaken(engine, catalog, &ready, there) {
            retry(engine, ready.plan);
            continue;
        }
        ready.add_archived_parts(store.path(), catalog);
        if let Some(place) = ready.transcript.filter(|_| !ready.archives.is_empty()) {
            transcripts.push((place, ready.parts.clone()));
        }
        let (plan, parts) = (ready.plan, Arc::new(ready.parts));
        jobs.extend(ready.archives.into_iter().map(|archive| Job {
            archive,
            plan: plan.clone(),
            parts: Arc::clone(&parts),
            choice: 0,
        }));
    }
    if !jobs.is_empty() {
        // Where it cannot be left, a run that is killed is made up for by the names alone.
        let mut naming = lock(&engine.naming);
        *naming = naming.take().or_else(|| store.begin_naming().ok());
    }
    // A name may be taken by another session; each round tries the next candidate for what is left.
    while !jobs.is_empty() {
        jobs = publish(engine, store, jobs, &mut rows, &mut changes);
    }
    for (place, parts) in transcripts {
        // The sidecar is a copy of what the archives say: if it cannot be written, it is made anew some other time.
        let _ = list_parts(engine, store, &place, parts, &mut changes);
    }
    if let Err(error) = catalog.record_listed(&rows, &changes) {
        engine.reporter.warn(format_args!("{error}; the next import looks at these sessions again"));
        // Its mark stays, as that of a run that died.
        drop(lock(&engine.naming).take());
    }
}

/// Publishes archives as one group; returns those that have to be tried under another name.
fn publish(
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
                    engine.report_failure(&job.archive.observed.planned, error);
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
        let sidecar = sidecar_of(engine, store, &job, &place);
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
        if let commit::Outcome::Published(Some(stat)) = &outcome
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
    outcome: commit::Outcome,
    rows: &mut Vec<Row>,
) -> Option<Job> {
    match outcome {
        commit::Outcome::Published(_) => {
            published(engine, store, job, place, rows);
            None
        }
        // Once: a disk that fails again is no disk to write to. A full one would be as full.
        commit::Outcome::NotFlushed(error) if job.plan.tries == 0 && error.kind() != Kind::NoSpace => {
            lock(&engine.failed_flush).get_or_insert(error);
            retry(engine, job.plan);
            None
        }
        commit::Outcome::NotFlushed(error) | commit::Outcome::Failed(error) => {
            engine.report_failure(&job.archive.observed.planned, error);
            None
        }
        commit::Outcome::NameTaken(staged) => {
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
                rows.push(row_of_archive(&other.identity, &Version::of_header(&other, &place)));
                engine.set_versions(other.identity.clone(), versions);
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
            engine.report_failure(&job.archive.observed.planned, error);
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
    rows.extend(versions.iter().map(|version| row_of_archive(&archive.header.identity, version)));
    if is_hashed_anew {
        // A row of a rebuild may still have the hash that was made with a key that is lost.
        rows.push(row_of_archive(&archive.header.identity, &version));
    }
    rows.push(row(engine, &archive.observed, &archive.header, &place));
    if archive.header.identity.part_id.is_some() {
        engine.places.note_part(&archive.header.identity, &version.archive);
    }
    versions.push(version);
    versions.sort_by_key(|version| version.number);
    engine.set_versions(archive.header.identity.clone(), versions);
    if owner::was_mended(engine, &archive.header.identity) {
        return;
    }
    let path = store.path().join(place.archive_path());
    if engine.lists_archives {
        engine.reporter.path(&path);
    }
    count_archived(engine, archive, path);
}

/// Counts an archive, and says why its source did not have to grow old for it.
fn count_archived(engine: &Engine, archive: &ReadyArchive, path: PathBuf) {
    let planned = &archive.observed.planned;
    if let Some(since) = planned.waits_since {
        let source = planned.found.locator.path().display();
        let archived = if engine.is_dry_run { "would be archived" } else { "archived" };
        engine.reporter.detail(format_args!("{archived} in spite of --min-age: {source}: {since}"));
    }
    engine.count(&planned.group, finish::archived(path, archive));
}

/// Puts a session up for another try, with what the store holds now.
fn retry(engine: &Engine, mut plan: Plan) {
    plan.tries += 1;
    let mut retries = lock(&engine.retries);
    // Several of its archives may call for it.
    let path = |plan: &Plan| plan.sources.first().map(|planned| planned.found.locator.path().to_path_buf());
    if !retries.iter().any(|other| other.sources.len() == plan.sources.len() && path(other) == path(&plan)) {
        retries.push(plan);
    }
}

/// Reports a failure that hit a whole group, once.
fn fail_all(engine: &Engine, group: Vec<Ready>, error: Error) {
    let mut archives = group.iter().flat_map(|ready| &ready.archives);
    if let Some(first) = archives.next() {
        engine.report_failure(&first.observed.planned, error);
    }
    archives.for_each(|archive| engine.count(&archive.observed.planned.group, Outcome::NotTried));
}

/// Returns the sidecar of an archive at `place`; a transcript's names the parts of its session.
fn sidecar_of(engine: &Engine, store: &Store, job: &Job, place: &Place) -> Sidecar {
    let header = &job.archive.header;
    let path = store.path().join(place.archive_path());
    let path = engine.masker.mask_text(&path.to_string_lossy());
    let parts = if header.identity.part_id.is_none() { job.parts.to_vec() } else { Vec::new() };
    Sidecar::of_header(header, job.archive.archived_bytes, &path, parts)
}

/// Returns the inode of the sidecar that an archive has now.
fn sidecar_inode(store: &Store, place: &Place) -> Option<u64> {
    let metadata = std::fs::symlink_metadata(store.path().join(place.sidecar_path())).ok()?;
    Some(Stat::of(&metadata).inode)
}

/// Writes the sidecar of a transcript anew whose session has new parts.
fn list_parts(
    engine: &Engine,
    store: &Store,
    place: &Place,
    parts: Vec<Part>,
    changes: &mut Changes,
) -> Result<()> {
    let path = store.path().join(place.archive_path());
    let archive = Archive::open(&path)?;
    let Some(header) = archive.header() else { return Ok(()) };
    let shown = engine.masker.mask_text(&path.to_string_lossy());
    let sidecar = Sidecar::of_header(header, archive.stat().bytes, &shown, parts);
    let directory = store.directory(&place.directory)?;
    let replaced = sidecar_inode(store, place);
    let stat = store
        .write_sidecar(&directory, &place.sidecar_name(), &sidecar.to_bytes())
        .map_err(|error| Error::io(Kind::Store, "cannot write", &path, error))?;
    changes.replaced.extend(replaced);
    changes.listed.extend(Listed::of_sidecar(&sidecar, &stat));
    Ok(())
}

/// Counts what a dry run would have archived.
fn count_dry(engine: &Engine, ready: Ready) {
    for observed in ready.unchanged.iter().filter(|observed| !observed.is_put_off) {
        engine.count(&observed.planned.group, Outcome::Unchanged { archive: PathBuf::new() });
    }
    for archive in ready.archives {
        let place = archive.placement.candidates().first().map(Place::archive_path).unwrap_or_default();
        let path = engine.store_path.join(place);
        if engine.lists_archives {
            engine.reporter.path(&path);
        }
        count_archived(engine, &archive, path);
    }
}
