//! The end of a session's way: its archives' headers and sidecars, and the hand-over to the committer.

use crate::archive::gzip::Compressor;
use crate::archive::header::Block;
use crate::archive::names::Place;
use crate::archive::sidecar::Part;
use crate::engine::commit::ready::{Observed, Ready, ReadyArchive, beside_session};
use crate::engine::commit::rows::kept_path;
use crate::engine::history::versions::Version;
use crate::engine::session::access::Access;
use crate::engine::session::changes::changing;
use crate::engine::session::log::Log;
use crate::engine::session::work::{Second, Session, Stop, Work};
use crate::engine::session::writer::{Member, Writer};
use crate::engine::verdict::decide::Decision;
use crate::engine::verdict::growth::{self, Comparison};
use crate::engine::verdict::header::header_of;
use crate::engine::verdict::judge;
use crate::engine::verdict::naming::place_of;
use crate::engine::{Again, Engine};
use crate::error::{Error, Kind, Result};
use crate::input::is_stale;
use crate::locator::Stamp;
use crate::mask::Tally;
use crate::platform::sync::lock;

/// Completes the archives of a session whose blocks are all compressed, and gives them to the committer.
pub(crate) fn hand_over(engine: &Engine, session: &Session) {
    let mut ready = Ready {
        plan: session.plan.clone(),
        archives: Vec::new(),
        unchanged: Vec::new(),
        transcript: unchanged_transcript(session),
        parts: Vec::new(),
    };
    let mut archives = Vec::new();
    for (index, work) in session.works.iter().enumerate() {
        let done = work
            .is_as_read()
            .and_then(
                |is_as_read| {
                    if is_as_read { Ok(()) } else { Err(changing(work.planned.found.locator.path())) }
                },
            )
            .and_then(|()| complete(engine, session, work));
        match done {
            Ok(Some(archive)) => archives.push((rank(engine, work), archive)),
            Ok(None) => ready.unchanged.push(observed(engine, session, work)),
            Err(error) => {
                session.fail(index, error);
                return report_failed(engine, session);
            }
        }
    }
    archives.sort_by_key(|(rank, _)| *rank);
    ready.archives = archives.into_iter().map(|(_, archive)| archive).collect();
    // Only now: where a part goes may follow from its masked text.
    ready.parts = parts_of(engine, session);
    engine.queue.push(ready);
}

/// Returns where an archive stands among those of its session, which get their names one after the other, where what is
/// archived is masked again. Last is what is of older rules, as a run that follows one that was killed takes the whole
/// session as long as any such archive is left; and of these what teaches most, for runs that have no source to learn from.
fn rank(engine: &Engine, work: &Work) -> (bool, usize) {
    if engine.settings.again == Again::None {
        return (false, 0);
    }
    let newest = work.verdict().versions.last();
    (newest.is_some_and(|version| judge::is_stale(engine, version)), lock(&work.teaches).len())
}

/// Returns the archives of a session's parts, as its sidecar lists them.
fn parts_of(_engine: &Engine, session: &Session) -> Vec<Part> {
    let mut parts = Vec::new();
    for work in &session.works {
        let Some(verdict) = work.verdict.get() else { continue };
        let Some(part_id) = &verdict.identity.part_id else { continue };
        let path = match *work.decision() {
            Decision::Copy | Decision::Pruned { .. } => continue,
            Decision::Same { version } => verdict.versions[version].archive.clone(),
            _ => work.placement().path(),
        };
        parts.push(Part { part_id: part_id.clone(), archive: beside_session(&path) });
    }
    parts
}

/// Returns the archive of a session's transcript if it stays as it is while parts are added.
fn unchanged_transcript(session: &Session) -> Option<Place> {
    let main = session.works.iter().find(|work| work.identity.part_id.is_none())?;
    let verdict = main.verdict.get()?;
    match *main.decision() {
        Decision::Same { version } => Some(verdict.versions[version].place()),
        _ => None,
    }
}

/// Completes one archive; `None` for a source that needs none.
fn complete(engine: &Engine, session: &Session, work: &Work) -> Result<Option<ReadyArchive>> {
    let writer = lock(&work.writer).take();
    let Some(mut writer) = writer else { return Ok(None) };
    let verdict = work.verdict();
    if matches!(verdict.decision, Decision::Rewritten { .. })
        && let Some(decision) = decide_by_texts(engine, work, &writer)
    {
        let is_archived = matches!(decision, Decision::Same { .. });
        let placement = place_of(engine, session, work, &decision);
        let _ = verdict.second.set(Second { decision, placement });
        if is_archived {
            return Ok(None);
        }
    }
    if let Some(log) = work.log.get() {
        name_gone(engine, work, log, &mut writer)?;
        // It is told otherwise than it was, and says nothing new.
        if let Decision::Grown { version } = verdict.decision
            && writer.blocks.len() == log.blocks
            && !log.is_changed
            && !verdict.versions[version].is_rule_set_incomplete
        {
            let decision = Decision::Same { version };
            let placement = work.placement().clone();
            let _ = verdict.second.set(Second { decision, placement });
            return Ok(None);
        }
    }
    let tally = std::mem::take(&mut writer.tally);
    let blocks = std::mem::take(&mut writer.blocks);
    let header = header_of(engine, session, work, &tally, blocks);
    let placement = work.placement().clone();
    // Of a session with more archives than may be open at once, those in memory stay there until they are published.
    let held = match session.works.len() > engine.limits.group && engine.store.is_some() {
        true => writer.held_archive(&header)?,
        false => None,
    };
    let (staged, archived_bytes) = match &held {
        Some(bytes) => (None, bytes.len() as u64),
        None => writer.finish(engine.store.as_ref(), &placement.directory(), &header)?,
    };
    Ok(Some(ReadyArchive {
        observed: observed(engine, session, work),
        header,
        staged,
        held,
        archived_bytes,
        placement,
        versions: verdict.versions.clone(),
    }))
}

