//! Decides about a session, when all its blocks are scanned: what each of its sources is, what the session teaches, and
//! where its archives go.

use super::decide::{Decision, Hashes};
use super::judge::{SourceHashes, is_stale, judge};
use super::naming::place_of;
use super::prepare::prepare;
use super::{former, growth};
use crate::engine::lineage::descent;
use crate::engine::session::changes::changing;
use crate::engine::session::work::{Session, Stop, Verdict, Work};
use crate::engine::{Again, Engine};
use crate::error::Result;
use crate::identity::Identity;
use crate::mask::{HitCounts, KnownValues};
use crate::platform::sync::lock;

/// Decides about all sources of a session. `Ok(false)`: nothing is to be archived. The index in an error is that of the
/// source which ended the work.
pub(crate) fn decide_session(engine: &Engine, session: &Session) -> Result<bool, (usize, Stop)> {
    let mut verdicts = Vec::with_capacity(session.works.len());
    for (index, work) in session.works.iter().enumerate() {
        if !work.is_as_read().map_err(|error| (index, error.into()))? {
            return Err((index, changing(work.planned.found.locator.path()).into()));
        }
        chain_reaches(work);
        let verdict = judge(engine, &session.plan, work, work.identity.clone());
        verdicts.push(verdict.map_err(|error| (index, error.into()))?);
    }
    former::settle(engine, &session.plan, &session.works, &mut verdicts)
        .map_err(|(index, error)| (index, error.into()))?;
    mask_stale_whole(engine, &mut verdicts);
    for (index, (work, verdict)) in session.works.iter().zip(&verdicts).enumerate() {
        if !growth::is_as_expected(work, verdict) {
            return Err((index, Stop::Refused));
        }
    }
    settle_copies(engine, session, &mut verdicts);
    take_whole(engine, &mut verdicts);
    for (work, verdict) in session.works.iter().zip(verdicts) {
        let _ = work.verdict.set(verdict);
    }
    let learned = std::mem::take(&mut *lock(&session.learned));
    if engine.masks_known_values {
        let known = engine.masker.known(learned);
        let known = known.map(|known| without_words(engine, session, known)).transpose();
        let _ = session.known.set(known.map_err(|error| (0, error.into()))?.flatten());
        let _ = session.outside.set(engine.surroundings.of(&engine.masker, session.cwd()));
    }
    let mut is_any = false;
    for (index, work) in session.works.iter().enumerate() {
        if work.is_to_archive() {
            is_any = true;
            let verdict = work.verdict();
            let _ = verdict.descent.set(descent::settle(engine, session, work));
            let _ = verdict.placement.set(place_of(engine, session, work, work.decision()));
            let writer = prepare(engine, session, work).map_err(|error| (index, error.into()))?;
            *lock(&work.writer) = Some(writer);
        }
    }
    Ok(is_any)
}

/// Lets all sources of a session be masked again where that is asked for and the archive of one of them is of older rules:
/// what these rules did not find in one of them may be what it teaches about all.
fn mask_stale_whole(engine: &Engine, verdicts: &mut [Verdict]) {
    if engine.settings.again != Again::Stale || engine.settings.is_rule_set_incomplete {
        return;
    }
    let is_of_stale = |verdict: &&Verdict| match verdict.decision {
        Decision::Same { version } | Decision::Grown { version } => {
            is_stale(engine, &verdict.versions[version])
        }
        _ => false,
    };
    let stale: Vec<Identity> =
        verdicts.iter().filter(is_of_stale).map(|verdict| verdict.identity.session()).collect();
    for verdict in verdicts {
        if let Decision::Same { version } = verdict.decision
            && stale.contains(&verdict.identity.session())
        {
            verdict.decision = Decision::Grown { version };
        }
    }
}

/// Leaves out learned values that look like words and stand in the session so often that they must be words.
fn without_words(engine: &Engine, session: &Session, known: KnownValues) -> Result<Option<KnownValues>> {
    if !known.must_be_counted() {
        return Ok(Some(known));
    }
    let (mut counts, mut buffer) = (HitCounts::default(), Vec::new());
    for work in &session.works {
        let bytes = work.bytes();
        for scanned in &work.scanned {
            let scanned = lock(scanned);
            let range = scanned.as_ref().map(|scanned| scanned.range.clone()).unwrap_or_default();
            engine.masker.count_known(&bytes.window(range, &mut buffer)?, &known, &mut counts);
        }
    }
    Ok(known.settle(&counts))
}

/// Lets one source of several with the same identity (a file and copies of it) be archived: the one that covers
/// most. What begins it is a copy; what does not comes again when it is archived, and becomes its next version.
fn settle_copies(engine: &Engine, session: &Session, verdicts: &mut [Verdict]) {
    let mut order: Vec<usize> = (0..verdicts.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(session.works[index].covered));
    for place in 1..order.len() {
        let this = order[place];
        let is_rival = |&&other: &&usize| {
            verdicts[other].identity == verdicts[this].identity
                && !matches!(verdicts[other].decision, Decision::Copy | Decision::Pruned { .. })
        };
        if matches!(verdicts[this].decision, Decision::Same { .. } | Decision::Pruned { .. }) {
            continue;
        }
        let Some(&first) = order[..place].iter().find(is_rival) else { continue };
        let mut hashes = SourceHashes { key: &engine.history.key, work: &session.works[first] };
        if hashes.prefix(session.works[this].covered) != Some(verdicts[this].content_hash) {
            verdicts[this].is_put_off = true;
            engine.history.give_up_claim(&verdicts[this].content_hash);
            engine.outcomes.try_later(session.works[this].planned.clone(), session.plan.tries);
        }
        verdicts[this].decision = Decision::Copy;
    }
}

/// Lets all sources of a session that was pruned be archived again if one of them holds something that never was: a session
/// is pruned as a whole, and there as a whole.
fn take_whole(engine: &Engine, verdicts: &mut [Verdict]) {
    let is_news = |verdict: &&Verdict| {
        !matches!(verdict.decision, Decision::Same { .. } | Decision::Copy | Decision::Pruned { .. })
    };
    let with_news: Vec<Identity> =
        verdicts.iter().filter(is_news).map(|verdict| verdict.identity.session()).collect();
    let mut taken: Vec<Identity> =
        verdicts.iter().filter(is_news).map(|verdict| verdict.identity.clone()).collect();
    for verdict in verdicts.iter_mut() {
        let is_pruned = matches!(verdict.decision, Decision::Pruned { .. });
        if !is_pruned || !with_news.contains(&verdict.identity.session()) {
            continue;
        }
        let is_first = !taken.contains(&verdict.identity)
            && (verdict.identity.part_id.is_some()
                || engine.history.claim(&verdict.content_hash, &verdict.identity));
        verdict.decision = match verdict.versions.len().checked_sub(1) {
            _ if !is_first => Decision::Copy,
            None => Decision::New,
            Some(version) => Decision::Rewritten { version },
        };
        taken.push(verdict.identity.clone());
    }
}

/// Sets for each block how far matches of earlier blocks reach into it.
fn chain_reaches(work: &Work) {
    let mut reach = 0;
    for scanned in &work.scanned {
        let mut scanned = lock(scanned);
        if let Some(scanned) = scanned.as_mut() {
            scanned.masked_until = reach;
            reach = reach.max(scanned.reach);
        }
    }
}
