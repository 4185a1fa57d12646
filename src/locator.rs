//! Where a source is, and by what one sees that it changed.
//!
//! A source is a file, the rows that one session has in a database, or a document that its agent writes anew whenever
//! something happens. Nothing but this file knows what a locator is made of; whoever needs the source itself opens it with
//! `input::Source::open`.

use crate::platform::Stat;
use crate::platform::path::{escape_path, path_bytes};
use crate::recipe::{Schema, Shape};
use crate::row_numbers::KnownRows;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How long a source must have been left alone before its stamp was taken for the stamp to be proof that it did not
/// change since: file systems count time in ticks of up to 2 seconds (FAT), and Git calls the same rule racy-clean.
const RACY_NANOSECONDS: i64 = 2_000_000_000;

/// The same where a time shows that its file system counts in smaller steps: the kernel's clock ticks every 10 ms at most.
const FINE_RACY_NANOSECONDS: i64 = 40_000_000;

fn racy_nanoseconds(time: i64) -> i64 {
    // FAT counts in 2 and in 0.01 seconds, others in whole ones, some in milliseconds or in 100 ns.
    if time % 1_000_000 == 0 { RACY_NANOSECONDS } else { FINE_RACY_NANOSECONDS }
}

/// Where a source is.
#[derive(Clone, Debug)]
pub(crate) enum Locator {
    /// The bytes of a regular file, packed or not.
    File(PathBuf),
    /// What one session has in a database.
    Rows(Arc<Rows>),
    /// What its agent writes anew at each turn.
    Document(Arc<Document>),
}

/// What one session has in a database.
#[derive(Debug)]
pub(crate) struct Rows {
    /// The database's file.
    pub path: PathBuf,
    /// `None`: a database of no known schema, told as a whole.
    pub schema: Option<&'static Schema>,
    /// The session's id there; empty for all of the database.
    pub session: String,
    /// What all sessions of the file share.
    pub known: Arc<KnownRows>,
}

/// A document, or several that are one source.
#[derive(Debug)]
pub(crate) struct Document {
    /// The file that stands for all of them.
    pub path: PathBuf,
    /// The files and what they are, in the order in which they are told.
    pub files: Vec<(PathBuf, Shape)>,
    /// Of a chat that holds several sessions: the one that begins in this line, counted from 0.
    pub section: Option<u64>,
}

impl Locator {
    /// Returns the path of the file that the source is, or lies in.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Locator::File(path) => path,
            Locator::Rows(rows) => &rows.path,
            Locator::Document(document) => &document.path,
        }
    }

    /// Returns whether the source is no text but is told in lines that are made of it.
    pub(crate) fn is_rendered(&self) -> bool {
        !matches!(self, Locator::File(_))
    }

    /// Returns what tells the source from all others: what the catalog knows it by, hashed.
    pub(crate) fn key(&self) -> Cow<'_, [u8]> {
        let path = path_bytes(self.path());
        match self {
            Locator::File(_) | Locator::Document(_) if self.section().is_none() => Cow::Borrowed(path),
            // No path holds a NUL.
            _ => Cow::Owned([path, b"\0", self.within().as_bytes()].concat()),
        }
    }

    /// Returns the source as archives name it: an absolute path, percent-escaped where it is not UTF-8; behind a `#` what
    /// of the file it is.
    pub(crate) fn text(&self) -> String {
        let path = self.path();
        let path = escape_path(path_bytes(&std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())));
        match self.within() {
            within if within.is_empty() => path,
            within => format!("{path}#{within}"),
        }
    }

    fn section(&self) -> Option<u64> {
        match self {
            Locator::Document(document) => document.section,
            _ => None,
        }
    }

    /// Returns what of the file the source is; nothing for all of it.
    fn within(&self) -> String {
        match self {
            Locator::File(_) => String::new(),
            Locator::Rows(rows) => rows.session.clone(),
            Locator::Document(document) => {
                document.section.map(|line| format!("L{}", line + 1)).unwrap_or_default()
            }
        }
    }
}

