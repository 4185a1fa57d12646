//! What each thread of a search does: decompress a block, scan it, report.

use super::board::{Board, Place, Task};
use super::scan::{Found, Limits, Wanted, scan};
use super::source::{self, Inflater, Source};
use super::walk::Stored;
use super::{Search, query};
use crate::error::{Error, Result};
use crossbeam_channel::Sender;
use memchr::{memchr, memchr_iter};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes of the next block that complete a line which a block does not end: enough for a match to be found whole.
const OVERLAP_BYTES: usize = 64 << 10;

/// What was found in one block, or why it could not be read.
#[derive(Debug)]
pub(crate) struct Report {
    pub place: Place,
    /// Blocks of the archive, as far as results come by block.
    pub block_count: usize,
    /// Line ends in the blocks before.
    pub lines_before: u64,
    pub found: Found,
    pub error: Option<Error>,
}

/// What all threads of a search share.
pub(crate) struct Worker<'a> {
    pub archives: &'a [(PathBuf, Stored)],
    pub search: &'a Search<'a>,
    pub board: &'a Board<Source>,
}

/// What a thread reuses from block to block. The texts begin where their buffers do; behind them lie older ones.
struct Buffers {
    scratch: query::Scratch,
    inflater: Inflater,
    text: Vec<u8>,
    next: Vec<u8>,
}

impl Worker<'_> {
    /// Works until nothing is left or nobody listens.
    pub(crate) fn run(&self, reports: Sender<Report>) {
        let mut buffers = Buffers {
            scratch: self.search.query.scratch(),
            inflater: Inflater::new(),
            text: Vec::new(),
            next: Vec::new(),
        };
        while let Some(task) = self.board.claim() {
            let report = match task {
                Task::Open(archive) => self.open(archive, &mut buffers),
                Task::Block(place, source) => self.block(place, &source, &mut buffers),
            };
            if reports.send(report).is_err() {
                return;
            }
        }
    }

    fn open(&self, archive: usize, buffers: &mut Buffers) -> Report {
        let place = Place { archive, block: 0 };
        match source::open(&self.archives[archive].0) {
            Ok(source) => {
                let source = Arc::new(source);
                let block_count = source.block_count();
                match block_count {
                    Some(count) => self.board.offer(archive, count, Arc::clone(&source)),
                    None => self.board.opened(),
                }
                match block_count {
                    Some(0) => Report::new(place, 0, 0, Ok(Found::default())),
                    Some(_) => self.block(place, &source, buffers),
                    None => self.stream(place, &source, buffers),
                }
            }
            Err(error) => {
                self.board.opened();
                Report::new(place, 0, 0, Err(error))
            }
        }
    }

    fn block(&self, place: Place, source: &Source, buffers: &mut Buffers) -> Report {
        let block_count = source.block_count().unwrap_or(1);
        if source.is_done() {
            return Report::new(place, block_count, 0, Ok(Found::default()));
        }
        let found = self.read(place, source, block_count, buffers).map(|(own_bytes, all_bytes)| {
            let text = &buffers.text[..all_bytes];
            scan(text, self.search.query, self.limits(own_bytes), &mut buffers.scratch)
        });
        if self.search.wanted == Wanted::Any && found.as_ref().is_ok_and(|found| found.count > 0) {
            source.set_done();
        }
        Report::new(place, block_count, source.lines_before(place.block), found)
    }

    /// Reads a block, and behind it the beginning of the next one if the block ends within a line. Returns how many
    /// bytes are the block's own, and how many there are.
    fn read(
        &self,
        place: Place,
        source: &Source,
        block_count: usize,
        buffers: &mut Buffers,
    ) -> Result<(usize, usize)> {
        let Buffers { inflater, text, next, .. } = buffers;
        let own_bytes = source.read_block(place.block, inflater, text)?;
        let ends_within_line = text[..own_bytes].last().is_some_and(|&byte| byte != b'\n');
        if ends_within_line && place.block + 1 < block_count {
            // If the next block is damaged, its own turn will say so.
            if let Ok(next_bytes) = source.read_block(place.block + 1, inflater, next) {
                let next = &next[..next_bytes];
                let end = memchr(b'\n', next).unwrap_or(next_bytes).min(OVERLAP_BYTES);
                let all_bytes = own_bytes + end;
                text.resize(all_bytes.max(text.len()), 0);
                text[own_bytes..all_bytes].copy_from_slice(&next[..end]);
                return Ok((own_bytes, all_bytes));
            }
        }
        Ok((own_bytes, own_bytes))
    }

    /// Searches an archive that has no blocks, in one go.
    fn stream(&self, place: Place, source: &Source, buffers: &mut Buffers) -> Report {
        let mut all = Found::default();
        let mut lines_before = 0;
        let result = source.stream(&mut buffers.inflater, &mut |text| {
            let mut limits = self.limits(text.len());
            let max_lines = limits.lines;
            limits.lines -= all.count;
            let found = scan(text, self.search.query, limits, &mut buffers.scratch);
            all.append(found, lines_before);
            lines_before += memchr_iter(b'\n', text).count() as u64;
            if all.count >= max_lines {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        Report { error: result.err(), ..Report::new(place, 1, 0, Ok(all)) }
    }

    fn limits(&self, own_bytes: usize) -> Limits {
        let lines = match self.search.wanted {
            Wanted::Any => 1,
            Wanted::Lines | Wanted::Count => self.search.max_results.unwrap_or(u64::MAX),
        };
        Limits { wanted: self.search.wanted, lines, own_bytes }
    }
}

impl Report {
    fn new(place: Place, block_count: usize, lines_before: u64, found: Result<Found>) -> Report {
        let (found, error) = match found {
            Ok(found) => (found, None),
            Err(error) => (Found::default(), Some(error)),
        };
        Report { place, block_count, lines_before, found, error }
    }
}
