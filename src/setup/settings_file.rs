//! One settings file on disk: found through links, read, and replaced or removed in one step, with its owner and mode.
//! What cannot be replaced without harm is refused, with the reason. Knows nothing of what is in it.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::agents::settings::MAX_SETTINGS_BYTES;
use crate::platform::{self, Dir, EntryKind, Stat};

/// Bytes of a file that is changed: all that are read to learn what is in it.
const MAX_BYTES: u64 = MAX_SETTINGS_BYTES;

/// Links that are followed to one file; as many as Linux follows.
const MAX_LINKS: usize = 40;

/// What the names of our temporary files beside settings begin with: a run that was killed leaves one, the next takes it
/// away.
const TEMPORARY_PREFIX: &str = ".sessionkeep-setup";

/// A settings file, there or not.
#[derive(Debug)]
pub(super) struct SettingsFile {
    /// Where links lead to; the directory above may be missing.
    target: PathBuf,
    /// `None`: there is no file.
    content: Option<(Vec<u8>, Metadata)>,
}

/// Why a file was not written.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is not as it was when it was read.
    Changed,
    /// It cannot be, a phrase for people.
    Because(String),
}

impl SettingsFile {
    /// Reads the file that `path` leads to.
    ///
    /// # Errors
    ///
    /// A phrase for people: a file that cannot be read, or must not be replaced.
    pub(super) fn read(path: &Path) -> Result<SettingsFile, String> {
        let target = follow(path)?;
        let metadata = match fs::metadata(&target) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(SettingsFile { target, content: None });
            }
            Err(error) => return Err(format!("it cannot be read: {error}")),
        };
        if !metadata.is_file() {
            return Err("it is no file".to_owned());
        }
        if metadata.len() > MAX_BYTES {
            return Err("it is too large for settings".to_owned());
        }
        let bytes = fs::read(&target).map_err(|error| format!("it cannot be read: {error}"))?;
        Ok(SettingsFile { target, content: Some((bytes, metadata)) })
    }

    /// Returns what is in the file; `None` if there is none.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.content.as_ref().map(|(bytes, _)| &**bytes)
    }

    /// Returns why the file must not be replaced, as far as can be told without trying.
    pub(super) fn is_fixed(&self) -> Option<String> {
        let at = self.target.display();
        if let Some((_, metadata)) = &self.content {
            if metadata.permissions().readonly() || is_read_only(metadata) {
                return Some(format!("{at} is read-only"));
            }
            if platform::has_other_names(metadata) {
                return Some(format!("{at} has further names (hard links), which would keep what it is now"));
            }
        }
        let above =
            self.target.ancestors().skip(1).find_map(|above| fs::metadata(above).ok().map(|m| (above, m)));
        match above {
            Some((above, metadata)) if is_read_only(&metadata) => {
                Some(format!("{} is a read-only place", above.display()))
            }
            _ => None,
        }
    }

    /// Puts `bytes` into the place of what was read, whole and durable: whoever reads finds the old file or the new one.
    /// Missing directories are made.
    ///
    /// # Errors
    ///
    /// Where the file is not as it was read any more, or cannot be written; it is then as it was.
    pub(super) fn replace(&self, bytes: &[u8]) -> Result<(), Refused> {
        let cannot = |error: io::Error| Refused::Because(format!("it cannot be written: {error}"));
        self.missing_directories().iter().try_for_each(fs::create_dir).map_err(cannot)?;
        let (directory, name) = self.directory().map_err(cannot)?;
        remove_left_behind_in(&directory);
        let temporary = format!("{TEMPORARY_PREFIX}{}", platform::temporary_name().map_err(cannot)?);
        let written = self.write(&directory, &temporary, bytes).map_err(cannot);
        let replaced = written.and_then(|()| match (self.is_as_read(&directory, &name), &self.content) {
            (Ok(true), Some(_)) => directory.rename_over(&temporary, &name).map_err(cannot),
            (Ok(true), None) => directory.rename_new(&temporary, &name).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Refused::Changed,
                _ => cannot(error),
            }),
            (Ok(false), _) => Err(Refused::Changed),
            (Err(error), _) => Err(cannot(error)),
        });
        if replaced.is_err() {
            let _ = directory.remove(&temporary);
        }
        replaced?;
        // The file is whole either way; after a power loss it may be the old one.
        let _ = directory.sync();
        Ok(())
    }

    /// Removes the file.
    ///
    /// # Errors
    ///
    /// As [`SettingsFile::replace`].
    pub(super) fn remove(&self) -> Result<(), Refused> {
        let cannot = |error: io::Error| Refused::Because(format!("it cannot be removed: {error}"));
        let (directory, name) = self.directory().map_err(cannot)?;
        match self.is_as_read(&directory, &name) {
            Ok(true) => directory.remove(&name).map_err(cannot)?,
            Ok(false) => return Err(Refused::Changed),
            Err(error) => return Err(cannot(error)),
        }
        let _ = directory.sync();
        Ok(())
    }

    fn write(&self, directory: &Dir, temporary: &str, bytes: &[u8]) -> io::Result<()> {
        let file = directory.create_new(temporary)?;
        platform::write_all_at(&file, bytes, 0)?;
        if let Some((_, metadata)) = &self.content {
            platform::give_owner_and_mode(&file, metadata)?;
        }
        file.sync_all()
    }

    /// Returns whether the file in `directory` is still the one that was read.
    fn is_as_read(&self, directory: &Dir, name: &Path) -> io::Result<bool> {
        let now = match directory.stat_name(name) {
            Ok(stat) if stat.kind == EntryKind::File => fs::read(directory.path().join(name))?,
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self.content.is_none()),
            Err(error) => return Err(error),
        };
        Ok(self.bytes() == Some(&now))
    }

    fn directory(&self) -> io::Result<(Dir, PathBuf)> {
        let (Some(above), Some(name)) = (self.target.parent(), self.target.file_name()) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        Ok((Dir::open(&above.canonicalize()?)?, PathBuf::from(name)))
    }

    /// Returns the directories that have to be made for the file, from the top.
    pub(super) fn missing_directories(&self) -> Vec<PathBuf> {
        let missing =
            self.target.ancestors().skip(1).take_while(|above| fs::symlink_metadata(above).is_err());
        let mut missing: Vec<PathBuf> = missing.map(Path::to_path_buf).collect();
        missing.reverse();
        missing
    }
}

