//! Reads agents' settings: the user's own files, which are only looked at. What is no JSON says nothing.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Bytes of a settings file that are read; no honest one comes near.
const MAX_SETTINGS_BYTES: u64 = 4 << 20;

/// Returns a settings file's text; `None` where there is no regular file of an honest size, or no text in it.
pub(crate) fn read(file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_SETTINGS_BYTES {
        return None;
    }
    fs::read_to_string(file).ok()
}

/// Returns what a settings file holds. One that is there and is no JSON is added to `broken`; an empty one is as good as
/// none.
pub(crate) fn read_json(file: &Path, broken: &mut Vec<PathBuf>) -> Option<Value> {
    let text = read(file)?;
    let value = serde_json::from_str(&text).ok();
    if value.is_none() && !text.trim().is_empty() {
        broken.push(file.to_path_buf());
    }
    value
}
