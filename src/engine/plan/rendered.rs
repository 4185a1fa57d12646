//! From files that are no text to the sources in them: the sessions of a database or a chat, the documents of a session.
//!
//! A file that looks as it did when all sessions in it were archived is not opened.

use super::Candidate;
use crate::agents::{self, Form, Found, Guess};
use crate::archive::catalog::holders::HolderRow;
use crate::engine::Engine;
use crate::engine::state::holders::Held;
use crate::engine::state::totals::Outcome;
use crate::error::{Error, Kind, Result};
use crate::identity::{Identity, id_of_name, safe_id};
use crate::input::rendered::{Holder, Listed, list};
use crate::locator::{Document, Locator, Stamp};
use crate::platform::clock;
use crate::platform::path::path_bytes;
use crate::platform::sync::lock;
use crate::recipe::Shape;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

/// The part that text is kept as whose session is found in a database, too: one of them may hold more than the other.
const LINES: &str = "lines";

/// Puts what files hold in the place of the files. Of a session that is found in a database and in documents, or in several
/// of either, the first and the newest counts.
pub(crate) fn settle(engine: &Engine, candidates: &mut Vec<Candidate>) {
    let mut settled = Vec::with_capacity(candidates.len());
    for candidate in candidates.drain(..) {
        match form(&candidate.found) {
            Form::Text => settled.push(candidate),
            Form::Documents(files) => match documents(&candidate.found, files) {
                Ok(found) => settled.push(Candidate { found, group: candidate.group }),
                Err(error) => fail(engine, &candidate.group, error),
            },
            Form::Database(schemas) => expand(engine, &candidate, Holder::Database(schemas), &mut settled),
            Form::Chat => expand(engine, &candidate, Holder::Chat, &mut settled),
        }
    }
    promote(engine, &mut settled);
    *candidates = distinct(engine, settled);
}

/// Returns the sources that a file is or holds, whether they are archived or not.
///
/// # Errors
///
/// When a database or a chat cannot be read.
pub(crate) fn sources(found: Found) -> Result<Vec<Found>> {
    let holder = match form(&found) {
        Form::Documents(files) => return Ok(vec![documents(&found, files)?]),
        Form::Database(schemas) if found.stamp.bytes() > 0 => Holder::Database(schemas),
        Form::Chat => Holder::Chat,
        Form::Database(_) | Form::Text => return Ok(vec![found]),
    };
    let path = found.locator.path();
    let stamp = holder.stamp(path).map_err(|error| Error::io(Kind::Source, "cannot read", path, error))?;
    Ok(identified(&found.guess, list(holder, path, stamp)?.sessions))
}

fn form(found: &Found) -> Form {
    let (path, agent) = (found.locator.path(), found.guess.agent);
    // Nearly all files are, and need not be asked for.
    let is_text = path.extension().is_some_and(|extension| extension == "jsonl" || extension == "txt");
    match agent.filter(|_| !is_text && !found.locator.is_rendered()) {
        Some(agent) => agents::form(agent, path),
        None => Form::Text,
    }
}

fn fail(engine: &Engine, group: &str, error: Error) {
    engine.reporter.error(&error);
    engine.outcomes.count(group, Outcome::Failed(error));
}

/// Returns the source that documents make, with the stamp of all of them.
fn documents(found: &Found, files: Vec<(PathBuf, Shape)>) -> Result<Found> {
    let Found { locator, stamp, guess } = found;
    let path = locator.path().to_path_buf();
    let mut stamps = Vec::with_capacity(files.len());
    for (file, _) in &files {
        match std::fs::metadata(file) {
            _ if *file == path => stamps.push(*stamp),
            Ok(metadata) => stamps.push(Stamp::of(&metadata)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(Kind::Source, "cannot read", file, error)),
        }
    }
    let stamp = Stamp::of_all(&stamps);
    let document = Document { path, files, section: None };
    Ok(Found { locator: Locator::Document(Arc::new(document)), stamp, guess: guess.clone() })
}

