//! Finds the session that somebody named, in the store or by the path of an archive.

use std::cmp::Reverse;
use std::path::Path;

use jiff::tz::TimeZone;

use super::address::Name;
use crate::archive::names::{ARCHIVE_SUFFIX, PACKED_SUFFIX, PARTS_SUFFIX, SIDECAR_SUFFIX, split_version};
use crate::error::{Error, Kind, Result};
use crate::search::sessions::{self, Filter, Session, Stored};

/// What a name leads to.
#[derive(Debug)]
pub(crate) enum Found {
    One(Box<Session<'static>>),
    /// It could be any of these, the latest first.
    Several(Vec<Session<'static>>),
}

/// Finds the session that `name` means among those in the store at `root` that `filter` accepts. An id is the session's own,
/// else another one that it goes by, else the one that it was copied from; the whole id counts before a beginning. Of
/// several versions of a session it is the latest.
///
/// # Errors
///
/// [`Kind::Store`] when the store cannot be listed, when there is no such session, and when a path leads to no archive.
pub(crate) fn find(root: &Path, name: &Name, filter: &Filter) -> Result<Found> {
    let mut filter = filter.clone();
    match name {
        Name::Path(path) => return of_archive(path).map(|session| Found::One(Box::new(session))),
        Name::Id(id) => filter.sessions.push(id.clone()),
        Name::Last(_) => {}
    }
    let (stored, listing) = sessions::of_store(root)?;
    let is_empty = stored.is_empty();
    let mut found = sessions::read_all(stored, &listing, &filter);
    keep_latest_versions(&mut found);
    sort_latest_first(&mut found);
    match name {
        Name::Last(before) => {
            let count = found.len();
            let found = found.into_iter().nth(*before).ok_or_else(|| nothing(root, name, is_empty, count))?;
            one(&found.stored).map(|session| Found::One(Box::new(session)))
        }
        Name::Id(id) => {
            keep_most_exact(&mut found, id);
            match &found[..] {
                [] => Err(nothing(root, name, is_empty, 0)),
                [session] => one(&session.stored).map(|session| Found::One(Box::new(session))),
                several => {
                    let read = several.iter().filter_map(|session| sessions::one(&session.stored));
                    Ok(Found::Several(read.collect()))
                }
            }
        }
        Name::Path(_) => Err(Error::new(Kind::Internal, "a path was looked for in the store")),
    }
}

/// Returns the sessions in the store at `root` that `filter` accepts, the latest first.
///
/// # Errors
///
/// [`Kind::Store`] when the store cannot be listed.
pub(crate) fn all(root: &Path, filter: &Filter) -> Result<Vec<Session<'static>>> {
    let (stored, listing) = sessions::of_store(root)?;
    let mut found = sessions::read_all(stored, &listing, filter);
    keep_latest_versions(&mut found);
    sort_latest_first(&mut found);
    Ok(found.iter().filter_map(|session| sessions::one(&session.stored)).collect())
}

fn one(stored: &Stored) -> Result<Session<'static>> {
    sessions::one(stored)
        .ok_or_else(|| Error::new(Kind::Store, "cannot read").with_path(stored.archive_path()))
}

/// Puts those first that were worked on last. Nobody knows when those were that tell no time at all: they come last.
fn sort_latest_first(found: &mut [Session<'_>]) {
    found.sort_by_cached_key(|session| (Reverse(session.worked_on()), Reverse(session.last)));
}

/// Later versions hold all that earlier ones do not.
fn keep_latest_versions(found: &mut Vec<Session<'_>>) {
    let key = |session: &Session<'_>| {
        (
            session.stored.directory.clone(),
            split_version(&session.stored.stem).0.to_owned(),
            session.agent.as_deref().unwrap_or_default().to_owned(),
            session.session_id.clone().into_owned(),
        )
    };
    found.sort_by_cached_key(|session| (key(session), Reverse(split_version(&session.stored.stem).1)));
    found.dedup_by(|later, first| key(later) == key(first));
}

