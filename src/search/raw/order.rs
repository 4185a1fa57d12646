//! Puts what the threads of a search found in the order of paths and lines, and passes it on: whatever the number of
//! threads, a search shows the same.

use super::lines::{LinesFound, Wanted};
use super::request::{Counts, FoundLine, Hits, Search, Sink};
use super::worker::Searched;
use crate::error::Result;
use crate::search::board::{Board, Position};
use crate::search::opened::{OpenArchive, Owner};
use crate::search::sessions::Stored;
use crossbeam_channel::Receiver;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// Puts the results of all threads in order and passes them on.
pub(super) struct Order<'a> {
    search: &'a Search<'a>,
    archives: &'a [(PathBuf, Stored)],
    sink: &'a mut dyn Sink,
    pub(super) counts: Counts,
    tail: Tail,
}

/// What is known of the archive whose blocks are being passed on.
#[derive(Default)]
struct Tail {
    count: u64,
    is_damaged: bool,
    /// From its first block.
    owner: Option<Arc<Owner>>,
    /// Number of the last line that matched: it may go on in the next block.
    last_line: Option<u64>,
}

impl<'a> Order<'a> {
    /// Returns the order of the results of `search` in these archives.
    pub(super) fn new(
        search: &'a Search<'a>,
        archives: &'a [(PathBuf, Stored)],
        sink: &'a mut dyn Sink,
    ) -> Order<'a> {
        Order { search, archives, sink, counts: Counts::default(), tail: Tail::default() }
    }

    /// Passes on what comes until all is shown or the sink wants no more.
    pub(super) fn pass_all_on(
        &mut self,
        results: &Receiver<Searched>,
        board: &Board<OpenArchive>,
    ) -> Result<()> {
        let mut early: BTreeMap<Position, Searched> = BTreeMap::new();
        let mut next = Position::default();
        while let Some(result) = self.next_result(results)? {
            early.insert(result.position, result);
            let before = next;
            while let Some(result) = early.remove(&next) {
                let is_last = result.block_count <= next.block + 1;
                if self.pass_on(next.archive, result, is_last)?.is_break() {
                    return Ok(());
                }
                next = match is_last {
                    true => Position { archive: next.archive + 1, block: 0 },
                    false => Position { archive: next.archive, block: next.block + 1 },
                };
            }
            if next != before {
                board.show(next);
            }
            if next.archive == self.archives.len() {
                break;
            }
        }
        Ok(())
    }

    fn next_result(&mut self, results: &Receiver<Searched>) -> Result<Option<Searched>> {
        if let Ok(result) = results.try_recv() {
            return Ok(Some(result));
        }
        self.sink.idle()?;
        Ok(results.recv().ok())
    }

    fn pass_on(&mut self, archive: usize, result: Searched, is_last: bool) -> Result<ControlFlow<()>> {
        if result.owner.is_some() {
            self.tail.owner = result.owner;
        }
        let owner = self.tail.owner.clone();
        let (path, stored) = &self.archives[archive];
        let hits = Hits { path, stored, owner: owner.as_deref() };
        if let Some(error) = &result.error
            && !self.tail.is_damaged
        {
            self.tail.is_damaged = true;
            self.counts.damaged += 1;
            self.sink.damaged(error);
        }
        let is_full = match self.search.wanted {
            Wanted::Lines => self.lines(&hits, &result.found, result.lines_before)?.is_break(),
            Wanted::Count | Wanted::Any => self.count(&result.found, result.lines_before),
        };
        if !is_last && !is_full {
            return Ok(ControlFlow::Continue(()));
        }
        let tail = std::mem::take(&mut self.tail);
        let mut flow = if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        if tail.count > 0 {
            self.counts.archives += 1;
            if self.sink.archive(&hits, tail.count)?.is_break() {
                flow = ControlFlow::Break(());
            }
        }
        if self.search.wanted == Wanted::Any && self.is_max(self.counts.archives) {
            flow = ControlFlow::Break(());
        }
        Ok(flow)
    }

    fn lines(&mut self, hits: &Hits, found: &LinesFound, lines_before: u64) -> Result<ControlFlow<()>> {
        for line in &found.lines {
            let number = lines_before + line.index + 1;
            // A line that fills several blocks is one line, shown where it first matches.
            if self.tail.last_line.replace(number) == Some(number) {
                continue;
            }
            self.tail.count += 1;
            self.counts.lines += 1;
            let line = FoundLine { number, text: &line.text, matches: &line.matches };
            if self.sink.line(hits, &line)?.is_break() || self.is_max(self.counts.lines) {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Adds up counts; returns whether that is enough.
    fn count(&mut self, found: &LinesFound, lines_before: u64) -> bool {
        let mut count = found.count;
        if self.search.wanted == Wanted::Any {
            count = count.min(1).saturating_sub(self.tail.count);
        }
        if let Some((first, last)) = found.ends {
            // A line that fills several blocks counts once.
            if self.tail.last_line == Some(lines_before + first) {
                count -= 1;
            }
            self.tail.last_line = Some(lines_before + last);
        }
        if let Some(max) = self.search.max_results
            && self.search.wanted == Wanted::Count
        {
            count = count.min(max - self.counts.lines);
        }
        self.tail.count += count;
        self.counts.lines += count;
        self.search.wanted == Wanted::Count && self.is_max(self.counts.lines)
    }

    fn is_max(&self, results: u64) -> bool {
        self.search.max_results.is_some_and(|max| results >= max)
    }
}
