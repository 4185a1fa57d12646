//! The sessions of a store, each with all its versions and parts: what is pruned goes together.
//!
//! In comes a store's root and a filter; out come sessions with their files and sizes. Opens sidecars where the catalog does
//! not tell what they say; archives not at all.

use crate::archive::ledger::pins::Pin;
use crate::archive::ledger::pruned;
use crate::archive::names::{Place, split_version};
use crate::archive::tree::{Item, Walk};
use crate::error::{Error, Kind, Result};
use crate::identity::{FILES, safe_id};
use crate::search::sessions::{self, Filter, Session};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// One session of a store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    pub agent: String,
    pub session_id: String,
    pub project: String,
    pub title: Option<String>,
    pub started_at: Option<String>,
    pub ended_at: Option<String>,
    /// When it was last worked on, as a list sorts.
    pub time: Option<Timestamp>,
    /// Of the newest version, or the directory of parts where there are only these.
    pub archive_path: PathBuf,
    pub files: Files,
    pub is_pinned: bool,
    /// The filter asks for it.
    pub is_selected: bool,
}

/// The files of a session, by their paths relative to the store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// Bytes of archives and sidecars, those of parts among them.
    pub bytes: u64,
    pub archives: Vec<String>,
    /// Directories of parts.
    pub parts: Vec<String>,
    /// A file that is no archive's in one of these.
    pub stranger: Option<String>,
}

impl Unit {
    /// Returns why it cannot be removed, if it cannot.
    pub(crate) fn obstacle(&self) -> Option<String> {
        if let Some(stranger) = &self.files.stranger {
            return Some(format!("holds a file that is not sessionkeep's: {stranger}"));
        }
        if self.session_id.is_empty() {
            return Some("does not say which session it is".to_owned());
        }
        self.files.archives.is_empty().then(|| "its archive is missing".to_owned())
    }
}

/// Returns the sessions in the store at `root`, latest first.
///
/// # Errors
///
/// [`Kind::Store`] when the store cannot be listed.
pub(crate) fn all(root: &Path, filter: &Filter, pins: &[Pin]) -> Result<Vec<Unit>> {
    let (stored, listing) = sessions::of_store(root)?;
    let mut found = sessions::read_all(stored, &listing, &Filter::default());
    // The newest version speaks for the others.
    found.sort_by_cached_key(|session| {
        let (stem, version) = split_version(&session.stored.stem);
        (session.stored.directory.clone(), stem.to_owned(), Reverse(version))
    });
    let mut files = files(root)?;
    let mut units: Vec<Unit> = Vec::new();
    let mut by_place: HashMap<PathBuf, usize> = HashMap::new();
    let mut by_identity: HashMap<(String, String), usize> = HashMap::new();
    for session in found {
        let place = session.stored.directory.join(split_version(&session.stored.stem).0);
        if by_place.contains_key(&place) {
            continue;
        }
        let base = place.strip_prefix(root).ok().and_then(Path::to_str).unwrap_or_default().to_owned();
        let files = files.remove(&base.replace('\\', "/")).unwrap_or_default();
        let unit = of_session(&session, files, filter, pins);
        let identity = (unit.agent.clone(), unit.session_id.clone());
        let index = match by_identity.get(&identity).filter(|_| !unit.session_id.is_empty()) {
            Some(&index) => {
                join(&mut units[index], unit);
                index
            }
            None => {
                units.push(unit);
                by_identity.insert(identity, units.len() - 1);
                units.len() - 1
            }
        };
        by_place.insert(place, index);
    }
    units.sort_by_key(|unit| Reverse(unit.time));
    Ok(units)
}

fn of_session(session: &Session, files: Files, filter: &Filter, pins: &[Pin]) -> Unit {
    let text = |text: &Option<std::borrow::Cow<str>>| text.as_ref().map(|text| text.clone().into_owned());
    let agent = session.agent.as_deref().unwrap_or(FILES).to_owned();
    let session_id = match session.session_id.is_empty() {
        true => String::new(),
        false => safe_id(&session.session_id),
    };
    Unit {
        is_pinned: pins.iter().any(|pin| pin.is_of(&agent, &session_id)),
        // Not what was copied from what is asked for.
        is_selected: filter.accepts(session) && (filter.sessions.is_empty() || filter.is_called(session)),
        agent,
        session_id,
        project: session.project_slug.clone().into_owned(),
        title: text(&session.title),
        started_at: text(&session.started_at),
        ended_at: text(&session.ended_at),
        time: session.last,
        archive_path: session.stored.archive_path(),
        files,
    }
}

/// Adds what lies at another place of the same session.
fn join(unit: &mut Unit, other: Unit) {
    unit.files.bytes += other.files.bytes;
    unit.files.archives.extend(other.files.archives);
    unit.files.parts.extend(other.files.parts);
    unit.files.stranger = unit.files.stranger.take().or(other.files.stranger);
    unit.is_selected |= other.is_selected;
    if other.time > unit.time {
        (unit.time, unit.archive_path) = (other.time, other.archive_path);
        (unit.started_at, unit.ended_at) = (other.started_at, other.ended_at);
        (unit.title, unit.project) = (other.title, other.project);
    }
}

/// Returns the files of each session, by the path of its first version without suffix.
fn files(root: &Path) -> Result<BTreeMap<String, Files>> {
    let place = root.canonicalize();
    let place = match place {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        place => place.map_err(|error| Error::io(Kind::Store, "cannot list", root, error))?,
    };
    let pending = pruned::pending_paths(root);
    let mut found: BTreeMap<String, Files> = BTreeMap::new();
    let mut walk = Walk::of(&place);
    while let Some(listed) = walk.next(&mut |directory, name, item| {
        let relative = directory.below(name);
        if pending.contains(&relative) {
            return;
        }
        let Some(base) = base(&relative, &item, directory.is_in_parts) else { return };
        let files = found.entry(base).or_default();
        match item {
            Item::Archive { .. } => files.archives.push(relative),
            Item::Sidecar { .. } | Item::Temporary => {}
            Item::Directory => {
                if !directory.is_in_parts {
                    files.parts.push(relative);
                }
                return;
            }
            _ => {
                files.stranger.get_or_insert(relative);
                return;
            }
        }
        files.bytes += directory.handle.stat_name(name).map_or(0, |stat| stat.bytes);
    }) {
        match listed {
            Err(unlisted) if unlisted.error.kind() != std::io::ErrorKind::NotFound => {
                let path = root.join(&unlisted.relative);
                return Err(Error::io(Kind::Store, "cannot list", &path, unlisted.error));
            }
            _ => {}
        }
    }
    found.values_mut().for_each(|files| files.archives.sort());
    Ok(found)
}

/// Returns the path, without suffix, of the first version of the session that an entry belongs to.
fn base(relative: &str, item: &Item, is_in_parts: bool) -> Option<String> {
    let path = |place: Place| match place.directory.as_str() {
        "" => place.stem,
        directory => format!("{directory}/{}", place.stem),
    };
    if is_in_parts {
        return Place::of_session_of(relative).map(path);
    }
    let (directory, _) = relative.rsplit_once('/').unwrap_or(("", relative));
    match item {
        Item::Archive { stem, .. } | Item::Sidecar { stem } => {
            Some(path(Place { directory: directory.to_owned(), stem: split_version(stem).0.to_owned() }))
        }
        Item::Directory => Place::of_session_of(relative).map(path),
        _ => None,
    }
}
