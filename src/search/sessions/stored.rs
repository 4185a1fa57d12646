//! Puts the files of each session together: archive, sidecar, directory of parts. Opens none of them.

use crate::archive::ledger::pruned;
use crate::archive::names::{ARCHIVE_SUFFIX, PARTS_SUFFIX, SIDECAR_SUFFIX, split_version};
use crate::archive::tree::{Directory, Item, Walk};
use crate::error::{Error, Kind, Result};
use rayon::slice::ParallelSliceMut;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One session (or part) of the store, by its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub directory: Arc<Path>,
    /// File name without suffix: `2026-06-05_1430_my-project_a1b2c3d4`.
    pub stem: String,
    /// Suffix of the archive's name; `None` if there is a sidecar only.
    pub archive_suffix: Option<&'static str>,
    pub has_sidecar: bool,
    /// Archives in the session's directory of parts.
    pub part_count: u64,
    pub is_part: bool,
}

impl Stored {
    /// Returns whether there are parts of a session here, and neither its archive nor its sidecar.
    pub fn is_orphaned(&self) -> bool {
        self.archive_suffix.is_none() && !self.has_sidecar
    }

    /// Returns the path of the archive, whether it exists or not; where there are parts only, that of their directory.
    pub fn archive_path(&self) -> PathBuf {
        let other = if self.has_sidecar { ARCHIVE_SUFFIX } else { PARTS_SUFFIX };
        let name = self.name(self.archive_suffix.unwrap_or(other));
        self.directory.join(name)
    }

    /// Returns the path of the session's directory of parts, which all its versions share, whether it exists or not.
    pub fn parts_path(&self) -> PathBuf {
        self.directory.join(format!("{}{PARTS_SUFFIX}", split_version(&self.stem).0))
    }

    /// Returns the path of the sidecar, whether it exists or not.
    pub fn sidecar_path(&self) -> PathBuf {
        self.directory.join(self.sidecar_name())
    }

    /// Returns the file name of the sidecar.
    pub fn sidecar_name(&self) -> String {
        self.name(SIDECAR_SUFFIX)
    }

    fn name(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.stem)
    }
}

/// Returns everything in the store at `root`, which may be a link, sorted by path; nothing if there is no store.
///
/// # Errors
///
/// [`Kind::Store`] when a directory cannot be listed.
pub(crate) fn all(root: &Path) -> Result<Vec<Stored>> {
    listed(root, Walk::of, true)
}

/// Returns the parts in a session's directory of parts, sorted by path.
///
/// # Errors
///
/// [`Kind::Store`] when a directory cannot be listed.
pub(crate) fn in_parts(directory: &Path) -> Result<Vec<Stored>> {
    listed(directory, Walk::of_parts, false)
}

fn listed(root: &Path, walk: fn(&Path) -> Walk, is_whole: bool) -> Result<Vec<Stored>> {
    let cannot = |path: &Path, error| Error::io(Kind::Store, "cannot list", path, error);
    let mut walk = match root.canonicalize() {
        Ok(place) => walk(&place),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot(root, error)),
    };
    let mut directories = Vec::new();
    let mut names = Names::default();
    // Half gone, perhaps, since a run that prunes was killed; whole or not, they are no more.
    let removed = if is_whole { pruned::pending_paths(root) } else { HashSet::new() };
    let is_removed =
        |directory: &Directory, name: &OsStr| !removed.is_empty() && removed.contains(&directory.below(name));
    while let Some(listed) = walk.next(&mut |directory, name, item| {
        if !is_removed(directory, name) {
            names.take_in(item);
        }
    }) {
        // Joined to nothing, the root would get a slash.
        let path = |relative: &str| if relative.is_empty() { root.to_owned() } else { root.join(relative) };
        match listed {
            Ok(listed) => {
                let directory = path(&listed.relative);
                let stored = collect(&directory, &names, listed.is_in_parts);
                directories.push((directory, stored));
                names.clear();
            }
            // Gone since it was found.
            Err(unlisted) if unlisted.error.kind() == ErrorKind::NotFound => names.clear(),
            Err(unlisted) => return Err(cannot(&path(&unlisted.relative), unlisted.error)),
        }
    }
    directories.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut stored = Vec::with_capacity(directories.iter().map(|(_, stored)| stored.len()).sum());
    directories.iter_mut().for_each(|(_, of_directory)| stored.append(of_directory));
    count_parts(&mut stored);
    Ok(stored)
}

/// The archives and sidecars in one directory.
#[derive(Default)]
struct Names {
    /// The stems of their names, one behind the other: there may be 100,000 of them.
    stems: String,
    /// Where each of them ends, and the suffix of an archive.
    ends: Vec<(usize, Option<&'static str>)>,
}

impl Names {
    fn take_in(&mut self, item: Item) {
        let (stem, suffix) = match item {
            Item::Archive { stem, suffix } => (stem, Some(suffix)),
            Item::Sidecar { stem } => (stem, None),
            _ => return,
        };
        self.stems.push_str(stem);
        self.ends.push((self.stems.len(), suffix));
    }

    fn clear(&mut self) {
        self.stems.clear();
        self.ends.clear();
    }