/// Adds the sessions that a file holds, unless all are known to be archived.
fn expand(engine: &Engine, candidate: &Candidate, holder: Holder, settled: &mut Vec<Candidate>) {
    let (group, path) = (&candidate.group, candidate.found.locator.path());
    if candidate.found.stamp.bytes() == 0 {
        // Made, and nothing written to it: it is left alone as any empty file is.
        return settled.push(Candidate { found: candidate.found.clone(), group: Arc::clone(group) });
    }
    let observed_ns = clock::nanoseconds();
    let key = engine.history.key_of(&candidate.found.locator);
    let stamp = match holder.stamp(path) {
        Ok(stamp) => stamp,
        Err(error) => return fail(engine, group, Error::io(Kind::Source, "cannot read", path, error)),
    };
    let known = lock(&engine.history.catalog).as_ref().and_then(|catalog| catalog.holder(key));
    let looks_at_all = engine.settings.masks_anew;
    if let Some(known) = known.filter(|known| !looks_at_all && known.stamp.proves(&stamp, known.observed_ns))
    {
        for _ in 0..known.sessions {
            engine.outcomes.count(group, Outcome::Unchanged { archive: Default::default() });
        }
        lock(&engine.unopened).insert(path_bytes(path).to_vec());
        return;
    }
    let listing = match list(holder, path, stamp) {
        Ok(listing) => listing,
        Err(error) => return fail(engine, group, error),
    };
    let found = identified(&candidate.found.guess, listing.sessions);
    let sources = found.iter().map(|found| (found.locator.clone(), found.stamp)).collect();
    let row = HolderRow { stamp, observed_ns, sessions: found.len() as u64 };
    match listing.odd {
        // Looked at again by each run, and said, until it is as it should be.
        Some(error) => fail(engine, group, error),
        None => lock(&engine.holders).push(Held { key, row, sources }),
    }
    settled.extend(found.into_iter().map(|found| Candidate { found, group: Arc::clone(group) }));
}

/// Returns what was listed as sources. A session that belongs to another one that is there is a part of it.
fn identified(guess: &Guess, listed: Vec<Listed>) -> Vec<Found> {
    let parents: HashMap<String, String> =
        listed.iter().filter_map(|one| Some((one.id.clone(), one.parent.clone()?))).collect();
    let is_there: HashSet<String> = listed.iter().map(|one| one.id.clone()).collect();
    let root = |id: &str| {
        let mut root = id.to_owned();
        // No more steps than there are sessions: who is an ancestor of their own, is none.
        for _ in 0..=parents.len() {
            match parents.get(&root).filter(|parent| is_there.contains(*parent)) {
                Some(parent) => root.clone_from(parent),
                None => return root,
            }
        }
        id.to_owned()
    };
    let found = listed.into_iter().map(|one| {
        if one.id.is_empty() {
            // All of the file, which is what its path says.
            return Found { locator: one.locator, stamp: one.stamp, guess: guess.clone() };
        }
        let root = root(&one.id);
        let part_id = (root != one.id).then(|| id_of_name(one.id.as_bytes()));
        let guess = Guess { agent: guess.agent, session_id: Some(id_of_name(root.as_bytes())), part_id };
        Found { locator: one.locator, stamp: one.stamp, guess }
    });
    found.collect()
}

/// Makes transcripts of those parts that are one where there is no other: not where another is found or archived.
fn promote(engine: &Engine, settled: &mut [Candidate]) {
    let key = |guess: &Guess| Some((guess.agent?, guess.session_id.clone()?));
    let is_main = |candidate: &&Candidate| candidate.found.guess.part_id.is_none();
    let mains: HashSet<_> =
        settled.iter().filter(is_main).filter_map(|candidate| key(&candidate.found.guess)).collect();
    for found in settled.iter_mut().map(|candidate| &mut candidate.found) {
        let (Some((agent, session)), Some(part_id)) = (key(&found.guess), &found.guess.part_id) else {
            continue;
        };
        if !agents::stands_alone(agent, part_id) {
            continue;
        }
        let is_alone = match engine.history.recorded_identity(found) {
            Some(recorded) => recorded.part_id.is_none(),
            None => {
                let main = Identity { agent: agent.to_owned(), session_id: safe_id(&session), part_id: None };
                !mains.contains(&(agent, session))
                    && engine.history.versions(&main).is_empty()
                    && !engine.history.is_pruned(&main)
            }
        };
        if is_alone {
            found.guess.part_id = None;
        }
    }
}

