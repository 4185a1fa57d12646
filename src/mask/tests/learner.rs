//! Learns from a stream, as the first of two passes does: what tests of streams that are masked with what they teach need.

use crate::mask::findings::Findings;
use crate::mask::masker::Masker;
use crate::mask::output::{Cutter, STEP_BYTES};
use crate::mask::scan::Scratch;
use crate::mask::values::Learned;

/// Gathers what a stream teaches, without writing anything: the first of two passes over a stream that is masked
/// with what it taught in the second.
pub(crate) struct StreamLearner<'a> {
    masker: &'a Masker,
    cutter: Cutter,
    scratch: Scratch,
    findings: Findings,
    learned: Learned,
}

impl<'a> StreamLearner<'a> {
    pub(crate) fn new(masker: &'a Masker) -> StreamLearner<'a> {
        StreamLearner {
            masker,
            cutter: Cutter::default(),
            scratch: Scratch::default(),
            findings: Findings::default(),
            learned: Learned::default(),
        }
    }

    /// Takes the next bytes of the stream.
    pub(crate) fn push(&mut self, input: &[u8]) {
        for step in input.chunks(STEP_BYTES) {
            self.cutter.append(step);
            self.advance(false);
        }
    }

    /// Returns what the stream taught.
    pub(crate) fn finish(mut self) -> Learned {
        self.advance(true);
        self.learned
    }

    fn advance(&mut self, is_end: bool) {
        while let Some(window) = self.cutter.window(is_end) {
            self.masker.scan(&window, &mut self.scratch, &mut self.findings);
            self.masker.learn(&window, &self.findings, &mut self.learned);
            let taken = window.wanted.end;
            self.cutter.take(taken);
        }
    }
}
