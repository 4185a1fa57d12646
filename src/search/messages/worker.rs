//! What each thread of a search does: unpack a block, put lines together that go on in others, hand on what was found.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::Sender;
use memchr::{memchr, memchr_iter, memrchr};

use super::archive::{MAX_LINE_BYTES, Opened};
use super::lines::{Lines, LinesFound};
use super::long_line::LongLine;
use super::request::{Hit, Search, Wanted};
use super::targets::Targets;
use crate::agents::{Agent, END_BYTES, Guess, agent, identify};
use crate::error::{Error, Result};
use crate::search::board::{Board, Position, Task};
use crate::search::opened::{self, Inflater, Owner};

/// What was found in one block, or why it could not be read.
pub(super) struct Searched {
    pub position: Position,
    /// Blocks of the archive, as far as results come by block.
    pub block_count: usize,
    pub hits: Vec<Hit>,
    /// There may be more hits in the block than these; [`Worker::all_of`] finds them.
    pub cut: Option<Arc<Opened>>,
    pub error: Option<Error>,
    /// Whose the archive is: with its first block, if it says so.
    pub owner: Option<Arc<Owner>>,
}

/// What all threads of a search share.
pub(super) struct Worker<'a> {
    pub targets: &'a Targets<'a>,
    pub search: &'a Search<'a>,
    pub board: &'a Board<Opened>,
}

/// What a thread reuses from block to block. The texts begin where their buffers do; behind them lie older ones.
struct Buffers {
    inflater: Inflater,
    text: Vec<u8>,
    next: Vec<u8>,
}

impl Buffers {
    fn new() -> Buffers {
        Buffers { inflater: Inflater::new(), text: Vec::new(), next: Vec::new() }
    }
}

