//! Finds what is to be shown: a session of the store, an archive by its path, or a file that is not archived.

use std::path::Path;

use crate::archive::names::{PARTS_SUFFIX, SIDECAR_SUFFIX};
use crate::archive::reader::Archive;
use crate::cli::common::context::Context;
use crate::cli::common::select::ambiguous;
use crate::error::{Error, Kind, Result};
use crate::report::Reporter;
use crate::search::sessions::{Filter, Session};
use crate::view::about::About;
use crate::view::opened;
use crate::view::session::{self, Found, Name, Part, Unarchived};

/// A session, opened to be read.
pub(super) struct Source {
    pub about: About,
    /// `None` where there are parts alone.
    pub main: Option<Archive>,
    pub parts: Vec<Part>,
    /// Keeps what is not archived until it is read.
    pub is_unarchived: bool,
    _store: Option<Unarchived>,
}

/// Finds and opens the session that `name` means.
///
/// # Errors
///
/// When there is none, or several, which are then said first; when it cannot be read.
pub(super) fn open(
    name: &Name,
    filter: &Filter,
    root: &Path,
    context: &Context,
    reporter: &Reporter,
) -> Result<Source> {
    let (found, store) = match name {
        Name::Path(path) if !is_archive(path)? => {
            let config = context.config(&context.flags(), reporter)?;
            let store = Unarchived::read(path, &config)?;
            let found = match session::find(store.root(), &Name::Last(0), filter)? {
                Found::One(latest) => session::find(store.root(), &Name::Last(1), filter)
                    .map_or(Found::One(latest), |_| Found::Several(Vec::new())),
                several @ Found::Several(_) => several,
            };
            let found = match found {
                Found::Several(_) => Found::Several(session::all(store.root(), filter)?),
                one @ Found::One(_) => one,
            };
            (found, Some(store))
        }
        name => (session::find(root, name, filter)?, None),
    };
    let session = match found {
        Found::One(session) => session,
        Found::Several(sessions) => return Err(ambiguous(name, &sessions, reporter)),
    };
    let mut source = of_session(&session)?;
    source.is_unarchived = store.is_some();
    source._store = store;
    Ok(source)
}

fn of_session(session: &Session<'_>) -> Result<Source> {
    let stored = &session.stored;
    let opened = (!stored.is_orphaned()).then(|| opened::open(&stored.archive_path())).transpose()?;
    let parts = session::parts_of(stored)?;
    let mut about = About::session(session, parts.len());
    if let Some(opened) = &opened {
        about.whose.part.clone_from(&opened.whose.part);
        if about.whose.agent.is_empty() {
            // sessionkeep 0.4 did not record it.
            about.whose.agent.clone_from(&opened.whose.agent);
        }
    }
    let main = opened.map(|opened| opened.archive);
    Ok(Source { about, main, parts, is_unarchived: false, _store: None })
}

/// Returns whether the file at `path` is an archive: one of ours, or another program's with what it says of it beside.
fn is_archive(path: &Path) -> Result<bool> {
    let cannot = |error| Error::io(Kind::Source, "cannot read", path, error);
    let path = path.canonicalize().map_err(|error| {
        cannot(error).with_hint("name a file that is there, or a session by its id: see 'sessionkeep list'")
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path.is_dir() {
        return Ok(name.ends_with(PARTS_SUFFIX));
    }
    let Some(stem) = name.strip_suffix(".gz") else { return Ok(false) };
    let stem = stem.strip_suffix(".jsonl").unwrap_or(stem);
    let is_ours = Archive::open(&path).is_ok_and(|archive| archive.header().is_some());
    Ok(is_ours || path.with_file_name(format!("{stem}{SIDECAR_SUFFIX}")).is_file())
}
