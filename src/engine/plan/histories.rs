//! Which session a prompt history is: an agent with several homes keeps one in each, and none is a version of another.
//!
//! One is kept under the id that all histories have, each further one under that id and its place. What was settled is
//! found again: by the catalog's row for the path, else, when the catalog was lost or the home moved, by the first line
//! and by the source that an archive names. An id stays with a file as long as it may be that file's: not where another
//! one that is there, and does not begin as this one does, has it.

use crate::agents::{self, Found, Guess, HISTORY_ID, IdFrom, Identified};
use crate::archive::catalog::Row;
use crate::archive::catalog::snapshot::{Key, Snapshot, identity_key, key_of_hash, path_key};
use crate::archive::content_hash::{self, HEAD_BYTES, HashKey};
use crate::archive::reader::Archive;
use crate::engine::Engine;
use crate::identity::{self, Identity};
use crate::input::{Links, Source};
use crate::platform::open_at_once;
use crate::platform::path::path_bytes;
use crate::platform::sync::lock;
use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// Bytes of two histories that are compared at once.
const COMPARED_BYTES: usize = 64 << 10;

/// Gives each of an agent's prompt histories the id of the session that it is.
pub(crate) fn settle(engine: &Engine, histories: &mut [Found]) {
    // Whatever the order in which the homes are configured.
    histories.sort_by(|one, other| one.locator.cmp(&other.locator));
    let mut taken: Vec<(String, PathBuf)> = Vec::new();
    for found in histories.iter_mut().filter(|found| found.stamp.bytes() > 0) {
        let id = id_of(engine, found, &taken);
        taken.push((id.clone(), found.locator.path().to_path_buf()));
        found.guess.session_id = Some(id);
    }
}

/// Gives each of an agent's prompt histories the id that it has or will most likely get, by what the catalog holds alone:
/// nothing is opened. `key` is the store's private one.
pub(crate) fn settle_by_catalog(snapshot: &Snapshot, key: &HashKey, histories: &mut [Found]) {
    let paths: Vec<Key> = histories.iter().map(|found| path_key(key, &found.locator.key())).collect();
    for (found, path) in histories.iter_mut().zip(&paths) {
        let Some(agent) = found.guess.agent else { continue };
        let own = identity::of_namesake(HISTORY_ID, &found.locator.key());
        let of_own = identity_key(&identity(agent, &own));
        let of_first = identity_key(&identity(agent, HISTORY_ID));
        let is_own = match snapshot.by_path(*path) {
            Some(entry) => entry.identity == of_own,
            None if snapshot.by_identity(of_own).next().is_some() => true,
            None => snapshot.by_identity(of_first).any(|entry| paths.contains(&entry.path)),
        };
        found.guess.session_id = Some(if is_own { own } else { HISTORY_ID.to_owned() });
    }
}

/// Returns whether a guess is that of a prompt history in its agent's home.
pub(crate) fn is_settled(guess: &Guess) -> bool {
    guess.part_id.is_none() && guess.session_id.as_deref().is_some_and(agents::is_history_id)
}

/// Returns whether a file's records are those of a prompt history, wherever it lies.
pub(crate) fn is_of_one(identified: &Identified) -> bool {
    let is_known = identified.agent != identity::FILES && identified.id_from == IdFrom::Records;
    is_known && identified.part_id.is_none() && agents::is_history_id(&identified.session_id)
}

/// Returns the id under which the prompt history at a path is archived already, by the catalog's row for the path.
pub(crate) fn recorded(engine: &Engine, agent: &str, found: &Found) -> Option<String> {
    let identity = engine.history.recorded_identity(found)?;
    let is_history =
        identity.agent == agent && identity.part_id.is_none() && agents::is_history_id(&identity.session_id);
    is_history.then_some(identity.session_id)
}

fn id_of(engine: &Engine, found: &Found, taken: &[(String, PathBuf)]) -> String {
    let Some(agent) = found.guess.agent else { return HISTORY_ID.to_owned() };
    let may_be = |id: &String| {
        let is_taken = |(other, path): &(String, PathBuf)| other == id && !is_one(path, found.locator.path());
        !taken.iter().any(is_taken) && !is_anothers(&rows_of(engine, agent, id), found.locator.path())
    };
    if let Some(id) = recorded(engine, agent, found).filter(may_be) {
        return id;
    }
    let own = identity::of_namesake(HISTORY_ID, &found.locator.key());
    if !engine.history.versions(&identity(agent, &own)).is_empty() {
        return own;
    }
    if let Some(id) = same_beginning(engine, agent, found).into_iter().find(may_be) {
        return id;
    }
    let rows = rows_of(engine, agent, HISTORY_ID);
    let is_first = rows.is_empty() || rows.iter().any(|row| is_source(engine, row, found.locator.path()));
    let first = HISTORY_ID.to_owned();
    if is_first && may_be(&first) { first } else { own }
}

