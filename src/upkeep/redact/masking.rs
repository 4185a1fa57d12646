//! What files are masked by, and how much is masked in them.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::error::Result;
use crate::mask::{KnownValues, Masker, Tally, mask_whole, outside};

/// What all files of a run are masked by.
pub(super) struct Masking {
    pub masker: Masker,
    /// Values known from the environment and the home directory.
    pub outside: Option<KnownValues>,
}

impl Masking {
    /// Prepares what a configuration says.
    ///
    /// # Errors
    ///
    /// When a rule does not compile.
    pub(super) fn new(config: &Config) -> Result<Masking> {
        let masker = config.masker()?;
        let environment = &config.environment;
        let known = config.masks_known_values.then(|| {
            let values = environment.variables();
            masker.known(outside::collect(environment.directory(), environment.home(), values))
        });
        Ok(Masking { outside: known.flatten(), masker })
    }

    /// Returns `bytes` masked by rules and by what is known from outside.
    pub(super) fn masked(&self, bytes: &[u8]) -> Vec<u8> {
        mask_whole(&self.masker, self.outside.as_ref(), bytes).0
    }
}

/// What is masked in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Lines, of documents and databases values, in which something is masked.
    pub lines: u64,
    /// Places by rule.
    pub by_rule: BTreeMap<String, u64>,
    /// Values in which there is something to mask and that cannot be masked where they lie.
    pub uncovered: u64,
}

impl Counts {
    /// Returns whether there is nothing to mask.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines == 0 && self.uncovered == 0
    }

    /// Returns the number of places.
    pub(crate) fn places(&self) -> u64 {
        self.by_rule.values().sum()
    }

    /// Adds what is masked in another file.
    pub(crate) fn add(&mut self, other: &Counts) {
        self.lines += other.lines;
        self.uncovered += other.uncovered;
        for (rule, count) in &other.by_rule {
            *self.by_rule.entry(rule.clone()).or_default() += count;
        }
    }

    pub(super) fn of(masking: &Masking, tally: &Tally) -> Counts {
        let mut counts = Counts { lines: tally.masked_lines, ..Counts::default() };
        counts.add_places(masking, tally);
        counts
    }

    pub(super) fn add_places(&mut self, masking: &Masking, tally: &Tally) {
        for (rule, count) in &tally.by_rule {
            *self.by_rule.entry(masking.masker.rule_id(*rule).to_owned()).or_default() += count;
        }
    }
}
