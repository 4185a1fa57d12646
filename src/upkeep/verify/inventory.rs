//! What lies in a store: archives, sidecars, and everything that should not be there. What an entry is, `archive::tree`
//! says; here is what is wrong with it.

use super::finding::{Finding, FindingKind};
use crate::archive::ledger::pruned;
use crate::archive::names::Place;
use crate::archive::store::stage::STALE_AFTER;
use crate::archive::tree::{Directory, Item, Walk};
use crate::error::{Error, Kind, Result};
use crate::platform::{EntryKind, Stat, clock, process};
use crate::upkeep::command::shell_word;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsStr;
use std::path::Path;

/// Permission bits that nobody else may have on anything in a store.
const OTHERS: u32 = 0o077;

/// A store's files by their paths relative to it.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    /// Archives and their bytes.
    pub archives: BTreeMap<String, u64>,
    pub sidecars: BTreeSet<String>,
    /// Files of pruned sessions that are still to be removed: they are nobody's.
    pub pending: HashSet<String>,
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
        let mut inventory = Inventory { pending: pruned::pending_paths(root), ..Inventory::default() };
        let user = process::effective_user();
        if stat.owner != user && user != 0 {
            inventory.find(FindingKind::Owner, root, "belongs to another user".to_owned(), own(root));
        }
        inventory.check_access(root, stat.owner, root, &stat);
        let mut walk = Walk::of(root).with_private();
        while let Some(listed) =
            walk.next(&mut |directory, name, item| inventory.take_in(root, stat.owner, directory, name, item))
        {
            if let Err(unlisted) = listed {
                let path = if unlisted.relative.is_empty() { root } else { &root.join(&unlisted.relative) };
                let mend = format!("chmod u+rwx {}", shell_word(path));
                let what = format!("cannot be listed: {}", unlisted.error);
                inventory.find(FindingKind::Unreadable, path, what, mend);
            }
        }
        inventory.findings.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(inventory)
    }

    /// Returns the archives in the directory of parts of the session whose archive is at `place`.
    pub(crate) fn parts_of(&self, place: &Place) -> impl Iterator<Item = &str> {
        let directory = format!("{}/", place.parts_directory());
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

    /// Takes in one entry.
    fn take_in(&mut self, root: &Path, owner: u32, directory: &Directory, name: &OsStr, item: Item) {
        // A run that was killed had begun to remove it; the next one goes on.
        if self.pending.contains(&directory.below(name)) {
            return;
        }
        // Gone since its directory was listed: a run is at work.
        let Ok(stat) = directory.handle.stat_name(name) else { return };
        let path = directory.handle.path().join(name);
        if !matches!(item, Item::Link | Item::Special) {
            self.check_access(root, owner, &path, &stat);
        }
        let what = match item {
            Item::Archive { .. } => {
                self.archives.insert(directory.below(name), stat.bytes);
                return;
            }
            Item::Sidecar { .. } => {
                self.sidecars.insert(directory.below(name));
                return;
            }
            Item::Directory | Item::Private | Item::Hidden | Item::Ledger => return,
            Item::Temporary if !is_stale(&stat) => return,
            Item::Temporary => "was left behind by a run that was killed",
            Item::SetAside { is_sidecar: false } => "is a damaged archive that was set aside",
            Item::SetAside { is_sidecar: true } => "is the sidecar of a damaged archive that was set aside",
            Item::Link => "is a symbolic link: nothing in a store is one",
            Item::Special => "is neither a file nor a directory",
            Item::Stranger => "is not sessionkeep's",
        };
        let kind = match item {
            Item::Temporary => FindingKind::TemporaryFile,
            Item::SetAside { .. } => FindingKind::SetAside,
            Item::Link => FindingKind::Link,
            _ => FindingKind::UnknownFile,
        };
        self.find(kind, &path, what.to_owned(), remove(&path));
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
