//! The parts of a session: transcripts of its subagents, results of tools that were too large for its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::archive::names::split_version;
use crate::archive::reader::Archive;
use crate::error::Result;
use crate::search::sessions::{self, Stored, parse_time};

/// One part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub id: String,
    /// Of its archive.
    pub path: PathBuf,
    /// Short name of its agent; empty where it is not known.
    pub agent: String,
    pub title: Option<String>,
    pub model: Option<String>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub line_count: u64,
}

impl Part {
    /// Opens its archive.
    pub(crate) fn open(&self) -> Result<Archive> {
        Archive::open(&self.path)
    }

    /// Returns whether it is what an agent notes of another part, and no transcript.
    pub(crate) fn is_note(&self) -> bool {
        self.id.ends_with("-meta")
    }

    /// Returns what names the part in its session's transcript: the id without what says the sort of part.
    pub(crate) fn token(&self) -> &str {
        let id = self.id.rsplit('/').next().unwrap_or(&self.id);
        let id = ["agent-", "tool-result-"].iter().find_map(|sort| id.strip_prefix(sort)).unwrap_or(id);
        id.strip_suffix("-meta").unwrap_or(id)
    }
}

/// Returns the parts of the session that is stored so, in the order in which they began; those of which that is not known
/// come last, by id. Of several versions of a part the latest.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when the directory of parts cannot be listed.
pub(crate) fn parts_of(session: &Stored) -> Result<Vec<Part>> {
    if session.is_part {
        return Ok(Vec::new());
    }
    let mut latest: BTreeMap<String, (u32, Part)> = BTreeMap::new();
    for stored in sessions::in_parts(&session.parts_path())? {
        let Some(part) = part(&stored) else { continue };
        let version = split_version(&stored.stem).1;
        match latest.get_mut(&part.id) {
            Some(known) if known.0 < version => *known = (version, part),
            Some(_) => {}
            None => drop(latest.insert(part.id.clone(), (version, part))),
        }
    }
    let mut parts: Vec<Part> = latest.into_values().map(|(_, part)| part).collect();
    parts.sort_by_key(|part| part.started.unwrap_or(Timestamp::MAX));
    Ok(parts)
}

/// Returns what is known of a part; `None` where there is no archive of it. Of one that cannot be read its name alone is:
/// it is not left out, so that whoever asks for what is in it learns that it is missing.
fn part(stored: &Stored) -> Option<Part> {
    stored.archive_suffix?;
    let path = stored.archive_path();
    let opened = Archive::open(&path).ok();
    if opened.is_none() && path.symlink_metadata().is_err() {
        // Removed since it was listed.
        return None;
    }
    let Some(header) = opened.as_ref().and_then(Archive::header) else {
        return Some(Part { id: split_version(&stored.stem).0.to_owned(), path, ..Part::default() });
    };
    let time = |text: &Option<String>| text.as_deref().and_then(parse_time);
    Some(Part {
        id: header.identity.part_id.clone().unwrap_or_else(|| stored.stem.clone()),
        agent: header.identity.agent.clone(),
        title: header.title.clone().filter(|title| !title.is_empty()),
        model: header.model.clone().filter(|model| !model.is_empty()),
        started: time(&header.started_at),
        ended: time(&header.ended_at),
        line_count: header.line_count,
        path,
    })
}
