//! Publishes staged files: whole, durable, and never over another one unless told to.
//!
//! The order is fixed: the file's bytes reach the disk, then it gets its name, then the name reaches the disk. For one
//! file that is two flushes; a group shares them, so that 10,000 short sessions do not cost 20,000. Owns nothing that
//! decides what may be replaced; that is the engine's.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::handle::{Store, check_component};
use super::stage::{Flush, Staged};
use crate::error::{Error, Kind, Result};
use crate::platform::{self, Dir, Stat, process};

/// Files in a group: flushes are shared well, and little is lost when one fails.
pub(crate) const MAX_GROUP: usize = 256;

/// From so many files on one flush of the whole file system is cheaper than one a file. (Measured on ext4: a flush of
/// a file takes 0.3 ms on a quiet disk and 3 ms beside other writers, one of the file system 3 to 30 ms; a group of 256
/// then costs 0.1 ms a file.)
const SYNC_FILE_SYSTEM_FROM: usize = 8;

/// Open files that a group leaves to everything else.
const OTHER_OPEN_FILES: u64 = 16;

/// Whether a file may take the place of one with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replace {
    /// The name must be free.
    No,
    /// Readers see the old file or the new one, never less.
    Yes,
}

/// What became of one staged file.
#[derive(Debug)]
pub(crate) enum Publication {
    /// It has its name and survives a power loss. With what the file system says of its sidecar, if it got one.
    Published(Option<Stat>),
    /// Another file has the name; here it is back, to be published under another one or dropped.
    NameTaken(Staged),
    /// Its bytes may never have reached the disk. Nothing is left of it: a second flush of the same file may succeed
    /// without them, as the system may have dropped them when the first one failed. What has to be archived has to be
    /// written again, to another file.
    NotFlushed(Error),
    /// It could not be written; nothing is left of it.
    Failed(Error),
}

impl Store {
    /// Writes a whole small file of a directory in the store, replacing the one with that name in one step; returns
    /// what the file system says of it then. Not flushed: for caches, which can be made again.
    pub(crate) fn write_sidecar(&self, directory: &Dir, name: &str, bytes: &[u8]) -> io::Result<Stat> {
        write_atomically(directory, name, bytes)
    }
}

/// Writes a whole private file, replacing the one with that name in one step; returns what the file system says of it
/// then. Not flushed.
pub(crate) fn write_atomically(directory: &Dir, name: &str, bytes: &[u8]) -> io::Result<Stat> {
    check_component(name)?;
    let temporary = platform::temporary_name()?;
    let file = directory.create_new(&temporary)?;
    let written =
        platform::write_all_at(&file, bytes, 0).and_then(|()| directory.rename_over(&temporary, name));
    if written.is_err() {
        let _ = directory.remove(&temporary);
    }
    // Renaming changes a file's times, too.
    written.and_then(|()| Stat::of_file(&file))
}

/// Gives a flushed file its name.
fn publish(mut staged: Staged, name: &str, replace: Replace) -> Result<Publication> {
    let named = check_component(name).and_then(|()| give_name(&mut staged, name, replace));
    match named {
        Ok(()) => Ok(Publication::Published(None)),
        Err(error) if replace == Replace::No && error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(Publication::NameTaken(staged))
        }
        Err(error) => Err(staged.cannot_write(error)),
    }
}

fn give_name(staged: &mut Staged, name: &str, replace: Replace) -> io::Result<()> {
    let directory = staged.directory.clone();
    match (&staged.temporary, replace) {
        (None, Replace::No) => match directory.link_unnamed(&staged.file, name) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                staged.take_hidden_name()?;
                give_name(staged, name, replace)
            }
            linked => linked,
        },
        (None, Replace::Yes) => {
            let temporary = platform::temporary_name()?;
            match directory.link_unnamed(&staged.file, &temporary) {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => staged.take_hidden_name()?,
                // From here on dropping it removes the hidden name.
                linked => linked.map(|()| staged.temporary = Some(temporary))?,
            }
            give_name(staged, name, replace)
        }
        (Some(temporary), _) => {
            match replace {
                Replace::No => directory.rename_new(temporary, name)?,
                Replace::Yes => directory.rename_file_over(&staged.file, temporary, name)?,
            }
            staged.temporary = None;
            Ok(())
        }
    }
}

/// One archive in a group.
#[derive(Debug)]
struct Member {
    staged: Staged,
    name: String,
    replace: Replace,
    /// Name and bytes of its sidecar.
    sidecar: Option<(String, Vec<u8>)>,
}

/// Files that are published together. One for each thread that publishes.
#[derive(Debug)]
pub(crate) struct GroupCommit {
    store: Store,
    members: Vec<Member>,
    pub(super) capacity: usize,
}

