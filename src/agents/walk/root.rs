//! The directories that a walk begins with: an agent's own, and those that links in them lead to.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::problem::{WalkProblem, WalkReason};
use super::rules::Rules;
use crate::platform::{self, FileIdentity};

/// A directory to walk: as it was named, and where it really is.
pub(crate) struct Root {
    pub named: PathBuf,
    pub real: PathBuf,
    /// Where the system has such a thing.
    pub identity: Option<FileIdentity>,
    /// The root that the link to this one lies in; `None` for one that nobody had to be led to.
    pub linked_from: Option<usize>,
}

impl Root {
    pub(crate) fn new(named: &Path) -> io::Result<Root> {
        let real = fs::canonicalize(named)?;
        let identity = fs::metadata(&real).ok().and_then(|metadata| platform::file_identity(&metadata));
        Ok(Root { named: named.to_path_buf(), real, identity, linked_from: None })
    }

    /// Returns where a directory below this one, as the walk names it, really is.
    pub(crate) fn real_path(&self, named: &Path) -> PathBuf {
        named.strip_prefix(&self.named).map_or_else(|_| named.to_path_buf(), |below| self.real.join(below))
    }

    /// Returns what the walk calls the file at `real`, if that is below this one.
    pub(crate) fn named_path(&self, real: &Path) -> PathBuf {
        real.strip_prefix(&self.real).map_or_else(|_| real.to_path_buf(), |below| self.named.join(below))
    }

    /// Returns whether a walk of this root by `rules` comes to the directory at `real`.
    pub(crate) fn reaches(&self, rules: &dyn Rules, real: &Path) -> bool {
        let Ok(below) = real.strip_prefix(&self.real) else { return false };
        below
            .ancestors()
            .filter(|directory| !directory.as_os_str().is_empty())
            .all(|directory| rules.enters(&self.named.join(directory)))
    }
}

/// Returns the roots that exist, without those that lie in another one.
pub(crate) fn distinct_roots(roots: &[PathBuf], problems: &mut Vec<WalkProblem>) -> Vec<Root> {
    let mut distinct: Vec<Root> = Vec::new();
    for named in roots {
        match Root::new(named) {
            Ok(root) => {
                if !distinct.iter().any(|other| root.real.starts_with(&other.real)) {
                    distinct.retain(|other| !other.real.starts_with(&root.real));
                    distinct.push(root);
                }
            }
            // The agent is not installed, or has no sessions yet.
            Err(error) if is_missing(named, &error) => {}
            Err(error) => {
                problems.push(WalkProblem { path: named.clone(), reason: reason_of(error) });
            }
        }
    }
    distinct
}

/// Returns whether there is nothing of this name because there never was: not where a link on the way to it leads
/// nowhere.
fn is_missing(named: &Path, error: &io::Error) -> bool {
    let is_dangling = || {
        let nearest = named.ancestors().find(|path| fs::symlink_metadata(path).is_ok());
        nearest.is_some_and(|path| fs::metadata(path).is_err_and(|e| e.kind() == io::ErrorKind::NotFound))
    };
    match error.kind() {
        io::ErrorKind::NotFound => !is_dangling(),
        kind => kind == io::ErrorKind::NotADirectory,
    }
}

/// Returns why a link could not be resolved.
pub(crate) fn reason_of(error: io::Error) -> WalkReason {
    match error.kind() {
        io::ErrorKind::NotFound => WalkReason::SymlinkDangling,
        _ if platform::is_link_cycle(&error) => WalkReason::SymlinkCycle,
        _ => WalkReason::Unreadable(error),
    }
}
