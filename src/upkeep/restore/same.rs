//! Whether a file that is there already is the one that would be put back.

use std::fs::File;
use std::io;

use super::text::Text;
use crate::archive::content_hash::{self, HashKey, PIECE_BYTES};
use crate::archive::header::Header;
use crate::error::{Error, Kind, Result};
use crate::platform;

/// What a file that is there is to the one that would be put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Same {
    /// The same, or what it has become since: these bytes, and more.
    AsArchived,
    /// What was archived, not masked, and perhaps more.
    Original,
    Other,
}

/// Compares an open file with a text, and with what that was archived from as far as its header and the store's key tell.
///
/// # Errors
///
/// Those of reading either.
pub(super) fn compare(
    file: &File,
    text: &Text<'_>,
    header: Option<&Header>,
    key: Option<&HashKey>,
) -> Result<Same> {
    let cannot = |error| Error::new(Kind::Store, "cannot read the file that is there").with_source(error);
    let (mut at, mut is_same, mut piece) = (0, true, Vec::new());
    text.for_each(&mut |expected| {
        if is_same {
            piece.resize(expected.len(), 0);
            let read = platform::read_full_at(file, &mut piece, at).map_err(cannot)?;
            is_same = piece[..read] == *expected;
            at += expected.len() as u64;
        }
        Ok(())
    })?;
    if is_same {
        return Ok(Same::AsArchived);
    }
    let is_original = match (header, key) {
        (Some(header), Some(key)) if !text.is_document => {
            is_beginning(file, header.source_bytes, header.content_hash, key).map_err(cannot)?
        }
        _ => false,
    };
    Ok(if is_original { Same::Original } else { Same::Other })
}

/// Returns whether the first `bytes` of a file have this hash.
fn is_beginning(file: &File, bytes: u64, hash: [u8; 32], key: &HashKey) -> io::Result<bool> {
    if bytes == 0 || super::base::length(file)? < bytes {
        return Ok(false);
    }
    let before = content_hash::pieces_before_tail(bytes);
    let mut pieces = Vec::with_capacity(before);
    let mut piece = vec![0; PIECE_BYTES];
    for index in 0..before as u64 {
        let at = index * PIECE_BYTES as u64;
        if platform::read_full_at(file, &mut piece, at)? < PIECE_BYTES {
            return Ok(false);
        }
        pieces.push(content_hash::subtree(key, &piece, at));
    }
    let at = before as u64 * PIECE_BYTES as u64;
    let tail = &mut piece[..(bytes - at) as usize];
    let is_whole = platform::read_full_at(file, tail, at)? == tail.len();
    Ok(is_whole && content_hash::root(key, &pieces, tail) == hash)
}
