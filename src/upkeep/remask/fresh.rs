//! Archives sessions again from their sources, where these still exist: a secret that older rules cut in two is found there
//! as a whole. In: sessions, as they are listed. Out: what of them is of today's rules after it. The engine decides what a
//! source is; of a session in a database or in documents the archive is a log, of which only the text is masked again.

use super::listed::Listed;
use crate::archive::catalog::Catalog;
use crate::archive::reader::Archive;
use crate::config::Config;
use crate::engine::{self, Again, Settings};
use crate::error::{Error, Result};
use crate::platform::path::path_of_bytes;
use crate::report::Reporter;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Returns the sources that still exist of those of these sessions of which any archive was masked with other rules than
/// today's, or of all. Of such a session all are taken: a value that one of them teaches is masked in the others, and what
/// today's rules masked in an archive teaches nothing any more.
pub(super) fn sources(root: &Path, sessions: &[Listed], is_all: bool) -> Vec<PathBuf> {
    let catalog = Catalog::open_to_read(root).ok().flatten();
    let mut sources = BTreeSet::new();
    let is_taken =
        |session: &&Listed| is_all || session.heads.iter().any(|head| head.is_ours && head.is_stale);
    for head in sessions.iter().filter(is_taken).flat_map(|session| &session.heads) {
        if !head.is_ours {
            continue;
        }
        let known = catalog.as_ref().and_then(|catalog| catalog.sources_of(&head.relative).ok());
        let header = Archive::open(&root.join(&head.relative)).ok();
        let told = header.as_ref().and_then(|archive| archive.header()).map(|header| header.source.clone());
        // A session in a database is no file: its source has a `#` behind the file's path.
        if told.as_ref().is_some_and(|told| told.contains('#') && !Path::new(told).is_file()) {
            continue;
        }
        let known = known.into_iter().flatten().map(path_of_bytes).chain(told.map(PathBuf::from));
        sources.extend(known.filter(|source| source.is_absolute() && is_file(source)));
    }
    sources.into_iter().collect()
}

fn is_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Archives `sources` again, as an import does, but also where nothing in them is new. Returns what could not be done.
///
/// # Errors
///
/// When nothing could be done at all.
pub(super) fn archive(
    config: &Config,
    sources: &[PathBuf],
    is_all: bool,
    is_forced: bool,
    reporter: &Reporter,
) -> Result<Vec<Error>> {
    let again = if is_all { Again::All } else { Again::Stale };
    let settings = Settings { again, is_forced, ..Settings::default() };
    Ok(engine::archive(config, &settings, sources, reporter)?.errors)
}