/// Keeps those that `id` fits best.
fn keep_most_exact(found: &mut Vec<Session<'_>>, id: &str) {
    let rank = |session: &Session<'_>| {
        let is_whole = |known: &str| known.eq_ignore_ascii_case(id);
        let begins = |known: &str| {
            known.as_bytes().get(..id.len()).is_some_and(|start| start.eq_ignore_ascii_case(id.as_bytes()))
        };
        let others = || session.other_ids.iter();
        let ranks = [
            is_whole(&session.session_id),
            begins(&session.session_id),
            others().any(|other| is_whole(other)),
            others().any(|other| begins(other)),
        ];
        ranks.iter().position(|is_it| *is_it).unwrap_or(ranks.len())
    };
    let best = found.iter().map(rank).min().unwrap_or(0);
    found.retain(|session| rank(session) == best);
}

fn nothing(root: &Path, name: &Name, is_empty: bool, count: usize) -> Error {
    if is_empty {
        let error = Error::new(Kind::Store, "no session is archived in").with_path(root);
        return error
            .with_hint("archive what there is with 'sessionkeep import', or name another store with --out");
    }
    let error = Error::new(Kind::Store, format!("no archived session is '{name}'"));
    if let Name::Id(id) = name
        && let meant = sessions::nearest_sessions(id, &sessions::glance(root))
        && !meant.is_empty()
    {
        let error = Error::new(Kind::Store, format!("no archived session begins with '{id}'"));
        return error.with_hint(format!("did you mean {}? See 'sessionkeep list'", meant.join(" or ")));
    }
    let hint = match (name, count) {
        (Name::Last(_), 0) => "none fits the options that choose sessions; see 'sessionkeep list'".to_owned(),
        (Name::Last(_), count) => format!("only {count} fit the options that choose sessions"),
        _ => "see their ids with 'sessionkeep list', find words with 'sessionkeep search'; a path needs a slash"
            .to_owned(),
    };
    error.with_hint(hint)
}

/// Returns what is known of the session or part whose archive is at `path`.
///
/// # Errors
///
/// [`Kind::Store`] when there is no archive, or nothing is known of it.
fn of_archive(path: &Path) -> Result<Session<'static>> {
    let refused = || {
        let error = Error::new(Kind::Store, "no archive of a session:").with_path(path);
        error.with_hint("archives end in .jsonl.gz; see them with 'sessionkeep list'")
    };
    let path = path.canonicalize().map_err(|error| Error::io(Kind::Store, "cannot read", path, error))?;
    let (directory, name) =
        (path.parent().ok_or_else(refused)?, path.file_name().and_then(|name| name.to_str()));
    let name = name.ok_or_else(refused)?;
    let suffixes = if path.is_dir() { [PARTS_SUFFIX].iter() } else { [ARCHIVE_SUFFIX, PACKED_SUFFIX].iter() };
    let (stem, suffix) = suffixes
        .copied()
        .find_map(|suffix| Some((name.strip_suffix(suffix)?, suffix)))
        .ok_or_else(refused)?;
    let stored = Stored {
        directory: directory.into(),
        stem: stem.to_owned(),
        archive_suffix: (suffix != PARTS_SUFFIX).then_some(suffix),
        has_sidecar: directory.join(format!("{stem}{SIDECAR_SUFFIX}")).is_file(),
        part_count: 0,
        is_part: directory.to_str().is_some_and(|directory| directory.ends_with(PARTS_SUFFIX)),
    };
    sessions::one(&stored).ok_or_else(refused)
}

/// Returns the line that tells a session from others: its id, agent, project, local time and title.
pub(crate) fn candidate_line(session: &Session<'_>) -> String {
    let time =
        session.last.map(|last| last.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string());
    let fields = [
        Some(&*session.session_id),
        session.agent.as_deref(),
        Some(&*session.project_slug),
        time.as_deref(),
        session.title.as_deref(),
    ];
    let fields: Vec<&str> = fields.into_iter().flatten().filter(|field| !field.is_empty()).collect();
    fields.join("  ")
}
