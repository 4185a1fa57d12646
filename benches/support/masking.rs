//! Masks bytes in memory block by block, as the engine does for each session, with nothing kept.

use std::ops::Range;

use sessionkeep::testing::mask::{Findings, Learned, Masker, Options, Scratch, Tally, Window};

/// A masker and what it reuses.
pub struct Masking {
    pub masker: Masker,
    scratch: Scratch,
    findings: Findings,
    out: Vec<u8>,
}

impl Masking {
    pub fn new() -> Masking {
        Masking {
            masker: Masker::new(&Options::default()).expect("the built-in rules compile"),
            scratch: Scratch::default(),
            findings: Findings::default(),
            out: Vec::new(),
        }
    }

    /// Looks for matches; returns how many there are.
    pub fn scan(&mut self, bytes: &[u8], blocks: &[Range<usize>]) -> usize {
        let mut found = 0;
        for block in blocks {
            self.masker.scan(&Window::of_whole(bytes, block.clone()), &mut self.scratch, &mut self.findings);
            found += self.findings.spans.len();
        }
        found
    }

    /// Looks for matches, learns from them and writes the masked text; returns how many lines were masked.
    pub fn mask(&mut self, bytes: &[u8], blocks: &[Range<usize>]) -> u64 {
        let mut learned = Learned::default();
        let mut tally = Tally::default();
        let mut masked_until = 0;
        for block in blocks {
            let window = Window::of_whole(bytes, block.clone());
            self.masker.scan(&window, &mut self.scratch, &mut self.findings);
            self.masker.learn(&window, &self.findings, &mut learned);
            self.out.clear();
            self.masker.rewrite(
                &window,
                &self.findings,
                masked_until,
                &mut self.scratch,
                &mut self.out,
                &mut tally,
            );
            masked_until = self.findings.masked_until(masked_until);
        }
        tally.masked_lines
    }
}
