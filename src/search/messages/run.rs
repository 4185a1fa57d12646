//! Spreads a search over threads and hands what they find on, in order.

use super::order::Order;
use super::request::{Counts, Search, Sink};
use super::targets::Targets;
use super::worker::Worker;
use crate::archive::catalog::listing::Listing;
use crate::error::Result;
use crate::search::board::Board;
use crate::search::sessions::stored;

/// How many archives, or blocks of one, each thread may work on ahead of what was shown.
const WINDOW_PER_THREAD: usize = 16;

/// Searches the messages in the store and hands what is found to `sink`.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when the store cannot be listed, and whatever the sink returns.
pub(crate) fn run(search: &Search, sink: &mut dyn Sink) -> Result<Counts> {
    let (stored, listing) = rayon::join(|| stored::all(search.root), || Listing::read(search.root));
    let targets = Targets::of(stored?, &listing, search);
    if targets.all.is_empty() {
        return Ok(Counts::default());
    }
    let board = Board::new(targets.all.len(), WINDOW_PER_THREAD * search.threads);
    let (sender, receiver) = crossbeam_channel::unbounded();
    let worker = Worker { targets: &targets, search, board: &board };
    std::thread::scope(|scope| {
        for _ in 0..search.threads.clamp(1, 256) {
            let sender = sender.clone();
            scope.spawn(|| worker.run(sender));
        }
        drop(sender);
        let mut order = Order::new(&worker, sink);
        let result = order.pass_all_on(&receiver, &board);
        board.stop();
        result.map(|()| order.counts)
    })
}
