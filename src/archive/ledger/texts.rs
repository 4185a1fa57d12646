//! What a source of a pruned archive may hold instead of what was archived: the masked text, as it was put back from the
//! archive, or masked where it lies.

use std::ops::ControlFlow;

use crate::archive::content_hash::{self, HashKey, PIECE_BYTES};
use crate::archive::reader::{Archive, BlockReader};
use crate::error::Result;

/// Returns the bytes and the keyed hash of each masked text that an archive holds or held; none where nothing is masked in
/// it, as its text is what the source was.
///
/// # Errors
///
/// When the archive cannot be read.
pub(crate) fn masked_texts(archive: &Archive, key: &HashKey) -> Result<Vec<(u64, [u8; 32])>> {
    let Some(header) = archive.header().filter(|header| header.masked_lines > 0) else {
        return Ok(Vec::new());
    };
    let (mut pieces, mut tail) = (Vec::new(), Vec::new());
    archive.for_each_chunk(&mut BlockReader::new(), &mut |chunk| {
        tail.extend_from_slice(chunk);
        // The last piece is joined with what comes before it, even if it is whole.
        while tail.len() > PIECE_BYTES {
            let offset = pieces.len() as u64 * PIECE_BYTES as u64;
            pieces.push(content_hash::subtree(key, &tail[..PIECE_BYTES], offset));
            tail.drain(..PIECE_BYTES);
        }
        ControlFlow::Continue(())
    })?;
    let bytes = pieces.len() as u64 * PIECE_BYTES as u64 + tail.len() as u64;
    let former = header.masked_states.iter().map(|state| (state.bytes, state.hash));
    Ok(former.chain([(bytes, content_hash::root(key, &pieces, &tail))]).collect())
}
