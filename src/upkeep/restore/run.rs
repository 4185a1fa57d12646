//! Puts one session back: finds where each of its files goes, looks at all that is there already, and writes what is not,
//! the transcript last.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::asked::{Outcome, Request, State};
use super::base::Base;
use super::former::{source_path, transcript_beside};
use super::pieces::{Opened, Piece, Writing, piece_of};
use super::place::Directories;
use super::renaming::Renaming;
use super::{lines, resume, text};
use crate::agents::{self, Lost, is_history_id};
use crate::archive::names::{ARCHIVE_SUFFIX, split_version};
use crate::archive::store::Store;
use crate::error::{Error, Kind, Result};
use crate::identity::plain_id;
use crate::search::sessions::{Session, Stored, parse_time};
use crate::view::opened;
use crate::view::session::parts_of;

/// Puts `session` back.
///
/// # Errors
///
/// [`Kind::Usage`] when another file is there, and when a link is in the way; those of the store and of the disk. Then
/// nothing of the session was written that was not taken back, but directories.
pub(crate) fn run(session: &Session<'_>, request: &Request<'_>) -> Result<Outcome> {
    put_back(session, request).map_err(|error| match (error.kind(), error.hint()) {
        (Kind::Damaged, None) => error.with_hint(
            "sessionkeep repair sets a damaged archive aside, and archives it again if its source is there; \
             what is left of the session comes back then",
        ),
        _ => error,
    })
}

