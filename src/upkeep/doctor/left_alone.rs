//! What lies in an agent's directories and is not archived, as lists to be shown: paths masked, counted by reason, and no
//! more of them held than are wanted.

use crate::agents::{LeftAlone, WalkProblem};
use crate::error::Error;
use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::{Path, PathBuf};

/// What is to be shown, and how.
pub(crate) struct Wanted<'a> {
    /// So many of the files that are left alone, the first by their paths.
    pub files: usize,
    /// Takes out of a path what must not be read on a screen.
    pub mask: &'a dyn Fn(&str) -> String,
}

/// One thing that is not archived.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Masked.
    pub path: String,
    pub reason: String,
    /// What to do about it, where there is something.
    pub hint: Option<String>,
}

impl Item {
    /// Returns what is said of something that is in a walk's way; nothing of what is gone.
    pub(crate) fn of_problem(problem: WalkProblem, wanted: &Wanted) -> Option<Item> {
        let error = Error::from(problem);
        if error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return None;
        }
        Some(Item {
            path: error.path().map(|path| masked(path, wanted)).unwrap_or_default(),
            reason: error.source().map(|reason| reason.to_string()).unwrap_or_default(),
            hint: error.hint().map(wanted.mask),
        })
    }
}

fn masked(path: &Path, wanted: &Wanted) -> String {
    (wanted.mask)(&path.to_string_lossy())
}

/// Files that are left alone for a good reason.
#[derive(Debug)]
pub(crate) struct Tally {
    /// The most files to be kept.
    limit: usize,
    kept: BTreeMap<PathBuf, LeftAlone>,
    counts: BTreeMap<LeftAlone, u64>,
}

impl Tally {
    /// Returns a tally that keeps the paths of `limit` files.
    pub(crate) fn new(limit: usize) -> Tally {
        Tally { limit, kept: BTreeMap::new(), counts: BTreeMap::new() }
    }

    /// Counts the file at `path`.
    pub(crate) fn add(&mut self, path: &Path, why: LeftAlone) {
        *self.counts.entry(why).or_default() += 1;
        let is_full = self.kept.len() >= self.limit;
        if is_full && self.kept.last_key_value().is_none_or(|(last, _)| path >= last.as_path()) {
            return;
        }
        self.kept.insert(path.to_path_buf(), why);
        if self.kept.len() > self.limit {
            self.kept.pop_last();
        }
    }

    /// Returns the files that were kept, by path.
    pub(crate) fn items(&self, wanted: &Wanted) -> Vec<Item> {
        let item = |(path, why): (&PathBuf, &LeftAlone)| Item {
            path: masked(path, wanted),
            reason: why.to_string(),
            hint: None,
        };
        self.kept.iter().map(item).collect()
    }

    /// Returns how many files there are for each reason.
    pub(crate) fn counts(&self) -> BTreeMap<LeftAlone, u64> {
        self.counts.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_files_by_path_are_kept_and_all_are_counted() {
        let mut tally = Tally::new(2);
        for name in ["d", "b", "a", "c", "e"] {
            tally.add(Path::new(name), LeftAlone::Empty);
        }
        tally.add(Path::new("f"), LeftAlone::Database);
        let wanted = Wanted { files: 2, mask: &|path| format!("<{path}>") };
        let paths: Vec<String> = tally.items(&wanted).into_iter().map(|item| item.path).collect();
        assert_eq!(paths, ["<a>", "<b>"]);
        assert_eq!(tally.counts(), BTreeMap::from([(LeftAlone::Empty, 5), (LeftAlone::Database, 1)]));
    }

    #[test]
    fn a_tally_that_keeps_nothing_counts() {
        let mut tally = Tally::new(0);
        tally.add(Path::new("a"), LeftAlone::Empty);
        assert!(tally.items(&Wanted { files: 0, mask: &str::to_owned }).is_empty());
        assert_eq!(tally.counts()[&LeftAlone::Empty], 1);
    }
}
