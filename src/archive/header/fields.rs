//! The metadata in an archive's header: a row of fields, each a tag, a length and bytes; texts over their limits are
//! cut. `codec` puts it into the header's payload.

use std::collections::BTreeMap;

use super::{Block, Header, MAX_MASKED_STATES, MAX_OTHER_IDS, MaskedState};
use crate::archive::varint::{Cursor, damaged, push_varint};
use crate::error::Result;
use crate::identity::MAX_ID_BYTES;

/// Bytes of metadata that are believed: all fields at their limits stay far below.
pub(super) const MAX_METADATA_BYTES: usize = 64 << 10;

/// Characters of a title that are kept.
pub(crate) const MAX_TITLE_CHARS: usize = 200;

/// Bytes of a path that are kept; a longer one is cut and marked with a hash.
pub(crate) const MAX_PATH_BYTES: usize = 1024;

/// Bytes of any other text that are kept.
const MAX_TEXT_BYTES: usize = 256;

/// The rule that counts of rules without room are summed up under.
pub(crate) const OTHER_RULES: &str = "other";

/// Metadata tags. Never reuse one.
mod tag {
    pub(crate) const AGENT: u8 = 1;
    pub(crate) const SESSION_ID: u8 = 2;
    pub(crate) const PART_ID: u8 = 3;
    pub(crate) const SOURCE: u8 = 4;
    pub(crate) const SOURCE_BYTES: u8 = 5;
    pub(crate) const CLEAN_BYTES: u8 = 6;
    pub(crate) const RULES_VERSION: u8 = 7;
    pub(crate) const VERSION: u8 = 8;
    pub(crate) const SUPERSEDES: u8 = 9;
    pub(crate) const ARCHIVED_AT: u8 = 10;
    pub(crate) const STARTED_AT: u8 = 11;
    pub(crate) const ENDED_AT: u8 = 12;
    pub(crate) const CWD: u8 = 13;
    pub(crate) const PROJECT_SLUG: u8 = 14;
    pub(crate) const TITLE: u8 = 15;
    pub(crate) const MODEL: u8 = 16;
    pub(crate) const GIT_BRANCH: u8 = 17;
    pub(crate) const NUL_BYTES: u8 = 18;
    pub(crate) const LINE_COUNT: u8 = 19;
    pub(crate) const MASKED_LINES: u8 = 20;
    /// Repeated: varint count, then the rule's id.
    pub(crate) const RULE: u8 = 21;
    /// In which of several blocks something is masked: a bit for each, the lowest of a byte first.
    pub(crate) const MASKED_BLOCKS: u8 = 22;
    pub(crate) const FORKED_FROM: u8 = 23;
    /// Repeated.
    pub(crate) const OTHER_ID: u8 = 24;
    /// Repeated: the 32 bytes of a hash, then a varint, how many bytes it is of.
    pub(crate) const MASKED_STATE: u8 = 25;
}

