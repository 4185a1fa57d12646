//! Sources that hold what their archive holds: the masked text. A source that was masked where it lies, or put back from
//! its archive, fits no hash of what it was, but is the same session, and what is behind that text is its growth.
//!
//! Known by the text itself, so that nothing more than the archive is needed. An archive that was masked again since says
//! what its text was before: as hashes in its header.

use super::decide::{Decision, Hashes, decide};
use crate::archive::reader::{Archive, BlockReader};
use crate::engine::Engine;
use crate::engine::history::versions::Version;
use crate::engine::session::blocks::Bytes;
use crate::engine::session::work::Work;

/// A decision, and what it was made by.
pub(crate) struct Decided {
    pub decision: Decision,
    /// The source holds the archive's masked text: its hashes are not those that the archive was made of.
    pub is_by_text: bool,
}

/// Decides about a source by its hashes; where these fit no archive, by what the archives hold.
pub(crate) fn decide_with_texts(
    engine: &Engine,
    versions: &[Version],
    work: &Work,
    hashes: &mut dyn Hashes,
) -> Decided {
    let decision = decide(versions, work.covered, hashes);
    if !matches!(decision, Decision::Rewritten { .. }) || work.is_unhashed {
        return Decided { decision, is_by_text: false };
    }
    let bytes = work.bytes();
    let mut grown = None;
    for (index, version) in versions.iter().enumerate().rev() {
        let Ok(archive) = Archive::open(&engine.history.root.join(&version.archive)) else { continue };
        match held_bytes(&archive, &bytes, hashes) {
            Some(held) if held == work.covered => {
                return Decided { decision: Decision::Same { version: index }, is_by_text: true };
            }
            Some(_) => grown = grown.or(Some(Decision::Grown { version: index })),
            None => {}
        }
    }
    let is_by_text = grown.is_some();
    Decided { decision: grown.unwrap_or(decision), is_by_text }
}

/// Returns how many bytes at the start of a source are the masked text that `archive` holds, or held before it was masked
/// again; `None` if the source begins otherwise.
fn held_bytes(archive: &Archive, bytes: &Bytes, hashes: &mut dyn Hashes) -> Option<u64> {
    let header = archive.header()?;
    // Text in which nothing is masked is what the source was: of that, hashes know.
    if header.masked_lines == 0 {
        return None;
    }
    let total: u64 = header.blocks.iter().map(|block| u64::from(block.masked_bytes)).sum();
    if total > 0 && total <= bytes.len() && begins_with(archive, bytes) {
        return Some(total);
    }
    let is_there =
        |state: &&crate::archive::header::MaskedState| hashes.prefix(state.bytes) == Some(state.hash);
    header.masked_states.iter().rev().find(is_there).map(|state| state.bytes)
}

/// Returns whether a source begins with all the text of an archive.
fn begins_with(archive: &Archive, bytes: &Bytes) -> bool {
    let (mut reader, mut text, mut buffer) = (BlockReader::new(), Vec::new(), Vec::new());
    let mut at = 0;
    (0..archive.blocks().len()).all(|index| {
        text.clear();
        if archive.read_block(index, &mut reader, &mut text).is_err() {
            return false;
        }
        let end = at + text.len() as u64;
        let is_same = bytes.read(at..end, &mut buffer).is_ok_and(|source| source == text);
        at = end;
        is_same
    })
}
