//! Work that a hook left behind: one small marker file for each session that still has to be archived.
//!
//! A hook writes its marker before it starts a worker and the worker removes it when the session is durable, so
//! a worker that was killed is made up for by the next run. Markers hold paths and ids only, never text; and those that
//! there is something to mask in, only sealed.

use super::sealed::{SealedId, Sealer, unseal};
use crate::agents;
use crate::agents::hook::{Payload, parse_payload};
use crate::archive::content_hash::HashKey;
use crate::archive::store::commit::write_atomically;
use crate::error::{Error, Kind, Result};
use crate::platform::Dir;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A marker is a few hundred bytes; anything larger is not ours.
const MARKER_BYTES: u64 = 64 << 10;

/// A marker whose transcript has not come by then is given up.
const STALE_AFTER: Duration = Duration::from_secs(7 * 24 * 3600);

/// One session that a hook asked for.
#[derive(Debug)]
pub(crate) struct Marker {
    pub path: PathBuf,
    pub asked: Asked,
    /// When it was left; a later hook for the same session leaves it anew.
    pub left: Option<SystemTime>,
}

impl Marker {
    /// Returns whether it was left so long ago that its transcript will not come any more.
    pub(crate) fn is_stale(&self) -> bool {
        self.is_older_than(STALE_AFTER)
    }

    /// Returns whether it was left longer ago than `age`.
    pub(crate) fn is_older_than(&self, age: Duration) -> bool {
        self.left.is_some_and(|left| left.elapsed().is_ok_and(|elapsed| elapsed > age))
    }
}

/// Which session a hook asked for.
#[derive(Clone, Default)]
pub(crate) struct Asked {
    pub payload: Payload,
    /// The session's id, where the payload's may not be written.
    sealed_id: Option<SealedId>,
}

impl Asked {
    /// Returns what a payload asks for.
    pub(crate) fn of(payload: Payload) -> Asked {
        Asked { payload, sealed_id: None }
    }

    /// Returns whether there is an id to find the session by.
    pub(crate) fn has_id(&self) -> bool {
        self.payload.session_id.is_some() || self.sealed_id.is_some()
    }

    /// Returns whether the session has this id.
    pub(crate) fn is_of(&self, id: &str) -> bool {
        match &self.sealed_id {
            Some(sealed) => sealed.is(id),
            None => self.payload.session_id.as_deref() == Some(id),
        }
    }
}

impl std::fmt::Debug for Asked {
    /// Shows no key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").field("payload", &self.payload).finish_non_exhaustive()
    }
}

/// Members of a marker that are paths.
const PATHS: [&str; 2] = ["transcript_path", "agent_transcript_path"];

/// What the name of a member that is a sealed path ends with.
const SEALED: &str = "_sealed";

/// The member of a marker that is a sealed id.
const SEALED_ID: &str = "session_id_sealed";

/// The member of a marker that names the agent.
const AGENT: &str = "agent";

/// Writes a marker for `payload`, whole or not at all; not synced, because the session's source is still there
/// after a power cut and the next import finds it.
pub(crate) fn leave(folder: &Dir, payload: &Payload, sealer: &Sealer) -> Result<()> {
    let members = seal(payload, sealer);
    if members.keys().all(|name| name == AGENT) {
        return Err(Error::new(Kind::Source, "cannot leave a marker")
            .with_source("it names no session by an id or an absolute path")
            .with_hint("the next import archives what it is about"));
    }
    let bytes = Value::Object(members).to_string().into_bytes();
    let name = format!("{}.json", &blake3::hash(&bytes).to_hex()[..32]);
    write_atomically(folder, &name, &bytes)
        .map_err(|error| Error::io(Kind::Store, "cannot leave a marker in", folder.path(), error))?;
    Ok(())
}