/// Returns the metadata's fields; empty texts and zeros are left out.
pub(super) fn metadata(header: &Header, rules_bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let identity = &header.identity;
    push_text(&mut out, tag::AGENT, &identity.agent);
    push_text(&mut out, tag::SESSION_ID, &identity.session_id);
    push_optional(&mut out, tag::PART_ID, identity.part_id.as_deref());
    push_text(&mut out, tag::SOURCE, &cut_path(&header.source));
    push_text(&mut out, tag::CWD, &cut_path(&header.cwd));
    push_text(&mut out, tag::PROJECT_SLUG, cut(&header.project_slug, MAX_TEXT_BYTES));
    push_text(&mut out, tag::ARCHIVED_AT, cut(&header.archived_at, MAX_TEXT_BYTES));
    for (tag, text) in [
        (tag::STARTED_AT, &header.started_at),
        (tag::ENDED_AT, &header.ended_at),
        (tag::MODEL, &header.model),
        (tag::GIT_BRANCH, &header.git_branch),
        (tag::SUPERSEDES, &header.supersedes),
    ] {
        push_optional(&mut out, tag, text.as_deref().map(|text| cut(text, MAX_TEXT_BYTES)));
    }
    push_optional(&mut out, tag::TITLE, header.title.as_deref().map(cut_title));
    // The start of an id finds nothing: a longer one is left out.
    let is_kept = |id: &&String| !id.is_empty() && id.len() <= MAX_ID_BYTES;
    push_optional(
        &mut out,
        tag::FORKED_FROM,
        header.forked_from.as_ref().filter(is_kept).map(String::as_str),
    );
    for id in header.other_ids.iter().filter(is_kept).take(MAX_OTHER_IDS) {
        push_text(&mut out, tag::OTHER_ID, id);
    }
    // The last ones are those that a source is likely to hold.
    let first = header.masked_states.len().saturating_sub(MAX_MASKED_STATES);
    for state in &header.masked_states[first..] {
        let mut field = state.hash.to_vec();
        push_varint(&mut field, state.bytes);
        push_field(&mut out, tag::MASKED_STATE, &field);
    }
    push_text(&mut out, tag::RULES_VERSION, cut(&header.rules_version, MAX_TEXT_BYTES));
    for (tag, number) in [
        (tag::SOURCE_BYTES, header.source_bytes),
        (tag::CLEAN_BYTES, header.clean_bytes),
        (tag::VERSION, u64::from(header.version)),
        (tag::NUL_BYTES, header.nul_bytes),
        (tag::LINE_COUNT, header.line_count),
        (tag::MASKED_LINES, header.masked_lines),
    ] {
        push_number(&mut out, tag, number);
    }
    push_rules(&mut out, &header.masked_by_rule, rules_bytes);
    if header.masked_lines > 0 && header.blocks.len() > 1 {
        push_field(&mut out, tag::MASKED_BLOCKS, &masked_blocks(&header.blocks));
    }
    out
}

/// Appends the counts by rule within `budget` bytes: all in order of their names if they fit, else the most frequent
/// ones and the rest summed up.
fn push_rules(out: &mut Vec<u8>, rules: &BTreeMap<String, u64>, budget: usize) {
    let cost = |rule: &str| rule.len() + 13;
    let mut kept: Vec<(&str, u64)> =
        rules.iter().map(|(rule, &count)| (cut(rule, MAX_TEXT_BYTES), count)).collect();
    if kept.iter().map(|(rule, _)| cost(rule)).sum::<usize>() > budget {
        kept.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        let (mut spent, mut others) = (cost(OTHER_RULES), 0u64);
        kept.retain(|&(rule, count)| {
            let is_kept = rule != OTHER_RULES && spent + cost(rule) <= budget;
            if is_kept {
                spent += cost(rule);
            } else {
                others = others.saturating_add(count);
            }
            is_kept
        });
        kept.push((OTHER_RULES, others));
    }
    for (rule, count) in kept {
        let mut field = Vec::with_capacity(rule.len() + 10);
        push_varint(&mut field, count);
        field.extend_from_slice(rule.as_bytes());
        push_field(out, tag::RULE, &field);
    }
}

/// Returns a bit for each block: whether something in it is masked.
fn masked_blocks(blocks: &[Block]) -> Vec<u8> {
    let byte = |eight: &[Block]| {
        eight.iter().enumerate().fold(0, |bits, (index, block)| bits | u8::from(block.is_masked) << index)
    };
    blocks.chunks(8).map(byte).collect()
}

pub(super) fn push_field(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag);
    push_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn push_text(out: &mut Vec<u8>, tag: u8, text: &str) {
    if !text.is_empty() {
        push_field(out, tag, text.as_bytes());
    }
}

/// Appends a text that may be missing; an empty one is kept apart from a missing one.
fn push_optional(out: &mut Vec<u8>, tag: u8, text: Option<&str>) {
    if let Some(text) = text {
        push_field(out, tag, text.as_bytes());
    }
}

fn push_number(out: &mut Vec<u8>, tag: u8, number: u64) {
    if number != 0 {
        let mut varint = Vec::with_capacity(10);
        push_varint(&mut varint, number);
        push_field(out, tag, &varint);
    }
}

/// Returns the start of `text`, at most `bytes` of it, whole characters only.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary_at(bytes)]
}

