//! What each thread of a search does: decompress a block, find the lines in it, hand on what it found.

use super::lines::{Limits, LinesFound, Wanted, find_lines};
use super::query;
use super::request::Search;
use crate::error::{Error, Result};
use crate::search::board::{Board, Position, Task};
use crate::search::opened::{self, Inflater, OpenArchive, Owner};
use crate::search::sessions::Stored;
use crossbeam_channel::Sender;
use memchr::{memchr, memchr_iter};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// Bytes of the next block that complete a line which a block does not end: enough for a match to be found whole.
const OVERLAP_BYTES: usize = 64 << 10;

/// What was found in one block, or why it could not be read.
#[derive(Debug)]
pub(crate) struct Searched {
    pub position: Position,
    /// Blocks of the archive, as far as results come by block.
    pub block_count: usize,
    /// Line ends in the blocks before.
    pub lines_before: u64,
    pub found: LinesFound,
    pub error: Option<Error>,
    /// Whose the archive is: with its first block, if it says so.
    pub owner: Option<Arc<Owner>>,
}

/// What all threads of a search share.
pub(crate) struct Worker<'a> {
    pub archives: &'a [(PathBuf, Stored)],
    pub search: &'a Search<'a>,
    pub board: &'a Board<OpenArchive>,
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
    pub(crate) fn run(&self, results: Sender<Searched>) {
        let mut buffers = Buffers {
            scratch: self.search.query.scratch(),
            inflater: Inflater::new(),
            text: Vec::new(),
            next: Vec::new(),
        };
        while let Some(task) = self.board.claim() {
            let result = match task {
                Task::Open(archive) => self.open(archive, &mut buffers),
                Task::Block(position, open) => self.block(position, &open, &mut buffers),
            };
            if results.send(result).is_err() {
                return;
            }
        }
    }

    fn open(&self, archive: usize, buffers: &mut Buffers) -> Searched {
        let position = Position { archive, block: 0 };
        match opened::open(&self.archives[archive].0) {
            Ok(open) => {
                let open = Arc::new(open);
                let block_count = open.block_count();
                match block_count {
                    Some(count) => self.board.offer(archive, count, Arc::clone(&open)),
                    None => self.board.opened(),
                }
                let searched = match block_count {
                    Some(0) => Searched::new(position, 0, 0, Ok(LinesFound::default())),
                    Some(_) => self.block(position, &open, buffers),
                    None => self.stream(position, &open, buffers),
                };
                Searched { owner: open.owner().map(Arc::new), ..searched }
            }
            Err(error) => {
                self.board.opened();
                // Pruned since the store was listed.
                let found = if opened::is_gone(&error) { Ok(LinesFound::default()) } else { Err(error) };
                Searched::new(position, 0, 0, found)
            }
        }
    }

    fn block(&self, position: Position, open: &OpenArchive, buffers: &mut Buffers) -> Searched {
        let block_count = open.block_count().unwrap_or(1);
        if open.is_done() {
            return Searched::new(position, block_count, 0, Ok(LinesFound::default()));
        }
        let found = self.read(position, open, block_count, buffers).map(|(own_bytes, all_bytes)| {
            let text = &buffers.text[..all_bytes];
            find_lines(text, self.search.query, self.limits(own_bytes), &mut buffers.scratch)
        });
        if self.search.wanted == Wanted::Any && found.as_ref().is_ok_and(|found| found.count > 0) {
            open.set_done();
        }
        Searched::new(position, block_count, open.lines_before(position.block), found)
    }

    /// Reads a block, and behind it the beginning of the next one if the block ends within a line. Returns how many
    /// bytes are the block's own, and how many there are.
    fn read(
        &self,
        position: Position,
        open: &OpenArchive,
        block_count: usize,
        buffers: &mut Buffers,
    ) -> Result<(usize, usize)> {
        let Buffers { inflater, text, next, .. } = buffers;
        let own_bytes = open.read_block(position.block, inflater, text)?;
        let ends_within_line = text[..own_bytes].last().is_some_and(|&byte| byte != b'\n');
        if ends_within_line && position.block + 1 < block_count {
            // If the next block is damaged, its own turn will say so.
            if let Ok(next_bytes) = open.read_block(position.block + 1, inflater, next) {
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
    fn stream(&self, position: Position, open: &OpenArchive, buffers: &mut Buffers) -> Searched {
        let mut all = LinesFound::default();
        let mut lines_before = 0;
        let result = open.stream(&mut buffers.inflater, &mut |text| {
            let mut limits = self.limits(text.len());
            let max_lines = limits.lines;
            limits.lines -= all.count;
            let found = find_lines(text, self.search.query, limits, &mut buffers.scratch);
            all.append(found, lines_before);
            lines_before += memchr_iter(b'\n', text).count() as u64;
            if all.count >= max_lines {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        Searched { error: result.err(), ..Searched::new(position, 1, 0, Ok(all)) }
    }

    fn limits(&self, own_bytes: usize) -> Limits {
        let lines = match self.search.wanted {
            Wanted::Any => 1,
            Wanted::Lines | Wanted::Count => self.search.max_results.unwrap_or(u64::MAX),
        };
        Limits { wanted: self.search.wanted, lines, own_bytes }
    }
}

impl Searched {
    fn new(position: Position, block_count: usize, lines_before: u64, found: Result<LinesFound>) -> Searched {
        let (found, error) = match found {
            Ok(found) => (found, None),
            Err(error) => (LinesFound::default(), Some(error)),
        };
        Searched { position, block_count, lines_before, found, error, owner: None }
    }
}
