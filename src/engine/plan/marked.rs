//! What hooks asked for: the transcripts and parts that a payload names, or leads to, and those that may be read of them.

use super::Candidate;
use super::discover::{find, parts, parts_beside};
use crate::agents::hook::Payload;
use crate::agents::{self, Found};
use crate::archive::store::PENDING_DIRECTORY;
use crate::engine::Engine;
use crate::engine::pending::marker;
use crate::environment::Environment;
use crate::platform;
use crate::platform::sync::lock;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Label of what hooks left to do.
const PENDING_LABEL: &str = "hooks";

/// A transcript that was not there when a hook named it, but parts of its session were, is waited for so long.
const LATE_AFTER: Duration = Duration::from_secs(600);

/// What there is of the session that a payload is about.
struct Marked {
    /// Its transcripts.
    paths: Vec<PathBuf>,
    /// Parts of a transcript that is not there.
    orphaned: Vec<Found>,
    /// The transcript that is named and not there.
    missing: Option<PathBuf>,
}

impl Marked {
    fn of(payload: &Payload, environment: &Environment) -> Marked {
        let paths = paths(payload, environment);
        let missing = payload.transcript_path.clone().filter(|path| is_missing_transcript(path));
        let orphaned = missing.iter().flat_map(|path| parts_beside(path));
        let mut orphaned: Vec<Found> = orphaned.collect();
        if paths.is_empty() && payload.names_no_path() {
            orphaned = marker::locate_parts(payload, environment);
        }
        orphaned.retain(|part| is_own_file(part.locator.path()));
        Marked { paths, orphaned, missing }
    }

    /// Adds the sources to `candidates` that are not among them.
    fn add(self, candidates: &mut Vec<Candidate>) {
        let group: Arc<str> = PENDING_LABEL.into();
        let mut take = |found: Found| {
            if candidates.iter().all(|candidate| candidate.found.locator.path() != found.locator.path()) {
                candidates.push(Candidate { found, group: Arc::clone(&group) });
            }
        };
        self.orphaned.into_iter().for_each(&mut take);
        for path in self.paths {
            if let Ok(found) = find(&path) {
                parts(&found).into_iter().filter(|part| is_own_file(part.locator.path())).for_each(&mut take);
                take(found);
            }
        }
    }
}

/// Adds the sessions that hooks asked for and that nobody archived since.
pub(crate) fn pending(engine: &Engine, environment: &Environment, candidates: &mut Vec<Candidate>) {
    let Some(store) = &engine.store else { return };
    for marker in marker::list(&store.private_path(PENDING_DIRECTORY), Some(&engine.history.key)) {
        let marked = Marked::of(&marker.payload, environment);
        // A transcript that is not there may be late; one that has not come in a week will not, and one whose parts are
        // all that there is has mostly come in minutes, if it does.
        if !marked.paths.is_empty()
            || marker.is_stale()
            || (!marked.orphaned.is_empty() && marker.is_older_than(LATE_AFTER))
        {
            let missing = marked.missing.as_ref().filter(|_| !marked.orphaned.is_empty());
            let watched = marked.paths.iter().chain(missing).cloned().collect();
            lock(&engine.markers).push((marker, watched));
        }
        marked.add(candidates);
    }
}

/// Adds the session that one payload asks for, of which there is no marker.
pub(crate) fn of_payload(payload: &Payload, environment: &Environment, candidates: &mut Vec<Candidate>) {
    Marked::of(payload, environment).add(candidates);
}

/// Returns the transcripts of the session that a payload is about: as its agent said, else as found by the session's id.
///
/// A payload is not to be trusted with the name of just any file: only regular `.jsonl` files count, no links, that the
/// user owns; root, too, archives nobody else's on the word of a payload. Where such a file lies is not restricted: an
/// agent may keep its sessions in any directory, and an import that comes upon the marker need not have the environment
/// that says in which.
pub(crate) fn paths(payload: &Payload, environment: &Environment) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        [&payload.transcript_path, &payload.agent_transcript_path].into_iter().flatten().cloned().collect();
    if paths.is_empty()
        && let Some(session_id) = &payload.session_id
    {
        paths.extend(marker::locate(payload, environment, session_id));
    }
    // A relative path means nothing to whoever comes upon the marker.
    paths.retain(|path| path.is_absolute() && is_transcript(path));
    paths
}

fn is_transcript(path: &Path) -> bool {
    is_named_so(path) && is_own_file(path)
}

fn is_named_so(path: &Path) -> bool {
    path.file_name().is_some_and(|name| agents::is_transcript_name(name.as_encoded_bytes()))
}

/// Returns whether a hook named a transcript that is not there.
fn is_missing_transcript(path: &Path) -> bool {
    let metadata = fs::symlink_metadata(path);
    is_named_so(path) && metadata.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Returns whether there is a regular file of the user's. Where files have no owners, any will do.
fn is_own_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file() && platform::is_own(&metadata))
}
