//! Writes files below one directory and nowhere else: each whole or not at all, private, and never over one that is there.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::platform::{self, Dir, EntryKind, Stat};

/// A directory that files are put back below. It may be a link, as the user's own directories may; below it no link is
/// followed.
pub(super) struct Base {
    path: PathBuf,
    /// `None` where there is no such directory yet.
    root: Option<Dir>,
}

/// A file that nobody sees yet. Dropped before it has its name, it is gone.
pub(super) struct Unfinished {
    directory: Dir,
    file: File,
    /// The hidden name; none for an unnamed file.
    temporary: Option<String>,
    path: PathBuf,
    length: u64,
}

impl Base {
    /// Opens the directory at `path`, if it is there.
    ///
    /// # Errors
    ///
    /// [`Kind::Store`] when it cannot be opened, [`Kind::Usage`] when it is somebody else's.
    pub(super) fn open(path: &Path) -> Result<Base> {
        let cannot = |error| Error::io(Kind::Store, "cannot use the directory", path, error);
        let place = match path.canonicalize() {
            Ok(place) => place,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Base { path: path.to_owned(), root: None });
            }
            Err(error) => return Err(cannot(error)),
        };
        if !platform::is_own(&place.metadata().map_err(cannot)?) {
            let error = Error::new(Kind::Usage, "the directory is another user's:").with_path(path);
            return Err(
                error.with_hint("run this as that user, or write below another directory with --to DIR")
            );
        }
        Ok(Base { path: path.to_owned(), root: Some(Dir::open(&place).map_err(cannot)?) })
    }

    /// Opens the file at `relative`, if there is one.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when something else has that name, or a link stands in the way.
    pub(super) fn find(&self, relative: &Path) -> Result<Option<File>> {
        let Some(root) = &self.root else { return Ok(None) };
        let (below, name) = self.split(relative)?;
        let mut directory = root.open_dir(".").map_err(|error| self.cannot(relative, error))?;
        for component in below {
            directory = match directory.open_dir(component) {
                Ok(directory) => directory,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(self.blocked(relative, error)),
            };
        }
        match directory.stat_name(name) {
            Ok(stat) if stat.kind == EntryKind::File => {
                Ok(Some(directory.open_file(name).map_err(|error| self.cannot(relative, error))?))
            }
            Ok(_) => Err(self.blocked(relative, io::Error::other("something else is there"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.cannot(relative, error)),
        }
    }

    /// Begins the file at `relative`; directories that are not there are made, for their owner alone.
    pub(super) fn begin(&mut self, relative: &Path) -> Result<Unfinished> {
        let path = self.path.join(relative);
        let failed = |error| Error::io(Kind::Store, "cannot write", &path, error);
        if self.root.is_none() {
            create(&self.path).map_err(failed)?;
            self.root = Base::open(&self.path)?.root;
        }
        let (below, _) = self.split(relative)?;
        let root = self.root.as_ref().ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
        let mut directory = root.open_dir(".").map_err(failed)?;
        for component in below {
            let is_made = directory.create_dir(component).map_err(failed)?;
            let next = directory.open_dir(component).map_err(|error| self.blocked(relative, error))?;
            if is_made {
                directory.sync().map_err(failed)?;
            }
            directory = next;
        }
        let (file, temporary) = open_hidden(&directory).map_err(failed)?;
        Ok(Unfinished { directory, file, temporary, path, length: 0 })
    }

    /// Removes a file that this run has made.
    pub(super) fn take_back(&self, relative: &Path) -> Result<()> {
        let (below, name) = self.split(relative)?;
        let Some(root) = &self.root else { return Ok(()) };
        let failed = |error| self.cannot(relative, error);
        let mut directory = root.open_dir(".").map_err(failed)?;
        for component in below {
            directory = directory.open_dir(component).map_err(failed)?;
        }
        directory.remove(name).map_err(failed)
    }

    /// Splits a path into the names of its directories and its own. Nothing that leads elsewhere comes through.
    fn split<'p>(&self, relative: &'p Path) -> Result<(Vec<&'p Path>, &'p Path)> {
        let mut names: Vec<&Path> = relative.iter().map(Path::new).collect();
        let last = names.pop().filter(|_| super::former::is_plain(relative));
        let last = last.ok_or_else(|| self.blocked(relative, io::ErrorKind::InvalidInput.into()))?;
        Ok((names, last))
    }

    fn cannot(&self, relative: &Path, error: io::Error) -> Error {
        Error::io(Kind::Store, "cannot use", &self.path.join(relative), error)
    }

    fn blocked(&self, relative: &Path, error: io::Error) -> Error {
        let error = Error::io(Kind::Usage, "cannot put a file at", &self.path.join(relative), error);
        error.with_hint("nothing is written through a link; write below another directory with --to DIR")
    }
}

