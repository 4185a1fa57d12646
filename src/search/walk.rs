//! Lists what a store holds: one pass over its directories, nothing opened.

use crate::archive::names::split_version;
use crate::error::{Error, Kind, Result};
use crate::platform::{Dir, EntryKind};
use rayon::slice::ParallelSliceMut;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Ends the name of a session's archive; plain gzip outside, see `archive::gzip`.
pub(crate) const ARCHIVE_SUFFIX: &str = ".jsonl.gz";

/// Ends the name of a sidecar.
pub(crate) const SIDECAR_SUFFIX: &str = ".meta.json";

/// Ends the name of the directory that holds a session's parts.
const PARTS_SUFFIX: &str = ".parts";

/// One session (or part) of the store, by its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub directory: Arc<Path>,
    /// File name without suffix: `2026-06-05_1430_my-project_a1b2c3d4`.
    pub stem: OsString,
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
        let mut path = PathBuf::with_capacity(self.directory.as_os_str().len() + 1 + name.len());
        path.push(&self.directory);
        path.push(name);
        path
    }

    /// Returns the path of the sidecar, whether it exists or not.
    pub fn sidecar_path(&self) -> PathBuf {
        self.directory.join(self.sidecar_name())
    }

    /// Returns the file name of the sidecar.
    pub fn sidecar_name(&self) -> OsString {
        self.name(SIDECAR_SUFFIX)
    }

    fn name(&self, suffix: &str) -> OsString {
        let mut name = OsString::with_capacity(self.stem.len() + suffix.len());
        name.push(&self.stem);
        name.push(suffix);
        name
    }
}

/// Returns everything in the store at `root`, sorted by path; nothing if there is no store.
///
/// Hidden directories (the catalog's) are left out, and links to directories are not followed.
///
/// # Errors
///
/// [`Kind::Store`] when a directory cannot be listed.
pub(crate) fn walk(root: &Path) -> Result<Vec<Stored>> {
    let mut directories = Vec::new();
    let mut pending = vec![(root.to_owned(), false)];
    while let Some((directory, is_parts)) = pending.pop() {
        let listed = match directory == root {
            // The store may be a link.
            true => root.canonicalize().and_then(|root| Names::list(&root)),
            false => Names::list(&directory),
        };
        let names = match listed {
            Ok(names) => names,
            // Gone since its parent was listed, or no store at all.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::io(Kind::Store, "cannot list", &directory, error)),
        };
        for name in &names.directories {
            let is_parts = is_parts || strip_suffix(name, PARTS_SUFFIX).is_some();
            pending.push((directory.join(name), is_parts));
        }
        let stored = collect(&directory, &names, is_parts);
        directories.push((directory, stored));
    }
    directories.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut stored = Vec::with_capacity(directories.iter().map(|(_, stored)| stored.len()).sum());
    directories.iter_mut().for_each(|(_, of_directory)| stored.append(of_directory));
    count_parts(&mut stored);
    Ok(stored)
}

/// The names in one directory that may matter.
#[derive(Default)]
struct Names {
    directories: Vec<OsString>,
    /// The names of files, one behind the other: there may be 100,000 of them.
    files: OsString,
    /// Where each of them ends.
    ends: Vec<usize>,
}

impl Names {
    fn list(directory: &Path) -> std::io::Result<Names> {
        let mut names = Names::default();
        Dir::open(directory)?.for_each_entry(&mut |name, kind| {
            if name.as_encoded_bytes().starts_with(b".") {
                return;
            }
            if kind == EntryKind::Directory {
                names.directories.push(name.to_owned());
            } else {
                names.files.push(name);
                names.ends.push(names.files.len());
            }
        })?;
        Ok(names)
    }

    fn files(&self) -> impl Iterator<Item = &OsStr> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| cut(&self.files, start..end))
    }
}

/// Puts the files of one directory together, sorted by stem.
fn collect(directory: &Path, names: &Names, is_part: bool) -> Vec<Stored> {
    let directory: Arc<Path> = Arc::from(directory);
    let mut found: Vec<(&OsStr, Option<&'static str>)> = names
        .files()
        .filter_map(|name| match strip_suffix(name, SIDECAR_SUFFIX) {
            Some(stem) => Some((stem, None)),
            None => archive_stem(name, is_part).map(|(stem, suffix)| (stem, Some(suffix))),
        })
        .collect();
    // A sidecar comes right before the archive of the same stem.
    found.par_sort_unstable();
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

/// Parts may be other than JSON Lines: whatever is compressed there is an archive.
fn archive_stem(name: &OsStr, is_part: bool) -> Option<(&OsStr, &'static str)> {
    if let Some(stem) = strip_suffix(name, ARCHIVE_SUFFIX) {
        return Some((stem, ARCHIVE_SUFFIX));
    }
    let stem = is_part.then(|| strip_suffix(name, ".gz")).flatten()?;
    Some((stem, ".gz"))
}

/// Adds to each session how many archives its directory of parts holds, at any depth, and a session for each directory of
/// parts that has none.
fn count_parts(stored: &mut Vec<Stored>) {
    let mut counts: HashMap<PathBuf, u64> = HashMap::new();
    for part in stored.iter().filter(|stored| stored.is_part && stored.archive_suffix.is_some()) {
        let is_parts = |directory: &&Path| {
            directory.file_name().is_some_and(|name| strip_suffix(name, PARTS_SUFFIX).is_some())
        };
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
    let stem = directory.file_name().and_then(|name| strip_suffix(name, PARTS_SUFFIX));
    let (Some(stem), Some(parent)) = (stem, directory.parent()) else { return };
    let at = stored.partition_point(|other| (&*other.directory, &*other.stem) < (parent, stem));
    // A later version of the session, whose first one is gone.
    let is_version = |other: &&Stored| {
        let name = other.stem.to_str().map(split_version);
        name.is_some_and(|(base, _)| OsStr::new(base) == stem)
    };
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

fn strip_suffix<'a>(name: &'a OsStr, suffix: &str) -> Option<&'a OsStr> {
    let bytes = name.as_encoded_bytes();
    let stem = bytes.strip_suffix(suffix.as_bytes())?;
    if stem.is_empty() {
        return None;
    }
    Some(cut(name, 0..stem.len()))
}

#[cfg(unix)]
fn cut(names: &OsStr, range: Range<usize>) -> &OsStr {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(&names.as_bytes()[range])
}

/// Names that are not Unicode are not ours there.
#[cfg(not(unix))]
fn cut(names: &OsStr, range: Range<usize>) -> &OsStr {
    OsStr::new(names.to_str().and_then(|names| names.get(range)).unwrap_or(""))
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
        let stored = walk(root.path()).unwrap();
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
        let stored = walk(root.path()).unwrap();
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
        assert_eq!(walk(&root.path().join("none")).unwrap(), []);
    }

    #[test]
    fn a_store_that_is_a_file_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        touch(&root.path().join("file"));
        assert_eq!(walk(&root.path().join("file")).unwrap_err().kind(), Kind::Store);
    }
}