/// Adds the line that names what is not there any more.
fn name_gone(engine: &Engine, work: &Work, log: &Log, writer: &mut Writer) -> Result<()> {
    let Some(line) = log.gone() else { return Ok(()) };
    let mut member = Vec::new();
    if !engine.settings.is_dry_run {
        Compressor::new(engine.level)?.member(&line, &mut member);
    }
    let block = Block {
        compressed_bytes: member.len() as u32,
        masked_bytes: line.len() as u32,
        source_bytes: line.len() as u32,
        newlines: 1,
        is_masked: false,
    };
    let tally = Tally::of_lines(1);
    writer.put(work.scanned.len(), Member { block, tally, bytes: &member, ticket: None })
}

/// Decides again about a source whose hashes fit no archive, by the masked texts: nothing is archived twice that
/// reads the same.
fn decide_by_texts(engine: &Engine, work: &Work, writer: &Writer) -> Option<Decision> {
    for (version, old) in work.verdict().versions.iter().enumerate().rev() {
        if old.rules_version != engine.masker.rules_version() {
            continue;
        }
        // Not even the first line's hash fits, and yet the text is the same: the key of the hashes was lost. Only then
        // may text alone, in which secrets are no longer told apart, let one archive take the place of another.
        let is_key_lost = work.verdict().head_hash != old.head_hash;
        match growth::compare(engine, writer, old) {
            Comparison::Equal | Comparison::IsNewerState if is_key_lost => {
                return Some(Decision::Grown { version });
            }
            Comparison::Equal | Comparison::IsOlderState => return Some(Decision::Same { version }),
            Comparison::IsNewerState | Comparison::Different => {}
        }
    }
    None
}

/// What is to be recorded of a source that was looked at.
fn observed(engine: &Engine, session: &Session, work: &Work) -> Observed {
    let verdict = work.verdict();
    let same = match work.decision() {
        // With what was seen now: after the loss of the key, hashes of the archive's own are of no use any more.
        // What a rendered source is told in now may be in another order: its archive's own hash is what others know.
        // Where the source holds the archive's text, that hash is what growth of the archive is told by.
        Decision::Same { version } if work.planned.found.locator.is_rendered() || verdict.is_by_text => {
            Some(verdict.versions[*version].clone())
        }
        Decision::Same { version } => Some(Version {
            content_hash: verdict.content_hash,
            source_bytes: work.covered,
            ..verdict.versions[*version].clone()
        }),
        Decision::Pruned { archive } => Some((**archive).clone()),
        _ => None,
    };
    let locator = &work.planned.found.locator;
    let kept_path = match same {
        Some(_) => kept_path(locator, &session.masked(&engine.masker, &locator.text())),
        None => Vec::new(),
    };
    Observed {
        kept_path,
        planned: work.planned.clone(),
        // Of what a file holds, what was seen before it was opened.
        stamp: match locator.is_rendered() {
            true => work.planned.found.stamp,
            false => Stamp::of_stat(&work.source.stat()),
        },
        observed_ns: work.opened_ns,
        identity: verdict.identity.clone(),
        clean_bytes: work.clean,
        is_put_off: verdict.is_put_off,
        same,
    }
}

/// Counts a source whose bytes are archived already, and records its stat, so that the next run needs no look.
pub(crate) fn count_unchanged(engine: &Engine, session: &Session) {
    let unchanged = session.works.iter().map(|work| observed(engine, session, work)).collect();
    let plan = session.plan.clone();
    engine.queue.push(Ready { plan, archives: Vec::new(), unchanged, transcript: None, parts: Vec::new() });
}

/// Reports a session that failed, or puts it up for another try if its source or the store only moved on.
pub(crate) fn report_failed(engine: &Engine, session: &Session) {
    for work in &session.works {
        drop(lock(&work.writer).take());
    }
    let Some((index, stop)) = session.take_failure() else { return };
    let mut plan = session.plan.clone();
    let work = &session.works[index];
    let (error, is_retried) = match stop {
        Stop::Refused => {
            plan.refuses_growth = true;
            let error = Error::new(Kind::Source, "the archived part is masked otherwise today:");
            (error.with_path(work.planned.found.locator.path()), true)
        }
        Stop::Failed(error) => {
            let may_change = !matches!(work.access, Access::Read(_)) || plan.refuses_growth;
            let is_of_source = error.kind() == Kind::Source && error.io_error().is_none_or(is_stale);
            (error, is_of_source && may_change)
        }
    };
    engine.outcomes.retry_or_report(plan, index, error, is_retried);
}
