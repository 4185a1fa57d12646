//! What a run did, counted; and the exit code that follows from it.

use crate::error::{Error, Kind};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// What became of one source file.
#[derive(Debug)]
pub enum Outcome {
    /// It has a new or a replaced archive.
    Archived(Archived),
    /// Its bytes are archived already.
    Unchanged { archive: PathBuf },
    /// There was nothing to archive, or not yet.
    Skipped(Skip),
    /// It could not be archived.
    Failed(Error),
    /// Only the beginning of it can be read, of which another outcome says what became.
    Cut(Error),
    /// Something else failed that would have failed for it, too.
    NotTried,
}

/// Why a source was left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// It has no bytes.
    Empty,
    /// It was modified too recently (`--min-age`).
    TooYoung,
    /// What it holds was archived, and that archive was pruned.
    Pruned,
    /// It was there when the walk went by, and is no more.
    Gone,
}

/// Sizes and counts of one archive.
#[derive(Clone, Debug, Default)]
pub struct Archived {
    pub archive: PathBuf,
    /// Bytes of the source that the archive covers.
    pub source_bytes: u64,
    pub archived_bytes: u64,
    pub lines: u64,
    pub masked_lines: u64,
    /// It was too young for `--min-age`, but had waited for too long.
    pub has_waited: bool,
    /// How many secrets each rule masked.
    pub masked_by_rule: BTreeMap<String, u64>,
}

/// The sums for one group of sources (an agent, a directory).
#[derive(Debug, Default)]
pub struct Group {
    pub archived: u64,
    /// Those of the archived that were too young for `--min-age`.
    pub waited: u64,
    pub unchanged: u64,
    pub too_young: u64,
    pub empty: u64,
    pub pruned: u64,
    pub failed: u64,
    pub not_tried: u64,
    pub source_bytes: u64,
    pub archived_bytes: u64,
    pub lines: u64,
    pub masked_lines: u64,
}

/// The sums of a run.
#[derive(Debug, Default)]
pub struct Totals {
    /// By the group's label, as messages name it.
    pub groups: BTreeMap<String, Group>,
    /// Paths of new and replaced archives, in the order in which they became durable.
    pub archives: Vec<Archived>,
    /// What went wrong, one for each file; a fatal one is last.
    pub errors: Vec<Error>,
    /// How many secrets each rule masked in them.
    pub masked_by_rule: BTreeMap<String, u64>,
    pub elapsed: Duration,
    /// Where the time of all threads went.
    pub times: Vec<(&'static str, Duration)>,
}

impl Group {
    /// Adds the sums of another.
    fn add(&mut self, other: &Group) {
        self.archived += other.archived;
        self.waited += other.waited;
        self.unchanged += other.unchanged;
        self.too_young += other.too_young;
        self.empty += other.empty;
        self.pruned += other.pruned;
        self.failed += other.failed;
        self.not_tried += other.not_tried;
        self.source_bytes += other.source_bytes;
        self.archived_bytes += other.archived_bytes;
        self.lines += other.lines;
        self.masked_lines += other.masked_lines;
    }
}

impl Totals {
    /// Counts what became of one source of `group`.
    pub fn count(&mut self, group: &str, outcome: Outcome) {
        if !self.groups.contains_key(group) {
            self.groups.insert(group.to_owned(), Group::default());
        }
        let Some(sums) = self.groups.get_mut(group) else { return };
        match outcome {
            Outcome::Archived(mut archived) => {
                for (rule, count) in std::mem::take(&mut archived.masked_by_rule) {
                    *self.masked_by_rule.entry(rule).or_default() += count;
                }
                sums.archived += 1;
                sums.waited += u64::from(archived.has_waited);
                sums.source_bytes += archived.source_bytes;
                sums.archived_bytes += archived.archived_bytes;
                sums.lines += archived.lines;
                sums.masked_lines += archived.masked_lines;
                self.archives.push(archived);
            }
            Outcome::Unchanged { .. } => sums.unchanged += 1,
            Outcome::Skipped(Skip::TooYoung) => sums.too_young += 1,
            Outcome::Skipped(Skip::Empty) => sums.empty += 1,
            Outcome::Skipped(Skip::Pruned) => sums.pruned += 1,
            Outcome::Skipped(Skip::Gone) => {}
            Outcome::Cut(error) => self.errors.push(error),
            Outcome::NotTried => sums.not_tried += 1,
            Outcome::Failed(error) => {
                sums.failed += 1;
                self.errors.push(error);
            }
        }
    }

    /// Returns the sums over all groups.
    pub fn sum(&self) -> Group {
        let mut sum = Group::default();
        self.groups.values().for_each(|group| sum.add(group));
        sum
    }

    /// Returns the exit code: that of the first fatal error, else 3 if any file could not be archived, else 0.
    pub fn exit_code(&self) -> u8 {
        let fatal = self.errors.iter().find(|error| error.kind().is_fatal());
        match fatal {
            Some(error) => error.kind().exit_code(),
            None if !self.errors.is_empty() => Kind::Source.exit_code(),
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_that_of_the_worst_thing_that_happened() {
        let mut totals = Totals::default();
        assert_eq!(totals.exit_code(), 0);
        totals.count("Codex", Outcome::Unchanged { archive: PathBuf::new() });
        assert_eq!(totals.exit_code(), 0);
        totals.count("Codex", Outcome::Failed(Error::new(Kind::Source, "cannot read")));
        assert_eq!(totals.exit_code(), 3);
        totals.count("Codex", Outcome::Failed(Error::new(Kind::NoSpace, "cannot write")));
        assert_eq!(totals.exit_code(), 1);
        assert_eq!((totals.sum().failed, totals.sum().unchanged), (2, 1));
    }
}
