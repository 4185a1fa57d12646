//! The end of a session's way: its archives' headers and sidecars, and the hand-over to the committer.

use crate::agents;
use crate::archive::header::Header;
use crate::archive::header_codec;
use crate::archive::names::Place;
use crate::archive::sidecar::{self, Part};
use crate::engine::Engine;
use crate::engine::commit::ready::{Observed, Ready, ReadyArchive, beside_session};
use crate::engine::history::versions::Version;
use crate::engine::session::open::{changing, is_as_read};
use crate::engine::session::work::{Access, Session, Work};
use crate::engine::session::writer::Writer;
use crate::engine::state::totals::{Archived, Outcome};
use crate::engine::verdict::decide::Decision;
use crate::engine::verdict::growth;
use crate::engine::verdict::growth::Comparison;
use crate::engine::verdict::placement::{parts_cwd, place_of, project_slug, session_cwd, times};
use crate::error::{Kind, Result};
use crate::input::is_stale;
use crate::mask::Tally;
use crate::platform::path::escape_path;
use crate::platform::path::path_bytes;
use crate::platform::sync::lock;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// An archive of so few blocks is put together in memory and written at once.
const HELD_BLOCKS: usize = 4;

/// Makes the writer of a source's archive: in memory for a small one, into a staged file for a large one.
pub(crate) fn stage(engine: &Engine, session: &Session, work: &Work, is_file: bool) -> Result<Writer> {
    let blocks = work.scanned.len();
    if blocks <= HELD_BLOCKS && !is_file {
        return Ok(Writer::held());
    }
    let header = header_of(engine, session, work, &Tally::default(), Vec::new());
    let first_bytes = header_codec::reserve_len(&header, blocks) as u64;
    let placement = place_of(engine, session, work);
    Ok(Writer::staged(engine.store()?.stage(&placement.directory())?, first_bytes))
}

/// Completes the archives of a session whose blocks are all compressed, and gives them to the committer.
pub(crate) fn hand_over(engine: &Engine, session: &Session) {
    let mut ready = Ready {
        plan: session.plan.clone(),
        archives: Vec::new(),
        unchanged: Vec::new(),
        transcript: unchanged_transcript(session),
        parts: Vec::new(),
    };
    for (index, work) in session.works.iter().enumerate() {
        let done = is_as_read(work)
            .and_then(
                |is_as_read| {
                    if is_as_read { Ok(()) } else { Err(changing(work.planned.found.locator.path())) }
                },
            )
            .and_then(|()| complete(engine, session, work));
        match done {
            Ok(Some(archive)) => ready.archives.push(archive),
            Ok(None) => ready.unchanged.push(observed(engine, session, work)),
            Err(error) => {
                session.fail(index, error);
                return report_failed(engine, session);
            }
        }
    }
    // Only now: where a part goes may follow from its masked text.
    ready.parts = parts_of(engine, session);
    engine.queue.push(ready);
}

