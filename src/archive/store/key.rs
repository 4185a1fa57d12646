//! The key of a store's hashes: made once, kept in the private directory.

use std::io::{self, Read};
use std::path::Path;

use super::handle::Store;
use crate::archive::content_hash::HashKey;
use crate::archive::names::PRIVATE_DIRECTORY;
use crate::error::{Error, Kind, Result};
use crate::platform::{self, Dir, EntryKind};

/// File in [`PRIVATE_DIRECTORY`] with the 32 bytes of the hash key.
const KEY_FILE: &str = "key";

impl Store {
    /// Returns the key of this store's hashes. A lost or broken key is replaced by a new one: hashes made with the old
    /// one then match nothing, which costs a comparison and loses nothing.
    pub(crate) fn hash_key(&self) -> Result<HashKey> {
        let cannot = |error| Error::io(Kind::Store, "cannot use", &self.private_path(KEY_FILE), error);
        // Twice: another run may make it between our look and our attempt.
        for _ in 0..2 {
            match read_key(self.private()) {
                Ok(Some(key)) => return Ok(key),
                Ok(None) => {}
                Err(error) => return Err(cannot(error)),
            }
            write_key(self.private()).map_err(cannot)?;
        }
        Err(Error::new(Kind::Store, "cannot keep a key in").with_path(self.private_path(KEY_FILE)))
    }

    /// Returns the key of the store at `root`, if it has one: for looking only.
    pub(crate) fn key_of(root: &Path) -> Option<HashKey> {
        read_key(&Dir::open(root).ok()?.open_dir(PRIVATE_DIRECTORY).ok()?).ok()?
    }
}

/// Reads the key; `None` if there is none or it is not one.
fn read_key(private: &Dir) -> io::Result<Option<HashKey>> {
    let file = match private.open_file(KEY_FILE) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if platform::Stat::of_file(&file)?.kind != EntryKind::File {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::with_capacity(64);
    file.take(64).read_to_end(&mut bytes)?;
    Ok(<[u8; 32]>::try_from(bytes).ok().map(HashKey::new))
}

/// Makes a new key, unless another run just did.
fn write_key(private: &Dir) -> io::Result<()> {
    let mut key = [0; 32];
    platform::random_bytes(&mut key)?;
    let key = HashKey::new(key);
    let temporary = platform::temporary_name()?;
    let file = private.create_new(&temporary)?;
    let written =
        platform::write_all_at(&file, key.bytes(), 0).and_then(|()| file.sync_all()).and_then(|()| {
            match private.rename_new(&temporary, KEY_FILE) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    // Whole: another run's, just made. Anything else is a broken key, and goes.
                    match read_key(private)? {
                        Some(_) => private.remove(&temporary),
                        None => private.rename_over(&temporary, KEY_FILE),
                    }
                }
                other => other,
            }
        });
    if written.is_err() {
        let _ = private.remove(&temporary);
    }
    written.and_then(|()| private.sync())
}
