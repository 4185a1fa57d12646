//! Puts what the threads of a search found in the order of archives and lines, leaves out what was found before in other
//! words or in a copy, and passes the rest on: whatever the number of threads, a search shows the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::archive::Opened;
use super::request::{Counts, Hit, Place, Search, Sink, Wanted};
use super::targets::Targets;
use super::worker::{Searched, Worker};
use crate::error::Result;
use crate::message::twins::Twins;
use crate::search::board::{Board, Position};
use crate::search::opened::Owner;

/// Bytes of lines about rows that are held back until it is known which of them is the last about its row.
const MOST_HELD_BYTES: usize = 64 << 20;

/// Puts the results of all threads in order and passes them on.
pub(super) struct Order<'a> {
    search: &'a Search<'a>,
    targets: &'a Targets<'a>,
    worker: &'a Worker<'a>,
    sink: &'a mut dyn Sink,
    pub(super) counts: Counts,
    tail: Tail,
    /// Messages that were passed on, of those that an agent writes again word for word: by the sessions that were copied from
    /// each other, the record, which of its messages it is, and what it says.
    once: HashSet<(u64, u64, u32, u64)>,
}

/// What is known of the archive whose blocks are being passed on.
#[derive(Default)]
struct Tail {
    count: u64,
    is_damaged: bool,
    /// From its first block.
    owner: Option<Arc<Owner>>,
    twins: Twins,
    held: Held,
}

/// Hits that wait for the end of the archive, as a later line may tell the same row.
#[derive(Default)]
struct Held {
    hits: Vec<Hit>,
    bytes: usize,
    /// The last line about each row.
    last: HashMap<u64, u64>,
}

impl Held {
    /// Returns the hit if it need not wait.
    fn take(&mut self, hit: Hit) -> Option<Hit> {
        if let Some(row) = hit.message.joints.row {
            self.last.insert(row, hit.message.index.line);
        } else if self.hits.is_empty() {
            return Some(hit);
        }
        self.bytes += hit.line.len();
        self.hits.push(hit);
        None
    }

    /// Returns all that waited, without those whose row was told again.
    fn release(&mut self) -> Vec<Hit> {
        let last = std::mem::take(&mut self.last);
        self.bytes = 0;
        let mut hits = std::mem::take(&mut self.hits);
        hits.retain(|hit| hit.message.joints.row.is_none_or(|row| last[&row] == hit.message.index.line));
        hits
    }
}

impl<'a> Order<'a> {
    /// Returns the order of what `worker` and its like find.
    pub(super) fn new(worker: &'a Worker<'a>, sink: &'a mut dyn Sink) -> Order<'a> {
        Order {
            search: worker.search,
            targets: worker.targets,
            worker,
            sink,
            counts: Counts::default(),
            tail: Tail::default(),
            once: HashSet::new(),
        }
    }

    /// Passes on what comes until all is shown or the sink wants no more.
    pub(super) fn pass_all_on(&mut self, results: &Receiver<Searched>, board: &Board<Opened>) -> Result<()> {
        let mut early: BTreeMap<Position, Searched> = BTreeMap::new();
        let mut next = Position::default();
        while let Some(result) = self.next_result(results)? {
            early.insert(result.position, result);
            let before = next;
            while let Some(result) = early.remove(&next) {
                let is_last = result.block_count <= next.block + 1;
                if self.pass_on(result, is_last)?.is_break() {
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
            if next.archive == self.targets.all.len() {
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

    fn pass_on(&mut self, result: Searched, is_last: bool) -> Result<ControlFlow<()>> {
        let Searched { position, hits, cut, error, owner, .. } = result;
        if owner.is_some() {
            self.tail.owner = owner;
        }
        if let Some(error) = &error
            && !self.tail.is_damaged
        {
            self.tail.is_damaged = true;
            self.counts.damaged += 1;
            self.sink.damaged(error);
        }
        let known = hits.len();
        let mut is_full = self.take_all(position.archive, hits)?.is_break();
        // What was left out of the first ones makes room for others, which nobody looked for.
        if !is_full
            && !self.is_known(position.archive)
            && let Some(opened) = &cut
        {
            let more = self.worker.all_of(position, opened).into_iter().skip(known).collect();
            is_full = self.take_all(position.archive, more)?.is_break();
        }
        if !is_last && !is_full {
            return Ok(ControlFlow::Continue(()));
        }
        is_full = is_full || self.release(position.archive)?.is_break();
        let tail = std::mem::take(&mut self.tail);
        let mut flow = if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        if tail.count > 0 {
            self.counts.archives += 1;
            let place = self.place(position.archive, tail.owner.as_deref());
            let count = if self.search.wanted == Wanted::Archives { 1 } else { tail.count };
            if self.sink.archive(&place, count)?.is_break() {
                flow = ControlFlow::Break(());
            }
        }
        if self.search.wanted == Wanted::Archives && self.is_max(self.counts.archives) {
            flow = ControlFlow::Break(());
        }
        Ok(flow)
    }

    /// Returns whether one hit is enough to know that an archive is wanted: all that may be copies are looked through as if
    /// they were counted.
    fn is_known(&self, archive: usize) -> bool {
        self.search.wanted == Wanted::Archives && self.targets.all[archive].is_alone
    }

    fn take_all(&mut self, archive: usize, hits: Vec<Hit>) -> Result<ControlFlow<()>> {
        if self.is_known(archive) {
            self.tail.count = self.tail.count.max(hits.len().min(1) as u64);
            return Ok(ControlFlow::Continue(()));
        }
        for hit in hits {
            if let Some(hit) = self.tail.held.take(hit)
                && self.hit(archive, hit)?.is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
            if self.tail.held.bytes > MOST_HELD_BYTES && self.release(archive)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn release(&mut self, archive: usize) -> Result<ControlFlow<()>> {
        for hit in self.tail.held.release() {
            if self.hit(archive, hit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn hit(&mut self, archive: usize, hit: Hit) -> Result<ControlFlow<()>> {
        let target = &self.targets.all[archive];
        if let Some(once) = hit.message.joints.once
            && !self.once.insert((self.targets.family(target), once, hit.message.index.nth, hit.said))
        {
            return Ok(ControlFlow::Continue(()));
        }
        if self.tail.twins.is_second_wording(&hit.message) {
            return Ok(ControlFlow::Continue(()));
        }
        self.tail.count += 1;
        self.counts.messages += 1;
        if self.search.wanted == Wanted::Messages {
            let owner = self.tail.owner.clone();
            let place = self.place(archive, owner.as_deref());
            if self.sink.hit(&place, hit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(if self.is_last_message() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn place<'p>(&self, archive: usize, owner: Option<&'p Owner>) -> Place<'p>
    where
        'a: 'p,
    {
        let target = &self.targets.all[archive];
        Place {
            path: &target.path,
            session: self.targets.session(target),
            owner,
            short_id: self.targets.short_id(target),
        }
    }

    /// Returns whether no message more is wanted.
    fn is_last_message(&self) -> bool {
        self.search.wanted != Wanted::Archives && self.is_max(self.counts.messages)
    }

    fn is_max(&self, results: u64) -> bool {
        self.search.max_results.is_some_and(|max| results >= max)
    }
}
