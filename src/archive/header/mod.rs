//! What an archive says of itself: identity, hashes, counts and the table of blocks, kept in the first member.
//!
//! Owns what there is to say. A [`Header`] comes in and bytes go out, and the other way round. Met in this order: [`codec`]
//! makes the payload of the `SK` subfield that `gzip` puts into a member, and reads it again; [`fields`] is the part of it
//! that grows: a row of named fields.

pub mod codec;
pub(crate) mod fields;
#[cfg(test)]
pub(crate) mod tests;

use crate::identity::Identity;
use std::collections::BTreeMap;

/// Newest format that this program writes, and reads. Newer ones are read as plain gzip and never replaced.
pub(crate) const FORMAT_VERSION: u8 = 1;

/// Ids of a session beside its own that are kept. Each resume of an old Claude Code gave a session a new one.
pub(crate) const MAX_OTHER_IDS: usize = 64;

/// One gzip member after the first: about 1 MiB of whole lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Bytes of the member in the file.
    pub compressed_bytes: u32,
    /// Bytes of masked text in it.
    pub masked_bytes: u32,
    /// Bytes of the source that it was made from.
    pub source_bytes: u32,
    /// Newline bytes in the masked text.
    pub newlines: u32,
    /// Something in it is masked, or may be: an archive need not tell which of its blocks are.
    pub is_masked: bool,
}

/// Most masked texts that an archive is known to have had. One that is masked again with newer rules has one more.
pub(crate) const MAX_MASKED_STATES: usize = 4;

/// A masked text that an archive once held, and that its source may hold since: it was masked where it lies, or put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskedState {
    /// Bytes of that text.
    pub bytes: u64,
    /// BLAKE3 keyed hash of it.
    pub hash: [u8; 32],
}

/// Everything that the first member carries. All text is masked and safe to show; times are RFC 3339 with offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub identity: Identity,
    /// Path of the source when it was archived, masked, percent-escaped where it is not UTF-8.
    pub source: String,
    /// Bytes of the source that this archive covers.
    pub source_bytes: u64,
    /// Bytes up to the end of the last whole line; the rest, if any, is the last block.
    pub clean_bytes: u64,
    /// BLAKE3 keyed hash of the covered source bytes.
    pub content_hash: [u8; 32],
    /// BLAKE3 keyed hash of the first line, at most 4 KiB of it.
    pub head_hash: [u8; 32],
    /// Which rules masked it.
    pub rules_version: String,
    /// The configuration could not be read, so only the built-in rules were used (hook only): mask again.
    pub is_rule_set_incomplete: bool,
    /// 1 for the first archive of a session, 2 for the version after a rewrite, and so on.
    pub version: u32,
    /// File name of the archive that this version follows.
    pub supersedes: Option<String>,
    pub archived_at: String,
    pub started_at: Option<String>,
    pub ended_at: Option<String>,
    pub cwd: String,
    pub project_slug: String,
    pub title: Option<String>,
    pub model: Option<String>,
    pub git_branch: Option<String>,
    /// The session of which this one is a copy that went its own way.
    pub forked_from: Option<String>,
    /// Ids beside the session's own that its records, or its file's name, call it by: at most [`MAX_OTHER_IDS`].
    pub other_ids: Vec<String>,
    /// What the archive held before it was masked again, oldest first: at most [`MAX_MASKED_STATES`].
    pub masked_states: Vec<MaskedState>,
    /// NUL bytes in the source: a sign of a crash that left holes.
    pub nul_bytes: u64,
    /// Lines of the transcript, an unfinished last one included.
    pub line_count: u64,
    pub masked_lines: u64,
    pub masked_by_rule: BTreeMap<String, u64>,
    pub blocks: Vec<Block>,
}
