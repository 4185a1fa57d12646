//! The one lister of a store: which entry is what, and a walk over all of them. Opens directories and nothing else.
//!
//! Whatever lists a store asks here, so that what one command finds, all find. The rule, by an entry's name and kind:
//!
//! | entry | is |
//! |---|---|
//! | file `<stem>.jsonl.gz` | an archive |
//! | file `<stem>.gz` in a directory of parts, at any depth below it | an archive, of a part that is no JSON Lines: another program's |
//! | file `<stem>.meta.json` | a sidecar, whether its archive is there or not |
//! | file with the name of one of these, and behind it `.damaged-` and digits | set aside |
//! | file `.tmp-...` | temporary: being written, or left behind by a run that was killed |
//! | `.sessionkeep` in the root, and all in it | private: ours, and no archive |
//! | file `pruned.jsonl` or `pinned.jsonl` in the root | the ledger: which sessions were pruned, and which are pinned |
//! | directory | walked, whatever its name and depth; one called `<stem>.parts` is a directory of parts |
//! | any other name that begins with a dot | hidden: passed over, a directory with all that is in it |
//! | link, FIFO, socket, device | never an archive, whatever its name, and never followed or opened |
//! | all else | a stranger: names in another case (`x.JSONL.GZ`) and names that are not Unicode among them |
//!
//! A stem has at least one character. What a file holds is for `reader` to say.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::names::{
    ARCHIVE_SUFFIX, DAMAGED_MARK, PACKED_SUFFIX, PARTS_SUFFIX, PINNED_FILE, PRIVATE_DIRECTORY, PRUNED_FILE,
    SIDECAR_SUFFIX, join,
};
use crate::platform::{Dir, EntryKind, TEMPORARY_PREFIX};

/// What an entry of a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    /// An archive: its name is the stem and one of the suffixes of archives.
    Archive {
        stem: &'a str,
        suffix: &'static str,
    },
    /// A sidecar: its name is the stem and [`SIDECAR_SUFFIX`].
    Sidecar {
        stem: &'a str,
    },
    /// A damaged archive that was set aside, or the sidecar of one.
    SetAside {
        is_sidecar: bool,
    },
    /// A file being written, or left behind.
    Temporary,
    /// A directory of archives, of parts, or of more directories.
    Directory,
    /// The private directory, or what is in it.
    Private,
    /// What the store remembers of sessions that were pruned, or are pinned.
    Ledger,
    /// Another entry whose name begins with a dot.
    Hidden,
    Link,
    /// A FIFO, a socket or a device.
    Special,
    Stranger,
}

/// A directory that is being listed.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Its path relative to the root, with `/` between components; empty for the root.
    pub relative: String,
    /// It is a directory of parts, or lies in one.
    pub is_in_parts: bool,
    pub handle: Dir,
    is_private: bool,
}

impl Directory {
    /// Returns the path of `name` in this directory, relative to the root.
    pub(crate) fn below(&self, name: &OsStr) -> String {
        join(&self.relative, &name.to_string_lossy())
    }
}

/// A directory that could not be listed, or not to its end.
#[derive(Debug)]
pub(crate) struct Unlisted {
    /// Its path relative to the root; empty for the root.
    pub relative: String,
    pub error: io::Error,
}

/// A walk over a store, one directory at a time, in no particular order. It has one directory open at a time, by its
/// path: there may be more levels than open files.
#[derive(Debug)]
pub(crate) struct Walk {
    root: PathBuf,
    enters_private: bool,
    pending: Vec<Pending>,
}

#[derive(Debug)]
struct Pending {
    relative: String,
    is_in_parts: bool,
    is_private: bool,
}

impl Walk {
    /// Returns the walk over the store at `root`, which must not be a link.
    pub(crate) fn of(root: &Path) -> Walk {
        let top = Pending { relative: String::new(), is_in_parts: false, is_private: false };
        Walk { root: root.to_path_buf(), enters_private: false, pending: vec![top] }
    }

    /// Returns the walk over a directory of parts: what lies in it is told as on a walk over its store.
    pub(crate) fn of_parts(directory: &Path) -> Walk {
        let mut walk = Walk::of(directory);
        walk.pending[0].is_in_parts = true;
        walk
    }

    /// Goes into the private directory, too.
    pub(crate) fn with_private(mut self) -> Walk {
        self.enters_private = true;
        self
    }

