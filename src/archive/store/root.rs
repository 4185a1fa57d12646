//! What may be a store at all: a directory that is private, ours and no link. Makes one where there is none, and the
//! private directory in it.

use std::io;
use std::path::{Path, PathBuf};

use crate::archive::names::PRIVATE_DIRECTORY;
use crate::error::{Error, Kind, Result};
use crate::platform::{self, Dir, EntryKind, process};

/// Directory in [`PRIVATE_DIRECTORY`] with work that a hook left for later.
pub(crate) const PENDING_DIRECTORY: &str = "pending";

/// Directory in [`PRIVATE_DIRECTORY`] with lock files, never deleted.
pub(super) const LOCKS_DIRECTORY: &str = "locks";

/// Opens the root, making it first if wanted, and refuses one that is not safe.
pub(super) fn open_root(path: &Path, creates: bool) -> Result<Dir> {
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
pub(super) fn open_private(root: &Dir) -> Result<Dir> {
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
