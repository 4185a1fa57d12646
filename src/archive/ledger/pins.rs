//! The sessions that are kept for ever: a small file of JSON lines, replaced as a whole.

use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::archive::names::PINNED_FILE;
use crate::archive::store::Store;
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;
use crate::platform::{self, Dir};

/// A session that no policy prunes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pin {
    pub agent: String,
    pub session_id: String,
    /// RFC 3339 with offset.
    #[serde(default)]
    pub pinned_at: String,
}

impl Pin {
    /// Returns whether this session is pinned by it.
    pub(crate) fn is_of(&self, agent: &str, session_id: &str) -> bool {
        self.agent == agent && self.session_id == session_id
    }

    /// Returns the session.
    pub(crate) fn session(&self) -> Identity {
        Identity { agent: self.agent.clone(), session_id: self.session_id.clone(), part_id: None }
    }
}

/// Returns the pins of the store at `root`, in the order in which they were made; none where there is no such file.
///
/// # Errors
///
/// [`Kind::Store`] when the file is there and cannot be read, or says something else: what it was to keep might be removed.
pub(crate) fn read(root: &Path) -> Result<Vec<Pin>> {
    let path = root.join(PINNED_FILE);
    let cannot = |error| Error::io(Kind::Store, "cannot read", &path, error);
    let opened =
        root.canonicalize().and_then(|root| Dir::open(&root)).and_then(|root| root.open_file(PINNED_FILE));
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot(error)),
    };
    let mut pins = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(cannot)?;
        if line.trim().is_empty() {
            continue;
        }
        let pin = serde_json::from_str(&line).map_err(|_| {
            let error = Error::new(Kind::Store, "cannot read").with_path(&path);
            error.with_source(format!("line {} is no pin", pins.len() + 1)).with_hint(
                "Mend or remove that line; nothing is pruned as long as it is not known what is pinned.",
            )
        })?;
        pins.push(pin);
    }
    Ok(pins)
}

/// Changes the pins of a store, all or nothing, durably.
///
/// # Errors
///
/// [`Kind::Store`] when they cannot be read or written.
pub(crate) fn change(store: &Store, change: impl FnOnce(&mut Vec<Pin>)) -> Result<()> {
    let _held = store.lock_ledger()?;
    let before = read(store.path())?;
    let mut pins = before.clone();
    change(&mut pins);
    if pins == before {
        return Ok(());
    }
    let mut bytes = Vec::new();
    for pin in &pins {
        serde_json::to_writer(&mut bytes, pin)
            .map_err(|error| Error::new(Kind::Internal, "cannot write JSON").with_source(error))?;
        bytes.push(b'\n');
    }
    write(store.root(), &bytes)
        .map_err(|error| Error::io(Kind::Store, "cannot write", &store.path().join(PINNED_FILE), error))
}

fn write(root: &Dir, bytes: &[u8]) -> io::Result<()> {
    let temporary = platform::temporary_name()?;
    let file = root.create_new(&temporary)?;
    let written = platform::write_all_at(&file, bytes, 0)
        .and_then(|()| file.sync_all())
        .and_then(|()| root.rename_over(&temporary, PINNED_FILE));
    if written.is_err() {
        let _ = root.remove(&temporary);
    }
    written.and_then(|()| root.sync())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(session_id: &str) -> Pin {
        Pin { agent: "codex".into(), session_id: session_id.into(), pinned_at: String::new() }
    }

    #[test]
    fn pins_stay_until_they_are_taken_away() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        assert_eq!(read(root.path()).unwrap(), []);
        change(&store, |pins| pins.extend([pin("a"), pin("b")])).unwrap();
        change(&store, |pins| pins.retain(|pin| !pin.is_of("codex", "a"))).unwrap();
        assert_eq!(read(root.path()).unwrap(), [pin("b")]);
    }

    #[test]
    fn a_line_that_is_no_pin_is_an_error_and_no_silence() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(PINNED_FILE), "{\"agent\":\"a\",\"session_id\":\"b\"}\nnonsense\n")
            .unwrap();
        assert_eq!(read(root.path()).unwrap_err().kind(), Kind::Store);
    }
}
