//! Learns what text gives away: values that are secrets wherever they stand in its session.

use super::masking::Masking;
use crate::mask::{Findings, HitCounts, KnownValues, Learned, Scratch, Window};

/// Takes text, piece by piece.
pub(super) type Take<'a> = &'a mut dyn FnMut(&[u8]);

/// Gathers what text teaches.
#[derive(Default)]
pub(super) struct Learning {
    learned: Learned,
    scratch: Scratch,
    findings: Findings,
}

impl Learning {
    pub(super) fn take(&mut self, masking: &Masking, text: &[u8]) {
        let window = Window::of_whole(text, 0..text.len());
        masking.masker.scan(&window, &mut self.scratch, &mut self.findings);
        masking.masker.learn(&window, &self.findings, &mut self.learned);
    }

    /// Returns what was learned; `each` hands all the text over once more, where words have to be told from secrets.
    pub(super) fn known(self, masking: &Masking, each: &mut dyn FnMut(Take<'_>)) -> Option<KnownValues> {
        let known = masking.masker.known(self.learned)?;
        if !known.must_be_counted() {
            return Some(known);
        }
        let mut counts = HitCounts::default();
        each(&mut |text| {
            let window = Window::of_whole(text, 0..text.len());
            masking.masker.count_known(&window, &known, &mut counts);
        });
        known.settle(&counts)
    }
}
