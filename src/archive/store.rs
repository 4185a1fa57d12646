//! A store: the directory that archives live in, opened once and used through directory handles.
//!
//! Owns what may be a store at all (private, ours, not a link), its directories and its private part `.sessionkeep/`.
//! Inside a store no link is ever followed. `stage` makes files, `commit` publishes them, `lock` keeps runs apart.

use crate::platform::sync::lock;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::content_hash::HashKey;
use super::names::ARCHIVE_SUFFIX;
use crate::error::{Error, Kind, Result};
use crate::platform::{self, Dir, EntryKind, process};

/// The store's private directory: catalog, pending work, log, key and locks. Disposable, the key included.
pub(crate) const PRIVATE_DIRECTORY: &str = ".sessionkeep";

/// Directory in [`PRIVATE_DIRECTORY`] with work that a hook left for later.
pub(crate) const PENDING_DIRECTORY: &str = "pending";

/// Directory in [`PRIVATE_DIRECTORY`] with lock files, never deleted.
pub(super) const LOCKS_DIRECTORY: &str = "locks";

/// File in [`PRIVATE_DIRECTORY`] with the 32 bytes of the hash key.
const KEY_FILE: &str = "key";

/// Directory handles kept open: the months that a run writes to, but few enough for a limit of 32 open files.
const MAX_OPEN_DIRECTORIES: usize = 8;

/// How deep archives may lie below the root: year, month, parts, and room for other layouts.
const MAX_DEPTH: usize = 8;

/// An open store. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: Dir,
    private: Dir,
    open: Mutex<HashMap<String, Arc<Dir>>>,
    /// Directories, relative to the root, whose own names are known to survive a power loss.
    durable: Mutex<HashSet<String>>,
}

impl Store {
    /// Opens the store at `path`, making it and its parents, private, where they are not there.
    ///
    /// Fails with [`Kind::Store`] if it is a link, belongs to another user, or others can write to it.
    pub fn open(path: &Path) -> Result<Store> {
        let root = open_root(path, true)?;
        let private = open_private(&root)?;
        Ok(Store::from_directories(root, private))
    }

