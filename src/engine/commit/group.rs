//! The last stage: makes finished archives durable in groups, records them, and says so.
//!
//! One thread flushes and one gives names, so that both overlap with compressing and with each other. What is counted
//! as archived here survives a power cut. The order is archive, sidecar, catalog: each is rebuilt from the one before
//! if a run dies in between.

use super::counting::count_dry;
use super::overtaken::{archives_of, is_overtaken};
use super::publish::{Job, publish, retry};
use super::queue::{Closing, Queue};
use super::ready::Ready;
use super::rows::row_of_unchanged;
use super::sidecars::list_parts;
use crate::archive::catalog::Catalog;
use crate::archive::catalog::listing::Changes;
use crate::archive::ledger::pruned as ledger;
use crate::archive::store::Store;
use crate::archive::store::commit::{self};
use crate::engine::Engine;
use crate::engine::state::times::Step;
use crate::engine::state::totals::Outcome;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::platform::sync::lock;
use crossbeam_channel::bounded;
use std::collections::HashSet;
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

/// Commits a group of sessions; what fails is reported for each source.
fn commit_group(engine: &Engine, group: Vec<Ready>) {
    if engine.settings.is_dry_run {
        return group.into_iter().for_each(|ready| count_dry(engine, ready));
    }
    let identities = group.iter().flat_map(|ready| &ready.archives).map(|archive| &archive.header.identity);
    let locks = engine.store().and_then(|store| Ok((store, store.lock_sessions(identities, LOCK_WAIT)?)));
    let (store, _locks) = match locks {
        Ok(held) => held,
        Err(error) => return fail_all(engine, group, error),
    };
    let mut catalog = lock(&engine.history.catalog);
    let Some(catalog) = catalog.as_mut() else { return };
    let mut rows = Vec::new();
    let mut changes = Changes::default();
    let mut jobs = Vec::new();
    let mut transcripts = Vec::new();
    let mut seen = HashSet::new();
    let read = |catalog: &mut Catalog| group.iter().map(|ready| archives_of(catalog, ready)).collect();
    let there: Vec<_> = catalog.at_one_moment(read);
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
    if let Err(error) = end_tombstones(engine, store, &jobs) {
        if let Some(first) = jobs.first() {
            engine.outcomes.report_failure(&first.archive.observed.planned, error);
        }
        jobs.iter().skip(1).for_each(|job| {
            engine.outcomes.count(&job.archive.observed.planned.group, Outcome::NotTried);
        });
        jobs.clear();
        transcripts.clear();
    }
    if !jobs.is_empty() {
        // Where it cannot be left, a run that is killed is made up for by the names alone.
        let mut naming = lock(&engine.naming);
        *naming = naming.take().or_else(|| store.leave_run_mark().ok());
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

/// Lets sessions that were pruned, and hold something since that never was archived, be archived again: before they get
/// their names, so that a kill in between leaves no archive that counts as pruned.
fn end_tombstones(engine: &Engine, store: &Store, jobs: &[Job]) -> Result<()> {
    let pruned = engine.history.pruned();
    let mut sessions: Vec<Identity> = jobs.iter().map(|job| job.archive.header.identity.session()).collect();
    sessions.retain(|session| pruned.session(session).is_some());
    sessions.sort();
    sessions.dedup();
    if sessions.is_empty() {
        return Ok(());
    }
    for ended in ledger::end(store, &sessions, "archived again")? {
        let what = match engine.settings.takes_pruned {
            true => "archived again",
            false => "has changed since and is archived again as a whole",
        };
        let pruned_at = ended.pruned_at.get(..10).unwrap_or_default();
        engine.reporter.say(format_args!("session {} was pruned on {pruned_at}: {what}", ended.session_id));
    }
    Ok(())
}

/// Reports a failure that hit a whole group, once.
fn fail_all(engine: &Engine, group: Vec<Ready>, error: Error) {
    let mut archives = group.iter().flat_map(|ready| &ready.archives);
    if let Some(first) = archives.next() {
        engine.outcomes.report_failure(&first.observed.planned, error);
    }
    archives.for_each(|archive| engine.outcomes.count(&archive.observed.planned.group, Outcome::NotTried));
}
