//! Keeps runs apart: one import at a time, and one publisher at a time for each session.
//!
//! Locks are flocks on files that are never deleted, so that the system lets go of a dead run's locks by itself and
//! there is nothing stale to break. They work between threads of one process too.

use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::handle::Store;
use super::root::LOCKS_DIRECTORY;
use crate::archive::names::PRIVATE_DIRECTORY;
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;
use crate::platform::{self, process};

/// Lock files for sessions: many, so that two sessions rarely share one; few enough to keep for ever.
const BUCKETS: usize = 256;

/// The lock file for imports.
const IMPORT_LOCK: &str = "import";

/// How long whoever changes a whole store waits for an import that runs.
pub(crate) const IMPORT_WAIT: Duration = Duration::from_secs(30);

/// Lock that keeps workers of hooks apart.
const WORKER_LOCK: &str = "worker";

/// Lock of whoever writes to the ledger of pruned and pinned sessions.
const LEDGER_LOCK: &str = "ledger";

/// Longest pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_millis(20);

/// A held lock; dropping it lets go.
#[derive(Debug)]
pub(crate) struct Lock {
    // Closing the file is what lets go. There is no copy of the descriptor: it is not inherited.
    _file: File,
}

impl Store {
    /// Takes the lock that keeps imports apart, waiting up to `wait`. [`Kind::Busy`] names who holds it.
    pub(crate) fn lock_import(&self, wait: Duration) -> Result<Lock> {
        let lock = self.take_lock(IMPORT_LOCK, wait)?;
        // For the message of those who wait; if it cannot be written, the message is poorer.
        let _ = lock._file.set_len(0);
        let _ = platform::write_all_at(&lock._file, format!("{}\n", std::process::id()).as_bytes(), 0);
        Ok(lock)
    }

    /// Takes the locks of all these sessions, waiting up to `wait` for each. Parts share their session's lock. Taken in
    /// one order by everybody, so that two groups never wait for each other: a caller takes all that it needs at once.
    pub(crate) fn lock_sessions<'a>(
        &self,
        identities: impl IntoIterator<Item = &'a Identity>,
        wait: Duration,
    ) -> Result<Vec<Lock>> {
        let mut buckets: Vec<usize> = identities.into_iter().map(bucket).collect();
        buckets.sort_unstable();
        buckets.dedup();
        buckets.into_iter().map(|bucket| self.take_lock(&format!("{bucket:02x}"), wait)).collect()
    }

    /// Takes the lock of hooks' workers, of which one at a time does the work of all; `None` if another has it.
    pub(crate) fn try_lock_worker(&self) -> Result<Option<Lock>> {
        match self.take_lock(WORKER_LOCK, Duration::ZERO) {
            Ok(lock) => Ok(Some(lock)),
            Err(error) if error.kind() == Kind::Busy => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes the lock of whoever writes to the ledger. Taken last, and held for a write and its flush.
    pub(crate) fn lock_ledger(&self) -> Result<Lock> {
        self.take_lock(LEDGER_LOCK, IMPORT_WAIT)
    }

    fn take_lock(&self, name: &str, wait: Duration) -> Result<Lock> {
        let path = self.private_path(LOCKS_DIRECTORY).join(name);
        let cannot = |error| Error::io(Kind::Store, "cannot lock", &path, error);
        let directory = self.private().open_dir(LOCKS_DIRECTORY).map_err(cannot)?;
        let file = directory.open_or_create(name).map_err(cannot)?;
        let started = Instant::now();
        let mut pause = Duration::from_micros(200);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                // Some network file systems have no locks. Names are still never replaced by accident.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Lock { _file: file });
                }
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(TryLockError::Error(error)) => return Err(cannot(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            if let Some(signal) = process::interrupted() {
                return Err(Error::new(
                    Kind::Interrupted(signal),
                    "interrupted while waiting for another run",
                ));
            }
            let left = wait.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(busy(&file));
            }
            sleep(pause.min(left));
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }
}

/// Returns the file of the lock that keeps imports of the store at `root` apart, whether it exists or not. Its time of
/// change is that of the last import's start.
pub(crate) fn import_lock_path(root: &Path) -> PathBuf {
    root.join(PRIVATE_DIRECTORY).join(LOCKS_DIRECTORY).join(IMPORT_LOCK)
}

/// Returns whether a run holds the import lock of the store at `root`. A lock file that cannot be opened says no.
pub(crate) fn is_import_running(root: &Path) -> bool {
    let lock = File::open(import_lock_path(root));
    lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Returns the error for a lock that another run holds, with its process id if the file tells.
fn busy(mut file: &File) -> Error {
    let mut text = String::new();
    let _ = (&mut file).take(32).read_to_string(&mut text);
    let what = match text.trim().parse::<u32>() {
        Ok(pid) => format!("another import is running (process {pid})"),
        Err(_) => "another run is archiving this session".to_owned(),
    };
    Error::new(Kind::Busy, what).with_hint("Try again when it is done.")
}

/// Returns a session's bucket. Must stay the same between versions that may run side by side.
fn bucket(identity: &Identity) -> usize {
    let mut hasher = blake3::Hasher::new();
    hasher.update(identity.agent.as_bytes());
    hasher.update(&[0]);
    hasher.update(identity.session_id.as_bytes());
    usize::from(hasher.finalize().as_bytes()[0]) % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn identity(session_id: &str) -> Identity {
        Identity { agent: "codex".into(), session_id: session_id.into(), part_id: None }
    }

    #[test]
    fn a_second_import_is_told_who_holds_the_lock() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let held = store.lock_import(Duration::ZERO).unwrap();
        let error = store.lock_import(Duration::from_millis(5)).unwrap_err();
        assert_eq!(error.kind(), Kind::Busy);
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        drop(held);
        store.lock_import(Duration::ZERO).unwrap();
    }

    #[test]
    fn one_session_has_one_publisher_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        let _held = store.lock_sessions([&identity("a")], Duration::from_secs(30)).unwrap();
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 1);
    }

    #[test]
    fn groups_that_overlap_do_not_wait_for_each_other_for_ever() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        let mut sessions: Vec<Identity> = (0..40).map(|number| identity(&number.to_string())).collect();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let (store, group) = (store.clone(), sessions.clone());
                scope.spawn(move || {
                    for _ in 0..20 {
                        store.lock_sessions(&group, Duration::from_secs(30)).unwrap();
                    }
                });
                sessions.reverse();
            }
        });
    }

    #[test]
    fn a_part_shares_its_sessions_lock() {
        let part = Identity { part_id: Some("p".into()), ..identity("a") };
        assert_eq!(bucket(&part), bucket(&identity("a")));
    }
}
