//! What an export remembers of the last one into the same directory: a small file beside what was written.
//!
//! A cache: without it, or with nonsense in it, everything is rendered again. No name in it is ever opened or written to; it is
//! only asked what it says of a name that is about to be written.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::platform::Dir;
use crate::view::html::Figures;

/// Its name. Also what tells that a directory is an export's own.
pub(super) const MANIFEST_FILE: &str = ".sessionkeep-export.json";

/// Changes when older programs would misread it.
const MANIFEST_VERSION: u32 = 1;

/// Bytes that are read: 300 a session, of a million sessions.
const MAX_MANIFEST_BYTES: u64 = 300 << 20;

/// What was written of each session.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Manifest {
    version: u32,
    /// By path below the directory.
    pub files: BTreeMap<String, Written>,
}

/// A file that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    /// See [`Files::of_stats`](super::fingerprint::Files::of_stats).
    pub stats: String,
    /// See [`Files::of_contents`](super::fingerprint::Files::of_contents).
    pub contents: String,
    pub bytes: u64,
    pub figures: Figures,
}

impl Manifest {
    /// Returns an empty one.
    pub(super) fn empty() -> Manifest {
        Manifest { version: MANIFEST_VERSION, files: BTreeMap::new() }
    }

    /// Reads the one in `directory`; an empty one if it cannot be used, `None` where there is none.
    pub(super) fn read(directory: &Dir) -> Option<Manifest> {
        let mut bytes = Vec::new();
        match directory.open_file(MANIFEST_FILE) {
            Ok(file) => {
                if file.take(MAX_MANIFEST_BYTES).read_to_end(&mut bytes).is_err() {
                    return Some(Manifest::empty());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(_) => return Some(Manifest::empty()),
        }
        let read: Option<Manifest> = serde_json::from_slice(&bytes).ok();
        Some(read.filter(|manifest| manifest.version == MANIFEST_VERSION).unwrap_or_else(Manifest::empty))
    }

    /// Returns it as bytes.
    pub(super) fn encode(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }
}
