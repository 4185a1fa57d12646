//! Directory handles on Unix: every name is looked up relative to an open directory and never through a link.

use crate::platform::process;
use crate::platform::stat::{EntryKind, Stat, kind_of, nanoseconds};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Files that we make: readable and writable by their owner alone.
const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);
/// Directories that we make: for their owner alone.
const DIRECTORY_MODE: Mode = Mode::RWXU;

/// Bytes of entries that are asked for at a time: some hundreds.
#[cfg(target_os = "linux")]
const ENTRIES_BYTES: usize = 64 << 10;

/// Set when an unnamed file could not be given a name: what one file system or sandbox refuses it will go on to refuse.
static CANNOT_LINK: AtomicBool = AtomicBool::new(false);

/// An open directory. Names given to its methods are single components; a link in their place is an error.
#[derive(Debug)]
pub(crate) struct Dir {
    file: File,
    path: PathBuf,
}

impl Dir {
    /// Opens the directory at `path`; its last component must not be a link.
    pub(crate) fn open(path: &Path) -> io::Result<Dir> {
        let fd = fs::open(path, directory_flags(), Mode::empty())?;
        Ok(Dir { file: File::from(fd), path: path.to_path_buf() })
    }

    /// Returns the path that this directory was opened by: for messages and for libraries that open by path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns owner, mode and the rest.
    pub(crate) fn stat(&self) -> io::Result<Stat> {
        Stat::of_file(&self.file)
    }

    /// Opens the directory `name` in this one.
    pub(crate) fn open_dir(&self, name: impl AsRef<Path>) -> io::Result<Dir> {
        let name = name.as_ref();
        let fd = fs::openat(&self.file, name, directory_flags(), Mode::empty())?;
        Ok(Dir { file: File::from(fd), path: self.path.join(name) })
    }