fn put_back(session: &Session<'_>, request: &Request<'_>) -> Result<Outcome> {
    let stored = of_version(&session.stored, request.version)?;
    let parts = parts_of(&stored)?;
    let main = match stored.is_orphaned() {
        true => None,
        false => Some(opened::open(&stored.archive_path())?),
    };
    let first = match parts.first().filter(|_| main.is_none()) {
        Some(part) => Some(opened::open(&part.path)?),
        None => None,
    };
    let told = main.as_ref().or(first.as_ref());
    let told = told.ok_or_else(|| {
        Error::new(Kind::Store, "there is no archive of the session:").with_path(stored.archive_path())
    })?;
    let archived_id = told.whose.session.clone();
    let mut outcome = Outcome {
        state: State::Restored,
        session_id: archived_id.clone(),
        copied_from: None,
        agent: told.whose.agent.clone(),
        label: told.agent.map_or_else(|| told.whose.agent.clone(), |agent| agent.label().to_owned()),
        path: PathBuf::new(),
        written: Vec::new(),
        known: Vec::new(),
        bytes: 0,
        command: None,
        remarks: Vec::new(),
    };
    let head = text::head_of(&told.archive)?;
    let header = told.archive.header();
    let source = header.and_then(|header| source_path(&header.source));
    let is_told = text::is_told(&head);
    let agent = told.agent.filter(|_| !is_told && !is_history_id(&archived_id));
    let write_lines = |mut outcome: Outcome, why: String| {
        if request.is_new {
            let error =
                Error::new(Kind::Usage, format!("session '{archived_id}' cannot get a new id: {why}"));
            return Err(error.with_hint("leave out --as-new"));
        }
        outcome.remarks.push(why);
        let here = request.to.or(request.environment.directory()).unwrap_or(Path::new("."));
        lines::write(request, &stored, main.as_ref().map(|main| &main.archive), &parts, here, outcome)
    };
    let Some(agent) = agent else {
        let why = match outcome.label.as_str() {
            "" => {
                "it is not known which agent it is of: its lines are written as they are archived".to_owned()
            }
            label if is_told => format!(
                "{label} keeps it in a database or a document, and cannot take it back: it is written as lines of JSON"
            ),
            label => {
                format!("it is no session that {label} could go on with: it is written as lines of JSON")
            }
        };
        return write_lines(outcome, why);
    };
    if plain_id(archived_id.as_bytes()).as_deref() != Some(&*archived_id) {
        let error =
            Error::new(Kind::Damaged, "no id of a session is in the archive").with_path(told.archive.path());
        return Err(error);
    }
    let renaming = if request.is_new { Some(Renaming::of(&archived_id)?) } else { None };
    if let Some(renaming) = &renaming {
        outcome.session_id = renaming.new.clone();
        outcome.copied_from = Some(archived_id.clone());
    }
    let rename = |path: PathBuf| renaming.as_ref().map_or(path.clone(), |renaming| renaming.path(&path));
    let source = source.map(rename);
    let description = agents::describe(agent.id(), &head, b"");
    let recorded = header.map(|header| header.cwd.clone()).filter(|cwd| !cwd.is_empty());
    let cwd = recorded.or(description.cwd).unwrap_or_default();
    let started = header.and_then(|header| header.started_at.as_deref()).and_then(parse_time);
    // Of a session of which there are parts alone: where its transcript would have been.
    let old = match &main {
        Some(_) => source,
        None => source.and_then(|source| transcript_beside(&source, &outcome.session_id)),
    };
    let file_name = old.as_ref().and_then(|source| source.file_name());
    let lost = Lost {
        session_id: &outcome.session_id.clone(),
        cwd: &cwd,
        file_name: file_name.and_then(|name| name.to_str()).unwrap_or_default(),
        started: started.or(description.started_at),
    };
    let directories = Directories::new(agent, request.environment, request.to);
    let Some(place) = directories.place(&lost, old.as_deref()) else {
        let why = format!(
            "where {} would look for it cannot be told from its archive: it is written as lines of JSON",
            agent.label()
        );
        return write_lines(outcome, why);
    };
    outcome.path = place.of(&place.transcript);
    let mut pieces = Vec::new();
    for part in &parts {
        let archive = part.open()?;
        let header = archive.header();
        let source = header.and_then(|header| source_path(&header.source)).map(rename);
        let found = directories.part(&place, &lost, &part.id, source.as_deref(), old.as_deref());
        match found.map(|relative| piece_of(agent, part, &archive, &place, relative)).transpose()?.flatten() {
            Some(piece) => pieces.push(piece),
            None => outcome.remarks.push(format!(
                "part {} is left out: {} has no place for it",
                part.id,
                agent.label()
            )),
        }
    }
    if let Some(main) = &main {
        pieces.push(Piece {
            archive: Cow::Owned(main.archive.path().to_owned()),
            opened: Opened::Main(&main.archive),
            relative: place.transcript.clone(),
            is_document: false,
            stays: false,
        });
    }
    let key = Store::key_of(request.store);
    let writing = Writing { place: &place, renaming: renaming.as_ref(), agent, key: key.as_ref() };
    let mut base = Base::open(&place.base)?;
    let missing = writing.look(&base, pieces, &mut outcome)?;
    if missing.is_empty() {
        outcome.state = State::AlreadyThere;
    }
    match request.is_dry_run {
        true => outcome.written = missing.iter().map(|piece| place.of(&piece.relative)).collect(),
        false => writing.write(&mut base, &missing, &mut outcome)?,
    }
    let command = resume::command(agent, &lost, &outcome.path, request.to);
    if main.is_none() {
        let first = outcome.written.first().or(outcome.known.first());
        outcome.path = first.cloned().unwrap_or_default();
        outcome.remarks.push("there are parts of it alone, which nothing goes on with".to_owned());
        return Ok(outcome);
    }
    outcome.command = command.line;
    outcome.remarks.extend(command.remarks);
    Ok(outcome)
}

/// Returns the files of another version of a session.
fn of_version(stored: &Stored, version: Option<u32>) -> Result<Stored> {
    let Some(version) = version else { return Ok(stored.clone()) };
    let (stem, newest) = split_version(&stored.stem);
    let stem = if version > 1 { format!("{stem}.v{version}") } else { stem.to_owned() };
    let suffix = stored.archive_suffix.unwrap_or(ARCHIVE_SUFFIX);
    let path = stored.directory.join(format!("{stem}{suffix}"));
    if !path.is_file() {
        let error = Error::new(Kind::Store, format!("there is no version {version} of the session:"));
        return Err(error.with_path(path).with_hint(format!("its newest version is {newest}")));
    }
    Ok(Stored { stem, archive_suffix: Some(suffix), ..stored.clone() })
}
