//! Lists transcripts: one pass over the directories, one `stat` a candidate, nothing opened.
//!
//! Directories of one level are read in parallel, and so are the files of one large directory. The caller's function
//! is called on the caller's thread. What is in the way (an unreadable directory, a FIFO named like a transcript, a
//! symlink that leads out of the tree) is returned as a problem, and the walk goes on.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::names::{PathTail, clean_id, guess_name, is_packed, unpacked_path};
use super::{Agent, Environment, Found, Guess, Place, Stat, registry};
use crate::error::{Error, Kind};

/// Directories read at once before what they hold is handed on: enough to keep all threads busy, few enough that
/// what is held in memory stays small.
const DIRECTORIES_AT_ONCE: usize = 512;

/// Files of one directory that one thread takes at a time.
const FILES_AT_ONCE: usize = 512;

/// Something in a tree that should have been a transcript, or held some, and cannot be used.
#[derive(Debug)]
pub struct WalkProblem {
    pub path: PathBuf,
    pub reason: WalkReason,
}

/// Why a path cannot be used.
#[derive(Debug)]
pub enum WalkReason {
    /// A FIFO, socket, device or directory with a transcript's name.
    NotRegular,
    /// A symlink to a file outside of the directories that are being walked.
    SymlinkOutside,
    /// A symlink that leads nowhere.
    SymlinkDangling,
    /// The directory cannot be read, or the file's status not be had.
    Unreadable(io::Error),
}

impl fmt::Display for WalkProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.reason {
            WalkReason::NotRegular => write!(f, "skipped {path}: not a regular file"),
            WalkReason::SymlinkOutside => {
                write!(f, "skipped {path}: a symlink to a file outside of the tree")
            }
            WalkReason::SymlinkDangling => write!(f, "skipped {path}: a symlink that leads nowhere"),
            WalkReason::Unreadable(error) => write!(f, "cannot read {path}: {error}"),
        }
    }
}

impl From<WalkProblem> for Error {
    fn from(problem: WalkProblem) -> Error {
        match problem.reason {
            WalkReason::NotRegular => {
                Error::new(Kind::Source, "skipped").with_path(problem.path).with_source("not a regular file")
            }
            WalkReason::SymlinkOutside => Error::new(Kind::Source, "skipped")
                .with_path(problem.path)
                .with_source("a symlink to a file outside of the tree")
                .with_hint("Name the file's own directory to archive it."),
            WalkReason::SymlinkDangling => Error::new(Kind::Source, "skipped")
                .with_path(problem.path)
                .with_source("a symlink that leads nowhere"),
            WalkReason::Unreadable(error) => Error::io(Kind::Source, "cannot read", &problem.path, error),
        }
    }
}

/// What a walk looks for.
pub(super) trait Rules: Sync {
    /// Returns whether a file of this name can belong, whatever its directory. Only such files cost anything.
    fn is_candidate(&self, name: &[u8]) -> bool;

    /// Returns the guess for the file at `path`, or nothing if it does not belong.
    fn guess(&self, path: &Path) -> Option<Guess>;

    /// Returns whether any file in the directory at `path` can belong, whatever its name.
    fn takes_any_name(&self, _directory: &Path) -> bool {
        false
    }

    /// Returns whether to look into the directory at `path`.
    fn enters(&self, _path: &Path) -> bool {
        true
    }
}

/// Walks `agent`'s `roots` (as [`Agent::roots`] gives them) and calls `found` for every transcript and part in them.
/// Roots that do not exist hold nothing; one that lies in another, or is named twice, is walked once. A root itself
/// may be a symlink.
///
/// A transcript that is there both plain and packed is found plain.
pub fn walk(agent: &dyn Agent, roots: &[PathBuf], found: &mut dyn FnMut(Found)) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    let roots = distinct_roots(roots, &mut problems);
    problems.extend(walk_roots(&OfAgent(agent), &roots, found));
    problems
}

/// Finds the transcript of a session whose path is not known: by its id, in all of `agent`'s roots.
pub fn locate(agent: &dyn Agent, environment: &Environment, session_id: &str) -> Option<Found> {
    let wanted = clean_id(session_id.as_bytes());
    let mut located = None;
    walk(agent, &agent.roots(environment), &mut |found| {
        if found.guess.part_id.is_none() && found.guess.session_id.as_ref() == Some(&wanted) {
            located.get_or_insert(found);
        }
    });
    located
}

/// The rules of an agent's own tree: what it recognises, and any other file that ends like a transcript.
struct OfAgent<'a>(&'a dyn Agent);

