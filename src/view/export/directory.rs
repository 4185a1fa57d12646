//! Where exported files go: private, each whole or not at all, and never through a link that lies in the directory.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::manifest::MANIFEST_FILE;
use crate::error::{Error, Kind, Result};
use crate::platform::sync::lock;
use crate::platform::{Dir, EntryKind, process, temporary_name};

/// A directory that is exported into.
pub(super) struct Directory {
    root: Dir,
    /// Those below it that were opened, by path.
    opened: Mutex<HashMap<String, Arc<Dir>>>,
}

/// A file that has no name yet. Dropped before it has one, it is gone.
pub(super) struct Unfinished {
    directory: Arc<Dir>,
    file: File,
    temporary: String,
    path: PathBuf,
    pub bytes: u64,
    is_named: bool,
}

impl Directory {
    /// Opens the directory at `path`, and makes it, with those above it, where it is not there. One that holds something,
    /// but nothing of an export, is refused unless `is_forced`.
    pub(super) fn open(path: &Path, is_forced: bool) -> Result<Directory> {
        let cannot = |error| Error::io(Kind::Store, "cannot use the directory", path, error);
        if path.symlink_metadata().is_err() {
            create(path).map_err(cannot)?;
        }
        // The directory itself may be a link, as the user chose it.
        let root = path.canonicalize().and_then(|place| Dir::open(&place)).map_err(cannot)?;
        let names = root.entries().map_err(cannot)?;
        let is_own = names.iter().any(|(name, _)| name == MANIFEST_FILE);
        if !names.is_empty() && !is_own && !is_forced {
            let error = Error::new(Kind::Usage, "there is something else in").with_path(path);
            return Err(
                error.with_hint("choose a new or empty directory, or write into this one with --force")
            );
        }
        Ok(Directory { root, opened: Mutex::default() })
    }

    /// Returns the directory itself.
    pub(super) fn root(&self) -> &Dir {
        &self.root
    }

    /// Returns the bytes of the file at `relative`, if there is one.
    pub(super) fn bytes_of(&self, relative: &str) -> Option<u64> {
        let (below, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let directory = self.below(below, false).ok()?;
        let stat = directory.stat_name(name).ok()?;
        (stat.kind == EntryKind::File).then_some(stat.bytes)
    }

    /// Begins the file at `relative`.
    pub(super) fn begin(&self, relative: &str) -> Result<Unfinished> {
        let (below, _) = relative.rsplit_once('/').unwrap_or(("", relative));
        let path = self.root.path().join(relative);
        let cannot = |error| Error::io(Kind::Store, "cannot write", &path, error);
        let directory = self.below(below, true).map_err(cannot)?;
        Unfinished::in_directory(directory, path.clone())
    }

    /// Writes the whole file at `relative`.
    pub(super) fn write(&self, relative: &str, bytes: &[u8]) -> Result<()> {
        let mut file = self.begin(relative)?;
        file.write(bytes)?;
        file.finish(true)
    }

    /// Opens the directory `below` the root, component by component; makes them if `creates`.
    fn below(&self, below: &str, creates: bool) -> std::io::Result<Arc<Dir>> {
        if let Some(known) = lock(&self.opened).get(below) {
            return Ok(Arc::clone(known));
        }
        let mut directory = self.root.open_dir(".")?;
        for component in below.split('/').filter(|component| !component.is_empty()) {
            if creates {
                directory.create_dir(component)?;
            }
            directory = directory.open_dir(component)?;
        }
        let directory = Arc::new(directory);
        lock(&self.opened).insert(below.to_owned(), Arc::clone(&directory));
        Ok(directory)
    }
}

impl Unfinished {
    /// Begins the file at `path`, whose directory must be there.
    pub(super) fn at(path: &Path) -> Result<Unfinished> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let directory = parent.canonicalize().and_then(|place| Dir::open(&place));
        let directory = directory.map_err(|error| Error::io(Kind::Store, "cannot write", path, error))?;
        Unfinished::in_directory(Arc::new(directory), path.to_owned())
    }

    fn in_directory(directory: Arc<Dir>, path: PathBuf) -> Result<Unfinished> {
        let made = temporary_name().and_then(|temporary| Ok((directory.create_new(&temporary)?, temporary)));
        let (file, temporary) = made.map_err(|error| Error::io(Kind::Store, "cannot write", &path, error))?;
        Ok(Unfinished { directory, file, temporary, path, bytes: 0, is_named: false })
    }

    /// Adds `piece`.
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<()> {
        if let Some(signal) = process::interrupted() {
            return Err(Error::new(Kind::Interrupted(signal), "stopped"));
        }
        self.bytes += piece.len() as u64;
        let written = self.file.write_all(piece);
        written.map_err(|error| Error::io(Kind::Store, "cannot write", &self.path, error))
    }

    /// Gives it its name, in one step; in the place of what has that name if `replaces`.
    pub(super) fn finish(mut self, replaces: bool) -> Result<()> {
        let cannot = |error| Error::io(Kind::Store, "cannot write", &self.path, error);
        let name = self.path.file_name().ok_or_else(|| cannot(std::io::ErrorKind::InvalidInput.into()))?;
        let named = match replaces {
            true => self.directory.rename_over(&self.temporary, name),
            false => self.directory.rename_new(&self.temporary, name),
        };
        match named {
            Ok(()) => {
                self.is_named = true;
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let error = Error::new(Kind::Usage, "there is a file already:").with_path(&self.path);
                Err(error.with_hint("write over it with --force"))
            }
            Err(error) => Err(cannot(error)),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_named {
            let _ = self.directory.remove(&self.temporary);
        }
    }
}

/// Makes a private directory, and those above it.
fn create(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
