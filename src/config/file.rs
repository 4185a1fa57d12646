//! Reads the configuration file, and refuses one that somebody else could have written: it decides what stays
//! unmasked, and its regexes run over everything.

use crate::error::{Error, Kind, Result};
use crate::platform::open_at_once;
use std::fs::Metadata;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Largest file that is read; a real one has a few KiB.
pub(crate) const MAX_FILE_BYTES: u64 = 1 << 20;

/// Returns the file's bytes; `None` if it does not exist and need not.
///
/// # Errors
///
/// [`Kind::Config`]: missing though named explicitly, not a regular file, too large, unreadable, or open to others.
pub(crate) fn read(path: &Path, must_exist: bool) -> Result<Option<Vec<u8>>> {
    let file = match open_at_once(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound && !must_exist => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Error::new(Kind::Config, "config file not found:").with_path(path).with_hint(
                "check --config and $SESSIONKEEP_CONFIG; \"sessionkeep config path\" shows what is used",
            ));
        }
        Err(error) => return Err(Error::io(Kind::Config, "cannot read config", path, error)),
    };
    let metadata =
        file.metadata().map_err(|error| Error::io(Kind::Config, "cannot read config", path, error))?;
    if !metadata.is_file() {
        return Err(Error::new(Kind::Config, "config is not a regular file:").with_path(path));
    }
    check_owner(path, &metadata)?;
    if metadata.len() > MAX_FILE_BYTES {
        return Err(too_large(path));
    }
    // The size may have changed since; the limit holds whatever it says.
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io(Kind::Config, "cannot read config", path, error))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(too_large(path));
    }
    Ok(Some(bytes))
}

fn too_large(path: &Path) -> Error {
    Error::new(Kind::Config, format!("config is larger than {} KiB:", MAX_FILE_BYTES >> 10)).with_path(path)
}

#[cfg(unix)]
fn check_owner(path: &Path, metadata: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user && metadata.uid() != 0 {
        return Err(Error::new(Kind::Config, "config belongs to another user:")
            .with_path(path)
            .with_hint("copy it to a file of your own and name that with --config"));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(Error::new(Kind::Config, "config can be written by others:")
            .with_path(path)
            .with_hint("whoever can write it can switch masking off; run: chmod go-w on it"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner(_path: &Path, _metadata: &Metadata) -> Result<()> {
    Ok(())
}
