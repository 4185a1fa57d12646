//! What setup changed on this machine, so that it can be taken back: a private directory with the files as they were, and
//! what was put into them. Written before a file is changed, so that no change is ever without its record.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::edit::Placed;
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::platform::{self, Dir, EntryKind};

/// Where it is, below the user's home.
const DIRECTORIES: [&str; 2] = [".sessionkeep", "setup"];

/// The file of records.
const RECORDS: &str = "changes.json";

/// The cron table as it was before a line of ours came into it. No copy of a settings file has such a name: theirs begin
/// with a number.
const TABLE_BEFORE: &str = "crontab-before";

/// The cron table that is handed to `crontab`, only for as long as that runs.
const TABLE_AFTER: &str = "crontab-after";

/// Locked for as long as a run changes settings; never deleted while there are records.
const LOCK: &str = "lock";

/// Version of the form of [`RECORDS`].
const VERSION: u64 = 1;

/// One change of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// When, RFC 3339, UTC.
    pub at: String,
    /// The agent's short name.
    pub agent: String,
    /// The settings file, as the agent calls it.
    pub file: String,
    /// Name of the copy of the file as it was, beside the records; without one there was no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// BLAKE3 of that copy, in hex. Earlier versions did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// BLAKE3 of the file as we left it, in hex.
    pub after: String,
    /// What was put in.
    pub placed: Vec<Placed>,
    /// Directories that were made for the file, from the top.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_directories: Vec<PathBuf>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Records {
    version: u64,
    changes: Vec<Record>,
}

/// The open journal; no other run has it meanwhile.
pub(super) struct Journal {
    directory: Dir,
    records: Vec<Record>,
    /// Unlocks when it goes.
    _lock: File,
}

/// Returns where the journal is.
///
/// # Errors
///
/// [`Kind::Usage`] without a home directory.
pub(super) fn place(environment: &Environment) -> Result<PathBuf> {
    let home = environment.home().ok_or_else(|| {
        Error::new(Kind::Usage, "cannot set up: there is no home directory").with_hint("set $HOME")
    })?;
    Ok(DIRECTORIES.iter().fold(home.to_path_buf(), |path, name| path.join(name)))
}

/// Returns what was changed and not taken back, the oldest first, without opening anything for writing.
///
/// # Errors
///
/// As [`Journal::open`].
pub(super) fn read(environment: &Environment) -> Result<Vec<Record>> {
    let place = place(environment)?;
    match Dir::open(&place) {
        Ok(directory) => read_records(&directory),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::io(Kind::Store, "cannot open", &place, error)),
    }
}

impl Journal {
    /// Opens the journal, made private if there is none.
    ///
    /// # Errors
    ///
    /// [`Kind::Busy`] when another setup is at work, [`Kind::Store`] when it cannot be made, or was made by a newer version.
    pub(super) fn open(environment: &Environment) -> Result<Journal> {
        let place = place(environment)?;
        let open = || -> io::Result<(Dir, File)> {
            let home = place.ancestors().nth(DIRECTORIES.len()).unwrap_or(&place);
            let mut directory = Dir::open(&home.canonicalize()?)?;
            for name in DIRECTORIES {
                directory.create_dir(name)?;
                directory = Dir::open(&directory.path().join(name).canonicalize()?)?;
            }
            let lock = directory.open_or_create(LOCK)?;
            Ok((directory, lock))
        };
        let (directory, lock) =
            open().map_err(|error| Error::io(Kind::Store, "cannot use", &place, error))?;
        lock.try_lock().map_err(|error| match error {
            std::fs::TryLockError::WouldBlock => Error::new(Kind::Busy, "another setup is at work"),
            std::fs::TryLockError::Error(error) => Error::io(Kind::Store, "cannot lock", &place, error),
        })?;
        let records = read_records(&directory)?;
        for name in left_behind(&directory) {
            let _ = directory.remove(&name);
        }
        Ok(Journal { directory, records, _lock: lock })
    }

