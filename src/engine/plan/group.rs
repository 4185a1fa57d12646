//! Puts the sources that walks found together into sessions, and leaves out those that need no look.
//!
//! Decides from names, stats and the catalog alone; only a new source whose path does not say whose it is, is opened.

use super::waiting::{self, Patience, Since};
use super::{Plan, Planned};
use crate::agents::{self, Found, LeftAlone};
use crate::engine::Engine;
use crate::engine::plan::Candidate;
use crate::engine::state::totals::{Outcome, Skip};
use crate::error::Result;
use crate::identity;
use crate::input::{Links, Source};
use crate::locator::Locator;
use crate::platform::{self, clock};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The first records are in so many bytes as a rule, and settle whose a source is.
const FIRST_RECORDS_BYTES: usize = 4 << 10;

/// Sorts `candidates` into plans, largest session first; counts those that need nothing, and those that `patience`
/// leaves alone.
pub(crate) fn plan(engine: &Engine, candidates: Vec<Candidate>, patience: Option<Patience>) -> Vec<Plan> {
    let (candidates, waited) = match patience {
        Some(patience) => leave_young(engine, candidates, patience),
        None => (candidates, HashMap::new()),
    };
    let mut sessions: HashMap<(String, String), Plan> = HashMap::new();
    let mut unchanged: Vec<Candidate> = Vec::new();
    let mut unknown = Vec::new();
    for candidate in candidates {
        let found = &candidate.found;
        if found.stamp.bytes() == 0 {
            leave(engine, &candidate, Skip::Empty, LeftAlone::Empty);
        } else if engine.history.is_unchanged(found) {
            unchanged.push(candidate);
        } else {
            match guessed(found) {
                Some(key) => join(&mut sessions, key, candidate, false),
                None => unknown.push(candidate),
            }
        }
    }
    let identified: Vec<_> = unknown
        .into_par_iter()
        .map(|mut candidate| {
            let key = match &candidate.found.locator {
                Locator::Document(document) => identify_document(&candidate.found, &document.path),
                _ => identify(&candidate.found),
            };
            if candidate.found.locator.is_rendered() {
                // Its lines are of our making, and are not asked again.
                candidate.found.guess.session_id = Some(key.1.clone());
            }
            (candidate, key)
        })
        .collect();
    for (mut candidate, key) in identified {
        promote(engine, &sessions, &key, &mut candidate.found);
        join(&mut sessions, key, candidate, false);
    }
    // A source that did not change is looked at again only where another of its session did: what the one teaches
    // is masked in the other.
    for mut candidate in unchanged {
        let identity =
            if sessions.is_empty() { None } else { engine.history.recorded_identity(&candidate.found) };
        let key = identity.map(|identity| (identity.agent, identity.session_id));
        match key.filter(|key| sessions.contains_key(key)) {
            Some(key) => {
                if candidate.found.locator.is_rendered() {
                    candidate.found.guess.session_id = Some(key.1.clone());
                }
                join(&mut sessions, key, candidate, true);
            }
            None if engine.history.is_recorded_as_pruned(&candidate.found) => {
                engine.outcomes.count(&candidate.group, Outcome::Skipped(Skip::Pruned));
            }
            None => {
                engine.outcomes.count(&candidate.group, Outcome::Unchanged { archive: Default::default() })
            }
        }
    }
    let mut plans: Vec<Plan> = sessions.into_values().collect();
    for plan in &mut plans {
        // The transcript before its parts: names of parts follow from it.
        plan.sources.sort_by(|a, b| {
            let order = |planned: &Planned| {
                (planned.found.guess.part_id.is_some(), planned.found.locator.path().to_path_buf())
            };
            order(a).cmp(&order(b))
        });
        for planned in &mut plan.sources {
            let waited = waited.get(planned.found.locator.path());
            (planned.has_waited, planned.waits_since) = (waited.is_some(), waited.copied().flatten());
        }
    }
    plans.sort_by(|a, b| {
        let path =
            |plan: &Plan| plan.sources.first().map(|planned| planned.found.locator.path().to_path_buf());
        b.bytes.cmp(&a.bytes).then_with(|| path(a).cmp(&path(b)))
    });
    plans
}

