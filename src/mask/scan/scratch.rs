//! What a thread reuses from block to block.

use crate::mask::built_in::ScannerScratch;
use crate::mask::findings::{Findings, Match};

/// What a thread reuses from block to block; one per worker thread.
#[derive(Default)]
pub struct Scratch {
    /// What the scanners of built-in rules reuse.
    pub(crate) scanners: ScannerScratch,
    /// Matches of all rules, before overlapping ones are joined.
    pub(crate) matches: Vec<Match>,
    /// For scanning lines that were masked.
    pub(crate) inner: Option<Box<(Scratch, Findings)>>,
}
