//! Directory handles made of std alone, for systems that are not Unix: a handle is a path, and what Unix checks by
//! descriptor is checked by name.

use crate::platform::stat::{EntryKind, Stat};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// A directory known by its path. Names given to its methods are single components; a link is an error.
#[derive(Debug)]
pub(crate) struct Dir {
    path: PathBuf,
}

impl Dir {
    /// Opens the directory at `path`; it must not be a link.
    pub(crate) fn open(path: &Path) -> io::Result<Dir> {
        match Stat::of(&fs::symlink_metadata(path)?).kind {
            EntryKind::Directory => Ok(Dir { path: path.to_path_buf() }),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    /// Returns the path of this directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the file system says of it.
    pub(crate) fn stat(&self) -> io::Result<Stat> {
        fs::symlink_metadata(&self.path).map(|metadata| Stat::of(&metadata))
    }

    /// Opens the directory `name` in this one.
    pub(crate) fn open_dir(&self, name: impl AsRef<Path>) -> io::Result<Dir> {
        Dir::open(&self.path.join(name))
    }

    /// Makes the directory `name`; returns whether it is new.
    pub(crate) fn create_dir(&self, name: impl AsRef<Path>) -> io::Result<bool> {
        match fs::create_dir(self.path.join(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Opens `name` for reading.
    pub(crate) fn open_file(&self, name: impl AsRef<Path>) -> io::Result<File> {
        self.refuse_link(name.as_ref())?;
        File::open(self.path.join(name))
    }

    /// Opens `name` for reading and writing, making it if it is not there.
    pub(crate) fn open_or_create(&self, name: impl AsRef<Path>) -> io::Result<File> {
        self.refuse_link(name.as_ref())?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).open(self.path.join(name))
    }

    /// Makes `name` for reading and writing; an error if it is there.
    pub(crate) fn create_new(&self, name: impl AsRef<Path>) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.path.join(name))
    }

    /// Makes a file without a name; std cannot.
    pub(crate) fn create_unnamed(&self) -> io::Result<Option<File>> {
        Ok(None)
    }

    /// Gives an unnamed file its name; there are none here.
    pub(crate) fn link_unnamed(&self, _: &File, _: impl AsRef<Path>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Gives the file `from` the name `to`; `AlreadyExists` if that is taken.
    pub(crate) fn rename_new(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        match fs::hard_link(self.path.join(&from), self.path.join(&to)) {
            Ok(()) => self.remove(from),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // No hard links: not safe against a race, which is what the locks are for.
            Err(_) if self.stat_name(&to).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => self.rename_over(from, to),
        }
    }

    /// Gives the file `from` the name `to`, replacing what has that name.
    pub(crate) fn rename_over(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    /// Gives the open file `file`, which is called `from`, the name `to` as [`Dir::rename_over`] does.
    pub(crate) fn rename_file_over(&self, _file: &File, from: &str, to: &str) -> io::Result<()> {
        self.rename_over(from, to)
    }

    /// Removes the file `name`.
    pub(crate) fn remove(&self, name: impl AsRef<Path>) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// Removes the directory `name`, which must be empty.
    pub(crate) fn remove_dir(&self, name: impl AsRef<Path>) -> io::Result<()> {
        fs::remove_dir(self.path.join(name))
    }

    /// Returns what `name` is, without following a link.
    pub(crate) fn stat_name(&self, name: impl AsRef<Path>) -> io::Result<Stat> {
        fs::symlink_metadata(self.path.join(name)).map(|metadata| Stat::of(&metadata))
    }

    /// Does nothing: std cannot flush a directory where directories are not files. Names are atomic, not durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Returns `false`: std cannot flush a file system.
    pub(crate) fn sync_file_system(&self) -> io::Result<bool> {
        Ok(false)
    }

    /// Hands the entries' names and kinds to `each`, in no particular order.
    pub(crate) fn for_each_entry(&self, each: &mut dyn FnMut(&std::ffi::OsStr, EntryKind)) -> io::Result<()> {
        self.entries()?.iter().for_each(|(name, kind)| each(name, *kind));
        Ok(())
    }

    /// Returns the entries' names and kinds in no particular order.
    pub(crate) fn entries(&self) -> io::Result<Vec<(OsString, EntryKind)>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if let Ok(stat) = self.stat_name(entry.file_name()) {
                entries.push((entry.file_name(), stat.kind));
            }
        }
        Ok(entries)
    }

    fn refuse_link(&self, name: &Path) -> io::Result<()> {
        match self.stat_name(name) {
            Ok(stat) if stat.kind == EntryKind::Symlink => Err(io::Error::other("is a symbolic link")),
            _ => Ok(()),
        }
    }
}
