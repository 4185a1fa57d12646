//! Bytes of open files at given offsets, copies between files inside the kernel, standard input as a file, and the room
//! in a file system.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Opens a file for reading and does not wait: for a FIFO in its place nobody may ever come to write.
pub(crate) fn open_at_once(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    options.read(true).open(path)
}

/// Reads at `offset` without moving the file's position; may return fewer bytes, 0 at the end.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match read_at_once(file, buffer, offset) {
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
        match write_at_once(file, bytes, offset) {
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

/// Reads once at `offset`.
#[cfg(unix)]
fn read_at_once(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Writes once at `offset`.
#[cfg(unix)]
fn write_at_once(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

/// Reads once at `offset`.
#[cfg(not(unix))]
fn read_at_once(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    at(file, offset, |mut file| io::Read::read(&mut file, buffer))
}

/// Writes once at `offset`.
#[cfg(not(unix))]
fn write_at_once(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    at(file, offset, |mut file| io::Write::write(&mut file, bytes))
}

/// Does `act` with the file's position at `offset`, and puts the position back. One caller at a time: threads that
/// share a file share its position, and std has no call for all systems that does without it.
#[cfg(not(unix))]
fn at<T>(mut file: &File, offset: u64, act: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
    use std::io::{Seek, SeekFrom};
    static IS_MOVED: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _moved = super::sync::lock(&IS_MOVED);
    let before = file.stream_position()?;
    file.seek(SeekFrom::Start(offset))?;
    let done = act(file);
    file.seek(SeekFrom::Start(before))?;
    done
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
    let mut copied = copy_in_kernel(from, from_offset, to, to_offset, length)?;
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

/// Copies inside the kernel as far as that works; the caller copies the rest by hand.
#[cfg(target_os = "linux")]
fn copy_in_kernel(from: &File, from_offset: u64, to: &File, to_offset: u64, length: u64) -> io::Result<u64> {
    let (mut read, mut written, mut copied) = (from_offset, to_offset, 0);
    while copied < length {
        let want = (length - copied).min(1 << 30) as usize;
        match rustix::fs::copy_file_range(from, Some(&mut read), to, Some(&mut written), want) {
            Ok(0) => break,
            Ok(count) => copied += count as u64,
            Err(error) => {
                let error = io::Error::from(error);
                match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    _ if crate::error::is_no_space(&error) => return Err(error),
                    // Another file system, an old kernel, a special file: reading and writing tells the truth.
                    _ => break,
                }
            }
        }
    }
    Ok(copied)
}

/// Copies inside the kernel; this system has no such call that we use.
#[cfg(not(target_os = "linux"))]
fn copy_in_kernel(_: &File, _: u64, _: &File, _: u64, _: u64) -> io::Result<u64> {
    Ok(0)
}

/// Returns standard input as a file of the same position; `None` where std cannot tell.
pub(crate) fn standard_input() -> Option<File> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&std::io::stdin()).try_clone_to_owned().ok();
    #[cfg(windows)]
    let handle = std::os::windows::io::AsHandle::as_handle(&std::io::stdin()).try_clone_to_owned().ok();
    #[cfg(not(any(unix, windows)))]
    let handle: Option<File> = None;
    handle.map(File::from)
}

/// Gives an open file the owner, group and permissions of another, whose metadata these are: before it takes its place.
pub(crate) fn give_owner_and_mode(file: &File, like: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let now = file.metadata()?;
        let other = |now: u32, wanted: u32| (now != wanted).then_some(wanted);
        let (user, group) = (other(now.uid(), like.uid()), other(now.gid(), like.gid()));
        if user.is_some() || group.is_some() {
            std::os::unix::fs::fchown(file, user, group)?;
        }
    }
    file.set_permissions(like.permissions())
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
}