impl Rules for OfAgent<'_> {
    fn is_candidate(&self, name: &[u8]) -> bool {
        is_transcript_name(name) || is_companion_name(name)
    }

    fn guess(&self, path: &Path) -> Option<Guess> {
        let tail = PathTail::new(path);
        match self.0.place(&tail) {
            Some(Place::Ours(guess)) => Some(guess),
            Some(Place::NotATranscript) => None,
            None if is_transcript_name(tail.name()) => {
                let agent = registry().iter().find(|agent| agent.id() == self.0.id()).map(|agent| agent.id());
                Some(Guess { agent, ..guess_name(path) })
            }
            None => None,
        }
    }

    fn takes_any_name(&self, directory: &Path) -> bool {
        self.0.takes_any_name(&PathTail::new(directory))
    }

    fn enters(&self, path: &Path) -> bool {
        self.0.enters(&PathTail::new(path))
    }
}

/// Returns whether the name is that of a transcript.
pub(super) fn is_transcript_name(name: &[u8]) -> bool {
    name.ends_with(b".jsonl") || name.ends_with(b".jsonl.zst")
}

/// Returns whether the name may be that of a file that belongs to a transcript.
pub(super) fn is_companion_name(name: &[u8]) -> bool {
    name.ends_with(b".txt")
        || name.ends_with(b".json")
        || memchr::memmem::find(name, b".jsonl.superseded-").is_some()
}

/// A directory to walk: as it was named, and where it really is.
pub(super) struct Root {
    named: PathBuf,
    real: PathBuf,
}

impl Root {
    pub fn new(named: &Path) -> io::Result<Root> {
        Ok(Root { named: named.to_path_buf(), real: fs::canonicalize(named)? })
    }
}

/// Returns the roots that exist, without those that lie in another one.
fn distinct_roots(roots: &[PathBuf], problems: &mut Vec<WalkProblem>) -> Vec<Root> {
    let mut distinct: Vec<Root> = Vec::new();
    for named in roots {
        match Root::new(named) {
            Ok(root) => {
                if !distinct.iter().any(|other| root.real.starts_with(&other.real)) {
                    distinct.retain(|other| !other.real.starts_with(&root.real));
                    distinct.push(root);
                }
            }
            // The agent is not installed, or has no sessions yet.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => {
                problems.push(WalkProblem { path: named.clone(), reason: WalkReason::Unreadable(error) });
            }
        }
    }
    distinct
}

/// Walks `roots` by `rules`.
pub(super) fn walk_roots(
    rules: &dyn Rules,
    roots: &[Root],
    found: &mut dyn FnMut(Found),
) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    let mut pairs = PlainFirst { rules, plain: HashSet::new(), packed: Vec::new() };
    let mut directories: Vec<PathBuf> = roots.iter().map(|root| root.named.clone()).collect();
    // Depth first by whole batches: no more than one level's directories wait at a time.
    while !directories.is_empty() {
        let batch = directories.split_off(directories.len().saturating_sub(DIRECTORIES_AT_ONCE));
        let listings: Vec<Listing> =
            batch.par_iter().map(|directory| list(rules, roots, directory)).collect();
        for listing in listings {
            directories.extend(listing.directories);
            problems.extend(listing.problems);
            listing.found.into_iter().for_each(|one| pairs.take(one, found));
        }
    }
    pairs.finish(found);
    problems
}

/// What one directory holds.
#[derive(Default)]
struct Listing {
    directories: Vec<PathBuf>,
    found: Vec<Found>,
    problems: Vec<WalkProblem>,
}

impl Listing {
    fn problem(&mut self, path: PathBuf, reason: WalkReason) {
        self.problems.push(WalkProblem { path, reason });
    }

    fn add(&mut self, other: Listing) {
        self.directories.extend(other.directories);
        self.found.extend(other.found);
        self.problems.extend(other.problems);
    }
}

/// Reads one directory and the status of the candidates in it.
fn list(rules: &dyn Rules, roots: &[Root], directory: &Path) -> Listing {
    let mut listing = Listing::default();
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        // Gone since it was listed.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return listing,
        Err(error) => {
            listing.problem(directory.to_path_buf(), WalkReason::Unreadable(error));
            return listing;
        }
    };
    let takes_any_name = rules.takes_any_name(directory);
    let mut candidates: Vec<DirEntry> = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => {
                let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
                let is_candidate = takes_any_name || rules.is_candidate(entry.file_name().as_encoded_bytes());
                if is_directory && rules.enters(&entry.path()) {
                    listing.directories.push(entry.path());
                }
                if is_candidate {
                    candidates.push(entry);
                }
            }
            Err(error) => {
                listing.problem(directory.to_path_buf(), WalkReason::Unreadable(error));
                break;
            }
        }
    }
    let examine_all = |entries: &[DirEntry]| {
        let mut part = Listing::default();
        entries.iter().for_each(|entry| examine(rules, roots, entry, &mut part));
        part
    };
    if candidates.len() <= FILES_AT_ONCE {
        listing.add(examine_all(&candidates));
    } else {
        let parts: Vec<Listing> = candidates.par_chunks(FILES_AT_ONCE).map(examine_all).collect();
        parts.into_iter().for_each(|part| listing.add(part));
    }
    listing
}

