//! Searches and lists a store.
//!
//! Owns the order of results (by path, then line, whatever the number of threads) and how the work is spread. Reads
//! archives and sidecars, writes nothing, and shows nothing: what is found goes to a [`Sink`].

mod board;
pub(crate) mod filter;
mod orphans;
pub(crate) mod query;
mod scan;
pub(crate) mod sessions;
mod source;
pub(crate) mod walk;
mod worker;

pub use filter::Filter;
pub(crate) use filter::parse_since;
pub use query::Query;
pub use scan::Wanted;

use crate::archive::catalog::listing::Listing;
use crate::error::{Error, Result};
use board::{Board, Place};
use crossbeam_channel::Receiver;
use scan::Found;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use walk::Stored;
use worker::{Report, Worker};

/// What is searched for, where, and how far.
#[derive(Debug)]
pub struct Search<'a> {
    /// Root of the store.
    pub root: &'a Path,
    pub query: &'a Query,
    pub filter: &'a Filter,
    pub wanted: Wanted,
    /// Most results: lines, or archives for [`Wanted::Any`].
    pub max_results: Option<u64>,
    pub threads: usize,
}

/// An archive in which something was found.
#[derive(Debug)]
pub struct Hits<'a> {
    pub path: &'a Path,
    /// The files of the session; [`sessions::one`] tells more.
    pub stored: &'a Stored,
}

/// A line in which something was found.
#[derive(Debug)]
pub struct FoundLine<'a> {
    /// Counted from 1.
    pub number: u64,
    /// As stored, without line end.
    pub text: &'a [u8],
    /// Where the matches are in `text`.
    pub matches: &'a [Range<usize>],
}

/// Takes results as they come, in order. Breaking off ends the search.
pub trait Sink {
    /// A matching line ([`Wanted::Lines`]).
    fn line(&mut self, hits: &Hits, line: &FoundLine) -> Result<ControlFlow<()>>;

    /// An archive with `count` matching lines (at least one; exactly one for [`Wanted::Any`]), after its last line.
    fn archive(&mut self, hits: &Hits, count: u64) -> Result<ControlFlow<()>>;

    /// An archive that cannot be read, or only in part; the search goes on.
    fn damaged(&mut self, error: &Error);

    /// Nothing more has been found yet: what is held back should be shown now.
    fn idle(&mut self) -> Result<()>;
}

/// How a search ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Matching lines that were shown or counted.
    pub lines: u64,
    /// Archives with a match.
    pub archives: u64,
    /// Archives that could not be read as a whole.
    pub damaged: u64,
}

/// How many archives, or blocks of one, each thread may work on ahead of what was shown.
const WINDOW_PER_THREAD: usize = 16;

/// Searches the store and hands what is found to `sink`.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when the store cannot be listed, and whatever the sink returns.
pub fn run(search: &Search, sink: &mut dyn Sink) -> Result<Totals> {
    let archives = archives(search)?;
    if archives.is_empty() {
        return Ok(Totals::default());
    }
    let board = Board::new(archives.len(), WINDOW_PER_THREAD * search.threads);
    let (sender, receiver) = crossbeam_channel::unbounded();
    let worker = Worker { archives: &archives, search, board: &board };
    std::thread::scope(|scope| {
        for _ in 0..search.threads.clamp(1, 256) {
            let sender = sender.clone();
            scope.spawn(|| worker.run(sender));
        }
        drop(sender);
        let mut printer =
            Printer { search, archives: &archives, sink, totals: Totals::default(), tail: Tail::default() };
        let result = printer.print(&receiver, &board);
        board.stop();
        result.map(|()| printer.totals)
    })
}

/// Returns the archives to search, sorted by path, parts included.
fn archives(search: &Search) -> Result<Vec<(PathBuf, Stored)>> {
    let mut stored = walk::walk(search.root)?;
    stored.retain(|stored| stored.archive_suffix.is_some());
    let mut archives: Vec<_> = if search.filter.is_empty() {
        stored.into_iter().map(|stored| (stored.archive_path(), stored)).collect()
    } else {
        let listing = Listing::read(search.root);
        let sessions = sessions::read_all(stored, &listing, search.filter);
        sessions.into_iter().map(|session| (session.stored.archive_path(), session.stored)).collect()
    };
    // In order but for parts: comparing paths is slow, and so few are compared.
    archives.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(archives)
}

