//! Sessions that are not archived: read by way of a store of their own, which is gone when they are read.
//!
//! All that an import takes can be read so: text, compressed text, databases, documents. They are masked as they are when
//! they are archived, in memory, and only what is masked is written: to a directory that nobody else can look into.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::engine::{self, Settings};
use crate::error::{Error, Kind, Result};
use crate::platform::temporary_name;
use crate::report::Reporter;

/// A store that holds what one file holds; removed when dropped.
#[derive(Debug)]
pub(crate) struct Unarchived {
    directory: PathBuf,
}

impl Unarchived {
    /// Masks what the file at `path` holds into a new store.
    ///
    /// # Errors
    ///
    /// What keeps it from being archived; [`Kind::Source`] when it holds nothing.
    pub(crate) fn read(path: &Path, config: &Config) -> Result<Unarchived> {
        let store = Unarchived { directory: private_directory()? };
        let mut config = config.clone();
        config.store.path.clone_from(&store.directory);
        let settings = Settings { is_forced: true, names_by_directory: true, ..Settings::default() };
        let totals = engine::archive(&config, &settings, &[path.to_path_buf()], &Reporter::silent())?;
        if let Some(error) = totals.errors.into_iter().next() {
            return Err(error);
        }
        if totals.archives.is_empty() {
            let error = Error::new(Kind::Source, "nothing is said in").with_path(path);
            return Err(error.with_hint("name a transcript of an agent, or a session by its id"));
        }
        Ok(store)
    }

    /// Returns the root of the store.
    pub(crate) fn root(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Unarchived {
    fn drop(&mut self) {
        // What cannot be removed holds no secrets.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn private_directory() -> Result<PathBuf> {
    let parent = std::env::temp_dir();
    let cannot = |error| Error::io(Kind::Store, "cannot make a directory in", &parent, error);
    let directory = parent.join(format!("sessionkeep{}", temporary_name().map_err(cannot)?));
    #[cfg_attr(not(unix), allow(unused_mut, reason = "only here are there modes to set"))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&directory).map_err(cannot)?;
    Ok(directory)
}
