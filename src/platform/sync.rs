//! Locks between the threads of this process.

use std::sync::{Mutex, MutexGuard};

/// Locks `mutex`, whatever happened to the thread that had it: panics are caught for each session, and what is behind
/// the locks of a run is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