impl Unfinished {
    /// Appends `bytes`, which are masked.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        platform::write_all_at(&self.file, bytes, self.length).map_err(|error| self.failed(error))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Puts the bytes on the disk.
    pub(super) fn flush(&self) -> Result<()> {
        self.file.sync_all().map_err(|error| self.failed(error))
    }

    /// Gives the file, which is flushed, its name.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when the name was taken meanwhile.
    pub(super) fn publish(mut self) -> Result<()> {
        let name = PathBuf::from(self.path.file_name().unwrap_or_default());
        let named = match &self.temporary {
            Some(temporary) => self.directory.rename_new(temporary, &name),
            None => match self.directory.link_unnamed(&self.file, &name) {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                    self.take_hidden_name().and_then(|temporary| self.directory.rename_new(temporary, &name))
                }
                linked => linked,
            },
        };
        match named {
            Ok(()) => {
                self.temporary = None;
                self.directory.sync().map_err(|error| self.failed(error))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(is_there(&self.path)),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Puts the bytes of an unnamed file that cannot be given a name into one with a hidden name; returns that.
    fn take_hidden_name(&mut self) -> io::Result<String> {
        let name = platform::temporary_name()?;
        let file = self.directory.create_new(&name)?;
        self.temporary = Some(name.clone());
        platform::copy_range(&self.file, 0, &file, 0, self.length)?;
        file.sync_all()?;
        self.file = file;
        Ok(name)
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io(Kind::Store, "cannot write", &self.path, error)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = self.directory.remove(temporary);
        }
    }
}

/// Returns the error for a file that has a name that is wanted, and holds something else.
pub(super) fn is_there(path: &Path) -> Error {
    let error = Error::new(Kind::Usage, "there is another file already:").with_path(path);
    error.with_hint(
        "put the session back under a new id with --as-new, or below another directory with --to DIR",
    )
}

/// Returns the bytes of an open file.
pub(super) fn length(file: &File) -> io::Result<u64> {
    Ok(Stat::of_file(file)?.bytes)
}

/// Makes an unnamed file, or one with a hidden name; returns the name with it.
fn open_hidden(directory: &Dir) -> io::Result<(File, Option<String>)> {
    if let Some(file) = directory.create_unnamed()? {
        return Ok((file, None));
    }
    let name = platform::temporary_name()?;
    Ok((directory.create_new(&name)?, Some(name)))
}

/// Makes a private directory, and those above it.
fn create(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match path.canonicalize()?.parent() {
        Some(parent) => Dir::open(parent)?.sync(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_whole_and_never_in_the_place_of_another() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/home");
        let mut base = Base::open(&path).unwrap();
        assert!(base.find(Path::new("a/b.txt")).unwrap().is_none());
        let mut file = base.begin(Path::new("a/b.txt")).unwrap();
        file.append(b"one ").unwrap();
        file.append(b"two").unwrap();
        assert!(!path.join("a/b.txt").exists());
        file.flush().unwrap();
        file.publish().unwrap();
        assert_eq!(std::fs::read(path.join("a/b.txt")).unwrap(), b"one two");
        let other = base.begin(Path::new("a/b.txt")).unwrap();
        assert_eq!(other.publish().unwrap_err().kind(), Kind::Usage);
        assert_eq!(std::fs::read(path.join("a/b.txt")).unwrap(), b"one two");
        assert_eq!(length(&base.find(Path::new("a/b.txt")).unwrap().unwrap()).unwrap(), 7);
        assert_eq!(std::fs::read_dir(path.join("a")).unwrap().count(), 1);
    }

    #[test]
    fn nothing_leads_out_of_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let mut base = Base::open(directory.path()).unwrap();
        for path in ["../x", "/etc/x", "a/../../x", "", ".", "a/\u{7}"] {
            assert!(base.begin(Path::new(path)).is_err(), "{path}");
            assert!(base.find(Path::new(path)).is_err(), "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), directory.path().join("link")).unwrap();
            std::os::unix::fs::symlink("nowhere", directory.path().join("dangling")).unwrap();
            assert_eq!(base.begin(Path::new("link/x")).err().unwrap().kind(), Kind::Usage);
            assert_eq!(base.find(Path::new("link/x")).unwrap_err().kind(), Kind::Usage);
            assert_eq!(base.find(Path::new("dangling")).unwrap_err().kind(), Kind::Usage);
            assert!(base.begin(Path::new("dangling")).unwrap().publish().is_err());
        }
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
