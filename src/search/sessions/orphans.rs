//! Sessions of which parts are archived and no transcript: told from what the parts' archives say of themselves. Reads
//! only.
//!
//! There are few: their agent failed to write the transcript, or deleted it before it was archived.

use super::session::parse_time;
use super::stored::{self, Stored};
use super::told;
use crate::archive::header::Header;
use crate::archive::names::slug;
use crate::archive::sidecar::{Part, SCHEMA_VERSION, Sidecar};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One archive of a part.
struct Told {
    path: PathBuf,
    header: Header,
    bytes: u64,
}

/// Returns the sidecar that the session whose parts are `stored` would have, if all that they say were said of it:
/// numbers are sums, times the first and the last, texts those of the part that began first. `archive_path` is the
/// directory of the parts. `None` if none of them says anything.
pub(super) fn sidecar(stored: &Stored) -> Option<Sidecar> {
    let directory = stored.archive_path();
    let parts = told(&directory);
    let first = &parts.first()?.header;
    let text = |of: fn(&Header) -> Option<&String>| {
        parts.iter().filter_map(|part| of(&part.header)).find(|text| !text.is_empty()).cloned()
    };
    let latest = |of: fn(&Header) -> Option<&String>| {
        let times = parts.iter().filter_map(|part| of(&part.header));
        times.max_by_key(|time| parse_time(time)).cloned()
    };
    let sum = |of: fn(&Header) -> u64| parts.iter().map(|part| of(&part.header)).sum();
    // Subagents may have been sent elsewhere than the session was.
    let mut directories = parts.iter().map(|part| &part.header.cwd).filter(|cwd| !cwd.is_empty());
    let in_project = directories.find(|cwd| slug(cwd) == first.project_slug).cloned();
    let mut masked_by_rule = BTreeMap::new();
    for (rule, count) in parts.iter().flat_map(|part| &part.header.masked_by_rule) {
        *masked_by_rule.entry(rule.clone()).or_insert(0) += count;
    }
    Some(Sidecar {
        session_id: first.identity.session_id.clone(),
        archived_at: latest(|header| Some(&header.archived_at)).unwrap_or_default(),
        cwd: in_project.or_else(|| text(|header| Some(&header.cwd))).unwrap_or_default(),
        project_slug: first.project_slug.clone(),
        source_bytes: sum(|header| header.source_bytes),
        archived_bytes: parts.iter().map(|part| part.bytes).sum(),
        line_count: sum(|header| header.line_count),
        masked_lines: sum(|header| header.masked_lines),
        archive_path: directory.to_string_lossy().into_owned(),
        schema_version: SCHEMA_VERSION,
        agent: Some(first.identity.agent.clone()),
        started_at: first.started_at.clone(),
        ended_at: latest(|header| header.ended_at.as_ref()),
        title: text(|header| header.title.as_ref()),
        model: text(|header| header.model.as_ref()),
        git_branch: text(|header| header.git_branch.as_ref()),
        parts: listed(&directory, &parts),
        rules_version: Some(first.rules_version.clone()),
        masked_by_rule,
        version: 1,
        nul_bytes: sum(|header| header.nul_bytes),
        ..Sidecar::default()
    })
}

/// Returns what the archives in a directory of parts say, the part that began first before the others.
fn told(directory: &Path) -> Vec<Told> {
    let stored = stored::in_parts(directory).unwrap_or_default();
    let archives = stored.iter().filter(|part| part.archive_suffix.is_some()).map(Stored::archive_path);
    let mut parts: Vec<Told> = archives
        .filter_map(|path| {
            let (header, bytes) = told::header(&path)?;
            Some(Told { path, header, bytes })
        })
        .collect();
    // Those that tell no time come last.
    let started =
        |header: &Header| header.started_at.as_deref().and_then(parse_time).unwrap_or(Timestamp::MAX);
    parts.sort_by_cached_key(|part| started(&part.header));
    parts
}

/// Returns the parts as a session's sidecar lists them: the latest version of each.
fn listed(directory: &Path, parts: &[Told]) -> Vec<Part> {
    let beside = directory.parent().unwrap_or(directory);
    let mut latest: BTreeMap<String, &Told> = BTreeMap::new();
    for part in parts {
        let part_id = part.header.identity.part_id.clone().unwrap_or_default();
        let known = latest.entry(part_id).or_insert(part);
        if known.header.version < part.header.version {
            *known = part;
        }
    }
    let archive =
        |part: &Told| part.path.strip_prefix(beside).unwrap_or(&part.path).to_string_lossy().into_owned();
    latest.into_iter().map(|(part_id, part)| Part { part_id, archive: archive(part) }).collect()
}