/// Returns the candidates without those whose session or part is found in a better place.
fn distinct(engine: &Engine, settled: Vec<Candidate>) -> Vec<Candidate> {
    let has_unopened = !lock(&engine.unopened).is_empty();
    if !has_unopened && settled.iter().all(|candidate| !candidate.found.locator.is_rendered()) {
        return settled;
    }
    let rank = |found: &Found| match &found.locator {
        Locator::Rows(_) => (IN_DATABASE.0, found.stamp.modified_ns),
        Locator::File(_) => (2, 0),
        Locator::Document(_) => (1, found.stamp.modified_ns),
    };
    let key = |found: &Found| {
        let guess = &found.guess;
        Some((guess.agent?, guess.session_id.clone()?, guess.part_id.clone()))
    };
    let mut best: HashMap<_, (i32, i64)> = HashMap::new();
    for found in settled.iter().map(|candidate| &candidate.found) {
        if let Some(key) = key(found) {
            let rank = rank(found);
            best.entry(key).and_modify(|best| *best = rank.max(*best)).or_insert(rank);
        }
    }
    let mut is_taken = HashSet::new();
    let mut distinct = Vec::with_capacity(settled.len());
    for mut candidate in settled {
        let found = &candidate.found;
        let Some(known) = key(found) else {
            distinct.push(candidate);
            continue;
        };
        let is_in_unopened = has_unopened && is_in_unopened(engine, found);
        let best = if is_in_unopened { IN_DATABASE } else { best[&known] };
        match &found.locator {
            Locator::File(_) if best.0 == IN_DATABASE.0 => {
                let guess = &mut candidate.found.guess;
                guess.part_id =
                    Some(guess.part_id.as_ref().map_or(LINES.to_owned(), |part| format!("{part}-{LINES}")));
            }
            Locator::File(_) => {}
            _ if rank(found) == best && is_taken.insert(known) => {}
            // Two documents that say to be of one session: what one has the other may not have.
            Locator::Document(_) if best.0 < IN_DATABASE.0 => {
                let hash = blake3::hash(path_bytes(found.locator.path())).to_hex();
                let other = format!("other-{}", &hash[..8]);
                let guess = &mut candidate.found.guess;
                guess.part_id =
                    Some(guess.part_id.as_ref().map_or(other.clone(), |part| format!("{part}-{other}")));
            }
            _ => {
                let text = found.locator.text();
                engine
                    .reporter
                    .detail(format_args!("left alone: {text}: its session is found elsewhere, too"));
                continue;
            }
        }
        distinct.push(candidate);
    }
    distinct
}

/// The rank of a session that is in a database.
const IN_DATABASE: (i32, i64) = (3, 0);

/// Returns whether the session of a file or a document is archived from a database that was not opened, as nothing in it
/// has changed.
fn is_in_unopened(engine: &Engine, found: &Found) -> bool {
    let Guess { agent: Some(agent), session_id: Some(session_id), part_id } = &found.guess else {
        return false;
    };
    let identity = Identity {
        agent: (*agent).to_owned(),
        session_id: safe_id(session_id),
        part_id: part_id.as_deref().map(safe_id),
    };
    if matches!(found.locator, Locator::Rows(_)) {
        return false;
    }
    let rows = lock(&engine.history.catalog).as_ref().and_then(|catalog| catalog.rows_of(&identity).ok());
    let unopened = lock(&engine.unopened);
    rows.unwrap_or_default().iter().any(|row| unopened.contains(&row.path))
}

/// Notes which files hold nothing that is not archived, so that the next run need not open them.
pub(crate) fn record(engine: &Engine) {
    let holders = std::mem::take(&mut *lock(&engine.holders));
    let mut catalog = lock(&engine.history.catalog);
    let Some(catalog) = catalog.as_mut() else { return };
    for held in holders {
        let is_archived = |(locator, stamp): &(Locator, Stamp)| {
            let row = catalog.row_at(engine.history.key_of(locator)).ok().flatten();
            row.is_some_and(|row| row.stamp() == *stamp)
        };
        if held.sources.iter().all(is_archived) {
            // What cannot be recorded costs a look at the next run.
            let _ = catalog.record_holder(held.key, &held.row);
        }
    }
}