impl GroupCommit {
    /// Returns an empty group, sized so that its open files stay within the process's limit.
    pub(crate) fn new(store: &Store) -> GroupCommit {
        // Half of the limit: sources, other threads' groups and libraries need the rest.
        let spare = process::open_file_limit().saturating_sub(OTHER_OPEN_FILES) / 2;
        let capacity = usize::try_from(spare).unwrap_or(MAX_GROUP).clamp(1, MAX_GROUP);
        GroupCommit { store: store.clone(), members: Vec::new(), capacity }
    }

    /// Adds an archive, and its sidecar's name and bytes; returns its place in the outcomes.
    pub(crate) fn add(
        &mut self,
        staged: Staged,
        name: String,
        replace: Replace,
        sidecar: Option<(String, Vec<u8>)>,
    ) -> usize {
        self.members.push(Member { staged, name, replace, sidecar });
        self.members.len() - 1
    }

    /// Returns whether none is waiting.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns whether it is time to commit.
    pub(crate) fn is_full(&self) -> bool {
        self.members.len() >= self.capacity
    }

    /// Publishes all that wait and leaves the group empty. The outcomes are in the order of [`GroupCommit::add`];
    /// `Published` means that the archive survives a power loss.
    pub(crate) fn commit(&mut self) -> Vec<Publication> {
        let mut members = std::mem::take(&mut self.members);
        let mut outcomes: Vec<Option<Publication>> = Vec::with_capacity(members.len());
        let mut touched: BTreeMap<String, Arc<Dir>> = BTreeMap::new();
        flush(members.iter_mut().map(|member| &mut member.staged).collect());
        let mut published = Vec::new();
        for (index, mut member) in members.into_iter().enumerate() {
            if let Flush::Failed(error) = std::mem::replace(&mut member.staged.flush, Flush::Done) {
                outcomes.push(Some(Publication::NotFlushed(member.staged.cannot_write(error))));
                continue;
            }
            let (directory, relative) = (member.staged.directory.clone(), member.staged.relative.clone());
            let outcome =
                publish(member.staged, &member.name, member.replace).unwrap_or_else(Publication::Failed);
            if matches!(outcome, Publication::Published(_)) {
                published.push((index, relative.clone(), member.sidecar, directory.clone()));
                touched.entry(relative).or_insert(directory);
                outcomes.push(None);
            } else {
                outcomes.push(Some(outcome));
            }
        }
        let failed = self.make_names_durable(&touched);
        for (index, relative, sidecar, directory) in published {
            outcomes[index] = Some(match failed.get(&relative) {
                Some(kind) => Publication::Failed(
                    Error::new(*kind, "cannot flush").with_path(self.store.path().join(&relative)),
                ),
                None => Publication::Published(None),
            });
            if let Some((name, bytes)) = sidecar
                && let Ok(stat) = write_atomically(&directory, &name, &bytes)
                && let Some(Publication::Published(of_sidecar)) = &mut outcomes[index]
            {
                *of_sidecar = Some(stat);
            }
        }
        outcomes.into_iter().map(|outcome| outcome.expect("every member has an outcome by now")).collect()
    }

    /// Flushes every directory once; returns those for which that failed.
    fn make_names_durable(&self, touched: &BTreeMap<String, Arc<Dir>>) -> BTreeMap<String, Kind> {
        let mut failed = BTreeMap::new();
        for (relative, directory) in touched {
            let synced = directory
                .sync()
                .map_err(|error| self.store.cannot("cannot flush", relative, error))
                .and_then(|()| self.store.make_directory_durable(relative));
            if let Err(error) = synced {
                failed.insert(relative.clone(), error.kind());
            }
        }
        failed
    }
}

/// Makes the bytes of all these files reach the disk, by one flush of the file system or one a file. What came of it
/// shows when they are published.
pub(crate) fn flush(mut group: Vec<&mut Staged>) {
    group.retain(|staged| matches!(staged.flush, Flush::Missing));
    if group.len() >= SYNC_FILE_SYSTEM_FROM
        && let Some(first) = group.first()
    {
        match first.directory.sync_file_system() {
            Ok(true) => return group.iter_mut().for_each(|staged| staged.flush = Flush::Done),
            Ok(false) => {}
            // Which file it was is not known, and none may be trusted.
            Err(error) => {
                let copy = || match error.raw_os_error() {
                    Some(code) => io::Error::from_raw_os_error(code),
                    None => io::Error::from(error.kind()),
                };
                return group.iter_mut().for_each(|staged| staged.flush = Flush::Failed(copy()));
            }
        }
    }
    for staged in group {
        staged.flush = match staged.file.sync_all() {
            Ok(()) => Flush::Done,
            Err(error) => Flush::Failed(error),
        };
    }
}