/// Takes the status of one candidate.
fn examine(rules: &dyn Rules, roots: &[Root], entry: &DirEntry, listing: &mut Listing) {
    let path = entry.path();
    let Some(guess) = rules.guess(&path) else { return };
    // Does not follow symlinks.
    let metadata = match entry.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return,
        Err(error) => return listing.problem(path, WalkReason::Unreadable(error)),
    };
    if metadata.is_file() {
        listing.found.push(Found { stat: stat_of(&metadata), path, guess });
    } else if metadata.is_symlink() {
        follow(rules, roots, path, guess, listing);
    } else if is_transcript_name(entry.file_name().as_encoded_bytes()) {
        listing.problem(path, WalkReason::NotRegular);
    }
}

/// Follows a symlink to a file inside the roots. One that belongs by its own name is found there, not here.
fn follow(rules: &dyn Rules, roots: &[Root], link: PathBuf, guess: Guess, listing: &mut Listing) {
    let target = match fs::canonicalize(&link) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return listing.problem(link, WalkReason::SymlinkDangling);
        }
        Err(error) => return listing.problem(link, WalkReason::Unreadable(error)),
    };
    let Some(root) = roots.iter().find(|root| target.starts_with(&root.real)) else {
        return listing.problem(link, WalkReason::SymlinkOutside);
    };
    let metadata = match fs::symlink_metadata(&target) {
        Ok(metadata) => metadata,
        Err(error) => return listing.problem(link, WalkReason::Unreadable(error)),
    };
    if !metadata.is_file() {
        return listing.problem(link, WalkReason::NotRegular);
    }
    let name = target.file_name().unwrap_or_default().as_encoded_bytes();
    let inside = target.strip_prefix(&root.real).unwrap_or(&target);
    let is_entered = inside
        .ancestors()
        .skip(1)
        .filter(|directory| !directory.as_os_str().is_empty())
        .all(|directory| rules.enters(&root.real.join(directory)));
    let is_candidate = rules.is_candidate(name) || target.parent().is_some_and(|at| rules.takes_any_name(at));
    if is_entered && is_candidate && rules.guess(&target).is_some() {
        return;
    }
    listing.found.push(Found { stat: stat_of(&metadata), path: target, guess });
}

/// Returns the part of a file's status that decides whether it has changed.
pub(super) fn stat_of(metadata: &Metadata) -> Stat {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Stat {
            bytes: metadata.size(),
            mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }
    #[cfg(not(unix))]
    {
        let mtime = metadata.modified().ok();
        let since = mtime.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        let mtime_ns = since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0);
        // There is no change time and no inode to be had from std here: the modification time stands in.
        Stat { bytes: metadata.len(), mtime_ns, ctime_ns: mtime_ns, inode: 0 }
    }
}

/// Holds packed transcripts back until it is known which sessions are there as plain files too: those win, as they do
/// in Codex's own readers.
struct PlainFirst<'a> {
    rules: &'a dyn Rules,
    /// Ids of the sessions found plain, of the one agent that moves what it packs.
    plain: HashSet<String>,
    packed: Vec<Found>,
}

impl PlainFirst<'_> {
    fn take(&mut self, one: Found, found: &mut dyn FnMut(Found)) {
        if is_packed(&one.path) {
            self.packed.push(one);
            return;
        }
        if is_rollout(&one.path)
            && let Some(id) = &one.guess.session_id
        {
            self.plain.insert(id.clone());
        }
        found(one);
    }

    fn finish(self, found: &mut dyn FnMut(Found)) {
        for one in &self.packed {
            let is_found_plain = one.guess.session_id.as_ref().is_some_and(|id| self.plain.contains(id))
                || self.has_plain_beside(&one.path);
            if !is_found_plain {
                found(one.clone());
            }
        }
    }

    /// Returns whether the walk finds the same file, not packed, in the same directory.
    fn has_plain_beside(&self, packed: &Path) -> bool {
        let Some(plain) = unpacked_path(packed) else { return false };
        let name = plain.file_name().unwrap_or_default().as_encoded_bytes();
        self.rules.is_candidate(name)
            && self.rules.guess(&plain).is_some()
            && fs::symlink_metadata(&plain).is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0)
    }
}

fn is_rollout(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"rollout-"))
}

#[cfg(test)]
mod tests;
