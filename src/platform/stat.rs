//! What the file system says of a name or an open file: kind, size, times, owner, and what tells it from all others.
//! Where a system keeps a fact not at all, the value says so.

use super::process;
#[cfg(unix)]
use rustix::fs::FileType;
use std::fs::{File, Metadata};
use std::io;
#[cfg(unix)]
use std::os::unix::fs::MetadataExt;

/// What an entry of a directory is, without following links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Directory,
    Symlink,
    Other,
}

/// What the file system says of one name or open file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub kind: EntryKind,
    pub bytes: u64,
    /// Nanoseconds since 1970, UTC.
    pub mtime_ns: i64,
    /// Nanoseconds since 1970, UTC; the modification time where the system keeps no change time.
    pub ctime_ns: i64,
    /// 0 where the system has none.
    pub inode: u64,
    /// Owner's user id; 0 where the system has none.
    pub owner: u32,
    /// Permission bits; 0 where the system has none.
    pub mode: u32,
}

impl Stat {
    /// Returns the facts in std's metadata.
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Stat {
        Stat {
            kind: kind_of(FileType::from_raw_mode(metadata.mode() as _)),
            bytes: metadata.len(),
            mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            owner: metadata.uid(),
            mode: metadata.mode() & 0o7777,
        }
    }

    /// Returns the facts in std's metadata.
    #[cfg(not(unix))]
    pub fn of(metadata: &Metadata) -> Stat {
        let kind = match metadata.file_type() {
            kind if kind.is_symlink() => EntryKind::Symlink,
            kind if kind.is_dir() => EntryKind::Directory,
            kind if kind.is_file() => EntryKind::File,
            _ => EntryKind::Other,
        };
        let modified =
            metadata.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let mtime_ns = modified.map_or(0, |since| since.as_nanos().min(i64::MAX as u128) as i64);
        Stat { kind, bytes: metadata.len(), mtime_ns, ctime_ns: mtime_ns, inode: 0, owner: 0, mode: 0 }
    }

    /// Returns the facts of an open file.
    pub fn of_file(file: &File) -> io::Result<Stat> {
        file.metadata().map(|metadata| Stat::of(&metadata))
    }
}

/// Returns the kind that a directory's entry or a mode names.
#[cfg(unix)]
pub(super) fn kind_of(kind: FileType) -> EntryKind {
    match kind {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Directory,
        FileType::Symlink => EntryKind::Symlink,
        _ => EntryKind::Other,
    }
}

/// Returns one number for a time of whole seconds and nanoseconds, both since 1970, UTC.
#[cfg(unix)]
pub(super) fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

/// What tells a file or directory from all others, whatever it is called: its device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileIdentity {
    device: u64,
    inode: u64,
}

/// Returns the identity of the file or directory; `None` where the system keeps none that std knows of.
pub(crate) fn file_identity(metadata: &Metadata) -> Option<FileIdentity> {
    #[cfg(unix)]
    {
        Some(FileIdentity { device: metadata.dev(), inode: metadata.ino() })
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

/// Returns whether a file or directory is the user's that permissions are checked against: root's, too, are only
/// root's own. Where files have no owners, any is.
pub(crate) fn is_own(metadata: &Metadata) -> bool {
    !cfg!(unix) || Stat::of(metadata).owner == process::effective_user()
}

/// Returns whether a file has more names than one: what replaces it under one leaves it under the others. No where the
/// system does not say.
pub(crate) fn has_other_names(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        metadata.nlink() > 1
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

/// The error of a path whose links lead in a circle.
#[cfg(unix)]
const LINK_CYCLE: i32 = libc::ELOOP;
/// The error of a path whose links lead in a circle: ERROR_CANT_RESOLVE_FILENAME (winerror.h).
#[cfg(not(unix))]
const LINK_CYCLE: i32 = 1921;

/// Returns whether a path could not be resolved because its links lead in a circle, or are too many.
pub(crate) fn is_link_cycle(error: &io::Error) -> bool {
    error.raw_os_error() == Some(LINK_CYCLE)
}