    fn iter(&self) -> impl Iterator<Item = (&str, Option<&'static str>)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(end, _)| *end));
        starts.zip(&self.ends).map(|(start, &(end, suffix))| (&self.stems[start..end], suffix))
    }
}

/// Puts the files of one directory together, sorted by stem.
fn collect(directory: &Path, names: &Names, is_part: bool) -> Vec<Stored> {
    let directory: Arc<Path> = Arc::from(directory);
    let mut found: Vec<(&str, Option<&'static str>)> = names.iter().collect();
    // A sidecar comes right before the archive of the same stem; of two archives ours is the first.
    found.par_sort_unstable_by(|one, other| {
        let length = |suffix: Option<&str>| suffix.map(|suffix| std::cmp::Reverse(suffix.len()));
        one.0.cmp(other.0).then_with(|| length(one.1).cmp(&length(other.1)))
    });
    let mut stored: Vec<Stored> = Vec::with_capacity(found.len());
    for (stem, archive_suffix) in found {
        match stored.last_mut() {
            Some(last) if last.stem == stem && last.archive_suffix.is_none() => {
                last.archive_suffix = archive_suffix;
            }
            _ => stored.push(Stored {
                directory: Arc::clone(&directory),
                stem: stem.to_owned(),
                archive_suffix,
                has_sidecar: archive_suffix.is_none(),
                part_count: 0,
                is_part,
            }),
        }
    }
    stored
}

/// Adds to each session how many archives its directory of parts holds, at any depth, and a session for each directory of
/// parts that has none.
fn count_parts(stored: &mut Vec<Stored>) {
    let mut counts: HashMap<PathBuf, u64> = HashMap::new();
    for part in stored.iter().filter(|stored| stored.is_part && stored.archive_suffix.is_some()) {
        let is_parts = |directory: &&Path| parts_stem(directory).is_some();
        if let Some(owner) = part.directory.ancestors().filter(is_parts).last() {
            *counts.entry(owner.to_owned()).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return;
    }
    for session in stored.iter_mut().filter(|stored| !stored.is_part) {
        let directory = session.directory.join(session.name(PARTS_SUFFIX));
        session.part_count = counts.remove(&directory).unwrap_or(0);
    }
    counts.into_iter().for_each(|(directory, count)| add_orphaned(stored, &directory, count));
}

/// Adds the session whose parts are in `directory`, and that there is nothing else of.
fn add_orphaned(stored: &mut Vec<Stored>, directory: &Path, part_count: u64) {
    let (Some(stem), Some(parent)) = (parts_stem(directory), directory.parent()) else { return };
    let at = stored.partition_point(|other| (&*other.directory, &*other.stem) < (parent, stem));
    // A later version of the session, whose first one is gone.
    let is_version = |other: &&Stored| split_version(&other.stem).0 == stem;
    let mut beside = stored[at..].iter().take_while(|other| &*other.directory == parent);
    if beside.find(is_version).is_some() {
        return;
    }
    let directory = Arc::from(parent);
    let stem = stem.to_owned();
    let orphaned =
        Stored { directory, stem, archive_suffix: None, has_sidecar: false, part_count, is_part: false };
    stored.insert(at, orphaned);
}

/// Returns the stem of a directory of parts, if it is called like one.
fn parts_stem(directory: &Path) -> Option<&str> {
    directory.file_name()?.to_str()?.strip_suffix(PARTS_SUFFIX).filter(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn touch(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"").unwrap();
    }

    #[test]
    fn sessions_come_sorted_with_what_belongs_to_them() {
        let root = tempfile::tempdir().unwrap();
        for name in [
            "2026/06/b.jsonl.gz",
            "2026/06/b.meta.json",
            "2026/06/b.parts/x.jsonl.gz",
            "2026/06/b.parts/x.meta.json",
            "2026/06/b.parts/deep/y.txt.gz",
            "2025/12/a.jsonl.gz",
            "2026/06/c.meta.json",
            "2026/06/notes.txt.gz",
            ".sessionkeep/z.jsonl.gz",
            "2026/06/.tmp-1.jsonl.gz",
        ] {
            touch(&root.path().join(name));
        }
        let stored = all(root.path()).unwrap();
        let shown: Vec<_> = stored
            .iter()
            .map(|stored| {
                let archive = stored.archive_path();
                let archive = archive.strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned();
                (archive, stored.archive_suffix.is_some(), stored.has_sidecar, stored.part_count)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("2025/12/a.jsonl.gz".into(), true, false, 0),
                ("2026/06/b.jsonl.gz".into(), true, true, 2),
                ("2026/06/c.jsonl.gz".into(), false, true, 0),
                ("2026/06/b.parts/x.jsonl.gz".into(), true, true, 0),
                ("2026/06/b.parts/deep/y.txt.gz".into(), true, false, 0),
            ]
        );
    }

    #[test]
    fn parts_of_nobody_are_a_session_in_its_place() {
        let root = tempfile::tempdir().unwrap();
        for name in [
            "2026/06/a.jsonl.gz",
            "2026/06/c.jsonl.gz",
            "2026/06/b.parts/x.jsonl.gz",
            "2026/06/b.parts/y.jsonl.gz",
            "2026/06/d.parts/x.jsonl.gz",
            "2026/06/d.v2.jsonl.gz",
            "2026/06/e.parts/x.meta.json",
        ] {
            touch(&root.path().join(name));
        }
        let stored = all(root.path()).unwrap();
        let shown: Vec<_> = stored
            .iter()
            .filter(|stored| !stored.is_part)
            .map(|stored| {
                let name = stored.archive_path().file_name().unwrap().to_str().unwrap().to_owned();
                (name, stored.is_orphaned(), stored.part_count)
            })
            .collect();
        let expected = [
            ("a.jsonl.gz", false, 0),
            ("b.parts", true, 2),
            ("c.jsonl.gz", false, 0),
            ("d.v2.jsonl.gz", false, 0),
        ];
        assert_eq!(shown, expected.map(|(name, is_orphaned, count)| (name.to_owned(), is_orphaned, count)));
    }

    #[test]
    fn no_store_holds_nothing() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(all(&root.path().join("none")).unwrap(), []);
    }

    #[test]
    fn a_store_that_is_a_file_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        touch(&root.path().join("file"));
        assert_eq!(all(&root.path().join("file")).unwrap_err().kind(), Kind::Store);
    }
}