/// Returns the members of a payload's marker, without anything that is to be masked.
fn seal(payload: &Payload, sealer: &Sealer) -> Map<String, Value> {
    let mut payload = payload.clone();
    let sealed_id = payload.session_id.take_if(|id| !sealer.is_plain_id(id)).map(|id| sealer.seal_id(&id));
    if sealed_id.is_some() {
        // The form that the payload came in is told by the agent as well.
        payload.event = Default::default();
    }
    let mut members = payload.members();
    members.extend(sealed_id.map(|sealed| (SEALED_ID.to_owned(), sealed.into())));
    for (name, path) in PATHS.iter().zip([&payload.transcript_path, &payload.agent_transcript_path]) {
        let Some(path) = path else { continue };
        members.remove(*name);
        if let Some(sealed) = sealer.seal(path) {
            members.insert(format!("{name}{SEALED}"), sealed);
        }
    }
    members
}

/// Returns the markers that are there, oldest name first; what cannot be read or is no marker is passed over. Without
/// the store's `key` sealed paths stay unknown.
pub(crate) fn list(folder: &Path, key: Option<&HashKey>) -> Vec<Marker> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().filter_map(|path| read(path, key)).collect()
}

fn read(path: PathBuf, key: Option<&HashKey>) -> Option<Marker> {
    let is_marker = path.extension().is_some_and(|extension| extension == "json");
    let stat = fs::symlink_metadata(&path).ok()?;
    if !is_marker || !stat.is_file() || stat.len() > MARKER_BYTES {
        return None;
    }
    let bytes = fs::read(&path).ok()?;
    let asked = match unsealed(&bytes, key) {
        Some(asked) => asked,
        None => Asked::of(parse_payload(&bytes).ok()?),
    };
    Some(Marker { path, asked, left: stat.modified().ok() })
}

/// Returns what a marker with a sealed id or sealed paths asks for. Paths whose files are not there are left out.
fn unsealed(bytes: &[u8], key: Option<&HashKey>) -> Option<Asked> {
    let marker: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let sealed = PATHS.map(|name| marker.get(&format!("{name}{SEALED}")));
    let sealed_id = marker.get(SEALED_ID).and_then(Value::as_str);
    if sealed_id.is_none() && sealed.iter().all(Option::is_none) {
        return None;
    }
    let mut payload = parse_payload(bytes).unwrap_or_default();
    let agent = marker.get(AGENT).and_then(Value::as_str).and_then(agents::agent);
    payload.agent = payload.agent.or(agent.map(|agent| agent.id()));
    let places = [&mut payload.transcript_path, &mut payload.agent_transcript_path];
    for (place, sealed) in places.into_iter().zip(sealed) {
        if let (Some(sealed), Some(key)) = (sealed, key) {
            *place = unseal(key, sealed);
        }
    }
    let sealed_id = key.zip(sealed_id).map(|(key, hash)| SealedId::new(key, hash));
    Some(Asked { payload, sealed_id })
}

/// Returns whether a run has archived all transcripts in `paths`: none failed, with all its parts, and none was left
/// alone for being younger than `min_age`, which those in `waited` were not. What failed elsewhere is no reason to keep a
/// marker.
pub(crate) fn is_archived(
    paths: &[PathBuf],
    errors: &[Error],
    min_age: Option<Duration>,
    waited: &HashSet<PathBuf>,
) -> bool {
    let is_archived = |path: &PathBuf| {
        let modified = fs::metadata(path).and_then(|metadata| metadata.modified());
        let age = modified.map(|modified| modified.elapsed().unwrap_or_default());
        let is_young =
            age.is_ok_and(|age| min_age.is_some_and(|youngest| age <= youngest)) && !waited.contains(path);
        // Its parts lie in the directory that is named after it.
        let parts = path.with_extension("");
        let has_failed =
            errors.iter().filter_map(Error::path).any(|failed| failed.starts_with(&parts) || failed == path);
        !is_young && !has_failed
    };
    paths.iter().all(is_archived)
}

/// Removes a marker whose work is done, unless a hook left it anew meanwhile.
pub(crate) fn done(marker: &Marker) {
    let left = fs::symlink_metadata(&marker.path).and_then(|stat| stat.modified()).ok();
    if left == marker.left {
        // A marker that stays costs one look at an unchanged session in the next run, no more.
        let _ = fs::remove_file(&marker.path);
    }
}