impl PartialEq for Locator {
    fn eq(&self, other: &Locator) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Locator {}

impl Hash for Locator {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialOrd for Locator {
    fn partial_cmp(&self, other: &Locator) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Locator {
    fn cmp(&self, other: &Locator) -> Ordering {
        self.key().cmp(&other.key())
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

/// What changes when a source does, known without opening it. Times are nanoseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stamp {
    /// Bytes that there are to read, as far as one sees from outside; at least 1 where there is anything.
    pub bytes: u64,
    pub modified_ns: i64,
    pub changed_ns: i64,
    /// A file's number; of rows and of several files, a hash of all that tells that they changed.
    pub inode: u64,
}

impl Stamp {
    /// Returns the stamp of a file with these metadata.
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Stamp {
        Stamp::of_stat(&Stat::of(metadata))
    }

    /// Returns the stamp of a file of which the file system says this.
    pub(crate) fn of_stat(stat: &Stat) -> Stamp {
        Stamp { bytes: stat.bytes, modified_ns: stat.mtime_ns, changed_ns: stat.ctime_ns, inode: stat.inode }
    }

    /// Returns how many bytes there are to read, as far as one sees from outside.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns when the source was last written to.
    pub(crate) fn modified_ns(&self) -> i64 {
        self.modified_ns
    }

    /// Returns the stamp of several sources that are one.
    pub(crate) fn of_all(stamps: &[Stamp]) -> Stamp {
        if let [stamp] = stamps {
            return *stamp;
        }
        let mut hasher = blake3::Hasher::new();
        for stamp in stamps {
            hasher.update(&stamp.bytes.to_le_bytes());
            hasher.update(&stamp.modified_ns.to_le_bytes());
            hasher.update(&stamp.changed_ns.to_le_bytes());
            hasher.update(&stamp.inode.to_le_bytes());
        }
        Stamp {
            bytes: stamps.iter().map(|stamp| stamp.bytes).sum(),
            modified_ns: stamps.iter().map(|stamp| stamp.modified_ns).max().unwrap_or_default(),
            changed_ns: stamps.iter().map(|stamp| stamp.changed_ns).max().unwrap_or_default(),
            inode: Stamp::mark(&hasher),
        }
    }

    /// Returns what stands in a stamp for all that was hashed. The sign bit is left out: tables of databases have signed
    /// numbers.
    pub(crate) fn mark(hasher: &blake3::Hasher) -> u64 {
        let hash = hasher.finalize();
        u64::from_le_bytes(std::array::from_fn(|index| hash.as_bytes()[index])) >> 1
    }

    /// Returns whether this stamp, recorded of a source that was opened at `observed_ns`, proves that the source is
    /// still as it was then, now that it has the stamp `now`.
    pub(crate) fn proves(&self, now: &Stamp, observed_ns: i64) -> bool {
        let is_settled = |time: i64| observed_ns.saturating_sub(racy_nanoseconds(time)) > time;
        self == now && is_settled(now.modified_ns) && is_settled(now.changed_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn stamp(modified_ns: i64, changed_ns: i64) -> Stamp {
        Stamp { bytes: 7, modified_ns, changed_ns, inode: 9 }
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
        let others = [stamp(1, 0), stamp(0, 1), Stamp { bytes: 8, ..then }, Stamp { inode: 8, ..then }];
        assert!(others.iter().all(|now| !then.proves(now, 100 * SECOND)));
    }

    #[test]
    fn a_time_of_fine_steps_is_settled_soon() {
        let then = stamp(100 * SECOND + 123, 100 * SECOND + 123);
        assert!(!then.proves(&then, 100 * SECOND + 30_000_000));
        assert!(then.proves(&then, 100 * SECOND + 50_000_000));
    }

    #[test]
    fn sessions_of_one_database_are_told_apart() {
        let rows = |session: &str| {
            let (path, session) = (PathBuf::from("/d/x.db"), session.to_owned());
            Locator::Rows(Arc::new(Rows { path, schema: None, session, known: Arc::default() }))
        };
        assert_ne!(rows("a"), rows("b"));
        assert_ne!(rows("a").key(), Locator::from(PathBuf::from("/d/x.db")).key());
        assert_eq!(rows("a").text(), "/d/x.db#a");
    }
}