impl Worker<'_> {
    /// Works until nothing is left or nobody listens.
    pub(super) fn run(&self, results: Sender<Searched>) {
        let mut buffers = Buffers::new();
        while let Some(task) = self.board.claim() {
            let searched = match task {
                Task::Open(archive) => self.open(archive, &mut buffers),
                Task::Block(position, opened) => {
                    self.block(position, &opened, self.most(position.archive), &mut buffers)
                }
            };
            if results.send(searched).is_err() {
                return;
            }
        }
    }

    /// Returns all hits of a block, or of an archive without blocks.
    pub(super) fn all_of(&self, position: Position, opened: &Arc<Opened>) -> Vec<Hit> {
        let mut buffers = Buffers::new();
        match opened.archive.block_count() {
            Some(_) => self.block(position, opened, u64::MAX, &mut buffers).hits,
            None => self.stream(position, opened, u64::MAX, &mut buffers).hits,
        }
    }

    /// Returns how many messages are looked for in an archive or a block of it.
    fn most(&self, archive: usize) -> u64 {
        match self.search.wanted {
            Wanted::Archives if self.is_enough(archive) => 1,
            // What is found may have been found in another one.
            Wanted::Archives => u64::MAX,
            Wanted::Messages | Wanted::Count => self.search.max_results.unwrap_or(u64::MAX),
        }
    }

    /// Returns whether one message is enough of an archive.
    fn is_enough(&self, archive: usize) -> bool {
        self.search.wanted == Wanted::Archives && self.targets.all[archive].is_alone
    }

    fn open(&self, archive: usize, buffers: &mut Buffers) -> Searched {
        let position = Position { archive, block: 0 };
        match opened::open(&self.targets.all[archive].path) {
            Ok(open) => {
                let owner = open.owner().map(Arc::new);
                let opened = Arc::new(Opened::new(open));
                let block_count = opened.archive.block_count();
                match block_count {
                    Some(count) => self.board.offer(archive, count, Arc::clone(&opened)),
                    None => self.board.opened(),
                }
                let searched = match block_count {
                    Some(0) => Searched::nothing(position, 0),
                    Some(_) => self.block(position, &opened, self.most(archive), buffers),
                    None => self.stream(position, &opened, self.most(archive), buffers),
                };
                Searched { owner, ..searched }
            }
            Err(error) => {
                self.board.opened();
                // Pruned since the store was listed.
                let error = Some(error).filter(|error| !opened::is_gone(error));
                Searched { error, ..Searched::nothing(position, 0) }
            }
        }
    }

    fn block(&self, position: Position, opened: &Arc<Opened>, most: u64, buffers: &mut Buffers) -> Searched {
        let block_count = opened.archive.block_count().unwrap_or(1);
        let nothing = Searched::nothing(position, block_count);
        if opened.archive.is_done() {
            return nothing;
        }
        let found = match self.find(position.block, block_count, opened, most, buffers) {
            Ok(found) => found,
            Err(error) => return Searched { error: Some(error), ..nothing },
        };
        if self.is_enough(position.archive) && !found.hits.is_empty() {
            opened.archive.set_done();
        }
        let cut = found.is_cut.then(|| Arc::clone(opened));
        Searched { hits: found.hits, cut, ..nothing }
    }

    /// Finds what is asked for in the lines that begin in a block.
    fn find(
        &self,
        block: usize,
        block_count: usize,
        opened: &Opened,
        most: u64,
        buffers: &mut Buffers,
    ) -> Result<LinesFound> {
        let Buffers { inflater, text, next } = buffers;
        let own_bytes = opened.archive.read_block(block, inflater, text)?;
        opened.note_end(block, &text[..own_bytes]);
        let mut found = LinesFound::default();
        let lines = Lines { search: self.search, opened, agent: opened.agent };
        let last_line = memrchr(b'\n', &text[..own_bytes]).map(|newline| newline + 1);
        let goes_on = last_line != Some(own_bytes) && own_bytes > 0 && block + 1 < block_count;
        // A line that fills whole blocks is that of the block where it begins.
        if goes_on && last_line.is_none() && opened.begins_within_line(block, inflater, next) {
            return Ok(found);
        }
        let mut all_bytes = own_bytes;
        let mut at = block + 1;
        let mut long_line = None;
        if goes_on {
            text.truncate(own_bytes);
            let begin = last_line.unwrap_or(0);
            let ends = complete(text, begin, &mut at, block_count, opened, inflater, next);
            all_bytes = text.len();
            if !ends && text.len() - begin > MAX_LINE_BYTES {
                all_bytes = begin;
                long_line = Some(begin);
            }
        }
        let first_line = opened.archive.lines_before(block) + 1;
        let is_begun = &mut || opened.begins_within_line(block, inflater, next);
        lines.find(&text[..all_bytes], first_line, is_begun, most, &mut found);
        if let Some(begin) = long_line {
            let number = first_line + memchr_iter(b'\n', &text[..begin]).count() as u64;
            let mut line = LongLine::new(number, self.search.query);
            line.take(&text[begin..], self.search.query);
            let mut is_over = false;
            while at < block_count && !is_over {
                let Ok(bytes) = opened.archive.read_block(at, inflater, next) else { break };
                let end = memchr(b'\n', &next[..bytes]);
                line.take(&next[..end.unwrap_or(bytes)], self.search.query);
                is_over = end.is_some();
                at += 1;
            }
            found.hits.extend(line.hit(self.search.chosen));
            *text = Vec::new();
        }
        Ok(found)
    }

    /// Searches an archive that has no blocks, in one go.
    fn stream(&self, position: Position, opened: &Arc<Opened>, most: u64, buffers: &mut Buffers) -> Searched {
        // A stream needs none of them, and a large block may have been read before.
        (buffers.text, buffers.next) = (Vec::new(), Vec::new());
        let target = &self.targets.all[position.archive];
        let told = self.targets.session(target).and_then(|session| agent(session.agent.as_deref()?));
        let mut stream = Stream {
            lines: Lines { search: self.search, opened, agent: told },
            path: &target.path,
            most,
            begun: Vec::new(),
            long_line: None,
            number: 1,
            found: LinesFound::default(),
        };
        let result = opened.archive.stream(&mut buffers.inflater, &mut |text| stream.take(text));
        stream.end();
        let found = stream.found;
        let cut = found.is_cut.then(|| Arc::clone(opened));
        Searched { hits: found.hits, cut, error: result.err(), ..Searched::nothing(position, 1) }
    }
}

