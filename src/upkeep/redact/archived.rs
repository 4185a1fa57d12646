//! Whether the store has a source as it is now: only what is archived may be masked where it lies.

use crate::agents::Found;
use crate::archive::catalog::Catalog;
use crate::archive::catalog::snapshot::path_key;
use crate::archive::content_hash::HashKey;
use crate::archive::reader::Archive;
use crate::archive::store::Store;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use std::path::PathBuf;

/// What the store has, as an import left it just now.
pub(super) struct Archived {
    root: PathBuf,
    catalog: Catalog,
    key: HashKey,
}

impl Archived {
    /// Opens the store to look into.
    ///
    /// # Errors
    ///
    /// When there is none, or its catalog cannot be read.
    pub(super) fn open(config: &Config) -> Result<Archived> {
        let root = config.store.path.clone();
        let none = || Error::new(Kind::Store, "cannot look into the store").with_path(&config.store.path);
        let catalog = Catalog::open_to_read(&root)?.ok_or_else(none)?;
        let key = Store::key_of(&root).ok_or_else(none)?;
        Ok(Archived { root, catalog, key })
    }

    /// Returns the key of the hashes in the store.
    pub(super) fn key(&self) -> &HashKey {
        &self.key
    }

    /// Returns the archive that covers a source, whether it is as it was then or not.
    pub(super) fn archive(&self, found: &Found) -> Option<Archive> {
        let row = self.catalog.row_at(path_key(&self.key, &found.locator.key())).ok()??;
        let archive = Archive::open(&self.root.join(&row.archive)).ok()?;
        let is_its = archive.header().is_some_and(|header| header.identity == row.identity);
        is_its.then_some(archive)
    }

    /// Returns whether a source that is told in lines is archived as it is now.
    pub(super) fn has(&self, found: &Found) -> bool {
        let row = self.catalog.row_at(path_key(&self.key, &found.locator.key())).ok().flatten();
        row.is_some_and(|row| row.stamp() == found.stamp) && self.archive(found).is_some()
    }
}
