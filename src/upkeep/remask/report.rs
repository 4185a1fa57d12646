//! What was done, or would be: counts, never text.

use crate::error::{Error, Kind};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a rule found that was not masked before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub matches: u64,
    /// Sessions in which it found anything.
    pub sessions: u64,
}

/// What masking again did, or would do.
#[derive(Debug, Default)]
pub(crate) struct Remasked {
    pub is_dry_run: bool,
    /// Sessions in which more is masked now.
    pub changed: u64,
    /// Sessions in which nothing new was found.
    pub unchanged: u64,
    /// Sessions that today's rules masked already, or that were not asked for.
    pub left_out: u64,
    /// Sessions of which at least one archive was made again from its source.
    pub from_source: u64,
    /// Archives that were written anew, those in which only the rules' version is new among them.
    pub archives: u64,
    /// Archives in which more is masked now.
    pub changed_archives: u64,
    /// Sidecars that did not say what their archives say, and were written anew.
    pub sidecars: u64,
    /// Lines in which something is masked now and nothing was.
    pub lines: u64,
    /// By the id of the rule.
    pub rules: BTreeMap<String, Found>,
    /// Bytes of text that were looked through.
    pub text_bytes: u64,
    /// Bytes of the archives that were written anew, before and after.
    pub bytes_before: u64,
    pub bytes_after: u64,
    /// Archives whose names hold something that is masked today, as they may be shown. They keep their names.
    pub names: Vec<String>,
    pub errors: Vec<Error>,
    pub elapsed: Duration,
}

impl Remasked {
    /// Returns the exit code: that of a failure that ended the run, else 4 for a damaged archive, else 3 if anything was
    /// left as it is that should not be, else 0.
    pub(crate) fn exit_code(&self) -> u8 {
        let kinds = || self.errors.iter().map(Error::kind);
        if let Some(fatal) = kinds().find(|kind| kind.is_fatal()) {
            return fatal.exit_code();
        }
        if kinds().any(|kind| kind == Kind::Damaged) {
            return Kind::Damaged.exit_code();
        }
        match self.errors.is_empty() && self.names.is_empty() {
            true => 0,
            false => Kind::Source.exit_code(),
        }
    }

    /// Adds what was found in a session.
    pub(super) fn add_found(&mut self, found: &BTreeMap<String, u64>) {
        for (rule, count) in found {
            let known = self.rules.entry(rule.clone()).or_default();
            known.matches += count;
            known.sessions += 1;
        }
    }
}