/// Returns the archives of a session's parts, as its sidecar lists them.
fn parts_of(engine: &Engine, session: &Session) -> Vec<Part> {
    let mut parts = Vec::new();
    for work in &session.works {
        let Some(verdict) = work.verdict.get() else { continue };
        let Some(part_id) = &verdict.identity.part_id else { continue };
        let path = match *work.decision() {
            Decision::Copy => continue,
            Decision::Same { version } => verdict.versions[version].archive.clone(),
            _ => place_of(engine, session, work).path(),
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
        && let Some(decision) = look_at_texts(engine, work, &writer)
    {
        let is_archived = matches!(decision, Decision::Same { .. });
        let _ = work.second_decision.set(decision);
        if is_archived {
            return Ok(None);
        }
    }
    let tally = std::mem::take(&mut writer.tally);
    let blocks = std::mem::take(&mut writer.blocks);
    let header = header_of(engine, session, work, &tally, blocks);
    let placement = place_of(engine, session, work);
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

/// Decides again about a source whose hashes fit no archive, by the masked texts: nothing is archived twice that
/// reads the same.
fn look_at_texts(engine: &Engine, work: &Work, writer: &Writer) -> Option<Decision> {
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
    let same = match *work.decision() {
        // With what was seen now: after the loss of the key, hashes of the archive's own are of no use any more.
        Decision::Same { version } => Some(Version {
            content_hash: verdict.content_hash,
            source_bytes: work.covered,
            ..verdict.versions[version].clone()
        }),
        _ => None,
    };
    let path = work.planned.found.locator.path();
    let kept_path = match same {
        Some(_) => kept_path(path, &masked(engine, session, &source_text(path))),
        None => Vec::new(),
    };
    Observed {
        kept_path,
        planned: work.planned.clone(),
        stat: work.source.stat(),
        observed_ns: work.opened_ns,
        identity: verdict.identity.clone(),
        clean_bytes: work.clean,
        is_put_off: verdict.is_put_off,
        same,
    }
}

/// Returns `text` masked by rules and by what is known in this session.
pub(crate) fn masked(engine: &Engine, session: &Session, text: &str) -> String {
    let outside = session.outside.get().and_then(|outside| outside.as_deref());
    let learned = session.known.get().and_then(|known| known.as_ref());
    let known: Vec<_> = [outside, learned].into_iter().flatten().collect();
    engine.masker.mask_name_with(text, &known)
}

fn header_of(
    engine: &Engine,
    session: &Session,
    work: &Work,
    tally: &Tally,
    blocks: Vec<crate::archive::header::Block>,
) -> Header {
    let verdict = work.verdict();
    // A dry run writes no header: it wants the numbers alone.
    let describe = |text: &Option<String>| {
        text.as_deref().filter(|_| !engine.is_dry_run).map(|text| masked(engine, session, text))
    };
    let (version, supersedes) = match *work.decision() {
        Decision::New | Decision::Copy => (1, None),
        Decision::Grown { version } | Decision::Same { version } => {
            let number = verdict.versions[version].number;
            let before = verdict.versions.iter().rfind(|version| version.number < number);
            (number, before.map(|version| version.place().archive_name()))
        }
        Decision::Rewritten { .. } => {
            let last = verdict.versions.iter().max_by_key(|version| version.number);
            (last.map_or(1, |last| last.number + 1), last.map(|last| last.place().archive_name()))
        }
    };
    // What a tool or a script left says nothing of that itself, and neither does a transcript with nothing on it.
    let lent = match work.identity.part_id {
        Some(_) => session_cwd(session),
        None => parts_cwd(session),
    };
    let cwd = work.description.cwd.clone().or_else(|| lent.map(str::to_owned));
    let (started_at, ended_at) = times(session, work);
    let lineage = work.lineage.get();
    let mut masked_by_rule = BTreeMap::new();
    for (rule, count) in &tally.by_rule {
        *masked_by_rule.entry(engine.masker.rule_id(*rule).to_owned()).or_insert(0) += count;
    }
    Header {
        identity: verdict.identity.clone(),
        source: describe(&Some(source_text(work.planned.found.locator.path()))).unwrap_or_default(),
        source_bytes: work.covered,
        clean_bytes: work.clean,
        content_hash: verdict.content_hash,
        head_hash: verdict.head_hash,
        rules_version: engine.masker.rules_version().to_owned(),
        is_rule_set_incomplete: engine.is_rule_set_incomplete,
        version,
        supersedes,
        archived_at: sidecar::archived_at_now(),
        started_at: started_at.map(time_text),
        ended_at: ended_at.map(time_text),
        cwd: describe(&cwd).unwrap_or_default(),
        project_slug: if engine.is_dry_run { String::new() } else { project_slug(engine, session, work) },
        // Masked before it is cut to a line: a secret that is cut is not known for one any more.
        title: describe(&work.description.title).map(|title| agents::title_line(&title)),
        model: describe(&work.description.model),
        git_branch: describe(&work.description.git_branch),
        forked_from: lineage.and_then(|lineage| lineage.forked_from.clone()),
        other_ids: lineage.map(|lineage| lineage.other_ids.clone()).unwrap_or_default(),
        nul_bytes: work.nul_bytes.load(Ordering::Relaxed),
        line_count: tally.lines,
        masked_lines: tally.masked_lines,
        masked_by_rule,
        blocks,
    }
}

/// Returns a time as sidecars have it: RFC 3339, local, with offset, to the second.
fn time_text(time: Timestamp) -> String {
    let local: Zoned = time.to_zoned(TimeZone::system());
    jiff::fmt::strtime::format("%Y-%m-%dT%H:%M:%S%:z", &local).unwrap_or_else(|_| time.to_string())
}

/// Returns a path as sidecars have it: absolute, percent-escaped where it is not UTF-8.
fn source_text(path: &Path) -> String {
    escape_path(path_bytes(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())))
}

/// Returns what the catalog may keep of a path of which `masked` is the masked text: its bytes, if nothing was masked.
pub(crate) fn kept_path(path: &Path, masked: &str) -> Vec<u8> {
    if source_text(path) == masked { path_bytes(path).to_vec() } else { masked.as_bytes().to_vec() }
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
    let Some((index, error)) = session.take_failure() else { return };
    let mut plan = session.plan.clone();
    plan.refuses_growth |= growth::is_refusal(&error);
    let may_change = !matches!(session.works[index].access, Access::Read(_)) || plan.refuses_growth;
    let is_retried = error.kind() == Kind::Source && error.io_error().is_none_or(is_stale) && may_change;
    engine.retry_or_report(plan, index, error, is_retried);
}

/// Returns what a finished archive counts as.
pub(crate) fn archived(archive: PathBuf, ready: &ReadyArchive) -> Outcome {
    Outcome::Archived(Archived {
        archive,
        source_bytes: ready.header.source_bytes,
        archived_bytes: ready.archived_bytes,
        lines: ready.header.line_count,
        masked_lines: ready.header.masked_lines,
        has_waited: ready.observed.planned.has_waited,
    })
}