    /// Returns what was changed and not taken back, the oldest first.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Remembers a change that is about to be made, and the file as it is; durable when this returns.
    ///
    /// # Errors
    ///
    /// [`Kind::Store`] or [`Kind::NoSpace`] when it cannot be written: then nothing must be changed.
    pub(super) fn add(&mut self, mut record: Record, before: Option<&[u8]>) -> Result<()> {
        if let Some(before) = before {
            let file = Path::new(&record.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_taken = |name: &String| self.directory.stat_name(name).is_ok();
            let names = (1..).map(|number: u64| format!("{number}-{file}"));
            let name = names.into_iter().find(|name| !is_taken(name)).unwrap_or(file);
            self.write(&name, before)?;
            record.backup = Some(name);
            record.before = Some(hash(before));
        }
        self.records.push(record);
        self.save()
    }

    /// Forgets a change that was taken back or never made.
    ///
    /// # Errors
    ///
    /// As [`Journal::add`].
    pub(super) fn forget(&mut self, record: &Record) -> Result<()> {
        self.records.retain(|known| known != record);
        self.save()?;
        if let Some(name) = &record.backup {
            let _ = self.directory.remove(name);
        }
        Ok(())
    }

    /// Keeps the user's cron table as it is before a change; durable when this returns. `is_first` says that nothing of ours
    /// is in it. An older copy gives way only to one of a table that is not empty and has nothing of ours.
    ///
    /// # Errors
    ///
    /// As [`Journal::add`].
    pub(super) fn keep_table(&self, table: &[u8], is_first: bool) -> Result<()> {
        let is_kept = self.directory.stat_name(TABLE_BEFORE).is_ok();
        match table.is_empty() || (is_kept && !is_first) {
            true => Ok(()),
            false => self.write(TABLE_BEFORE, table),
        }
    }

    /// Removes the copy of the cron table.
    pub(super) fn forget_table(&self) {
        let _ = self.directory.remove(TABLE_BEFORE);
    }

    /// Writes a cron table, whole and durable, into a private file; returns its path. [`Journal::remove_table`] removes it.
    ///
    /// # Errors
    ///
    /// As [`Journal::add`].
    pub(super) fn write_table(&self, table: &[u8]) -> Result<PathBuf> {
        self.write(TABLE_AFTER, table)?;
        Ok(self.directory.path().join(TABLE_AFTER))
    }

    /// Removes the file of [`Journal::write_table`].
    pub(super) fn remove_table(&self) {
        let _ = self.directory.remove(TABLE_AFTER);
    }

    /// Removes what is left of a journal without records.
    pub(super) fn close(self) {
        if !self.records.is_empty() {
            return;
        }
        let _ = self.directory.remove(RECORDS);
        if self.directory.stat_name(TABLE_BEFORE).is_ok() {
            return;
        }
        let _ = self.directory.remove(LOCK);
        // Both fail where something is in them, such as the archives.
        let above = self.directory.path().parent();
        if std::fs::remove_dir(self.directory.path()).is_ok() {
            let _ = above.map(std::fs::remove_dir);
        }
    }

    fn save(&self) -> Result<()> {
        let records = Records { version: VERSION, changes: self.records.clone() };
        let mut text = serde_json::to_vec_pretty(&records)
            .map_err(|error| Error::new(Kind::Internal, "cannot write JSON").with_source(error))?;
        text.push(b'\n');
        self.write(RECORDS, &text)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let write = || -> io::Result<()> {
            let temporary = platform::temporary_name()?;
            let file = self.directory.create_new(&temporary)?;
            let written = platform::write_all_at(&file, bytes, 0)
                .and_then(|()| file.sync_all())
                .and_then(|()| self.directory.rename_over(&temporary, name));
            if written.is_err() {
                let _ = self.directory.remove(&temporary);
            }
            written.and_then(|()| self.directory.sync())
        };
        write()
            .map_err(|error| Error::io(Kind::Store, "cannot write", &self.directory.path().join(name), error))
    }
}

/// Returns whether a cron table is kept, without opening anything for writing.
pub(super) fn has_table(environment: &Environment) -> bool {
    place(environment).is_ok_and(|place| std::fs::symlink_metadata(place.join(TABLE_BEFORE)).is_ok())
}

/// Returns whether a run that was killed left something in the journal's directory that [`Journal::open`] and
/// [`Journal::close`] remove; the directory itself, where it keeps nothing any more.
pub(super) fn has_left_behind(environment: &Environment) -> bool {
    let Some(directory) = place(environment).ok().and_then(|place| Dir::open(&place).ok()) else {
        return false;
    };
    let is_used = [RECORDS, TABLE_BEFORE].iter().any(|name| directory.stat_name(name).is_ok());
    !is_used || !left_behind(&directory).is_empty()
}

/// Returns the names of what a run that was killed left: half-written files, and a cron table for `crontab`.
fn left_behind(directory: &Dir) -> Vec<OsString> {
    let is_left = |name: &OsString| {
        name.to_str().is_some_and(|name| name.starts_with(platform::TEMPORARY_PREFIX) || name == TABLE_AFTER)
    };
    let entries = directory.entries().unwrap_or_default().into_iter();
    let left = entries.filter(|(name, kind)| *kind == EntryKind::File && is_left(name));
    left.map(|(name, _)| name).collect()
}

/// Returns a file as it was before a change; nothing where there was none. `place` is the journal's.
///
/// # Errors
///
/// A phrase for people when the copy is not there, or is not what was kept.
pub(super) fn before(place: &Path, record: &Record) -> std::result::Result<Option<String>, String> {
    let Some(name) = &record.backup else { return Ok(None) };
    let path = place.join(name);
    let is_plain = Path::new(name).file_name().is_some_and(|plain| plain == &**name);
    if !is_plain {
        return Err(format!("{name:?} is no name of a copy that setup made"));
    }
    let bytes = std::fs::read(&path)
        .map_err(|error| format!("the copy of what it was, {}, cannot be read: {error}", path.display()))?;
    let is_kept = record.before.as_ref().is_none_or(|before| *before == hash(&bytes));
    let text = String::from_utf8(bytes).ok().filter(|_| is_kept);
    text.map(Some).ok_or_else(|| format!("the copy of what it was, {}, is damaged", path.display()))
}

/// Returns BLAKE3 of a file, in hex.
pub(super) fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn read_records(directory: &Dir) -> Result<Vec<Record>> {
    let path = directory.path().join(RECORDS);
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io(Kind::Store, "cannot read", &path, error)),
    };
    let hint = "the files as they were lie beside it: put them back by hand, move that directory away, and run \
                sessionkeep setup --undo again, for the schedule";
    let version = serde_json::from_slice::<serde_json::Value>(&text).ok();
    let version = version.and_then(|value| value.get("version")?.as_u64());
    if version.is_some_and(|version| version > VERSION) {
        let error = Error::new(Kind::Store, "a newer version of sessionkeep wrote").with_path(path);
        return Err(error.with_hint("use that version"));
    }
    let records: Records = serde_json::from_slice(&text).map_err(|error| {
        let reason = format!("line {} is not what setup writes", error.line());
        Error::new(Kind::Store, "cannot read").with_path(path).with_source(reason).with_hint(hint)
    })?;
    Ok(records.changes)
}
