//! Hands out the work of a search to threads, in the order in which results are wanted, and never far ahead of what
//! was already shown: memory stays bounded, and a search that is stopped early did little for nothing.

use crate::platform::sync::{lock, wait};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// A place in the results: archive, then block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub archive: usize,
    pub block: usize,
}

/// One piece of work.
#[derive(Debug)]
pub(crate) enum Task<S> {
    /// Open this archive, offer its further blocks with [`Board::offer`] or say with [`Board::opened`] that there are
    /// none, and search its first block.
    Open(usize),
    /// Search this block of an open archive.
    Block(Position, Arc<S>),
}

/// The work that is left; shared by all threads. `S` is an open archive.
#[derive(Debug)]
pub(crate) struct Board<S> {
    state: Mutex<State<S>>,
    changed: Condvar,
    archive_count: usize,
    /// How many archives, and how many blocks of one archive, may be worked on ahead of what was shown.
    window: usize,
}

#[derive(Debug)]
struct State<S> {
    next_archive: usize,
    /// Archives that were handed out and have not reported yet whether they have further blocks.
    opening: usize,
    open: Vec<Open<S>>,
    shown: Position,
    is_stopped: bool,
}

#[derive(Debug)]
struct Open<S> {
    archive: usize,
    next_block: usize,
    block_count: usize,
    opened: Arc<S>,
}

impl<S> Board<S> {
    /// Returns a board with `archive_count` archives to open.
    pub(crate) fn new(archive_count: usize, window: usize) -> Board<S> {
        let state = State {
            next_archive: 0,
            opening: 0,
            open: Vec::new(),
            shown: Position::default(),
            is_stopped: false,
        };
        Board { state: Mutex::new(state), changed: Condvar::new(), archive_count, window: window.max(1) }
    }

    /// Returns the next piece of work, after waiting if all that is left lies too far ahead; `None` when nothing is
    /// left or the search was stopped.
    ///
    /// What is to be shown next is always within the window, so somebody can always go on.
    pub(crate) fn claim(&self) -> Option<Task<S>> {
        let mut state = self.lock();
        loop {
            if state.is_stopped {
                return None;
            }
            if let Some(task) = self.take_block(&mut state) {
                return Some(task);
            }
            let is_left = state.next_archive < self.archive_count;
            if is_left && state.next_archive < state.shown.archive + self.window {
                state.next_archive += 1;
                state.opening += 1;
                return Some(Task::Open(state.next_archive - 1));
            }
            if !is_left && state.open.is_empty() && state.opening == 0 {
                return None;
            }
            state = wait(&self.changed, state);
        }
    }

    fn take_block(&self, state: &mut State<S>) -> Option<Task<S>> {
        let shown = state.shown;
        let is_near = |open: &Open<S>| {
            let first = if open.archive == shown.archive { shown.block } else { 0 };
            open.next_block < first + self.window
        };
        let at = state.open.iter().position(is_near)?;
        let open = &mut state.open[at];
        let task =
            Task::Block(Position { archive: open.archive, block: open.next_block }, Arc::clone(&open.opened));
        open.next_block += 1;
        if open.next_block == open.block_count {
            state.open.remove(at);
        }
        Some(task)
    }

    /// Says that an archive was opened (or could not be) and has no further blocks.
    pub(crate) fn opened(&self) {
        self.lock().opening -= 1;
        self.changed.notify_all();
    }

    /// Says that an archive was opened, and offers its blocks from the second to the last.
    pub(crate) fn offer(&self, archive: usize, block_count: usize, opened: Arc<S>) {
        let mut state = self.lock();
        state.opening -= 1;
        if block_count > 1 {
            let at = state.open.partition_point(|open| open.archive < archive);
            state.open.insert(at, Open { archive, next_block: 1, block_count, opened });
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Says that everything before `place` was shown.
    pub(crate) fn show(&self, place: Position) {
        self.lock().shown = place;
        self.changed.notify_all();
    }

    /// Ends the search: no more work is handed out.
    pub(crate) fn stop(&self) {
        self.lock().is_stopped = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<S>> {
        lock(&self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_comes_in_order_with_the_blocks_of_open_archives_first() {
        let board: Board<()> = Board::new(2, 8);
        assert!(matches!(board.claim(), Some(Task::Open(0))));
        board.offer(0, 3, Arc::new(()));
        for block in 1..3 {
            let Some(Task::Block(place, _)) = board.claim() else { panic!("expected a block") };
            assert_eq!(place, Position { archive: 0, block });
        }
        assert!(matches!(board.claim(), Some(Task::Open(1))));
        board.opened();
        assert!(board.claim().is_none());
    }

    #[test]
    fn nothing_is_handed_out_beyond_the_window() {
        let board: Board<()> = Board::new(100, 2);
        assert!(matches!(board.claim(), Some(Task::Open(0))));
        assert!(matches!(board.claim(), Some(Task::Open(1))));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| board.claim());
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!waiting.is_finished());
            board.show(Position { archive: 1, block: 0 });
            assert!(matches!(waiting.join().unwrap(), Some(Task::Open(2))));
        });
    }

    #[test]
    fn a_stopped_search_hands_out_nothing() {
        let board: Board<()> = Board::new(100, 2);
        board.stop();
        assert!(board.claim().is_none());
    }

    #[test]
    fn threads_wait_for_an_archive_that_may_still_offer_blocks() {
        let board: Board<()> = Board::new(1, 2);
        assert!(matches!(board.claim(), Some(Task::Open(0))));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| board.claim());
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!waiting.is_finished());
            board.offer(0, 2, Arc::new(()));
            assert!(matches!(
                waiting.join().unwrap(),
                Some(Task::Block(Position { archive: 0, block: 1 }, _))
            ));
        });
    }
}