fn identity(agent: &str, id: &str) -> Identity {
    Identity { agent: agent.to_owned(), session_id: id.to_owned(), part_id: None }
}

fn rows_of(engine: &Engine, agent: &str, id: &str) -> Vec<Row> {
    let catalog = lock(&engine.history.catalog);
    let rows = catalog.as_ref().and_then(|catalog| catalog.rows_of(&identity(agent, id)).ok());
    rows.unwrap_or_default()
}

/// Returns whether the rows of a history say that its archives are made of other files than the one at `path`, of which
/// one is there and not the same history.
fn is_anothers(rows: &[Row], path: &Path) -> bool {
    // Of several sources of one archive, it is made of the one of which it covers most.
    let is_owner = |row: &&Row| {
        rows.iter().all(|other| other.archive != row.archive || other.source_bytes <= row.source_bytes)
    };
    let mut owners = rows.iter().filter(is_owner).filter(|row| !row.path.is_empty());
    let is_own = owners.clone().any(|row| row.path == path_bytes(path));
    // A path that had to be masked names no file, and does no harm.
    let other = |row: &Row| PathBuf::from(String::from_utf8_lossy(&row.path).into_owned());
    !is_own && owners.any(|row| other(row).is_file() && !is_one(&other(row), path))
}

/// Returns the ids of the agent's archived histories that begin with the line that this one begins with.
fn same_beginning(engine: &Engine, agent: &str, found: &Found) -> Vec<String> {
    let head = || {
        let source = Source::open(&found.locator, Links::Follow).ok()?;
        let mut head = vec![0; HEAD_BYTES];
        let count = source.read_at(0, &mut head).ok()?;
        Some(content_hash::head_hash(&engine.history.key, &head[..count]))
    };
    // What cannot be read says so when it is archived.
    let Some(head) = head() else { return Vec::new() };
    let catalog = lock(&engine.history.catalog);
    let entries = engine.history.snapshot.by_head(key_of_hash(&head));
    let rows = entries.filter_map(|entry| catalog.as_ref()?.row(entry.id).ok().flatten());
    let mut ids: Vec<String> = rows
        .filter(|row| row.identity.agent == agent && row.identity.part_id.is_none())
        .map(|row| row.identity.session_id)
        .filter(|id| agents::is_history_id(id))
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Returns whether an archive was made of the file at `path`, as far as it says itself: of the catalog's rows, those
/// that were made anew from archives name no source.
fn is_source(engine: &Engine, row: &Row, path: &Path) -> bool {
    let masked = engine.masker.mask_name(&path.to_string_lossy());
    if !row.path.is_empty() {
        return row.path == path_bytes(path) || row.path == masked.as_bytes();
    }
    let archive = Archive::open(&engine.history.root.join(&row.archive)).ok();
    archive.and_then(|archive| archive.header().map(|header| header.source == masked)).unwrap_or(false)
}

/// Returns whether two files are the same history: one begins with all that the other holds.
fn is_one(one: &Path, other: &Path) -> bool {
    let is_same = || -> io::Result<bool> {
        if fs::canonicalize(one)? == fs::canonicalize(other)? {
            return Ok(true);
        }
        let open = |path: &Path| {
            let file = open_at_once(path)?;
            let is_file = file.metadata()?.is_file();
            let opened = is_file.then(|| BufReader::with_capacity(COMPARED_BYTES, file));
            opened.ok_or_else(|| io::Error::other("not a regular file"))
        };
        let bytes = fs::metadata(one)?.len().min(fs::metadata(other)?.len());
        let (mut one, mut other) = (open(one)?.take(bytes), open(other)?.take(bytes));
        let (mut these, mut those) = (vec![0; COMPARED_BYTES], vec![0; COMPARED_BYTES]);
        let mut left = bytes;
        while left > 0 {
            let count = left.min(COMPARED_BYTES as u64) as usize;
            one.read_exact(&mut these[..count])?;
            other.read_exact(&mut those[..count])?;
            if these[..count] != those[..count] {
                return Ok(false);
            }
            left -= count as u64;
        }
        Ok(true)
    };
    is_same().unwrap_or(false)
}
