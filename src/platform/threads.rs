//! Threads that work through a command's files: one pool a command.

use crate::error::{Error, Kind, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Starts `count` threads, named `worker-0` and so on. They end when the pool is dropped.
///
/// # Errors
///
/// [`Kind::Internal`] when the system has no more threads to give.
pub(crate) fn thread_pool(count: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(count)
        .thread_name(|index| format!("worker-{index}"))
        .build()
        .map_err(|error| Error::new(Kind::Internal, "cannot start threads").with_source(error))
}
