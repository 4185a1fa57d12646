//! What hooks asked for: the transcripts and parts that a payload names, or leads to, and those that may be read of them.

use super::Candidate;
use super::discover::{find, parts, parts_beside};
use super::rendered;
use crate::agents::hook::Payload;
use crate::agents::{self, Found, Located};
use crate::archive::store::PENDING_DIRECTORY;
use crate::engine::Engine;
use crate::engine::pending::marker::{self, Asked};
use crate::environment::Environment;
use crate::platform;
use crate::platform::sync::lock;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Label of what hooks left to do.
const PENDING_LABEL: &str = "hooks";

/// A transcript that was not there when a hook named it, but parts of its session were, is waited for so long.
const LATE_AFTER: Duration = Duration::from_secs(600);

/// What there is of the session that a payload is about.
struct Marked {
    /// Its transcripts and documents.
    paths: Vec<PathBuf>,
    /// What of it is in databases.
    rows: Vec<Found>,
    /// Parts of a transcript that is not there.
    orphaned: Vec<Found>,
    /// The transcript that is named and not there.
    missing: Option<PathBuf>,
}

impl Marked {
    fn of(asked: &Asked, environment: &Environment) -> Marked {
        let payload = &asked.payload;
        let missing = payload.transcript_path.clone().filter(|path| is_missing_transcript(path));
        let (mut paths, mut rows) = (named(payload, environment), Vec::new());
        let mut orphaned: Vec<Found> = missing.iter().flat_map(|path| parts_beside(path)).collect();
        if paths.is_empty() && missing.is_none() {
            let located = locate(asked, environment);
            rows = rows_of(asked, located.databases);
            paths.extend(located.main.map(|found| found.locator.path().to_path_buf()));
            if paths.is_empty() {
                orphaned = located.parts;
            }
        }
        orphaned.retain(|part| is_own_file(part.locator.path()));
        Marked { paths, rows, orphaned, missing }
    }

    /// Returns the files that must be archived for the marker to be done.
    fn watched(&self) -> Vec<PathBuf> {
        let missing = self.missing.as_ref().filter(|_| !self.orphaned.is_empty());
        let databases = self.rows.iter().map(|found| found.locator.path());
        self.paths
            .iter()
            .map(PathBuf::as_path)
            .chain(databases)
            .chain(missing.map(PathBuf::as_path))
            .map(Into::into)
            .collect()
    }

    /// Adds the sources to `candidates` that are not among them.
    fn add(self, candidates: &mut Vec<Candidate>) {
        let group: Arc<str> = PENDING_LABEL.into();
        let mut take = |found: Found| {
            let is_rendered = found.locator.is_rendered();
            if candidates.iter().all(|candidate| match is_rendered {
                true => candidate.found.locator.text() != found.locator.text(),
                false => candidate.found.locator.path() != found.locator.path(),
            }) {
                candidates.push(Candidate { found, group: Arc::clone(&group) });
            }
        };
        self.orphaned.into_iter().for_each(&mut take);
        self.rows.into_iter().for_each(&mut take);
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
        let marked = Marked::of(&marker.asked, environment);
        // A transcript that is not there may be late; one that has not come in a week will not, and one whose parts are
        // all that there is has mostly come in minutes, if it does.
        if !marked.paths.is_empty()
            || !marked.rows.is_empty()
            || marker.is_stale()
            || (!marked.orphaned.is_empty() && marker.is_older_than(LATE_AFTER))
        {
            lock(&engine.markers).push((marker, marked.watched()));
        }
        marked.add(candidates);
    }
}

/// Adds the session that one payload asks for, of which there is no marker.
pub(crate) fn of_payload(payload: &Payload, environment: &Environment, candidates: &mut Vec<Candidate>) {
    Marked::of(&Asked::of(payload.clone()), environment).add(candidates);
}

/// Returns the files of the session that a hook asked for, but for databases: as its agent said, else as found by the
/// session's id.
pub(crate) fn paths(asked: &Asked, environment: &Environment) -> Vec<PathBuf> {
    let mut paths = named(&asked.payload, environment);
    if paths.is_empty()
        && !asked.payload.transcript_path.as_ref().is_some_and(|path| is_missing_transcript(path))
    {
        paths.extend(locate(asked, environment).main.map(|found| found.locator.path().to_path_buf()));
    }
    paths
}

/// Returns the transcripts that a payload names.
///
/// A payload is not to be trusted with the name of just any file: only regular `.jsonl` files count, no links, that the
/// user owns; root, too, archives nobody else's on the word of a payload. Where such a file lies is not restricted: an
/// agent may keep its sessions in any directory, and an import that comes upon the marker need not have the environment
/// that says in which. Any other file counts only where it is an agent's document by its name, in that agent's own tree.
fn named(payload: &Payload, environment: &Environment) -> Vec<PathBuf> {
    let paths = [&payload.transcript_path, &payload.agent_transcript_path].into_iter().flatten();
    // A relative path means nothing to whoever comes upon the marker.
    let is_ours = |path: &&PathBuf| {
        path.is_absolute() && (is_named_so(path) || is_document(path, environment)) && is_own_file(path)
    };
    paths.filter(is_ours).cloned().collect()
}

/// Finds a session by its id, in the trees of the agent that the payload names, else of all agents. Databases, which must
/// be opened, are those of a named agent alone.
fn locate(asked: &Asked, environment: &Environment) -> Located {
    let mut all = Located::default();
    if !asked.has_id() {
        return all;
    }
    let named = asked.payload.agent;
    for agent in agents::registry().iter().filter(|agent| named.is_none_or(|id| id == agent.id())) {
        let Located { main, parts, databases } = agents::locate(*agent, environment, &|id| asked.is_of(id));
        all.main = all.main.or(main.filter(|found| is_own_file(found.locator.path())));
        all.parts.extend(parts);
        if named.is_some() {
            all.databases.extend(databases);
        }
        if all.main.is_some() {
            break;
        }
    }
    all
}

/// Returns the session that was asked for as it is in `databases`, with all that belongs to it. One that cannot be read
/// now is left to the next import, which says why.
fn rows_of(asked: &Asked, databases: Vec<Found>) -> Vec<Found> {
    let own = databases.into_iter().filter(|database| is_own_file(database.locator.path()));
    let sources = own.filter_map(|database| rendered::sources(database).ok()).flatten();
    let mut sources: Vec<Found> = sources.filter(|found| found.locator.is_rendered()).collect();
    let is_wanted = |id: &Option<String>| id.as_deref().is_some_and(|id| asked.is_of(id));
    let wanted =
        sources.iter().find(|found| is_wanted(&found.guess.session_id) || is_wanted(&found.guess.part_id));
    let session = wanted.and_then(|found| found.guess.session_id.clone());
    sources.retain(|found| session.is_some() && found.guess.session_id == session);
    sources
}

fn is_named_so(path: &Path) -> bool {
    path.file_name().is_some_and(|name| agents::is_transcript_name(name.as_encoded_bytes()))
}

/// Returns whether a session's document lies at `path`, in the tree of the agent that writes such.
fn is_document(path: &Path, environment: &Environment) -> bool {
    let guess = agents::guess_path(path);
    let agent = guess.agent.filter(|_| guess.part_id.is_none()).and_then(agents::agent);
    agent.is_some_and(|agent| {
        let is_below = |root: PathBuf| {
            path.strip_prefix(&root)
                .is_ok_and(|below| below.components().all(|one| matches!(one, Component::Normal(_))))
        };
        agent.roots(environment).into_iter().any(is_below)
            && matches!(agent.form(path), agents::Form::Documents(_))
    })
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
