//! What only some systems can do, behind one small interface: directory handles, unnamed files, file-system sync,
//! signals, limits, guarded memory maps.
//!
//! Owns every system call that std does not offer. Knows nothing of transcripts or archives. Linux has everything;
//! other Unix systems fall back call by call; the rest of the world gets a version made of std alone.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) mod clock;
#[cfg(not(unix))]
#[path = "directory/std_only.rs"]
mod directory;
#[cfg(unix)]
#[path = "directory/unix.rs"]
mod directory;
pub(crate) mod path;
pub(crate) mod process;
pub(crate) mod sigbus;
pub(crate) mod sync;

pub(crate) use directory::Dir;

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
    pub fn of(metadata: &Metadata) -> Stat {
        directory::stat_of(metadata)
    }

    /// Returns the facts of an open file.
    pub fn of_file(file: &File) -> io::Result<Stat> {
        file.metadata().map(|metadata| Stat::of(&metadata))
    }
}

/// What tells a file or directory from all others, whatever it is called: its device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FileIdentity {
    device: u64,
    inode: u64,
}

/// Returns the identity of the file or directory; `None` where the system keeps none that std knows of.
pub(crate) fn file_identity(metadata: &Metadata) -> Option<FileIdentity> {
    directory::device_and_inode(metadata).map(|(device, inode)| FileIdentity { device, inode })
}

/// Returns whether a file or directory is the user's that permissions are checked against: root's, too, are only
/// root's own. Where files have no owners, any is.
pub(crate) fn is_own(metadata: &Metadata) -> bool {
    !cfg!(unix) || Stat::of(metadata).owner == process::effective_user()
}

/// Returns whether a path could not be resolved because its links lead in a circle, or are too many.
pub(crate) fn is_link_cycle(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| code == directory::LINK_CYCLE)
}

/// Reads at `offset` without moving the file's position; may return fewer bytes, 0 at the end.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match directory::read_at_once(file, buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Fills `buffer` from `offset` as far as the file goes; returns the bytes read.
pub(crate) fn read_full_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read_at(file, &mut buffer[filled..], offset + filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// Writes all of `bytes` at `offset`; short writes are continued.
pub(crate) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match directory::write_at_once(file, bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => {
                bytes = &bytes[count..];
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Copies `length` bytes between files inside the kernel where it can; returns how many were copied, which is fewer
/// only when `from` ends early.
pub(crate) fn copy_range(
    from: &File,
    from_offset: u64,
    to: &File,
    to_offset: u64,
    length: u64,
) -> io::Result<u64> {
    let mut copied = directory::copy_in_kernel(from, from_offset, to, to_offset, length)?;
    let mut buffer = Vec::new();
    while copied < length {
        buffer.resize((length - copied).min(1 << 18) as usize, 0);
        let count = read_at(from, &mut buffer, from_offset + copied)?;
        if count == 0 {
            break;
        }
        write_all_at(to, &buffer[..count], to_offset + copied)?;
        copied += count as u64;
    }
    Ok(copied)
}

/// Room in a file system, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Space {
    /// What the user may still write.
    pub free_bytes: u64,
    /// What there is in all.
    pub all_bytes: u64,
}

/// Returns the room in the file system of `path`; `None` where the system does not say.
pub(crate) fn space(path: &Path) -> Option<Space> {
    #[cfg(unix)]
    {
        let stat = rustix::fs::statvfs(path).ok()?;
        Some(Space {
            free_bytes: stat.f_bavail.saturating_mul(stat.f_frsize),
            all_bytes: stat.f_blocks.saturating_mul(stat.f_frsize),
        })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Fills `buffer` with the system's random bytes.
pub(crate) fn random_bytes(buffer: &mut [u8]) -> io::Result<()> {
    getrandom::fill(buffer).map_err(io::Error::other)
}

/// Returns a name for a hidden temporary file that no other process or thread makes.
pub(crate) fn temporary_name() -> io::Result<String> {
    // One draw of chance a process, because two may have the same id (in containers that share a store); then counted.
    static START: OnceLock<u64> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let start = match START.get() {
        Some(start) => *start,
        None => {
            let mut random = [0u8; 8];
            random_bytes(&mut random)?;
            *START.get_or_init(|| u64::from_le_bytes(random))
        }
    };
    let number = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
    Ok(format!("{TEMPORARY_PREFIX}{}-{number:016x}", std::process::id()))
}

/// What the names of hidden temporary files begin with.
pub(crate) const TEMPORARY_PREFIX: &str = ".tmp-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_copied_byte_for_byte_and_stops_at_the_end() {
        let directory = tempfile::tempdir().unwrap();
        let source: Vec<u8> = (0..300_000u32).flat_map(|n| n.to_le_bytes()).collect();
        std::fs::write(directory.path().join("a"), &source).unwrap();
        let from = File::open(directory.path().join("a")).unwrap();
        let to = File::create_new(directory.path().join("b")).unwrap();
        assert_eq!(copy_range(&from, 5, &to, 3, 700_000).unwrap(), 700_000);
        let copy = std::fs::read(directory.path().join("b")).unwrap();
        assert_eq!(copy[3..], source[5..700_005]);
        assert_eq!(copy_range(&from, source.len() as u64 - 4, &to, 0, 100).unwrap(), 4);
    }

    #[test]
    fn temporary_names_differ() {
        assert_ne!(temporary_name().unwrap(), temporary_name().unwrap());
    }
}
