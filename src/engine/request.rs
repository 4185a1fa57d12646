//! What users ask the engine for: archive these files, import what agents left.

use super::Engine;
use super::commit::group;
use super::pending::marker;
use super::plan::group::plan;
use super::plan::waiting::Patience;
use super::plan::{Candidate, Plan, discover, marked, rendered, space};
use super::session::changes::changing;
use super::stamps;
use super::state::outcomes::TRIES;
use super::state::totals::{Outcome, Totals};
use super::work::schedule;
use crate::agents::hook::Payload;
use crate::archive::store::lock::IMPORT_WAIT;
use crate::config::Config;
use crate::engine::settings::{Settings, Where};
use crate::error::{Error, Kind, Result};
use crate::platform::process;
use crate::platform::sync::lock;
use crate::report::laps::Laps;
use crate::report::{Reporter, units};
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

/// Imports what `origins` hold, and what hooks left pending, but for what `patience` leaves alone.
///
/// # Errors
///
/// Only when nothing could be done at all; what went wrong with single files is in the totals.
pub fn import(
    config: &Config,
    settings: &Settings,
    origins: &[Where],
    patience: Option<Patience>,
    reporter: &Reporter,
) -> Result<Totals> {
    let environment = &config.environment;
    run(config, settings, patience, reporter, origins, |engine| {
        let mut candidates = Vec::new();
        for origin in origins {
            discover::walk(engine, origin, environment, &mut candidates)?;
        }
        marked::pending(engine, environment, &mut candidates);
        Ok(candidates)
    })
}

/// Does what a hook with this payload would have done, and nothing else that is pending: for a dry run.
///
/// # Errors
///
/// As [`import`].
pub(crate) fn of_payload(
    config: &Config,
    settings: &Settings,
    payload: &Payload,
    reporter: &Reporter,
) -> Result<Totals> {
    run(config, settings, None, reporter, &[], |_| {
        let mut candidates = Vec::new();
        marked::of_payload(payload, &config.environment, &mut candidates);
        Ok(candidates)
    })
}

/// Archives single files, with the parts that belong to them.
///
/// # Errors
///
/// As [`import`].
pub(crate) fn archive(
    config: &Config,
    settings: &Settings,
    paths: &[PathBuf],
    reporter: &Reporter,
) -> Result<Totals> {
    run(config, settings, None, reporter, &[], |engine| {
        let mut candidates = Vec::new();
        for path in paths {
            if let Err(error) = discover::file(engine, path, &mut candidates) {
                reporter.error(&error);
                engine.outcomes.count(discover::FILE_LABEL, Outcome::Failed(error));
            }
        }
        Ok(candidates)
    })
}

fn run(
    config: &Config,
    settings: &Settings,
    patience: Option<Patience>,
    reporter: &Reporter,
    origins: &[Where],
    candidates: impl FnOnce(&Engine) -> Result<Vec<Candidate>>,
) -> Result<Totals> {
    let started = Instant::now();
    let mut laps = Laps::start(reporter);
    process::harden();
    process::catch_stop_signals();
    process::raise_open_file_limit();
    let engine = Engine::open(config, settings, reporter)?;
    let _lock = match (&engine.store, settings.is_dry_run || settings.is_hook) {
        (Some(store), false) => {
            let lock = store.lock_import(IMPORT_WAIT)?;
            store.clean_stale();
            Some(lock)
        }
        _ => None,
    };
    laps.step("opening the store and its catalog");
    let mut candidates = candidates(&engine)?;
    laps.step(format_args!("walking: {}", units::count(candidates.len() as u64, "transcript")));
    rendered::settle(&engine, &mut candidates);
    let plans = plan(&engine, candidates, patience);
    laps.step(format_args!("planning: {}", units::count(plans.len() as u64, "session")));
    let waited = waited(&plans);
    space::forecast(&engine, &plans)?;
    reporter.start_progress("archiving", plans.iter().map(|plan| plan.bytes).sum());
    work_off(&engine, plans);
    // What was archived just now may name projects in which other agents keep sessions.
    let is_anything_new = !engine.outcomes.totals().archives.is_empty() && !engine.outcomes.is_stopped();
    if is_anything_new && !settings.is_dry_run && !settings.is_hook {
        let mut more = discover::newly_named(&engine, origins, &config.environment);
        rendered::settle(&engine, &mut more);
        work_off(&engine, plan(&engine, more, patience));
    }
    reporter.finish_progress();
    laps.step(format_args!("archiving on {}", units::count(config.threads() as u64, "thread")));
    if let Some(naming) = lock(&engine.naming).take() {
        naming.done();
    }
    let mut totals = std::mem::take(&mut *engine.outcomes.totals());
    let is_cut_short =
        totals.errors.iter().any(|error| error.kind().is_fatal()) || process::interrupted().is_some();
    if !is_cut_short && !engine.settings.is_dry_run {
        let markers = lock(&engine.markers);
        let min_age = patience.map(|patience| patience.min_age);
        let is_done = |paths: &[PathBuf]| marker::is_archived(paths, &totals.errors, min_age, &waited);
        markers.iter().filter(|(_, paths)| is_done(paths)).for_each(|(marker, _)| marker::done(marker));
    }
    if !engine.settings.is_dry_run {
        rendered::record(&engine);
    }
    if let (Some(store), Some(_), false) =
        (&engine.store, patience, is_cut_short || engine.settings.is_dry_run || engine.settings.is_hook)
    {
        stamps::scheduled(store);
    }
    if let Some(error) = lock(&engine.outcomes.failed_flush).take().filter(|_| !is_cut_short) {
        reporter.warn(format_args!(
            "{error}; what that hit was written again and is safe now, but look after the disk"
        ));
    }
    totals.elapsed = started.elapsed();
    totals.times = engine.times.sums().collect();
    if let Some(signal) = process::interrupted() {
        let error = Error::new(Kind::Interrupted(signal), "stopped; what is archived is kept")
            .with_hint("run the same command again to go on");
        totals.errors.push(error);
    }
    Ok(totals)
}

/// Returns the paths of the sources that are archived in spite of being young.
fn waited(plans: &[Plan]) -> HashSet<PathBuf> {
    let sources = plans.iter().flat_map(|plan| &plan.sources).filter(|planned| planned.has_waited);
    sources.map(|planned| planned.found.locator.path().to_path_buf()).collect()
}

/// Works on `plans`, and again on those sessions that changed meanwhile or were overtaken by another run: after the
/// commit of what overtook them.
fn work_off(engine: &Engine, mut plans: Vec<Plan>) {
    while !plans.is_empty() {
        let queue = engine.queue.open();
        std::thread::scope(|scope| {
            let committer = scope.spawn(|| group::run(engine, &engine.queue));
            schedule::run(engine, plans);
            drop(queue);
            if committer.join().is_err() {
                let error = Error::new(
                    Kind::Internal,
                    "a mistake of sessionkeep's own; what it was at is not archived",
                );
                engine.outcomes.totals().errors.push(error);
                // It may have named what the catalog does not know of: this run's mark stays, as that of one that died.
                drop(lock(&engine.naming).take());
            }
        });
        plans = std::mem::take(&mut *lock(&engine.outcomes.retries));
        for plan in plans.extract_if(.., |plan| plan.tries > TRIES) {
            for planned in plan.sources.iter().filter(|planned| !planned.is_unchanged) {
                engine.outcomes.report_failure(planned, changing(planned.found.locator.path()));
            }
        }
    }
}
