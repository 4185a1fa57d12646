//! What lies in a store: archives, sidecars, and everything that should not be there. One pass over the directories;
//! nothing is opened, no link is followed.

use super::finding::{Finding, FindingKind};
use super::shell_word;
use crate::archive::names::{ARCHIVE_SUFFIX, PARTS_SUFFIX, Place, SIDECAR_SUFFIX, split_version};
use crate::archive::store::PRIVATE_DIRECTORY;
use crate::error::{Error, Kind, Result};
use crate::platform::clock;
use crate::platform::{EntryKind, Stat, TEMPORARY_PREFIX, process};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;
use walkdir::{DirEntry, WalkDir};

/// What follows a damaged archive's name when it was set aside, before the time of that (seconds since 1970).
pub(crate) const DAMAGED_MARK: &str = ".damaged-";

/// A hidden temporary file of this age belongs to a run that was killed; a younger one may be being written.
const STALE_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Permission bits that nobody else may have on anything in a store.
const OTHERS: u32 = 0o077;

/// A store's files by their paths relative to it.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    /// Archives and their bytes.
    pub archives: BTreeMap<String, u64>,
    pub sidecars: BTreeSet<String>,
    /// What is wrong with names, kinds and permissions.
    pub findings: Vec<Finding>,
}

impl Inventory {
    /// Lists the store at `root`.
    ///
    /// # Errors
    ///
    /// [`Kind::Store`] when there is no directory there.
    pub(crate) fn take(root: &Path) -> Result<Inventory> {
        let metadata = std::fs::symlink_metadata(root)
            .map_err(|error| Error::io(Kind::Store, "cannot open the store", root, error))?;
        let stat = Stat::of(&metadata);
        if stat.kind != EntryKind::Directory {
            return Err(Error::new(Kind::Store, "the store is not a directory:").with_path(root));
        }
        let mut inventory = Inventory::default();
        let user = process::effective_user();
        if stat.owner != user && user != 0 {
            inventory.find(FindingKind::Owner, root, "belongs to another user".to_owned(), own(root));
        }
        let mut walk = WalkDir::new(root).follow_links(false).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) => {
                    // For anything but a directory, this would skip what follows in its parent.
                    if !inventory.sort_in(root, stat.owner, &entry) && entry.file_type().is_dir() {
                        walk.skip_current_dir();
                    }
                }
                // Gone since its directory was listed: a run is at work.
                Err(error)
                    if error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound) => {
                }
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_path_buf();
                    let why = error.io_error().map_or_else(|| "a loop".to_owned(), ToString::to_string);
                    let mend = format!("chmod u+rwx {}", shell_word(&path));
                    inventory.find(FindingKind::Unreadable, &path, format!("cannot be listed: {why}"), mend);
                }
            }
        }
        Ok(inventory)
    }

    /// Returns the archives in the directory of parts of the session whose archive is at `place`.
    pub(crate) fn parts_of(&self, place: &Place) -> impl Iterator<Item = &str> {
        let (stem, _) = split_version(&place.stem);
        let directory = match place.directory.is_empty() {
            true => format!("{stem}{PARTS_SUFFIX}/"),
            false => format!("{}/{stem}{PARTS_SUFFIX}/", place.directory),
        };
        let from = self.archives.range(directory.clone()..);
        from.map(|(path, _)| path.as_str()).take_while(move |path| path.starts_with(&directory))
    }

    /// Returns whether a part is there that the sidecar at `place` lists, by the path that it gives.
    pub(crate) fn has_part(&self, place: &Place) -> impl Fn(&str) -> bool {
        let prefix = if place.directory.is_empty() { String::new() } else { format!("{}/", place.directory) };
        move |archive| self.archives.contains_key(&format!("{prefix}{archive}"))
    }

    fn find(&mut self, kind: FindingKind, path: &Path, what: String, mend: String) {
        self.findings.push(Finding::new(kind, path, what, mend));
    }

    /// Takes in one entry; returns whether to look into it, if it is a directory.
    fn sort_in(&mut self, root: &Path, owner: u32, entry: &DirEntry) -> bool {
        let Ok(metadata) = entry.metadata() else { return true };
        let (path, stat) = (entry.path(), Stat::of(&metadata));
        let relative = path.strip_prefix(root).unwrap_or(path);
        let is_private = relative.starts_with(PRIVATE_DIRECTORY);
        match stat.kind {
            EntryKind::Symlink => {
                let what = "is a symbolic link: nothing in a store is one".to_owned();
                self.find(FindingKind::Link, path, what, remove(path));
                return false;
            }
            EntryKind::Other => {
                let what = "is neither a file nor a directory".to_owned();
                self.find(FindingKind::UnknownFile, path, what, remove(path));
                return false;
            }
            EntryKind::Directory | EntryKind::File => self.check_access(root, owner, path, &stat),
        }
        let Some(relative) = relative.to_str() else {
            self.find(FindingKind::UnknownFile, path, "is not sessionkeep's".to_owned(), remove(path));
            return false;
        };
        if stat.kind == EntryKind::Directory {
            let is_hidden = entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
            return is_private || !is_hidden;
        }
        if !is_private {
            self.sort_in_file(path, relative, &stat);
        }
        true
    }

    fn sort_in_file(&mut self, path: &Path, relative: &str, stat: &Stat) {
        let name = relative.rsplit('/').next().unwrap_or(relative);
        if Place::of_path(relative).is_some() && !name.starts_with('.') {
            self.archives.insert(relative.to_owned(), stat.bytes);
        } else if name.strip_suffix(SIDECAR_SUFFIX).is_some_and(|stem| !stem.is_empty())
            && !name.starts_with('.')
        {
            self.sidecars.insert(relative.to_owned());
        } else if name.starts_with(TEMPORARY_PREFIX) {
            if is_stale(stat) {
                let what = "was left behind by a run that was killed".to_owned();
                self.find(FindingKind::TemporaryFile, path, what, remove(path));
            }
        } else if is_set_aside(name) {
            let what = "is a damaged archive that was set aside".to_owned();
            self.find(FindingKind::SetAside, path, what, remove(path));
        } else if !name.starts_with('.') {
            self.find(FindingKind::UnknownFile, path, "is not sessionkeep's".to_owned(), remove(path));
        }
    }

    fn check_access(&mut self, root: &Path, owner: u32, path: &Path, stat: &Stat) {
        if stat.mode & OTHERS != 0 {
            let wanted = if stat.kind == EntryKind::Directory { 0o700 } else { 0o600 };
            let what = format!("is open to other users (mode {:04o}, not {wanted:04o})", stat.mode);
            // One command mends all of them.
            let mend = format!("chmod -R go= {}", shell_word(root));
            self.find(FindingKind::Permissions, path, what, mend);
        }
        if stat.owner != owner {
            let what = "belongs to another user than the store".to_owned();
            self.find(FindingKind::Owner, path, what, own(root));
        }
    }
}

