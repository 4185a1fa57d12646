//! The second look at a block of a rendered source whose archive is continued: masks it, and compresses the lines that say
//! something new.

use super::compress::{findings_of, put, take_scan};
use crate::archive::header::Block;
use crate::engine::Engine;
use crate::engine::session::log::Log;
use crate::engine::session::work::{Session, Stop, Work};
use crate::engine::session::writer::Member;
use crate::engine::state::tickets::Ticket;
use crate::engine::state::workers::Worker;
use crate::mask::Tally;
use std::ops::Range;

/// Masks and compresses what is new in block `index`, and writes it when all blocks before it are written.
pub(crate) fn compress_news(
    engine: &Engine,
    session: &Session,
    (work, log): (&Work, &Log),
    index: usize,
    worker: &mut Worker,
    ticket: Option<Ticket>,
) -> Result<(), Stop> {
    let mut scanned = take_scan(work, index);
    let range = scanned.range.clone();
    let findings = findings_of(engine, session, work, &mut scanned, worker)?;
    let Worker { input, masked, member, mask, compressor, old_text, .. } = worker;
    let bytes = work.bytes();
    let window = bytes.window(range.clone(), input)?;
    let source_text = &window.bytes[window.wanted.clone()];
    masked.clear();
    let until = scanned.masked_until;
    let is_masked = engine.masker.rewrite(&window, &findings, until, mask, masked, &mut Tally::default());
    let news = news(log, range.start, source_text, if is_masked { masked } else { source_text });
    // Once more without what is known already, so that only what is written is counted.
    let (mut tally, mut source_bytes) = (Tally::default(), 0);
    let (text, is_any_masked) = (masked, &mut false);
    text.clear();
    for part in news {
        source_bytes += part.end - part.start;
        let window = bytes.window(part.clone(), old_text)?;
        match engine.masker.rewrite(&window, &findings.within(&part), until, mask, text, &mut tally) {
            true => *is_any_masked = true,
            false => text.extend_from_slice(&window.bytes[window.wanted.clone()]),
        }
    }
    member.clear();
    if !text.is_empty() && !engine.settings.is_dry_run {
        compressor.member(text, member);
    }
    let block = Block {
        compressed_bytes: member.len() as u32,
        masked_bytes: text.len() as u32,
        source_bytes: source_bytes as u32,
        newlines: memchr::memchr_iter(b'\n', text).count() as u32,
        is_masked: *is_any_masked,
    };
    engine.reporter.advance(range.end - range.start);
    Ok(put(work, index, Member { block, tally, bytes: member, ticket })?)
}

/// Returns where in the source lines stand that say something new: `source` begins at `start`, and `masked` is its masked
/// text, line by line. A part of a line that is too long for one block counts as new.
fn news(log: &Log, start: u64, source: &[u8], masked: &[u8]) -> Vec<Range<u64>> {
    let is_line_end = |byte: &u8| *byte == b'\n';
    let mut news: Vec<Range<u64>> = Vec::new();
    let mut at = start;
    for (source, masked) in source.split_inclusive(is_line_end).zip(masked.split_inclusive(is_line_end)) {
        let end = at + source.len() as u64;
        let is_whole = masked.starts_with(b"{") && masked.ends_with(b"\n");
        if log.is_new(masked) || !is_whole {
            match news.last_mut().filter(|last| last.end == at) {
                Some(last) => last.end = end,
                None => news.push(at..end),
            }
        }
        at = end;
    }
    news
}
