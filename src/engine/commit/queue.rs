//! Finished sessions on their way to the committer, which is woken once a group and not once a session.

use super::ready::Ready;
use crate::platform::sync::{lock, wait, wait_timeout};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// Archived bytes that wait for a flush at most: enough to make it worth while, little enough that a kill costs
/// no more than a second or two of work.
const GROUP_BYTES: u64 = 64 << 20;

/// A finished session is made durable after this time at the latest, however slowly others follow.
const GROUP_TIME: Duration = Duration::from_secs(2);

/// Sessions without an archive of their own, which wait for no flush, are collected to so many groups' worth.
const GROUPS_OF_UNCHANGED: usize = 4;

/// A bounded queue of finished sessions.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    /// There is something to take, or a deadline to watch.
    arrived: Condvar,
    left: Condvar,
    /// Archives in a group, and so in the queue.
    group: usize,
}

#[derive(Default)]
struct Waiting {
    sessions: Vec<Ready>,
    archives: usize,
    bytes: u64,
    /// When the first of them came.
    since: Option<Instant>,
    is_closed: bool,
}

/// Closes a queue when it is dropped, also by a panic, so that nobody waits for a committer that is gone.
pub(crate) struct Closing<'a>(pub &'a Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Queue {
    /// Makes a queue for groups of `group` archives.
    pub(crate) fn new(group: usize) -> Queue {
        Queue { waiting: Mutex::default(), arrived: Condvar::new(), left: Condvar::new(), group }
    }

    /// Opens the queue for a round, which ends when the result is dropped.
    pub(crate) fn open(&self) -> Closing<'_> {
        lock(&self.waiting).is_closed = false;
        Closing(self)
    }

    /// Adds a session; waits while a whole group is waiting. Dropped when the queue is closed.
    pub(crate) fn push(&self, ready: Ready) {
        let mut waiting = lock(&self.waiting);
        while self.is_due(&waiting) && !waiting.is_closed {
            waiting = wait(&self.left, waiting);
        }
        if waiting.is_closed {
            return;
        }
        waiting.archives += ready.archives.len();
        waiting.bytes += ready.archives.iter().map(|archive| archive.archived_bytes).sum::<u64>();
        waiting.sessions.push(ready);
        let is_first = waiting.since.is_none();
        waiting.since.get_or_insert_with(Instant::now);
        if is_first || self.is_due(&waiting) {
            self.arrived.notify_one();
        }
    }

    /// Takes a group as soon as it is full, or old, or the last; `None` when there will be no more.
    pub(crate) fn take(&self) -> Option<Vec<Ready>> {
        let mut waiting = lock(&self.waiting);
        loop {
            let age = waiting.since.map(|since| since.elapsed());
            let is_old = age.is_some_and(|age| age >= GROUP_TIME);
            if is_old || waiting.is_closed || self.is_due(&waiting) {
                break;
            }
            waiting = match age {
                None => wait(&self.arrived, waiting),
                Some(age) => wait_timeout(&self.arrived, waiting, GROUP_TIME.saturating_sub(age)),
            };
        }
        let is_closed = waiting.is_closed;
        let group = std::mem::replace(&mut *waiting, Waiting { is_closed, ..Waiting::default() }).sessions;
        self.left.notify_all();
        if group.is_empty() { None } else { Some(group) }
    }

    /// Lets the last group be taken, and nothing be added.
    pub(crate) fn close(&self) {
        lock(&self.waiting).is_closed = true;
        self.arrived.notify_all();
        self.left.notify_all();
    }

    fn is_due(&self, waiting: &Waiting) -> bool {
        waiting.archives >= self.group
            || waiting.bytes >= GROUP_BYTES
            || waiting.sessions.len() >= GROUPS_OF_UNCHANGED * self.group
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::Plan;

    fn ready() -> Ready {
        let plan = Plan { sources: Vec::new(), bytes: 0, tries: 0, refuses_growth: false };
        Ready { plan, archives: Vec::new(), unchanged: Vec::new(), transcript: None, parts: Vec::new() }
    }

    #[test]
    fn everything_that_was_pushed_is_taken_before_the_end() {
        let queue = Queue::new(2);
        let mut taken = 0;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _closing = Closing(&queue);
                (0..100).for_each(|_| queue.push(ready()));
            });
            while let Some(group) = queue.take() {
                assert!(group.len() <= GROUPS_OF_UNCHANGED * 2);
                taken += group.len();
            }
        });
        assert_eq!(taken, 100);
    }

    #[test]
    fn a_lone_session_does_not_wait_for_others_for_ever() {
        let queue = Queue::new(2);
        queue.push(ready());
        assert_eq!(queue.take().map(|group| group.len()), Some(1));
    }

    #[test]
    fn nobody_waits_for_a_committer_that_is_gone() {
        let queue = Queue::new(1);
        drop(Closing(&queue));
        (0..100).for_each(|_| queue.push(ready()));
        assert!(queue.take().is_none());
    }
}
