//! Where the time of a run goes, summed over all threads; two clock readings for each block.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a thread can be busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Opening and first bytes.
    Read,
    /// Hashing and looking for secrets.
    Scan,
    /// Masking, compressing and writing.
    Compress,
    /// Waiting for the disk to have the archives' bytes.
    Flush,
    /// Naming archives, writing sidecars and the catalog.
    Commit,
}

const STEPS: [(Step, &str); 5] = [
    (Step::Read, "opening"),
    (Step::Scan, "scanning"),
    (Step::Compress, "compressing"),
    (Step::Flush, "flushing"),
    (Step::Commit, "committing"),
];

/// The sums.
#[derive(Default)]
pub(crate) struct Clock([AtomicU64; STEPS.len()]);

impl Clock {
    /// Returns the time now.
    pub(crate) fn start(&self) -> Instant {
        Instant::now()
    }

    /// Adds the time since `started` to a step.
    pub(crate) fn add(&self, step: Step, started: Instant) {
        self.0[step as usize].fetch_add(started.elapsed().as_nanos() as u64, Ordering::Relaxed);
    }

    /// Returns the sums, with what to call them.
    pub(crate) fn sums(&self) -> impl Iterator<Item = (&'static str, Duration)> {
        STEPS
            .iter()
            .map(|(step, name)| (*name, Duration::from_nanos(self.0[*step as usize].load(Ordering::Relaxed))))
    }
}
