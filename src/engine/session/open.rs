//! Opens the sources of a session.

use super::access::{Access, reach};
use super::blocks::block_bytes;
use super::ends::{Ends, read_ends};
use super::old;
use super::tail::last_line;
use super::work::{Session, Work};
use crate::agents;
use crate::engine::Engine;
use crate::engine::lineage::{descent, owner};
use crate::engine::plan::{Plan, Planned, histories};
use crate::engine::state::dry_copies::Opened;
use crate::engine::state::totals::{Outcome, Skip};
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;
use crate::input::{Links, Source, is_stale};
use crate::mask::Learned;
use crate::platform::clock;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, OnceLock};

/// Opens the sources of `plan`. Those that cannot be opened are reported and left out; `None` if none is left that
/// needs a look.
pub(crate) fn open_session(engine: &Engine, plan: Plan) -> Option<Session> {
    let mut works = Vec::with_capacity(plan.sources.len());
    let are_kept_open = plan.sources.len() <= engine.limits.sources;
    for planned in &plan.sources {
        let opened = match open_source(engine, &plan, planned) {
            Err(error) if error.io_error().is_some_and(is_stale) => open_source(engine, &plan, planned),
            opened => opened,
        };
        match opened {
            Ok(Some(mut work)) => {
                if !are_kept_open {
                    work.source.close();
                }
                works.push(work);
            }
            Ok(None) => engine.outcomes.count(&planned.group, Outcome::Skipped(Skip::Empty)),
            Err(error) if is_gone(&error) => {
                engine.outcomes.count(&planned.group, Outcome::Skipped(Skip::Gone))
            }
            Err(error) => engine.outcomes.report_failure(planned, error),
        }
    }
    add_told(&mut works);
    if works.iter().all(|work| work.planned.is_unchanged) {
        for work in &works {
            let outcome = match engine.history.is_recorded_as_pruned(&work.planned.found) {
                true => Outcome::Skipped(Skip::Pruned),
                false => Outcome::Unchanged { archive: Default::default() },
            };
            engine.outcomes.count(&work.planned.group, outcome);
        }
        return None;
    }
    if descent::waits(engine, &plan, &works) {
        engine.outcomes.put_off(plan);
        return None;
    }
    Some(Session {
        plan,
        works,
        learned: Mutex::new(Learned::default()),
        known: OnceLock::new(),
        outside: OnceLock::new(),
        places: Mutex::default(),
        has_failed: AtomicBool::new(false),
        failure: Mutex::new(None),
    })
}

/// Adds to what the transcript tells what parts tell of the session.
fn add_told(works: &mut [Work]) {
    let is_telling = |work: &&Work| {
        let Identity { agent, part_id, .. } = &work.identity;
        part_id.as_ref().is_some_and(|part_id| agents::tells_of_session(agent, part_id))
    };
    let parts: Vec<_> = works.iter().filter(is_telling).map(|work| work.description.clone()).collect();
    for main in works.iter_mut().filter(|work| work.identity.part_id.is_none()) {
        parts.iter().for_each(|part| agents::add_told(&mut main.description, part));
    }
}

/// Opens one source; `None` if it has no bytes (any more).
fn open_source(engine: &Engine, plan: &Plan, planned: &Planned) -> Result<Option<Work>> {
    let path = planned.found.locator.path();
    let opened_ns = clock::nanoseconds();
    // The walk has checked where links lead.
    let source = Source::open(&planned.found.locator, Links::Follow)?;
    if source.is_empty() {
        return Ok(None);
    }
    if source.is_own_archive() {
        // Masked, it would be taken for another state of the session that it is the archive of.
        let error = Error::new(Kind::Source, "cannot archive").with_path(path);
        return Err(error
            .with_source("it is an archive of sessionkeep itself")
            .with_hint("Copy it into the store to keep it there: `sessionkeep repair` takes it in."));
    }
    let stat = source.stat();
    let (access, covered) = reach(engine, &source, stat, plan.tries, path)?;
    let cut = source.cut();
    if covered == 0 {
        // Packed nothing, or what was cut before anything can be read of it.
        return cut.map_or(Ok(None), Err);
    }
    let is_cut = cut.is_some();
    if let Some(error) = cut {
        engine.outcomes.report_cut(planned, error);
    }
    let Ends { mut identified, description, tail } = read_ends(engine, planned, &source, &access, covered)?;
    let guess = &planned.found.guess;
    let (is_in_home, is_history) = (histories::is_settled(guess), histories::is_of_one(&identified));
    let mut is_named_by_stem = identified.id_from == agents::IdFrom::Stem;
    if is_history && !is_in_home {
        let recorded = histories::recorded(engine, identified.agent, &planned.found);
        is_named_by_stem = recorded.is_none();
        identified.session_id = recorded.unwrap_or(identified.session_id);
    }
    let is_named_by_agent = (agents::is_named_by_path(identified.agent) || is_in_home)
        && guess.agent == Some(identified.agent)
        && guess.session_id.as_ref() == Some(&identified.session_id);
    let mut identity = engine.ids().of(identified, path);
    let mut former = engine.ids().former(&identity, path);
    if let Some(recorded) = former.take_if(|former| engine.history.is_recorded_as(former, path)) {
        identity = recorded;
    }
    let owner = owner::owner(engine, planned, &identity, &description, plan.tries);
    let mut work = Work {
        planned: planned.clone(),
        source,
        access,
        covered,
        clean: covered,
        is_tail_torn: false,
        tail,
        identity,
        former,
        is_named_by_stem,
        is_named_by_agent,
        description,
        owner,
        block_bytes: block_bytes(covered),
        is_unhashed: false,
        old: None,
        scanned: Vec::new(),
        // Of one that is not whole nothing proves that it is done: each run looks at it, and says so, until it is.
        opened_ns: if is_cut { 0 } else { opened_ns },
        verdict: OnceLock::new(),
        kept: OnceLock::new(),
        log: OnceLock::new(),
        writer: Mutex::new(None),
        nul_bytes: AtomicU64::new(0),
        teaches: Mutex::default(),
    };
    let is_rendered = planned.found.locator.is_rendered();
    if engine.settings.is_dry_run && !is_rendered {
        let (identity, head_hash) = (&work.identity, work.head_hash(&engine.history.key)?);
        let opened = Opened { path, identity, bytes: covered, head_hash };
        work.is_unhashed = engine.dry_copies.is_unheard_of(&engine.history, plan, &opened);
    }
    // An archive that is kept open, too: not where a session has more sources than may be.
    let may_be_open = plan.sources.len() <= engine.limits.sources;
    if !plan.refuses_growth && !work.is_unhashed && may_be_open && !is_rendered {
        let old = old::expected(engine, &work.identity, &work.bytes(), work.block_bytes);
        work.old = old;
    }
    let blocks = work.bytes().block_count(work.block_bytes);
    work.scanned = (0..blocks).map(|_| Mutex::new(None)).collect();
    (work.clean, work.is_tail_torn) = last_line(&work, &stat)?;
    work.is_tail_torn |= is_cut && work.clean < covered;
    if matches!(work.access, Access::Read(_) | Access::Held(_)) {
        work.source.close();
    }
    Ok(Some(work))
}

fn is_gone(error: &Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}
