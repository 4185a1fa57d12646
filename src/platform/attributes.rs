//! Owner, mode, extended attributes and times of a file, carried over to the one that takes its place.

use std::fs::{File, FileTimes, Metadata};
use std::io;

/// Gives `to` the owner, the mode, the extended attributes (access lists among them) and the times of `from`, of which
/// `metadata` was taken. Attributes that the system keeps to itself (`security.*`, `trusted.*`) are given where it lets us.
///
/// # Errors
///
/// When owner, mode, times or an attribute of the user's cannot be kept.
pub(crate) fn copy_attributes(from: &File, metadata: &Metadata, to: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let now = to.metadata()?;
        if (now.uid(), now.gid()) != (metadata.uid(), metadata.gid()) {
            std::os::unix::fs::fchown(to, Some(metadata.uid()), Some(metadata.gid()))?;
        }
    }
    copy_extended(from, to)?;
    to.set_permissions(metadata.permissions())?;
    set_times(to, metadata)
}

/// Gives an open file the times of last access and modification in `metadata`.
///
/// # Errors
///
/// When the system refuses.
pub(crate) fn set_times(file: &File, metadata: &Metadata) -> io::Result<()> {
    let times = FileTimes::new().set_accessed(metadata.accessed()?).set_modified(metadata.modified()?);
    file.set_times(times)
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn copy_extended(from: &File, to: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    use rustix::io::Errno;
    use std::ffi::CStr;
    /// The most that Linux gives back (`XATTR_LIST_MAX`, `XATTR_SIZE_MAX` in linux/limits.h).
    const MOST_BYTES: usize = 64 << 10;
    let mut names = vec![0; MOST_BYTES];
    let length = match flistxattr(from, &mut names[..]) {
        Ok(length) => length,
        // A file system without any.
        Err(Errno::OPNOTSUPP) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut value = vec![0; MOST_BYTES];
    for name in names[..length].split_inclusive(|byte| *byte == 0) {
        let Ok(name) = CStr::from_bytes_with_nul(name) else { continue };
        let copied = fgetxattr(from, name, &mut value[..])
            .and_then(|length| fsetxattr(to, name, &value[..length], XattrFlags::empty()));
        let is_systems = [&b"security."[..], b"trusted.", b"com.apple."];
        let is_kept_by_system = is_systems.iter().any(|prefix| name.to_bytes().starts_with(prefix));
        match copied {
            Err(error) if !is_kept_by_system => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn copy_extended(_: &File, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn times_and_mode_are_carried_over() {
        let directory = tempfile::tempdir().unwrap();
        let from = File::create_new(directory.path().join("from")).unwrap();
        from.set_modified(SystemTime::UNIX_EPOCH + Duration::new(1_780_000_000, 123_456_700)).unwrap();
        #[cfg(unix)]
        from.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        let to = File::create_new(directory.path().join("to")).unwrap();
        let before = from.metadata().unwrap();
        copy_attributes(&from, &before, &to).unwrap();
        let after = to.metadata().unwrap();
        assert_eq!(after.modified().unwrap(), before.modified().unwrap());
        assert_eq!(after.permissions(), before.permissions());
    }
}