    /// Opens the store at `path` if there is one; makes only its private directory. `None` if there is no store.
    pub fn open_existing(path: &Path) -> Result<Option<Store>> {
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
    pub fn path(&self) -> &Path {
        self.inner.root.path()
    }

    /// Returns the path of `name` in the store's private directory.
    pub fn private_path(&self, name: &str) -> PathBuf {
        self.private().path().join(name)
    }

    /// Returns the private directory's handle.
    pub fn private(&self) -> &Dir {
        &self.inner.private
    }

    /// Opens a directory in the private one, making it if it is not there.
    pub fn private_dir(&self, name: &str) -> Result<Dir> {
        let made = self.private().create_dir(name).and_then(|_| self.private().open_dir(name));
        made.map_err(|error| Error::io(Kind::Store, "cannot open", &self.private_path(name), error))
    }

    /// Returns the directory `relative` (`2026/06`), making it and its parents, private, where they are not there.
    pub fn directory(&self, relative: &str) -> Result<Arc<Dir>> {
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

    /// Opens the directory `relative`; `NotFound` if it is not there.
    pub fn existing_directory(&self, relative: &str) -> io::Result<Dir> {
        self.walk_down(relative, false)
    }

    /// Opens the file at `relative` for reading; no component may be a link, and it must be a regular file.
    pub fn open_file(&self, relative: &str) -> io::Result<File> {
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

    /// Returns the key of this store's hashes. A lost or broken key is replaced by a new one: hashes made with the old
    /// one then match nothing, which costs a comparison and loses nothing.
    pub fn hash_key(&self) -> Result<HashKey> {
        let cannot = |error| Error::io(Kind::Store, "cannot use", &self.private_path(KEY_FILE), error);
        // Twice: another run may make it between our look and our attempt.
        for _ in 0..2 {
            match read_key(self.private()) {
                Ok(Some(key)) => return Ok(key),
                Ok(None) => {}
                Err(error) => return Err(cannot(error)),
            }
            write_key(self.private()).map_err(cannot)?;
        }
        Err(Error::new(Kind::Store, "cannot keep a key in").with_path(self.private_path(KEY_FILE)))
    }

    /// Returns the key of the store at `root`, if it has one: for looking only.
    pub fn key_of(root: &Path) -> Option<HashKey> {
        read_key(&Dir::open(root).ok()?.open_dir(PRIVATE_DIRECTORY).ok()?).ok()?
    }

    /// Calls `each` with the path, relative to the store, of every archive in it, in no particular order. Hidden names
    /// and links are passed over; directories that cannot be read are handed to `unreadable`.
    pub fn for_each_archive(
        &self,
        each: &mut dyn FnMut(String),
        unreadable: &mut dyn FnMut(&str, io::Error),
    ) -> Result<()> {
        let mut seen = |directory: &str, name: OsString| {
            if let Some(name) = name.to_str().filter(|name| name.ends_with(ARCHIVE_SUFFIX)) {
                each(if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") });
            }
        };
        visit(&self.inner.root, "", MAX_DEPTH, &mut |directory, _, name| seen(directory, name), unreadable)
            .map_err(|error| Error::io(Kind::Store, "cannot list", self.path(), error))
    }

    /// Calls `each` with the directory and name of every file in the store.
    pub(super) fn for_each_file(&self, each: &mut dyn FnMut(&Dir, OsString)) -> io::Result<()> {
        visit(
            &self.inner.root,
            "",
            MAX_DEPTH,
            &mut |_, directory, name| each(directory, name),
            &mut |_, _| {},
        )
    }
}

/// Visits all files below `directory`.
fn visit(
    directory: &Dir,
    relative: &str,
    depth: usize,
    each: &mut dyn FnMut(&str, &Dir, OsString),
    unreadable: &mut dyn FnMut(&str, io::Error),
) -> io::Result<()> {
    for (name, kind) in directory.entries()? {
        match kind {
            EntryKind::File => each(relative, directory, name),
            EntryKind::Directory if depth > 0 => {
                let Some(text) = name.to_str().filter(|text| !text.starts_with('.')) else { continue };
                let below = if relative.is_empty() { text.to_owned() } else { format!("{relative}/{text}") };
                let visited = directory
                    .open_dir(&name)
                    .and_then(|directory| visit(&directory, &below, depth - 1, each, unreadable));
                if let Err(error) = visited {
                    unreadable(&below, error);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Refuses what is not the name of something in a directory.
pub(super) fn check_component(name: &str) -> io::Result<()> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file name"));
    }
    Ok(())
}

/// Opens the root, making it first if wanted, and refuses one that is not safe.
fn open_root(path: &Path, creates: bool) -> Result<Dir> {
    // Without this, a slash at the end would make the system follow a link.
    let path: PathBuf = path.components().collect();
    let cannot = |error| Error::io(Kind::Store, "cannot open the store", &path, error);
    if let Ok(metadata) = std::fs::symlink_metadata(&path) {
        match platform::Stat::of(&metadata).kind {
            EntryKind::Directory => {}
            EntryKind::Symlink => {
                let error = Error::new(Kind::Store, "the store is a symbolic link:").with_path(&path);
                return Err(error.with_hint("Give the directory that it points to instead."));
            }
            _ => return Err(Error::new(Kind::Store, "the store is not a directory:").with_path(&path)),
        }
    } else if creates {
        create_with_parents(&path).map_err(cannot)?;
    }
    let root = Dir::open(&path).map_err(cannot)?;
    refuse_unsafe(&root, "the store")?;
    Ok(root)
}

/// Makes `path` and its missing parents, private, and makes their names durable.
fn create_with_parents(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.try_exists()? {
        create_with_parents(parent)?;
    }
    let Some(name) = path.file_name() else { return Ok(()) };
    // Parents may be reached through links (a home directory on another disk); only the store itself may not.
    let parent = Dir::open(&parent.canonicalize()?)?;
    if parent.create_dir(name)? {
        parent.sync()?;
    }
    Ok(())
}

/// Opens the private directory with what belongs in it.
fn open_private(root: &Dir) -> Result<Dir> {
    let open = || {
        root.create_dir(PRIVATE_DIRECTORY)?;
        let private = root.open_dir(PRIVATE_DIRECTORY)?;
        private.create_dir(LOCKS_DIRECTORY)?;
        private.create_dir(PENDING_DIRECTORY)?;
        // A link in their place is an error now, and not when a run is half done.
        private.open_dir(LOCKS_DIRECTORY)?;
        private.open_dir(PENDING_DIRECTORY)?;
        Ok(private)
    };
    let private = open()
        .map_err(|error| Error::io(Kind::Store, "cannot use", &root.path().join(PRIVATE_DIRECTORY), error))?;
    refuse_unsafe(&private, "the store's private directory")?;
    Ok(private)
}

/// Refuses a directory of another user, or one that others can write to. Root may use anybody's.
fn refuse_unsafe(directory: &Dir, what: &str) -> Result<()> {
    /// Write permission for group and others.
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    let path = directory.path();
    let stat = directory.stat().map_err(|error| Error::io(Kind::Store, "cannot open", path, error))?;
    let user = process::effective_user();
    if stat.owner != user && user != 0 {
        let error = Error::new(Kind::Store, format!("{what} belongs to another user:")).with_path(path);
        return Err(error.with_hint("Use a directory of your own."));
    }
    if stat.mode & WRITABLE_BY_OTHERS != 0 {
        let error = Error::new(Kind::Store, format!("{what} can be written by other users:")).with_path(path);
        return Err(error.with_hint(format!("Run: chmod go-w '{}'", path.display())));
    }
    Ok(())
}

/// Reads the key; `None` if there is none or it is not one.
fn read_key(private: &Dir) -> io::Result<Option<HashKey>> {
    let file = match private.open_file(KEY_FILE) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if platform::Stat::of_file(&file)?.kind != EntryKind::File {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::with_capacity(64);
    file.take(64).read_to_end(&mut bytes)?;
    Ok(<[u8; 32]>::try_from(bytes).ok().map(HashKey::new))
}

/// Makes a new key, unless another run just did.
fn write_key(private: &Dir) -> io::Result<()> {
    let mut key = [0; 32];
    platform::random_bytes(&mut key)?;
    let key = HashKey::new(key);
    let temporary = platform::temporary_name()?;
    let file = private.create_new(&temporary)?;
    let written =
        platform::write_all_at(&file, key.bytes(), 0).and_then(|()| file.sync_all()).and_then(|()| {
            match private.rename_new(&temporary, KEY_FILE) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    // Whole: another run's, just made. Anything else is a broken key, and goes.
                    match read_key(private)? {
                        Some(_) => private.remove(&temporary),
                        None => private.rename_over(&temporary, KEY_FILE),
                    }
                }
                other => other,
            }
        });
    if written.is_err() {
        let _ = private.remove(&temporary);
    }
    written.and_then(|()| private.sync())
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