    /// Makes the directory `name`, private whatever the umask; returns whether it is new.
    pub(crate) fn create_dir(&self, name: impl AsRef<Path>) -> io::Result<bool> {
        let name = name.as_ref();
        match fs::mkdirat(&self.file, name, DIRECTORY_MODE) {
            Ok(()) => {
                let made = self.open_dir(name)?;
                fs::fchmod(&made.file, DIRECTORY_MODE)?;
                Ok(true)
            }
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens `name` for reading. Never waits for the other end of a FIFO; the caller checks what it got.
    pub(crate) fn open_file(&self, name: impl AsRef<Path>) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        Ok(File::from(fs::openat(&self.file, name.as_ref(), flags, Mode::empty())?))
    }

    /// Opens `name` for reading and writing, making it, private, if it is not there.
    pub(crate) fn open_or_create(&self, name: impl AsRef<Path>) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(fs::openat(&self.file, name.as_ref(), flags, FILE_MODE)?))
    }

    /// Makes `name` for reading and writing, private whatever the umask; an error if it is there.
    pub(crate) fn create_new(&self, name: impl AsRef<Path>) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = fs::openat(&self.file, name.as_ref(), flags, FILE_MODE)?;
        keep_private(&fd)?;
        Ok(File::from(fd))
    }

    /// Makes a file without a name in this directory; `None` where the system or file system cannot.
    #[cfg(target_os = "linux")]
    pub(crate) fn create_unnamed(&self) -> io::Result<Option<File>> {
        if !can_link_by_descriptor() || CANNOT_LINK.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        match fs::openat(&self.file, ".", flags, FILE_MODE) {
            Ok(fd) => {
                keep_private(&fd)?;
                Ok(Some(File::from(fd)))
            }
            // Which of these an old kernel or a foreign file system gives differs; open(2) lists them.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT | Errno::NOSYS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a file without a name in this directory; this system cannot.
    #[cfg(not(target_os = "linux"))]
    pub fn create_unnamed(&self) -> io::Result<Option<File>> {
        Ok(None)
    }

    /// Gives an unnamed file its name here; `AlreadyExists` if the name is taken, `Unsupported` where unnamed files
    /// can be made but not be given a name: from then on none is made.
    pub(crate) fn link_unnamed(&self, file: &File, name: impl AsRef<Path>) -> io::Result<()> {
        use std::os::fd::AsRawFd;
        let by_descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
        let linked = fs::linkat(fs::CWD, by_descriptor, &self.file, name.as_ref(), AtFlags::SYMLINK_FOLLOW);
        match linked {
            // No hard links, no /proc, or a sandbox: which of these that gives differs, and none says that a file with a
            // name would fare as badly.
            Err(
                Errno::PERM | Errno::NOENT | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::ACCESS,
            ) => {
                CANNOT_LINK.store(true, Ordering::Relaxed);
                Err(io::ErrorKind::Unsupported.into())
            }
            linked => self.accept_own_link(linked, file, name.as_ref()),
        }
    }

    /// Gives the file `from` the name `to` here; `AlreadyExists` if that is taken.
    pub(crate) fn rename_new(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        let (from, to) = (from.as_ref(), to.as_ref());
        #[cfg(target_os = "linux")]
        {
            let flags = fs::RenameFlags::NOREPLACE;
            match fs::renameat_with(&self.file, from, &self.file, to, flags) {
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::PERM) => {}
                result => return result.map_err(io::Error::from),
            }
        }
        let file = self.open_file(from)?;
        let linked = fs::linkat(&self.file, from, &self.file, to, AtFlags::empty());
        match self.accept_own_link(linked, &file, to) {
            Ok(()) => match self.remove(from) {
                // Done before, by a call whose answer was lost.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            },
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            // File systems without hard links (FAT): not safe against a race, which is what the locks are for.
            Err(_) => match self.stat_name(to) {
                Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => self.rename_over(from, to),
            },
        }
    }

    /// Takes an "exists" for success when the name is this very file: a network server's answer was lost and the
    /// client asked twice.
    fn accept_own_link(&self, linked: rustix::io::Result<()>, file: &File, name: &Path) -> io::Result<()> {
        match linked {
            Err(Errno::EXIST) => {
                let there = fs::statat(&self.file, name, AtFlags::SYMLINK_NOFOLLOW)?;
                let own = fs::fstat(file)?;
                if (there.st_ino, there.st_dev) == (own.st_ino, own.st_dev) {
                    return Ok(());
                }
                Err(io::ErrorKind::AlreadyExists.into())
            }
            other => other.map_err(io::Error::from),
        }
    }

    /// Gives the file `from` the name `to` here, replacing what has that name in one step.
    pub(crate) fn rename_over(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        Ok(fs::renameat(&self.file, from.as_ref(), &self.file, to.as_ref())?)
    }

    /// Gives the open file `file`, which is called `from`, the name `to` as [`Dir::rename_over`] does. That `from` is gone
    /// is success when `to` is this very file: a network server's answer was lost and the client asked twice.
    pub(crate) fn rename_file_over(&self, file: &File, from: &str, to: &str) -> io::Result<()> {
        match fs::renameat(&self.file, from, &self.file, to) {
            Err(Errno::NOENT) => self.accept_own_link(Err(Errno::EXIST), file, Path::new(to)),
            renamed => Ok(renamed?),
        }
    }

    /// Removes the file `name`.
    pub(crate) fn remove(&self, name: impl AsRef<Path>) -> io::Result<()> {
        Ok(fs::unlinkat(&self.file, name.as_ref(), AtFlags::empty())?)
    }

    /// Removes the directory `name`, which must be empty.
    pub(crate) fn remove_dir(&self, name: impl AsRef<Path>) -> io::Result<()> {
        Ok(fs::unlinkat(&self.file, name.as_ref(), AtFlags::REMOVEDIR)?)
    }

    /// Returns what `name` is, without following a link.
    pub(crate) fn stat_name(&self, name: impl AsRef<Path>) -> io::Result<Stat> {
        let stat = fs::statat(&self.file, name.as_ref(), AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(Stat {
            kind: kind_of(FileType::from_raw_mode(stat.st_mode as _)),
            bytes: stat.st_size as u64,
            mtime_ns: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            ctime_ns: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            inode: stat.st_ino as u64,
            owner: stat.st_uid,
            mode: (stat.st_mode as u32) & 0o7777,
        })
    }

    /// Makes the names in this directory survive a power loss.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Writes everything of this directory's file system to the disk; `false` where the system cannot say when
    /// that is done.
    pub(crate) fn sync_file_system(&self) -> io::Result<bool> {
        #[cfg(target_os = "linux")]
        {
            rustix::io::retry_on_intr(|| fs::syncfs(&self.file))?;
            Ok(true)
        }
        #[cfg(not(target_os = "linux"))]
        Ok(false)
    }

    /// Hands the entries' names and kinds to `each`, in no particular order, `.` and `..` left out.
    #[cfg(target_os = "linux")]
    pub(crate) fn for_each_entry(&self, each: &mut dyn FnMut(&std::ffi::OsStr, EntryKind)) -> io::Result<()> {
        use std::os::unix::ffi::OsStrExt;
        // Opened anew, as a directory is read from where its handle stands.
        let directory = fs::openat(&self.file, ".", directory_flags(), Mode::empty())?;
        let mut buffer = Vec::with_capacity(ENTRIES_BYTES);
        let mut entries = fs::RawDir::new(directory, buffer.spare_capacity_mut());
        while let Some(entry) = entries.next() {
            let entry = entry?;
            let name = std::ffi::OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            match entry.file_type() {
                FileType::Unknown => match self.stat_name(name) {
                    Ok(stat) => each(name, stat.kind),
                    Err(_) => continue,
                },
                known => each(name, kind_of(known)),
            }
        }
        Ok(())
    }

    /// Hands the entries' names and kinds to `each`, in no particular order, `.` and `..` left out.
    #[cfg(not(target_os = "linux"))]
    pub fn for_each_entry(&self, each: &mut dyn FnMut(&std::ffi::OsStr, EntryKind)) -> io::Result<()> {
        self.entries()?.iter().for_each(|(name, kind)| each(name, *kind));
        Ok(())
    }

    /// Returns the entries' names and kinds in no particular order, `.` and `..` left out.
    pub(crate) fn entries(&self) -> io::Result<Vec<(std::ffi::OsString, EntryKind)>> {
        let mut entries = Vec::new();
        for entry in fs::Dir::read_from(&self.file)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let name = std::ffi::OsString::from_vec(name.to_vec());
            let kind = match entry.file_type() {
                FileType::Unknown => match self.stat_name(&name) {
                    Ok(stat) => stat.kind,
                    Err(_) => continue,
                },
                known => kind_of(known),
            };
            entries.push((name, kind));
        }
        Ok(entries)
    }
}

/// Gives a new file the mode that it was asked to have, which an odd umask may have changed.
fn keep_private(file: &impl std::os::fd::AsFd) -> io::Result<()> {
    // With our own umask it has it already, and this call is one for each file of a bulk import.
    if !process::has_private_mask() {
        fs::fchmod(file, FILE_MODE)?;
    }
    Ok(())
}

fn directory_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

/// Returns whether `/proc` is there: an unnamed file gets its name through it.
#[cfg(target_os = "linux")]
fn can_link_by_descriptor() -> bool {
    static HAS_PROC: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *HAS_PROC.get_or_init(|| Path::new("/proc/self/fd").is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_link_is_not_followed() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("target"), b"x").unwrap();
        std::os::unix::fs::symlink("target", root.path().join("link")).unwrap();
        std::os::unix::fs::symlink("/tmp", root.path().join("dirlink")).unwrap();
        let dir = Dir::open(root.path()).unwrap();
        assert!(dir.open_file("link").is_err());
        assert!(dir.open_or_create("link").is_err());
        assert!(dir.open_dir("dirlink").is_err());
        assert!(!dir.create_dir("dirlink").unwrap());
        assert!(Dir::open(&root.path().join("dirlink")).is_err());
    }

    #[test]
    fn every_entry_is_handed_over_once_and_again_at_the_next_look() {
        let root = tempfile::tempdir().unwrap();
        for index in 0..1500 {
            std::fs::write(root.path().join(format!("{index:0>100}")), b"").unwrap();
        }
        std::fs::create_dir(root.path().join("directory")).unwrap();
        std::os::unix::fs::symlink("directory", root.path().join("link")).unwrap();
        let dir = Dir::open(root.path()).unwrap();
        let mut expected = dir.entries().unwrap();
        expected.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(expected.len(), 1502);
        for _ in 0..2 {
            let mut seen = Vec::new();
            dir.for_each_entry(&mut |name, kind| seen.push((name.to_owned(), kind))).unwrap();
            seen.sort_by(|one, other| one.0.cmp(&other.0));
            assert_eq!(seen, expected);
        }
    }

    #[test]
    fn a_name_that_is_taken_is_never_replaced() {
        let root = tempfile::tempdir().unwrap();
        let dir = Dir::open(root.path()).unwrap();
        std::fs::write(root.path().join("taken"), b"old").unwrap();
        std::fs::write(root.path().join("new"), b"new").unwrap();
        let refused = dir.rename_new("new", "taken").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        if let Some(file) = dir.create_unnamed().unwrap() {
            let refused = dir.link_unnamed(&file, "taken").unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
            dir.link_unnamed(&file, "fresh").unwrap();
            // Asked again for the same file: done, as after a lost answer.
            dir.link_unnamed(&file, "fresh").unwrap();
        }
        assert_eq!(std::fs::read(root.path().join("taken")).unwrap(), b"old");
        dir.rename_new("new", "other").unwrap();
        assert_eq!(std::fs::read(root.path().join("other")).unwrap(), b"new");
    }

    #[test]
    fn a_rename_whose_answer_was_lost_is_done_and_one_that_lost_its_file_is_not() {
        let root = tempfile::tempdir().unwrap();
        let dir = Dir::open(root.path()).unwrap();
        let file = dir.create_new("hidden").unwrap();
        dir.rename_file_over(&file, "hidden", "name").unwrap();
        dir.rename_file_over(&file, "hidden", "name").unwrap();
        dir.create_new("another").unwrap();
        assert!(dir.rename_file_over(&file, "hidden", "another").is_err());
        assert!(dir.rename_file_over(&file, "hidden", "nothing").is_err());
    }
}
