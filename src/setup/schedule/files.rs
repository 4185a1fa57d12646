//! The files of a schedule on disk: read, written whole and durable, and removed with the directories that hold nothing
//! else.

use super::job::MADE_BY;
use crate::error::{Error, Kind, Result};
use crate::platform::{self, Dir};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of a file that is compared with ours; none of ours comes near.
const MAX_BYTES: u64 = 1 << 20;

/// Returns what is in a file, through links; `None` if it is not there, or is no file that could be ours.
pub(super) fn read(path: &Path) -> Option<Vec<u8>> {
    let metadata = fs::metadata(path).ok()?;
    (metadata.is_file() && metadata.len() <= MAX_BYTES).then(|| fs::read(path).ok()).flatten()
}

/// Returns whether a file says that it was made here.
pub(super) fn is_ours(path: &Path) -> bool {
    let Some(bytes) = read(path) else { return false };
    let bytes: Vec<u8> = bytes.into_iter().filter(|&byte| byte != 0).collect();
    // What every form says: an XML comment cannot hold the rest.
    let made_by = MADE_BY.split(';').next().unwrap_or(MADE_BY);
    String::from_utf8_lossy(&bytes).contains(made_by)
}

/// Writes a whole file in one step, with the directories above it. A link in its place stays: what it leads to is written.
///
/// # Errors
///
/// [`Kind::Config`] when it cannot be written; what was there before stays.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = |error| Error::io(Kind::Config, "cannot write", path, error);
    let target: PathBuf = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
        return Err(cannot(io::ErrorKind::InvalidInput.into()));
    };
    fs::create_dir_all(parent).map_err(cannot)?;
    let parent = fs::canonicalize(parent).map_err(cannot)?;
    write_in(&parent, Path::new(name), bytes).map_err(cannot)
}

fn write_in(parent: &Path, name: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = Dir::open(parent)?;
    let temporary = platform::temporary_name()?;
    let file = directory.create_new(&temporary)?;
    let written = platform::write_all_at(&file, bytes, 0)
        .and_then(|()| file.sync_all())
        .and_then(|()| directory.rename_over(&temporary, name));
    if written.is_err() {
        let _ = directory.remove(&temporary);
    }
    written.and_then(|()| directory.sync())
}

/// Makes the link by which a unit is enabled, unless it is there.
///
/// # Errors
///
/// [`Kind::Config`] when it cannot be made; [`Kind::Usage`] on a system without such links.
pub(super) fn link(path: &Path, target: &Path) -> Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        return Ok(());
    }
    let cannot = |error| Error::io(Kind::Config, "cannot make the link", path, error);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(cannot)?;
    }
    symlink(target, path).map_err(cannot)
}

#[cfg(unix)]
fn symlink(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes a file or link, and the directories above it that hold nothing any more, as far as `home` and no further.
///
/// # Errors
///
/// [`Kind::Config`] when it is there and cannot be removed.
pub(super) fn remove(path: &Path, home: Option<&Path>) -> Result<()> {
    match fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::io(Kind::Config, "cannot remove", path, error)),
    }
    let below = path
        .ancestors()
        .skip(1)
        .take_while(|above| home.is_some_and(|home| above.starts_with(home) && *above != home));
    for directory in below {
        // Fails where something is in it, or where it is a link.
        if fs::remove_dir(directory).is_err() && directory.exists() {
            break;
        }
    }
    Ok(())
}
