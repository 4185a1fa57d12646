//! Work that a hook left behind: one small marker file for each session that still has to be archived.
//!
//! A hook writes its marker before it starts a worker and the worker removes it when the session is durable, so
//! a worker that was killed is made up for by the next run. Markers hold paths and ids only, never text.

use crate::agents::hook::Payload;
use crate::archive::commit::write_atomically;
use crate::error::{Error, Kind, Result};
use crate::platform::Dir;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Markers of a store are in this folder of its `.sessionkeep/`.
pub const FOLDER: &str = "pending";

/// A marker is a few hundred bytes; anything larger is not ours.
const MARKER_BYTES: u64 = 64 << 10;

/// A marker whose transcript has not come by then is given up.
const STALE_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);

/// One session that a hook asked for.
#[derive(Debug)]
pub struct Marker {
    pub path: PathBuf,
    pub payload: Payload,
    /// When it was left; a later hook for the same session leaves it anew.
    pub left: Option<SystemTime>,
}

impl Marker {
    /// Returns whether it was left so long ago that its transcript will not come any more.
    pub fn is_stale(&self) -> bool {
        self.left.is_some_and(|left| left.elapsed().is_ok_and(|age| age > STALE_AFTER))
    }
}

/// Writes a marker for `payload`, whole or not at all; not synced, because the session's source is still there
/// after a power cut and the next import finds it.
pub fn leave(folder: &Dir, payload: &Payload) -> Result<()> {
    let bytes = payload.to_json();
    let name = format!("{}.json", &blake3::hash(&bytes).to_hex()[..32]);
    write_atomically(folder, &name, &bytes)
        .map_err(|error| Error::io(Kind::Store, "cannot leave a marker in", folder.path(), error))?;
    Ok(())
}

/// Returns the markers that are there, oldest name first; what cannot be read or is no marker is passed over.
pub fn list(folder: &Path) -> Vec<Marker> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().filter_map(read).collect()
}

fn read(path: PathBuf) -> Option<Marker> {
    let is_marker = path.extension().is_some_and(|extension| extension == "json");
    let stat = fs::symlink_metadata(&path).ok()?;
    if !is_marker || !stat.is_file() || stat.len() > MARKER_BYTES {
        return None;
    }
    let payload = crate::agents::hook::parse_payload(&fs::read(&path).ok()?).ok()?;
    Some(Marker { path, payload, left: stat.modified().ok() })
}

/// Returns whether a run has archived all transcripts in `paths`: none failed, with all its parts, and none was left
/// alone for being younger than `min_age`. What failed elsewhere is no reason to keep a marker.
pub fn is_archived(paths: &[PathBuf], errors: &[Error], min_age: Option<Duration>) -> bool {
    let is_archived = |path: &PathBuf| {
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
        let age = modified.map(|modified| modified.elapsed().unwrap_or_default());
        let is_young = age.is_ok_and(|age| min_age.is_some_and(|youngest| age <= youngest));
        // Its parts lie in the directory that is named after it.
        let parts = path.with_extension("");
        let has_failed =
            errors.iter().filter_map(Error::path).any(|failed| failed.starts_with(&parts) || failed == path);
        !is_young && !has_failed
    };
    paths.iter().all(is_archived)
}

/// Removes a marker whose work is done, unless a hook left it anew meanwhile.
pub fn done(marker: &Marker) {
    let left = fs::symlink_metadata(&marker.path).and_then(|stat| stat.modified()).ok();
    if left == marker.left {
        // A marker that stays costs one look at an unchanged session in the next run, no more.
        let _ = fs::remove_file(&marker.path);
    }
}
