//! How many threads and waiting archives the process's limit of open files allows.
//!
//! Every finished archive holds its file open until it is committed, and a group of them holds the locks of its
//! sessions; under a low limit less has to wait at once. Of a session with many parts the large ones (more than 1 MiB)
//! stay open from start to end if that many may, and are opened again and again if not. Parts of more than 4 MiB, each
//! of which has a staged file, are not counted here.

use crate::archive::store::commit::MAX_GROUP;

/// Open files of everything but sessions: standard streams, the store's and the months' directories, the catalog and
/// its log, the import's lock, and what libraries open for a moment.
const OTHER_FILES: u64 = 20;

/// Open files of a thread at work: a source, its staged archive, and the archive that it grows from.
const FILES_A_THREAD: u64 = 3;

/// Large sessions that are open at once: the next one is scanned while the last blocks of others are still worked on.
pub(crate) const OPEN_SESSIONS: usize = 3;

/// Large sessions whose files may be open: one is closed by the thread that ends it when the next one is opened already.
const OPEN_FILES_OF_SESSIONS: u64 = OPEN_SESSIONS as u64 + 1;

/// What a run allows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub threads: usize,
    /// Archives that are committed together at most. Three groups are open at once: one waits, one is flushed, and one
    /// gets its names.
    pub group: usize,
    /// Sources that one session may keep open from start to end.
    pub sources: usize,
}

impl Limits {
    /// Returns what `open_files` allow of the `threads` that are wanted.
    pub(crate) fn new(threads: usize, open_files: u64) -> Limits {
        let spare = open_files.saturating_sub(OTHER_FILES);
        let at_most = usize::try_from(spare / 2 / FILES_A_THREAD).unwrap_or(usize::MAX);
        let threads = threads.min(at_most).max(1);
        let left = spare.saturating_sub(threads as u64 * FILES_A_THREAD);
        // A file for each archive of three groups, a lock for each of the one that gets its names, and as much as for
        // two groups for large sessions.
        let group = usize::try_from(left / 6).unwrap_or(MAX_GROUP).clamp(1, MAX_GROUP);
        let sources = left.saturating_sub(4 * group as u64) / OPEN_FILES_OF_SESSIONS;
        Limits { threads, group, sources: usize::try_from(sources).unwrap_or(usize::MAX).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generous_limit_changes_nothing() {
        let limits = Limits::new(16, 1 << 20);
        assert_eq!((limits.threads, limits.group), (16, MAX_GROUP));
        assert!(limits.sources > 100_000);
    }

    #[test]
    fn thirty_two_open_files_are_enough_for_two_threads() {
        let limits = Limits::new(8, 32);
        assert_eq!(limits, Limits { threads: 2, group: 1, sources: 1 });
        assert_eq!(Limits::new(8, 3), Limits { threads: 1, group: 1, sources: 1 });
    }
}
