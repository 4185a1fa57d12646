//! What an archive says of itself, when it is decided whose it is.

use super::decide::Decision;
use super::naming::{parts_cwd, project_slug, session_cwd, times};
use crate::agents;
use crate::archive::header::{Block, Header};
use crate::archive::reader::Archive;
use crate::archive::sidecar::time_text;
use crate::engine::session::log::Log;
use crate::engine::session::work::{Session, Work};
use crate::engine::{Again, Engine};
use crate::mask::Tally;
use crate::platform::clock;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

/// Returns the header of a source's archive, whose blocks are `blocks` and in which was masked what `tally` counts.
pub(crate) fn header_of(
    engine: &Engine,
    session: &Session,
    work: &Work,
    tally: &Tally,
    blocks: Vec<Block>,
) -> Header {
    let verdict = work.verdict();
    // A dry run writes no header: it wants the numbers alone.
    let describe = |text: &Option<String>| {
        text.as_deref()
            .filter(|_| !engine.settings.is_dry_run)
            .map(|text| session.masked(&engine.masker, text))
    };
    let (version, supersedes) = match *work.decision() {
        Decision::New | Decision::Copy | Decision::Pruned { .. } => (1, None),
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
    let descent = verdict.descent.get();
    let mut masked_by_rule = BTreeMap::new();
    for (rule, count) in &tally.by_rule {
        *masked_by_rule.entry(engine.masker.rule_id(*rule).to_owned()).or_insert(0) += count;
    }
    let log = work.log.get();
    for (rule, count) in log.iter().flat_map(|log| &log.masked_by_rule) {
        *masked_by_rule.entry(rule.clone()).or_insert(0) += count;
    }
    // Of a log, what all its lines were made of; else what there is of the source.
    let (source_bytes, clean_bytes) = match work.planned.found.locator.is_rendered() && !blocks.is_empty() {
        true => {
            let bytes = blocks.iter().map(|block| u64::from(block.source_bytes)).sum();
            (bytes, bytes)
        }
        false => (work.covered, work.clean),
    };
    let former = told_before(engine, work);
    let former =
        |fact: fn(&Header) -> &Option<String>| former.as_ref().and_then(|header| fact(header).clone());
    let (title, model) = (former(|header| &header.title), former(|header| &header.model));
    let before = |count: fn(&Log) -> u64| log.map_or(0, count);
    Header {
        identity: verdict.identity.clone(),
        source: describe(&Some(work.planned.found.locator.text())).unwrap_or_default(),
        source_bytes,
        clean_bytes,
        content_hash: verdict.content_hash,
        head_hash: verdict.head_hash,
        rules_version: match engine.settings.is_dry_run {
            true => String::new(),
            false => engine.masker.rules_version().to_owned(),
        },
        is_rule_set_incomplete: engine.settings.is_rule_set_incomplete,
        version,
        supersedes,
        archived_at: time_text(clock::now()),
        started_at: started_at.map(time_text),
        ended_at: ended_at.map(time_text),
        cwd: describe(&cwd).unwrap_or_default(),
        project_slug: if engine.settings.is_dry_run {
            String::new()
        } else {
            project_slug(engine, session, work)
        },
        // Masked before it is cut to a line: a secret that is cut is not known for one any more.
        title: describe(&title.or(work.description.title.clone())).map(|title| agents::title_line(&title)),
        model: describe(&work.description.model.clone().or(model)),
        git_branch: describe(&work.description.git_branch),
        forked_from: descent.and_then(|descent| descent.forked_from.clone()),
        other_ids: descent.map(|descent| descent.other_ids.clone()).unwrap_or_default(),
        masked_states: Vec::new(),
        nul_bytes: work.nul_bytes.load(Ordering::Relaxed) + before(|log| log.nul_bytes),
        line_count: tally.lines + before(|log| log.line_count),
        masked_lines: tally.masked_lines + before(|log| log.masked_lines),
        masked_by_rule,
        blocks,
    }
}

/// Returns what the archive says that a transcript has grown from, where that transcript tells no title but a prompt: one
/// that stood beside it holds as long as what tells it does not change, and that is not read again.
fn told_before(engine: &Engine, work: &Work) -> Option<Header> {
    // What other rules masked is not taken over where all is to be masked again.
    let is_asked = work.identity.part_id.is_none()
        && !work.description.is_titled
        && !engine.settings.is_dry_run
        && engine.settings.again == Again::None;
    let Decision::Grown { version } = *work.decision() else { return None };
    let version = work.verdict().versions.get(version).filter(|_| is_asked)?;
    Archive::open(&engine.history.root.join(&version.archive)).ok()?.header().cloned()
}
