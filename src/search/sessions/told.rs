//! What archives tell of themselves, as their sidecars would.

use crate::archive::header::Header;
use crate::archive::reader::Archive;
use crate::archive::sidecar::Sidecar;
use crate::platform::open_at_once;
use serde_json::{Map, Value};
use std::path::Path;

/// Returns what the archive says of itself, as its sidecar would; `None` when it is not ours or cannot be read.
pub(crate) fn metadata(path: &Path) -> Option<Map<String, Value>> {
    let (header, bytes) = header(path)?;
    members(&Sidecar::of_header(&header, bytes, &path.to_string_lossy(), Vec::new()))
}

/// Returns the header of an archive and how many bytes its file has; `None` when it is not ours or cannot be read.
pub(crate) fn header(path: &Path) -> Option<(Header, u64)> {
    let archive = Archive::from_file(open_at_once(path).ok()?, path).ok()?;
    let header = archive.header()?.clone();
    Some((header, archive.stat().bytes))
}

/// Returns a sidecar as JSON has it.
pub(crate) fn members(sidecar: &Sidecar) -> Option<Map<String, Value>> {
    match serde_json::to_value(sidecar) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}