    /// Lists the next directory: hands the name of each entry, and what it is, to `each`, in no particular order, and
    /// returns the directory; `None` when all were listed. A directory that is gone by now is passed over, but for the
    /// root.
    pub(crate) fn next(
        &mut self,
        each: &mut dyn FnMut(&Directory, &OsStr, Item),
    ) -> Option<Result<Directory, Unlisted>> {
        loop {
            let next = self.pending.pop()?;
            let is_root = next.relative.is_empty();
            let opened = match is_root {
                true => Dir::open(&self.root),
                false => Dir::open(&self.root.join(&next.relative)),
            };
            let unlisted = |error| Some(Err(Unlisted { relative: next.relative.clone(), error }));
            let handle = match opened {
                Ok(handle) => handle,
                Err(error) if error.kind() == io::ErrorKind::NotFound && !is_root => continue,
                Err(error) => return unlisted(error),
            };
            let Pending { relative, is_in_parts, is_private } = next;
            let directory = Directory { relative, is_in_parts, handle, is_private };
            let listed = directory.handle.for_each_entry(&mut |name, kind| {
                let item = directory.item(name, kind);
                self.enter_later(&directory, name, kind, item);
                each(&directory, name, item);
            });
            return match listed {
                Ok(()) => Some(Ok(directory)),
                Err(error) => Some(Err(Unlisted { relative: directory.relative, error })),
            };
        }
    }

    fn enter_later(&mut self, directory: &Directory, name: &OsStr, kind: EntryKind, item: Item) {
        let is_private = item == Item::Private;
        let is_wanted = item == Item::Directory || is_private && self.enters_private;
        if kind == EntryKind::Directory
            && is_wanted
            && let Some(name) = name.to_str()
        {
            let is_in_parts = directory.is_in_parts || stem(name, PARTS_SUFFIX).is_some();
            self.pending.push(Pending { relative: join(&directory.relative, name), is_in_parts, is_private });
        }
    }
}

impl Directory {
    /// Returns what the entry `name` of this directory is.
    fn item<'a>(&self, name: &'a OsStr, kind: EntryKind) -> Item<'a> {
        match kind {
            EntryKind::Symlink => return Item::Link,
            EntryKind::Other => return Item::Special,
            EntryKind::Directory | EntryKind::File => {}
        }
        if self.is_private || (self.relative.is_empty() && name == PRIVATE_DIRECTORY) {
            return Item::Private;
        }
        if name.as_encoded_bytes().starts_with(b".") {
            let is_temporary = name.as_encoded_bytes().starts_with(TEMPORARY_PREFIX.as_bytes());
            return if is_temporary && kind == EntryKind::File { Item::Temporary } else { Item::Hidden };
        }
        let Some(name) = name.to_str() else { return Item::Stranger };
        let is_ledger =
            self.relative.is_empty() && !self.is_in_parts && [PRUNED_FILE, PINNED_FILE].contains(&name);
        if is_ledger && kind == EntryKind::File {
            return Item::Ledger;
        }
        if kind == EntryKind::Directory { Item::Directory } else { file_item(name, self.is_in_parts) }
    }
}

/// Returns what a file of this name is, which does not begin with a dot.
fn file_item(name: &str, is_in_parts: bool) -> Item<'_> {
    if let Some(stem) = stem(name, SIDECAR_SUFFIX) {
        return Item::Sidecar { stem };
    }
    for suffix in suffixes(is_in_parts) {
        if let Some(stem) = stem(name, suffix) {
            return Item::Archive { stem, suffix };
        }
    }
    match name.split_once(DAMAGED_MARK) {
        // A number follows the time where several were set aside at once.
        Some((before, time)) if time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => {
            match file_item(before, is_in_parts) {
                Item::Archive { .. } => Item::SetAside { is_sidecar: false },
                Item::Sidecar { .. } => Item::SetAside { is_sidecar: true },
                _ => Item::Stranger,
            }
        }
        _ => Item::Stranger,
    }
}

/// Returns what the names of archives end with, the longest first.
fn suffixes(is_in_parts: bool) -> &'static [&'static str] {
    if is_in_parts { &[ARCHIVE_SUFFIX, PACKED_SUFFIX] } else { &[ARCHIVE_SUFFIX] }
}

/// Returns the paths that the archive of a sidecar may have, given the sidecar's path relative to the store. Only in a
/// directory of parts the second one is an archive.
pub(crate) fn archives_of_sidecar(sidecar: &str) -> impl Iterator<Item = String> + use<'_> {
    let stem = sidecar.strip_suffix(SIDECAR_SUFFIX).unwrap_or(sidecar);
    suffixes(true).iter().map(move |suffix| format!("{stem}{suffix}"))
}

/// Returns the path of the sidecar that belongs to an archive, given the archive's path relative to the store.
pub(crate) fn sidecar_of_archive(archive: &str) -> String {
    let stem = suffixes(true).iter().find_map(|suffix| archive.strip_suffix(suffix)).unwrap_or(archive);
    format!("{stem}{SIDECAR_SUFFIX}")
}