/// Returns the file that `path` leads to through links, which need not be there.
fn follow(path: &Path) -> Result<PathBuf, String> {
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(to) => path = path.parent().map_or_else(|| to.clone(), |above| above.join(&to)),
            Err(_) => return Ok(path),
        }
    }
    Err("its links lead in a circle".to_owned())
}

/// Returns whether not even its owner may write to it, which root could do all the same. No where there are no modes.
fn is_read_only(metadata: &Metadata) -> bool {
    /// The owner's permission to write.
    const WRITE: u32 = 0o200;
    cfg!(unix) && Stat::of(metadata).mode & WRITE == 0
}

/// Returns whether a run that was killed left something beside the file that `path` leads to.
pub(super) fn has_left_behind(path: &Path) -> bool {
    directory_of(path).is_some_and(|directory| !left_behind(&directory).is_empty())
}

/// Removes what runs that were killed left beside the file that `path` leads to. Nobody else may be at it.
pub(super) fn remove_left_behind(path: &Path) {
    if let Some(directory) = directory_of(path) {
        remove_left_behind_in(&directory);
    }
}

/// Returns the directory of the file that `path` leads to, which need not be there; `None` if that is not there either.
fn directory_of(path: &Path) -> Option<Dir> {
    let target = follow(path).ok()?;
    Dir::open(&target.parent()?.canonicalize().ok()?).ok()
}

/// Removes what a run that was killed left in a directory. Nobody else is at it: runs keep each other out.
fn remove_left_behind_in(directory: &Dir) {
    for name in left_behind(directory) {
        let _ = directory.remove(&name);
    }
}

fn left_behind(directory: &Dir) -> Vec<OsString> {
    let is_ours = |name: &OsString| name.to_str().is_some_and(|name| name.starts_with(TEMPORARY_PREFIX));
    let entries = directory.entries().unwrap_or_default().into_iter();
    entries.filter(|(name, kind)| *kind == EntryKind::File && is_ours(name)).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_since_it_was_read_is_neither_replaced_nor_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("settings.json");
        let names = || fs::read_dir(directory.path()).unwrap().count();
        let none = SettingsFile::read(&path).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert!(matches!(none.replace(b"ours"), Err(Refused::Changed)));
        let theirs = SettingsFile::read(&path).unwrap();
        fs::write(&path, "newer").unwrap();
        assert!(matches!(theirs.replace(b"ours"), Err(Refused::Changed)));
        assert!(matches!(theirs.remove(), Err(Refused::Changed)));
        assert_eq!((fs::read(&path).unwrap(), names()), (b"newer".to_vec(), 1));
        SettingsFile::read(&path).unwrap().replace(b"ours").unwrap();
        assert_eq!((fs::read(&path).unwrap(), names()), (b"ours".to_vec(), 1));
        SettingsFile::read(&path).unwrap().remove().unwrap();
        assert_eq!(names(), 0);
    }

    #[test]
    fn what_a_killed_run_left_beside_a_file_goes_with_the_next() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/settings.json");
        let file = SettingsFile::read(&path).unwrap();
        assert_eq!(file.missing_directories(), [directory.path().join("a")]);
        file.replace(b"ours").unwrap();
        fs::write(directory.path().join("a").join(format!("{TEMPORARY_PREFIX}.tmp-1")), "x").unwrap();
        SettingsFile::read(&path).unwrap().replace(b"newer").unwrap();
        assert_eq!(fs::read_dir(directory.path().join("a")).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn links_that_lead_in_a_circle_lead_to_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("settings.json");
        std::os::unix::fs::symlink("settings.json", &path).unwrap();
        assert_eq!(SettingsFile::read(&path).unwrap_err(), "its links lead in a circle");
    }
}