fn is_stale(stat: &Stat) -> bool {
    i128::from(clock::nanoseconds()) - i128::from(stat.mtime_ns) > STALE_AFTER.as_nanos() as i128
}

/// Returns whether `name` is that of an archive set aside as damaged.
pub(crate) fn is_set_aside(name: &str) -> bool {
    let after = name.split_once(DAMAGED_MARK);
    after.is_some_and(|(before, time)| {
        before.ends_with(ARCHIVE_SUFFIX) && time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

fn remove(path: &Path) -> String {
    format!("rm -i {}", shell_word(path))
}

fn own(root: &Path) -> String {
    format!("sudo chown -R \"$(id -u)\" {}", shell_word(root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn taken(files: &[&str]) -> (tempfile::TempDir, Inventory) {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let inventory = Inventory::take(root.path()).unwrap();
        (root, inventory)
    }

    fn kinds(inventory: &Inventory) -> Vec<(FindingKind, String)> {
        let strays = inventory.findings.iter().filter(|finding| finding.kind != FindingKind::Permissions);
        strays
            .map(|finding| (finding.kind, finding.path.file_name().unwrap().to_string_lossy().into_owned()))
            .collect()
    }

    #[test]
    fn every_file_has_its_place() {
        let (_root, inventory) = taken(&[
            "2026/06/a.jsonl.gz",
            "2026/06/a.meta.json",
            "2026/06/a.parts/x.jsonl.gz",
            "2026/06/a.jsonl.gz.damaged-1780000000",
            "2026/06/.tmp-1-0",
            "2026/06/notes.txt",
            ".sessionkeep/key",
        ]);
        assert_eq!(inventory.archives.len(), 2);
        assert_eq!(inventory.sidecars.len(), 1);
        let expected = [
            (FindingKind::SetAside, "a.jsonl.gz.damaged-1780000000"),
            (FindingKind::UnknownFile, "notes.txt"),
        ];
        assert_eq!(kinds(&inventory), expected.map(|(kind, name)| (kind, name.to_owned())));
        let second = Place::of_path("2026/06/a.v2.jsonl.gz").unwrap();
        assert_eq!(inventory.parts_of(&second).collect::<Vec<_>>(), ["2026/06/a.parts/x.jsonl.gz"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_open_permissions_are_found() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (root, _) = taken(&["2026/06/a.jsonl.gz"]);
        for directory in ["", "2026", "2026/06"] {
            fs::set_permissions(root.path().join(directory), fs::Permissions::from_mode(0o700)).unwrap();
        }
        let archive = root.path().join("2026/06/a.jsonl.gz");
        fs::set_permissions(&archive, fs::Permissions::from_mode(0o644)).unwrap();
        symlink("/etc", root.path().join("2026/05")).unwrap();
        symlink("/etc/hosts", root.path().join("2026/06/0.jsonl.gz")).unwrap();
        let inventory = Inventory::take(root.path()).unwrap();
        let found: Vec<FindingKind> = inventory.findings.iter().map(|finding| finding.kind).collect();
        assert_eq!(found, [FindingKind::Link, FindingKind::Link, FindingKind::Permissions]);
        assert!(inventory.findings[2].what.contains("0644"), "{}", inventory.findings[2].what);
        assert_eq!(inventory.archives.len(), 1, "what lies behind a link in the same directory is seen");
    }
}