/// Returns what comes before `suffix` in `name`, if there is anything.
fn stem<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    name.strip_suffix(suffix).filter(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::fs;

    fn put(root: &Path, name: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, b"").unwrap();
    }

    /// What each entry is that is handed out, by its path.
    fn listed(mut walk: Walk) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        while let Some(listed) = walk.next(&mut |directory, name, item| {
            found.insert(directory.below(name), format!("{item:?}"));
        }) {
            listed.unwrap();
        }
        found
    }

    #[test]
    fn every_entry_is_what_the_table_says() {
        let root = tempfile::tempdir().unwrap();
        let deep = format!("{}x.jsonl.gz", "d/".repeat(40));
        let expected = [
            ("2026/06/a.jsonl.gz", "Archive { stem: \"a\", suffix: \".jsonl.gz\" }"),
            ("2026/06/a.v2.jsonl.gz", "Archive { stem: \"a.v2\", suffix: \".jsonl.gz\" }"),
            ("2026/06/a.meta.json", "Sidecar { stem: \"a\" }"),
            ("2026/06/a.gz", "Stranger"),
            ("2026/06/A.JSONL.GZ", "Stranger"),
            ("2026/06/notes.txt", "Stranger"),
            ("2026/06/a.jsonl.gz.damaged-1780000000", "SetAside { is_sidecar: false }"),
            ("2026/06/a.jsonl.gz.damaged-1780000000.1", "SetAside { is_sidecar: false }"),
            ("2026/06/a.meta.json.damaged-1780000000", "SetAside { is_sidecar: true }"),
            ("2026/06/a.txt.damaged-1780000000", "Stranger"),
            ("2026/06/a.jsonl.gz.damaged-x", "Stranger"),
            ("2026/06/.a.jsonl.gz", "Hidden"),
            ("2026/06/.jsonl.gz", "Hidden"),
            ("2026/06/.tmp-1-0", "Temporary"),
            ("2026/06/.tmp-1-0.jsonl.gz", "Temporary"),
            ("2026/06/a.parts/x.jsonl.gz", "Archive { stem: \"x\", suffix: \".jsonl.gz\" }"),
            ("2026/06/a.parts/deep/y.txt.gz", "Archive { stem: \"y.txt\", suffix: \".gz\" }"),
            ("2026/06/a.parts/deep/y.txt.gz.damaged-1", "SetAside { is_sidecar: false }"),
            ("2026/06/a.parts/y.txt", "Stranger"),
            ("pruned.jsonl", "Ledger"),
            ("pinned.jsonl", "Ledger"),
            ("2026/06/pruned.jsonl", "Stranger"),
            (&deep, "Archive { stem: \"x\", suffix: \".jsonl.gz\" }"),
        ];
        for (name, _) in &expected {
            put(root.path(), name);
        }
        put(root.path(), ".sessionkeep/z.jsonl.gz");
        put(root.path(), ".hidden/z.jsonl.gz");
        fs::create_dir(root.path().join("2026/07.jsonl.gz")).unwrap();
        let mut found = listed(Walk::of(root.path()));
        for (name, item) in expected {
            assert_eq!(found.remove(name).as_deref(), Some(item), "{name}");
        }
        let mut others: Vec<_> = found.into_iter().filter(|(name, _)| !name.starts_with("d")).collect();
        others.retain(|(_, item)| item != "Directory");
        let expected = [(".hidden", "Hidden"), (".sessionkeep", "Private")];
        assert_eq!(others, expected.map(|(name, item)| (name.to_owned(), item.to_owned())));
        let found = listed(Walk::of(root.path()).with_private());
        assert_eq!(found[".sessionkeep/z.jsonl.gz"], "Private");
        assert_eq!(found["2026/07.jsonl.gz"], "Directory");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_no_archives_and_are_not_followed() {
        use std::os::unix::fs::symlink;
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        put(outside.path(), "a.jsonl.gz");
        symlink(outside.path(), root.path().join("2026")).unwrap();
        symlink(outside.path().join("a.jsonl.gz"), root.path().join("b.jsonl.gz")).unwrap();
        let found = listed(Walk::of(root.path()).with_private());
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [("2026".to_owned(), "Link".to_owned()), ("b.jsonl.gz".to_owned(), "Link".to_owned())]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_unicode_is_a_strangers() {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt;
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(OsString::from_vec(b"\xff.jsonl.gz".to_vec())), b"").unwrap();
        assert_eq!(listed(Walk::of(root.path())).into_values().collect::<Vec<_>>(), ["Stranger"]);
    }

    #[test]
    fn a_root_that_cannot_be_listed_is_said_to_be_so() {
        let root = tempfile::tempdir().unwrap();
        let unlisted = Walk::of(&root.path().join("none")).next(&mut |_, _, _| {}).unwrap().unwrap_err();
        assert_eq!((unlisted.relative.as_str(), unlisted.error.kind()), ("", io::ErrorKind::NotFound));
    }

    #[test]
    fn a_sidecar_and_its_archive_lead_to_each_other() {
        for archive in ["2026/a.jsonl.gz", "2026/a.parts/b.txt.gz"] {
            assert!(archives_of_sidecar(&sidecar_of_archive(archive)).any(|found| found == archive));
        }
    }
}