/// Appends what follows in the blocks from `at` on to `text`, whose last line begins at `begin`, up to that line's end or
/// until it is too long; `at` is then the block that comes next. Returns whether that is the whole line.
fn complete(
    text: &mut Vec<u8>,
    begin: usize,
    at: &mut usize,
    block_count: usize,
    opened: &Opened,
    inflater: &mut Inflater,
    next: &mut Vec<u8>,
) -> bool {
    while *at < block_count && text.len() - begin <= MAX_LINE_BYTES {
        // If it is damaged, its own turn will say so.
        let Ok(bytes) = opened.archive.read_block(*at, inflater, next) else { return true };
        let end = memchr(b'\n', &next[..bytes]);
        text.extend_from_slice(&next[..end.unwrap_or(bytes)]);
        *at += 1;
        if end.is_some() {
            return true;
        }
    }
    *at == block_count
}

/// The text of an archive without blocks, as it comes.
struct Stream<'a> {
    lines: Lines<'a>,
    path: &'a Path,
    most: u64,
    /// A line that has no end yet.
    begun: Vec<u8>,
    long_line: Option<LongLine>,
    /// Of the line that comes next or has begun.
    number: u64,
    found: LinesFound,
}

impl Stream<'_> {
    fn take(&mut self, text: &[u8]) -> ControlFlow<()> {
        if self.lines.agent.is_none() && self.number == 1 && self.begun.is_empty() {
            self.lines.agent = agent_of(self.path, text);
        }
        let Some(last) = memrchr(b'\n', text).map(|newline| newline + 1) else {
            self.begin(text);
            return ControlFlow::Continue(());
        };
        let mut from = 0;
        if self.long_line.is_some() || !self.begun.is_empty() {
            from = memchr(b'\n', text).map_or(last, |newline| newline + 1);
            self.begin(&text[..from - 1]);
            self.end();
            self.number += 1;
        }
        let lines = &text[from..last];
        self.find(lines);
        self.number += memchr_iter(b'\n', lines).count() as u64;
        self.begin(&text[last..]);
        if self.found.is_cut || self.found.hits.len() as u64 >= self.most {
            self.found.is_cut = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Takes a piece of a line that goes on.
    fn begin(&mut self, piece: &[u8]) {
        let query = self.lines.search.query;
        if let Some(long_line) = &mut self.long_line {
            return long_line.take(piece, query);
        }
        self.begun.extend_from_slice(piece);
        if self.begun.len() > MAX_LINE_BYTES {
            let mut long_line = LongLine::new(self.number, query);
            long_line.take(&std::mem::take(&mut self.begun), query);
            self.long_line = Some(long_line);
        }
    }

    /// Ends the line that has begun, if one has.
    fn end(&mut self) {
        if let Some(long_line) = self.long_line.take() {
            self.found.hits.extend(long_line.hit(self.lines.search.chosen));
        }
        let line = std::mem::take(&mut self.begun);
        self.find(&line);
    }

    fn find(&mut self, lines: &[u8]) {
        self.lines.find(lines, self.number, &mut || false, self.most, &mut self.found);
    }
}

fn agent_of(path: &Path, text: &[u8]) -> Option<&'static dyn Agent> {
    let identified = identify(path, &Guess::default(), &text[..text.len().min(END_BYTES)]);
    agent(identified.agent)
}

impl Searched {
    fn nothing(position: Position, block_count: usize) -> Searched {
        Searched { position, block_count, hits: Vec::new(), cut: None, error: None, owner: None }
    }
}
