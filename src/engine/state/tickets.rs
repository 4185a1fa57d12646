//! Bounds how much work is in flight: whoever starts a block first takes a ticket, and waits when none is left.

use crate::platform::sync::{lock, wait};
use std::sync::{Arc, Condvar, Mutex};

/// A fixed number of tickets.
pub(crate) struct Tickets {
    free: Mutex<usize>,
    returned: Condvar,
}

/// One ticket; goes back when dropped, also by a panic.
pub(crate) struct Ticket {
    tickets: Arc<Tickets>,
}

impl Tickets {
    /// Makes `count` tickets.
    pub(crate) fn new(count: usize) -> Arc<Tickets> {
        Arc::new(Tickets { free: Mutex::new(count), returned: Condvar::new() })
    }

    /// Takes a ticket; waits while there is none. Never call it on a worker: workers are what returns them.
    pub(crate) fn take(self: &Arc<Tickets>) -> Ticket {
        let mut free = lock(&self.free);
        while *free == 0 {
            free = wait(&self.returned, free);
        }
        *free -= 1;
        Ticket { tickets: Arc::clone(self) }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        *lock(&self.tickets.free) += 1;
        self.tickets.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn no_more_than_the_number_of_tickets_are_out_at_once() {
        let tickets = Tickets::new(3);
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let _ticket = tickets.take();
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        now.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.load(Ordering::SeqCst) <= 3);
        assert_eq!(*tickets.free.lock().unwrap(), 3);
    }
}
