//! Where the last whole line of a source ends.

use super::blocks::LINE_BYTES;
use super::changes::SETTLED_NANOSECONDS;
use super::work::Work;
use crate::agents;
use crate::error::Result;
use crate::platform::{Stat, clock};
use memchr::memrchr;

/// Returns where the last whole line ends, and whether the bytes after it look cut off in the middle of a write.
///
/// Plain text of an agent's making (a tool's result) has no newline at its end as a rule, so there only a source
/// that is still young counts as cut off.
pub(crate) fn last_line(work: &Work, stat: &Stat) -> Result<(u64, bool)> {
    let (bytes, mut buffer) = (work.bytes(), Vec::new());
    if bytes.read(work.covered.saturating_sub(1)..work.covered, &mut buffer)? == b"\n" {
        return Ok((work.covered, false));
    }
    let mut wanted = (agents::END_BYTES as u64).min(work.covered);
    loop {
        let start = work.covered.saturating_sub(wanted);
        let text = bytes.read(start..work.covered, &mut buffer)?;
        let newline = memrchr(b'\n', text);
        if newline.is_none() && start > 0 && wanted < LINE_BYTES {
            wanted *= 8;
            continue;
        }
        let line = &text[newline.map_or(0, |at| at + 1)..];
        let clean = newline.map_or(0, |at| start + at as u64 + 1);
        let name = work.planned.found.locator.path().file_name().unwrap_or_default().as_encoded_bytes();
        // A part of another name is a document or plain text.
        let is_json_lines = match work.identity.part_id {
            Some(_) => memchr::memmem::find(name, b".jsonl").is_some(),
            None => !name.ends_with(b".txt"),
        };
        let is_young = stat.mtime_ns > clock::nanoseconds().saturating_sub(SETTLED_NANOSECONDS);
        let is_document = name.ends_with(b".json");
        let is_whole = if is_document {
            matches!(line.trim_ascii_end().last(), Some(b'}' | b']'))
        } else if newline.is_none() && start > 0 {
            matches!(line.last(), Some(b'}' | b']' | b'"'))
        } else {
            serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
        };
        return Ok((clean, !is_whole && (is_json_lines || is_young)));
    }
}
