//! Sessions that were pruned, as far as their tombstones tell. Reads one file.

use super::session::Session;
use super::stored::Stored;
use crate::archive::catalog::facts::Facts;
use crate::archive::ledger::pruned::Pruned;
use crate::archive::ledger::tombstone::Tombstone;
use crate::archive::names::Place;
use crate::error::Result;
use std::collections::HashSet;
use std::path::Path;

/// A session that was pruned, and what is kept of it.
pub(crate) type Told = (Session<'static>, Tombstone);

/// Returns what is known of each session that was pruned from the store at `root`, the last pruned first, and what to warn of.
/// Its files, which it names, are gone.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when the file of them cannot be read.
pub(crate) fn pruned(root: &Path) -> Result<(Vec<Told>, Option<String>)> {
    let pruned = Pruned::read(root)?;
    let told = |tombstone: &Tombstone| (session(root, tombstone.clone()), tombstone.clone());
    Ok((pruned.all().iter().rev().map(told).collect(), pruned.warning()))
}

fn session(root: &Path, tombstone: Tombstone) -> Session<'static> {
    let first = tombstone.archives.first().and_then(|covered| Place::of_path(&covered.archive));
    let place =
        first.unwrap_or_else(|| Place { directory: String::new(), stem: tombstone.session_id.clone() });
    let parts: HashSet<&String> =
        tombstone.archives.iter().filter_map(|covered| covered.part_id.as_ref()).collect();
    let stored = Stored {
        directory: root.join(&place.directory).into(),
        stem: place.stem,
        archive_suffix: None,
        has_sidecar: true,
        part_count: parts.len() as u64,
        is_part: false,
    };
    let facts = Facts {
        session_id: Some(tombstone.session_id.into()),
        agent: Some(tombstone.agent.into()),
        project_slug: Some(tombstone.project_slug.into()),
        started_at: tombstone.started_at.map(Into::into),
        ended_at: tombstone.ended_at.map(Into::into),
        title: tombstone.title.map(Into::into),
        archived_bytes: Some(tombstone.bytes),
        ..Facts::default()
    };
    Session::of_facts(facts, stored)
}
