//! The last stage: makes finished archives durable in groups, records them, and says so.
//!
//! One thread flushes and one gives names, so that both overlap with compressing and with each other. What is counted as archived here survives a
//! power cut. The order is archive, sidecar, catalog: each is rebuilt from the one before if a run dies in between.

use super::finish;
use super::queue::{Closing, Queue};
use super::session::{Plan, Planned};
use super::times::Step;
use super::totals::Outcome;
use super::versions::{There, Version};
use super::{Engine, lock};
use crate::archive::catalog::{Catalog, Row};
use crate::archive::catalog_listing::{Changes, Listed};
use crate::archive::commit::{self, GroupCommit, Replace};
use crate::archive::facts;
use crate::archive::header::{Header, Identity};
use crate::archive::names::Place;
use crate::archive::reader::Archive;
use crate::archive::sidecar::{Part, Sidecar};
use crate::archive::snapshot::{Flags, archive_key};
use crate::archive::stage::Staged;
use crate::archive::store::Store;
use crate::error::{Error, Kind, Result};
use crate::platform::Stat;
use crossbeam_channel::bounded;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long a session's lock is waited for: a hook's worker holds one for as long as a flush takes.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// Where an archive is to go.
#[derive(Clone, Debug)]
pub enum Placement {
    /// In place of the one that is there.
    Replace(Place),
    /// To the first of these that no other session has.
    New(Vec<Place>),
}

impl Placement {
    /// Returns the path, relative to the store, of the first candidate.
    pub fn path(&self) -> String {
        self.candidates().first().map(Place::archive_path).unwrap_or_default()
    }

    /// Returns the directory, relative to the store, which all candidates share.
    pub fn directory(&self) -> String {
        self.candidates().first().map(|place| place.directory.clone()).unwrap_or_default()
    }

    fn candidates(&self) -> &[Place] {
        match self {
            Placement::Replace(place) => std::slice::from_ref(place),
            Placement::New(places) => places,
        }
    }
}

