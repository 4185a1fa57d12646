//! Which sessions are to be masked again: those that were named, those that a filter accepts, or all.

use super::listed::{self, Listed};
use crate::error::{Error, Kind, Result};
use crate::report::Reporter;
use crate::search::sessions::{self, Filter, Stored};
use crate::view::session::{self, Address, Found};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Candidates that are said one by one.
const MOST_CANDIDATES: usize = 20;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// Sessions by name, as `show` takes them; none for all.
    pub names: Vec<OsString>,
    pub filter: Filter,
    /// Also what today's rules masked already.
    pub is_all: bool,
}

/// Returns those of `listed`, the sessions in the store at `root`, that are asked for.
///
/// # Errors
///
/// [`Kind::Store`] when a name leads to no session, [`Kind::Usage`] when it leads to several; their ids are said.
pub(super) fn chosen(
    root: &Path,
    mut listed: Vec<Listed>,
    choice: &Choice,
    reporter: &Reporter,
) -> Result<Vec<Listed>> {
    if choice.names.is_empty() && choice.filter.is_empty() {
        return Ok(listed);
    }
    let mut bases = HashSet::new();
    for name in &choice.names {
        let address = Address::parse(name)?;
        if address.index.is_some() {
            let error = Error::new(Kind::Usage, format!("'{}' names a message", name.to_string_lossy()));
            return Err(error.with_hint("name a session: leave out what is behind the #"));
        }
        match session::find(root, &address.name, &choice.filter)? {
            Found::One(one) => drop(bases.insert(base_of(root, &one.stored)?)),
            Found::Several(several) => {
                for session in several.iter().take(MOST_CANDIDATES) {
                    reporter.say(session::candidate_line(session));
                }
                let what = format!("'{}' could be any of {} sessions", address.name, several.len());
                let error = Error::new(Kind::Usage, what);
                return Err(
                    error.with_hint("write more of the id, or narrow with --agent, --project or --since")
                );
            }
        }
    }
    if choice.names.is_empty() {
        let (stored, listing) = sessions::of_store(root)?;
        for session in sessions::read_all(stored, &listing, &choice.filter) {
            bases.insert(base_of(root, &session.stored)?);
        }
    }
    listed.retain(|session| session.heads.iter().any(|head| bases.contains(&listed::base(&head.relative))));
    Ok(listed)
}

/// Returns by what the files of a session are known.
///
/// # Errors
///
/// [`Kind::Usage`] for an archive that is not in the store: nothing outside of it is replaced.
fn base_of(root: &Path, stored: &Stored) -> Result<(String, String)> {
    let path = stored.archive_path();
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let relative = |root: PathBuf, path: PathBuf| {
        let relative = path.strip_prefix(root).ok()?.to_str()?.to_owned();
        Some(if cfg!(windows) { relative.replace('\\', "/") } else { relative })
    };
    let Some(relative) = relative(whole(root), whole(&path)) else {
        let error = Error::new(Kind::Usage, "not in the store:").with_path(path);
        return Err(error.with_hint("name the store that it is in with --out"));
    };
    Ok(listed::base(&relative))
}
