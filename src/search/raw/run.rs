//! Spreads a search over threads and hands what they find on, in order.

use super::order::Order;
use super::request::{Counts, Search, Sink};
use super::worker::Worker;
use crate::archive::catalog::listing::Listing;
use crate::error::Result;
use crate::search::board::Board;
use crate::search::sessions::{self, Stored, stored};
use std::path::PathBuf;

/// How many archives, or blocks of one, each thread may work on ahead of what was shown.
const WINDOW_PER_THREAD: usize = 16;

/// Searches the store and hands what is found to `sink`.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when the store cannot be listed, and whatever the sink returns.
pub fn run(search: &Search, sink: &mut dyn Sink) -> Result<Counts> {
    let archives = archives(search)?;
    if archives.is_empty() {
        return Ok(Counts::default());
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
        let mut order = Order::new(search, &archives, sink);
        let result = order.pass_all_on(&receiver, &board);
        board.stop();
        result.map(|()| order.counts)
    })
}

/// Returns the archives to search, sorted by path, parts included.
fn archives(search: &Search) -> Result<Vec<(PathBuf, Stored)>> {
    let mut stored = stored::all(search.root)?;
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