/// Counts those of `candidates` that are too young, but for sessions of which anything has waited for too long; returns
/// the others, and the paths of those that are young and taken all the same, with since when they wait where that is
/// why.
///
/// Such a session is taken with all its parts: they go where it goes, and what one of them teaches is masked in the
/// others.
fn leave_young(
    engine: &Engine,
    candidates: Vec<Candidate>,
    patience: Patience,
) -> (Vec<Candidate>, HashMap<PathBuf, Option<Since>>) {
    let now_ns = clock::nanoseconds();
    let before = |age: Duration| now_ns.saturating_sub(i64::try_from(age.as_nanos()).unwrap_or(i64::MAX));
    let (youngest, longest) = (before(patience.min_age), before(patience.max_wait));
    let (young, mut taken): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|candidate| candidate.found.stamp.modified_ns() > youngest);
    let waits = |candidate: Candidate| {
        let found = &candidate.found;
        // Of what is empty or archived as it is, nothing waits.
        if found.stamp.bytes() == 0 || engine.history.is_unchanged(found) {
            return (candidate, None);
        }
        let since = waiting::since(found, &engine.history.snapshot, &engine.history.key, now_ns, longest);
        (candidate, Some(since).filter(|since| since.is_before(longest)))
    };
    let young: Vec<_> = engine.pool.install(|| young.into_par_iter().map(waits).collect());
    let (mut waited, young): (Vec<_>, Vec<_>) = young.into_iter().partition(|(_, since)| since.is_some());
    let sessions: HashSet<_> = waited.iter().filter_map(|(candidate, _)| guessed(&candidate.found)).collect();
    for (candidate, _) in young {
        match guessed(&candidate.found).filter(|session| sessions.contains(session)) {
            Some(_) => waited.push((candidate, None)),
            None => leave(engine, &candidate, Skip::TooYoung, LeftAlone::TooYoung),
        }
    }
    let paths = waited
        .iter()
        .map(|(candidate, since)| (candidate.found.locator.path().to_path_buf(), *since))
        .collect();
    taken.extend(waited.into_iter().map(|(candidate, _)| candidate));
    (taken, paths)
}

/// Counts a candidate that is left alone, and says why if that is asked for.
fn leave(engine: &Engine, candidate: &Candidate, skip: Skip, why: LeftAlone) {
    let path = candidate.found.locator.path().display();
    engine.reporter.detail(format_args!("left alone: {path}: {why}"));
    engine.outcomes.count(&candidate.group, Outcome::Skipped(skip));
}

/// Makes a transcript of text whose records told of which session it is a part, if it is one where there is no other: not
/// where another is found or archived.
fn promote(
    engine: &Engine,
    sessions: &HashMap<(String, String), Plan>,
    key: &(String, String),
    found: &mut Found,
) {
    let Some(part_id) = &found.guess.part_id else { return };
    if found.locator.is_rendered() || !agents::stands_alone(&key.0, part_id) {
        return;
    }
    let is_main = |planned: &Planned| planned.found.guess.part_id.is_none();
    let is_alone = match engine.history.recorded_identity(found) {
        Some(recorded) => recorded.part_id.is_none(),
        None => {
            let (agent, session_id) = (key.0.clone(), identity::safe_id(&key.1));
            let main = identity::Identity { agent, session_id, part_id: None };
            !sessions.get(key).is_some_and(|plan| plan.sources.iter().any(is_main))
                && engine.history.versions(&main).is_empty()
                && !engine.history.is_pruned(&main)
        }
    };
    if is_alone {
        found.guess.part_id = None;
    }
}

fn guessed(found: &Found) -> Option<(String, String)> {
    let guess = &found.guess;
    Some((guess.agent?.to_owned(), guess.session_id.clone()?))
}

/// Reads the first records of a source to learn whose it is; what cannot be read is a session of its own, and the
/// error comes when it is opened.
fn identify(found: &Found) -> (String, String) {
    let identified = Source::open(&found.locator, Links::Follow).and_then(|source| {
        let head = |bytes: usize| -> Result<_> {
            let mut head = vec![0; bytes];
            let count = source.read_at(0, &mut head)?;
            Ok(agents::identify(found.locator.path(), &found.guess, &head[..count]))
        };
        let first = head(FIRST_RECORDS_BYTES)?;
        if first.is_settled { Ok(first) } else { head(agents::END_BYTES) }
    });
    match identified {
        Ok(identified) => (identified.agent.to_owned(), identified.session_id),
        Err(_) => (identity::FILES.to_owned(), found.locator.path().to_string_lossy().into_owned()),
    }
}

/// Reads the beginning of a document to learn whose it is; where that says nothing, its name does.
fn identify_document(found: &Found, path: &Path) -> (String, String) {
    let agent = found.guess.agent.unwrap_or(identity::FILES);
    let head = || -> std::io::Result<Vec<u8>> {
        let mut head = Vec::new();
        platform::open_at_once(path)?.take(agents::END_BYTES as u64).read_to_end(&mut head)?;
        Ok(head)
    };
    let recorded = head().ok().and_then(|head| agents::id_in_document(agent, &head));
    let named = || identity::id_of_name(path.file_stem().unwrap_or_default().as_encoded_bytes());
    (agent.to_owned(), recorded.map_or_else(named, |id| identity::id_of_record(id.as_bytes())))
}

fn join(
    sessions: &mut HashMap<(String, String), Plan>,
    key: (String, String),
    candidate: Candidate,
    is_unchanged: bool,
) {
    let plan = sessions.entry(key).or_insert_with(|| Plan {
        sources: Vec::new(),
        bytes: 0,
        tries: 0,
        refuses_growth: false,
    });
    plan.bytes += candidate.found.stamp.bytes();
    plan.sources.push(Planned {
        found: candidate.found,
        group: candidate.group,
        is_unchanged,
        has_waited: false,
        waits_since: None,
    });
}