/// What was seen of a source, for the catalog.
#[derive(Clone, Debug)]
pub struct Observed {
    pub planned: Planned,
    pub stat: Stat,
    /// When the stat was taken, nanoseconds since 1970, UTC.
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
pub struct ReadyArchive {
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
pub struct Ready {
    pub plan: Plan,
    pub archives: Vec<ReadyArchive>,
    pub unchanged: Vec<Observed>,
    /// The transcript's archive, if it stays as it is while parts are added to it.
    pub transcript: Option<Place>,
    /// The archives of the session's parts, for the transcript's sidecar.
    pub parts: Vec<Part>,
}

/// Takes finished sessions until there are no more, and commits them in groups: while one group gets its names, the
/// bytes of the next are flushed.
pub fn run(engine: &Engine, queue: &Queue) {
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
    for (ready, there) in group.into_iter().zip(there) {
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

/// Returns, for each archive of a session that is about to be named, those that the store has of it by now.
fn archives_of(catalog: &Catalog, ready: &Ready) -> Vec<Option<Vec<Version>>> {
    // A catalog that cannot be asked now is no reason to stop: names still cannot be taken twice.
    let archives = ready.archives.iter();
    archives.map(|archive| catalog.rows_of(&archive.header.identity).ok().map(Version::of_rows)).collect()
}

/// Returns whether the store holds other archives of these sessions by now than those that were decided on; notes
/// those that it does hold.
fn is_overtaken(
    engine: &Engine,
    catalog: &mut Catalog,
    ready: &Ready,
    there: Vec<Option<Vec<Version>>>,
) -> bool {
    let mut is_overtaken = false;
    for (archive, now) in ready.archives.iter().zip(there) {
        if let Some(now) = now.filter(|now| !same_archives(now, &archive.versions)) {
            engine.set_versions(archive.header.identity.clone(), now);
            is_overtaken = true;
        }
    }
    is_overtaken || is_replaced(engine, catalog, ready)
}

/// Returns whether what is about to be replaced is not what was decided on. The catalog is only a cache: a run that
/// died, or could not write to it, may have put a later archive there, and that must not be replaced by an earlier one.
fn is_replaced(engine: &Engine, catalog: &mut Catalog, ready: &Ready) -> bool {
    let mut is_replaced = false;
    for archive in &ready.archives {
        let Placement::Replace(place) = &archive.placement else { continue };
        let identity = &archive.header.identity;
        let Some(index) = archive.versions.iter().position(|version| version.archive == place.archive_path())
        else {
            continue;
        };
        match There::look(&engine.store_path, identity, &archive.versions[index]) {
            There::AsRecorded | There::Nothing => continue,
            There::Damaged => {}
            There::Other(actual) => {
                let _ = catalog.record(&[row_of_archive(identity, &actual)]);
                let mut versions = archive.versions.clone();
                versions[index] = actual;
                engine.set_versions(identity.clone(), versions);
            }
        }
        is_replaced = true;
    }
    is_replaced
}

fn same_archives(now: &[Version], then: &[Version]) -> bool {
    if now.is_empty() && then.is_empty() {
        return true;
    }
    let key = |version: &Version| (version.archive.clone(), version.source_bytes, version.content_hash);
    let (mut now, mut then): (Vec<_>, Vec<_>) =
        (now.iter().map(key).collect(), then.iter().map(key).collect());
    now.sort();
    then.sort();
    now == then
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
    versions.push(version);
    versions.sort_by_key(|version| version.number);
    engine.set_versions(archive.header.identity.clone(), versions);
    let path = store.path().join(place.archive_path());
    if engine.lists_archives {
        engine.reporter.path(&path);
    }
    engine.count(&archive.observed.planned.group, finish::archived(path, archive));
}

/// Puts a session up for another try, with what the store holds now.
fn retry(engine: &Engine, mut plan: Plan) {
    plan.tries += 1;
    let mut retries = lock(&engine.retries);
    // Several of its archives may call for it.
    let path = |plan: &Plan| plan.sources.first().map(|planned| planned.found.path.clone());
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

/// Returns the row of a source whose archive has this header.
fn row(engine: &Engine, observed: &Observed, header: &Header, place: &Place) -> Row {
    let path = &observed.planned.found.path;
    Row {
        path_key: engine.path_key(path),
        path: finish::kept_path(path, &header.source),
        identity: header.identity.clone(),
        archive: place.archive_path(),
        inode: observed.stat.inode,
        file_bytes: observed.stat.bytes,
        mtime_ns: observed.stat.mtime_ns,
        ctime_ns: observed.stat.ctime_ns,
        observed_at_ns: observed.observed_ns,
        source_bytes: header.source_bytes,
        clean_bytes: header.clean_bytes,
        content_hash: header.content_hash,
        head_hash: header.head_hash,
        rules_version: header.rules_version.clone(),
        version: header.version,
        flags: Flags { is_rule_set_incomplete: header.is_rule_set_incomplete, has_no_hashes: false },
    }
}

/// Counts a source whose bytes are archived already; returns its row, if its stat is new.
fn row_of_unchanged(engine: &Engine, observed: &Observed) -> Option<Row> {
    if observed.is_put_off {
        return None;
    }
    let planned = &observed.planned;
    let archive = observed.same.as_ref().map(|same| PathBuf::from(&same.archive)).unwrap_or_default();
    engine.count(&planned.group, Outcome::Unchanged { archive });
    let same = observed.same.as_ref().filter(|_| !planned.is_unchanged)?;
    Some(Row {
        path_key: engine.path_key(&planned.found.path),
        path: observed.kept_path.clone(),
        observed_at_ns: observed.observed_ns,
        inode: observed.stat.inode,
        file_bytes: observed.stat.bytes,
        mtime_ns: observed.stat.mtime_ns,
        ctime_ns: observed.stat.ctime_ns,
        clean_bytes: observed.clean_bytes,
        ..row_of_archive(&observed.identity, same)
    })
}

/// Returns the row that keeps an archive in the catalog when no source stands for it any more.
pub fn row_of_archive(identity: &Identity, version: &Version) -> Row {
    Row {
        path_key: archive_key(&version.archive),
        path: Vec::new(),
        identity: identity.clone(),
        archive: version.archive.clone(),
        inode: 0,
        file_bytes: 0,
        mtime_ns: 0,
        ctime_ns: 0,
        observed_at_ns: 0,
        source_bytes: version.source_bytes,
        clean_bytes: version.source_bytes,
        content_hash: version.content_hash,
        head_hash: version.head_hash,
        rules_version: version.rules_version.clone(),
        version: version.number,
        flags: Flags { is_rule_set_incomplete: version.is_rule_set_incomplete, has_no_hashes: false },
    }
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
        engine.count(&archive.observed.planned.group, finish::archived(path, &archive));
    }
}
