//! Where a source is, and by what one sees that it changed.
//!
//! A source is a file. It need not be one: a session may as well be rows of a database that holds many. So nothing but
//! this file knows what a locator is made of; whoever needs the source itself opens it with `input::Source::open`.

use crate::platform::Stat;
use crate::platform::path::{escape_path, path_bytes};
use std::path::{Path, PathBuf};

/// How long a source must have been left alone before its stamp was taken for the stamp to be proof that it did not
/// change since: file systems count time in ticks of up to 2 seconds (FAT), and Git calls the same rule racy-clean.
const RACY_NANOSECONDS: i64 = 2_000_000_000;

/// Where a source is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Locator {
    /// The bytes of a regular file, packed or not.
    File(PathBuf),
}

impl Locator {
    /// Returns the path of the file that the source is, or lies in.
    pub(crate) fn path(&self) -> &Path {
        let Locator::File(path) = self;
        path
    }

    /// Returns what tells the source from all others: what the catalog knows it by, hashed.
    pub(crate) fn key(&self) -> &[u8] {
        let Locator::File(path) = self;
        path_bytes(path)
    }

    /// Returns the source as archives name it: an absolute path, percent-escaped where it is not UTF-8.
    pub(crate) fn text(&self) -> String {
        let Locator::File(path) = self;
        escape_path(path_bytes(&std::path::absolute(path).unwrap_or_else(|_| path.clone())))
    }
}

impl From<PathBuf> for Locator {
    fn from(path: PathBuf) -> Locator {
        Locator::File(path)
    }
}

impl From<&Path> for Locator {
    fn from(path: &Path) -> Locator {
        Locator::File(path.to_path_buf())
    }
}

/// What changes when a source does, known without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stamp {
    /// Of a file, from one `statx`. Times are nanoseconds since 1970, UTC.
    File { bytes: u64, modified_ns: i64, changed_ns: i64, inode: u64 },
}

impl Stamp {
    /// Returns the stamp of a file with these metadata.
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Stamp {
        Stamp::of_stat(&Stat::of(metadata))
    }

    /// Returns the stamp of a file of which the file system says this.
    pub(crate) fn of_stat(stat: &Stat) -> Stamp {
        Stamp::File {
            bytes: stat.bytes,
            modified_ns: stat.mtime_ns,
            changed_ns: stat.ctime_ns,
            inode: stat.inode,
        }
    }

    /// Returns how many bytes there are to read, as far as one sees from outside: of a packed file, those of the file.
    pub(crate) fn bytes(&self) -> u64 {
        let Stamp::File { bytes, .. } = self;
        *bytes
    }

    /// Returns when the source was last written to, in nanoseconds since 1970, UTC.
    pub(crate) fn modified_ns(&self) -> i64 {
        let Stamp::File { modified_ns, .. } = self;
        *modified_ns
    }

    /// Returns whether this stamp, recorded of a source that was opened at `observed_ns`, proves that the source is
    /// still as it was then, now that it has the stamp `now`.
    pub(crate) fn proves(&self, now: &Stamp, observed_ns: i64) -> bool {
        let Stamp::File { modified_ns, changed_ns, .. } = now;
        let is_settled = |time: i64| observed_ns.saturating_sub(RACY_NANOSECONDS) > time;
        self == now && is_settled(*modified_ns) && is_settled(*changed_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn stamp(modified_ns: i64, changed_ns: i64) -> Stamp {
        Stamp::File { bytes: 7, modified_ns, changed_ns, inode: 9 }
    }

    #[test]
    fn a_stamp_proves_nothing_of_a_file_that_was_written_to_as_it_was_looked_at() {
        let then = stamp(100 * SECOND, 100 * SECOND);
        for (observed_ns, is_proof) in [(100, false), (101, false), (102, false), (103, true)] {
            assert_eq!(then.proves(&then, observed_ns * SECOND), is_proof, "{observed_ns}");
        }
        // Times that were set back by hand: the change time tells.
        let set_back = stamp(0, 100 * SECOND);
        assert!(!set_back.proves(&set_back, 101 * SECOND));
    }

    #[test]
    fn a_stamp_proves_nothing_of_a_file_that_looks_otherwise() {
        let then = stamp(0, 0);
        let others = [
            stamp(1, 0),
            stamp(0, 1),
            Stamp::File { bytes: 8, modified_ns: 0, changed_ns: 0, inode: 9 },
            Stamp::File { bytes: 7, modified_ns: 0, changed_ns: 0, inode: 8 },
        ];
        assert!(others.iter().all(|now| !then.proves(now, 100 * SECOND)));
    }
}