/// Puts the results of all threads in order and passes them on.
struct Printer<'a> {
    search: &'a Search<'a>,
    archives: &'a [(PathBuf, Stored)],
    sink: &'a mut dyn Sink,
    totals: Totals,
    tail: Tail,
}

/// What is known of the archive whose blocks are being passed on.
#[derive(Default)]
struct Tail {
    count: u64,
    is_damaged: bool,
    /// Number of the last line that matched: it may go on in the next block.
    last_line: Option<u64>,
}

impl Printer<'_> {
    fn print(&mut self, reports: &Receiver<Report>, board: &Board<source::Source>) -> Result<()> {
        let mut early: BTreeMap<Place, Report> = BTreeMap::new();
        let mut next = Place::default();
        while let Some(report) = self.next_report(reports)? {
            early.insert(report.place, report);
            let before = next;
            while let Some(report) = early.remove(&next) {
                let is_last = report.block_count <= next.block + 1;
                if self.pass_on(next.archive, report, is_last)?.is_break() {
                    return Ok(());
                }
                next = match is_last {
                    true => Place { archive: next.archive + 1, block: 0 },
                    false => Place { archive: next.archive, block: next.block + 1 },
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

    fn next_report(&mut self, reports: &Receiver<Report>) -> Result<Option<Report>> {
        if let Ok(report) = reports.try_recv() {
            return Ok(Some(report));
        }
        self.sink.idle()?;
        Ok(reports.recv().ok())
    }

    fn pass_on(&mut self, archive: usize, report: Report, is_last: bool) -> Result<ControlFlow<()>> {
        let archives = self.archives;
        let hits = Hits { path: &archives[archive].0, stored: &archives[archive].1 };
        if let Some(error) = &report.error
            && !self.tail.is_damaged
        {
            self.tail.is_damaged = true;
            self.totals.damaged += 1;
            self.sink.damaged(error);
        }
        let is_full = match self.search.wanted {
            Wanted::Lines => self.lines(&hits, &report.found, report.lines_before)?.is_break(),
            Wanted::Count | Wanted::Any => self.count(&report.found, report.lines_before),
        };
        if !is_last && !is_full {
            return Ok(ControlFlow::Continue(()));
        }
        let tail = std::mem::take(&mut self.tail);
        let mut flow = if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        if tail.count > 0 {
            self.totals.archives += 1;
            if self.sink.archive(&hits, tail.count)?.is_break() {
                flow = ControlFlow::Break(());
            }
        }
        if self.search.wanted == Wanted::Any && self.is_max(self.totals.archives) {
            flow = ControlFlow::Break(());
        }
        Ok(flow)
    }

    fn lines(&mut self, hits: &Hits, found: &Found, lines_before: u64) -> Result<ControlFlow<()>> {
        for line in &found.lines {
            let number = lines_before + line.index + 1;
            // A line that fills several blocks is one line, shown where it first matches.
            if self.tail.last_line.replace(number) == Some(number) {
                continue;
            }
            self.tail.count += 1;
            self.totals.lines += 1;
            let line = FoundLine { number, text: &line.text, matches: &line.matches };
            if self.sink.line(hits, &line)?.is_break() || self.is_max(self.totals.lines) {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Adds up counts; returns whether that is enough.
    fn count(&mut self, found: &Found, lines_before: u64) -> bool {
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
            count = count.min(max - self.totals.lines);
        }
        self.tail.count += count;
        self.totals.lines += count;
        self.search.wanted == Wanted::Count && self.is_max(self.totals.lines)
    }

    fn is_max(&self, results: u64) -> bool {
        self.search.max_results.is_some_and(|max| results >= max)
    }
}
