//! An open store: its directories, made where they are wanted, and its files, through directory handles.
//!
//! Inside a store no link is ever followed. What may be a store at all is for `root` to say.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::root::{open_private, open_root};
use crate::archive::tree::{self, Item};
use crate::error::{Error, Kind, Result};
use crate::platform::sync::lock;
use crate::platform::{self, Dir, EntryKind};

/// Directory handles kept open: the months that a run writes to, but few enough for a limit of 32 open files.
const MAX_OPEN_DIRECTORIES: usize = 8;

/// An open store. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    root: Dir,
    private: Dir,
    open: Mutex<HashMap<String, Arc<Dir>>>,
    /// Directories, relative to the root, whose own names are known to survive a power loss.
    pub(super) durable: Mutex<HashSet<String>>,
}

impl Store {
    /// Opens the store at `path`, making it and its parents, private, where they are not there.
    ///
    /// Fails with [`Kind::Store`] if it is a link, belongs to another user, or others can write to it.
    pub(crate) fn open(path: &Path) -> Result<Store> {
        let root = open_root(path, true)?;
        let private = open_private(&root)?;
        Ok(Store::from_directories(root, private))
    }

    /// Opens the store at `path` if there is one; makes only its private directory. `None` if there is no store.
    pub(crate) fn open_existing(path: &Path) -> Result<Option<Store>> {
        match std::fs::symlink_metadata(path) {
            Ok(_) => {
                let root = open_root(path, false)?;
                let private = open_private(&root)?;
                Ok(Some(Store::from_directories(root, private)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(Kind::Store, "cannot open the store", path, error)),
        }
    }

    fn from_directories(root: Dir, private: Dir) -> Store {
        let inner = Inner { root, private, open: Mutex::default(), durable: Mutex::default() };
        Store { inner: Arc::new(inner) }
    }

    /// Returns the store's root directory.
    pub(crate) fn path(&self) -> &Path {
        self.inner.root.path()
    }

    /// Returns the root directory's handle.
    pub(crate) fn root(&self) -> &Dir {
        &self.inner.root
    }

    /// Opens the directory `relative` (`2026/06`), which is not made.
    pub(crate) fn existing_directory(&self, relative: &str) -> io::Result<Dir> {
        self.walk_down(relative, false)
    }

    /// Returns the path of `name` in the store's private directory.
    pub(crate) fn private_path(&self, name: &str) -> PathBuf {
        self.private().path().join(name)
    }

    /// Returns the private directory's handle.
    pub(crate) fn private(&self) -> &Dir {
        &self.inner.private
    }

    /// Opens a directory in the private one, making it if it is not there.
    pub(crate) fn private_dir(&self, name: &str) -> Result<Dir> {
        let made = self.private().create_dir(name).and_then(|_| self.private().open_dir(name));
        made.map_err(|error| Error::io(Kind::Store, "cannot open", &self.private_path(name), error))
    }

    /// Returns the directory `relative` (`2026/06`), making it and its parents, private, where they are not there.
    pub(crate) fn directory(&self, relative: &str) -> Result<Arc<Dir>> {
        if let Some(open) = lock(&self.inner.open).get(relative) {
            return Ok(open.clone());
        }
        let opened =
            self.walk_down(relative, true).map_err(|error| self.cannot("cannot write", relative, error))?;
        let opened = Arc::new(opened);
        let mut open = lock(&self.inner.open);
        if open.len() >= MAX_OPEN_DIRECTORIES {
            open.clear();
        }
        open.insert(relative.to_owned(), opened.clone());
        Ok(opened)
    }

    /// Returns the paths, relative to the store, of all archives in it, in no particular order. What lies in directories
    /// that cannot be read is left out: whoever misses an archive archives its source once more, and loses nothing.
    pub(crate) fn archives(&self) -> Result<Vec<String>> {
        let mut archives = Vec::new();
        let mut walk = tree::Walk::of(self.path());
        while let Some(listed) = walk.next(&mut |directory, name, item| {
            if let Item::Archive { .. } = item {
                archives.push(directory.below(name));
            }
        }) {
            match listed {
                Err(unlisted) if unlisted.relative.is_empty() => {
                    return Err(Error::io(Kind::Store, "cannot list", self.path(), unlisted.error));
                }
                _ => {}
            }
        }
        Ok(archives)
    }

    /// Opens the file at `relative` for reading; no component may be a link, and it must be a regular file.
    pub(crate) fn open_file(&self, relative: &str) -> io::Result<File> {
        let (directory, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        check_component(name)?;
        let file = self.walk_down(directory, false)?.open_file(name)?;
        match platform::Stat::of_file(&file)?.kind {
            EntryKind::File => Ok(file),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
        }
    }

    /// Follows `relative` from the root, one component at a time.
    fn walk_down(&self, relative: &str, creates: bool) -> io::Result<Dir> {
        let mut current = self.inner.root.open_dir(".")?;
        for component in relative.split('/').filter(|component| !component.is_empty()) {
            check_component(component)?;
            current = match current.open_dir(component) {
                Err(error) if creates && error.kind() == io::ErrorKind::NotFound => {
                    current.create_dir(component)?;
                    current.open_dir(component)?
                }
                other => other?,
            };
        }
        Ok(current)
    }

    /// Makes the names of `relative` and of the directories above it survive a power loss. Costs nothing after the
    /// first time in a run; another run may have made them and died, so the first time is never left out.
    pub(super) fn make_directory_durable(&self, relative: &str) -> Result<()> {
        let mut end = 0;
        while end < relative.len() {
            let parent = &relative[..end.saturating_sub(1)];
            end = relative[end..].find('/').map_or(relative.len() + 1, |slash| end + slash + 1);
            let directory = &relative[..end - 1];
            if lock(&self.inner.durable).contains(directory) {
                continue;
            }
            let synced = self.walk_down(parent, false).and_then(|parent| parent.sync());
            synced.map_err(|error| self.cannot("cannot flush", parent, error))?;
            lock(&self.inner.durable).insert(directory.to_owned());
        }
        Ok(())
    }

    /// Returns an error about `relative` in this store.
    pub(super) fn cannot(&self, what: &str, relative: &str, error: io::Error) -> Error {
        let hint = match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem => "The file system is read-only.",
            io::ErrorKind::PermissionDenied => "Check the permissions of the store.",
            _ => "",
        };
        let error = Error::io(Kind::Store, what, &self.path().join(relative), error);
        if hint.is_empty() { error } else { error.with_hint(hint) }
    }
}

/// Refuses what is not the name of something in a directory.
pub(super) fn check_component(name: &str) -> io::Result<()> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file name"));
    }
    Ok(())
}