/// Returns the first [`MAX_TITLE_CHARS`] characters.
fn cut_title(title: &str) -> &str {
    title.char_indices().nth(MAX_TITLE_CHARS).map_or(title, |(end, _)| &title[..end])
}

/// Returns `path`, cut and marked with a hash of all of it if it is too long, so that two long paths still differ.
pub(super) fn cut_path(path: &str) -> std::borrow::Cow<'_, str> {
    if path.len() <= MAX_PATH_BYTES {
        return path.into();
    }
    let hash = blake3::hash(path.as_bytes()).to_hex();
    format!("{}#{}", cut(path, MAX_PATH_BYTES - 17), &hash[..16]).into()
}

/// Where a text can be cut. (std's own is newer than the Rust version that we support.)
trait FloorCharBoundary {
    /// Returns the largest index up to `most` that does not split a character.
    fn floor_char_boundary_at(&self, most: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_at(&self, most: usize) -> usize {
        if most >= self.len() {
            return self.len();
        }
        (0..=most).rev().find(|&index| self.is_char_boundary(index)).unwrap_or(0)
    }
}

/// Reads all fields into `header`; returns the bits that say which blocks are masked, if they are there.
pub(super) fn read_metadata(metadata: &[u8], header: &mut Header) -> Result<Option<Vec<u8>>> {
    let (mut cursor, mut masked_blocks) = (Cursor { rest: metadata }, None);
    while !cursor.rest.is_empty() {
        let tag = cursor.take(1)?[0];
        let length = cursor.length(MAX_METADATA_BYTES)?;
        let field = cursor.take(length)?;
        match tag {
            tag::MASKED_BLOCKS => masked_blocks = Some(field.to_vec()),
            _ => read_field(tag, field, header)?,
        }
    }
    Ok(masked_blocks)
}

fn read_field(tag: u8, field: &[u8], header: &mut Header) -> Result<()> {
    let text = || match std::str::from_utf8(field) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(damaged("has text that is not UTF-8")),
    };
    let number = || Cursor { rest: field }.varint();
    match tag {
        tag::AGENT => header.identity.agent = text()?,
        tag::SESSION_ID => header.identity.session_id = text()?,
        tag::PART_ID => header.identity.part_id = Some(text()?),
        tag::SOURCE => header.source = text()?,
        tag::SOURCE_BYTES => header.source_bytes = number()?,
        tag::CLEAN_BYTES => header.clean_bytes = number()?,
        tag::RULES_VERSION => header.rules_version = text()?,
        tag::VERSION => header.version = number()?.try_into().map_err(|_| damaged("has no version"))?,
        tag::SUPERSEDES => header.supersedes = Some(text()?),
        tag::ARCHIVED_AT => header.archived_at = text()?,
        tag::STARTED_AT => header.started_at = Some(text()?),
        tag::ENDED_AT => header.ended_at = Some(text()?),
        tag::CWD => header.cwd = text()?,
        tag::PROJECT_SLUG => header.project_slug = text()?,
        tag::TITLE => header.title = Some(text()?),
        tag::MODEL => header.model = Some(text()?),
        tag::GIT_BRANCH => header.git_branch = Some(text()?),
        tag::FORKED_FROM => header.forked_from = Some(text()?),
        tag::OTHER_ID if header.other_ids.len() < MAX_OTHER_IDS => header.other_ids.push(text()?),
        tag::MASKED_STATE if header.masked_states.len() < MAX_MASKED_STATES => {
            let mut cursor = Cursor { rest: field };
            let hash = cursor.take(32)?.try_into().map_err(|_| damaged("has a hash that is cut"))?;
            header.masked_states.push(MaskedState { hash, bytes: cursor.varint()? });
        }
        tag::NUL_BYTES => header.nul_bytes = number()?,
        tag::LINE_COUNT => header.line_count = number()?,
        tag::MASKED_LINES => header.masked_lines = number()?,
        tag::RULE => {
            let mut cursor = Cursor { rest: field };
            let count = cursor.varint()?;
            let rule = std::str::from_utf8(cursor.rest).map_err(|_| damaged("has text that is not UTF-8"))?;
            header.masked_by_rule.insert(rule.to_owned(), count);
        }
        _ => {}
    }
    Ok(())
}
