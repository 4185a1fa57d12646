//! Reads one directory: what is to be looked at below it, what it holds, and what is left alone.

use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::left_alone::LeftAlone;
use super::problem::{WalkProblem, WalkReason};
use super::scope::{Link, Scope};
use crate::agents::found::Found;
use crate::agents::names::is_transcript_name;
use crate::locator::Stamp;
use crate::platform;

/// Files of one directory that one thread takes at a time.
pub(crate) const FILES_AT_ONCE: usize = 512;

/// A directory that waits to be read.
pub(crate) struct Directory {
    pub path: PathBuf,
    /// The root that it lies in, or is.
    pub root: usize,
    pub is_root: bool,
    /// Read only to tell what is left alone in it.
    pub is_left_alone: bool,
}

/// What one directory holds.
#[derive(Default)]
pub(crate) struct Listing {
    pub directories: Vec<Directory>,
    pub found: Vec<Found>,
    pub problems: Vec<WalkProblem>,
    pub links: Vec<Link>,
}

impl Listing {
    fn problem(&mut self, path: PathBuf, reason: WalkReason) {
        self.problems.push(WalkProblem { path, reason });
    }
}

impl Scope<'_> {
    /// Reads `directory` and the status of the candidates in it.
    pub(crate) fn list(&self, directory: &Directory) -> Listing {
        let mut listing = Listing::default();
        let entries = match fs::read_dir(&directory.path) {
            Ok(entries) => entries,
            // Gone since it was listed; and nothing is missed where nothing would be taken.
            Err(error) if error.kind() == io::ErrorKind::NotFound || directory.is_left_alone => {
                return listing;
            }
            Err(error) => {
                listing.problem(directory.path.clone(), WalkReason::Unreadable(error));
                return listing;
            }
        };
        let takes_any_name = !directory.is_left_alone && self.rules.takes_any_name(&directory.path);
        let mut candidates: Vec<DirEntry> = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) if directory.is_left_alone => self.leave_notes(directory, &entry, &mut listing),
                Ok(entry) => self.sort(directory, entry, takes_any_name, &mut candidates, &mut listing),
                Err(error) => {
                    listing.problem(directory.path.clone(), WalkReason::Unreadable(error));
                    break;
                }
            }
        }
        self.examine_all(directory, &candidates, &mut listing);
        listing
    }

    /// Puts an entry where it belongs: directories and links to be looked at later, candidates.
    fn sort(
        &self,
        directory: &Directory,
        entry: DirEntry,
        takes_any_name: bool,
        candidates: &mut Vec<DirEntry>,
        listing: &mut Listing,
    ) {
        let kind = entry.file_type().ok();
        let is_directory = kind.is_some_and(|kind| kind.is_dir());
        let is_candidate = takes_any_name || self.rules.is_candidate(entry.file_name().as_encoded_bytes());
        if is_directory {
            self.enter(directory, entry.path(), listing);
        }
        if kind.is_some_and(|kind| kind.is_symlink()) {
            // Where no directory would be entered, no link leads to anything that is missed.
            let is_wanted = is_candidate || self.rules.follows_links();
            if is_wanted && self.rules.enters(&entry.path()) {
                let (path, root) = (entry.path(), directory.root);
                listing.links.push(Link { path, root, is_direct: directory.is_root });
            }
        } else if is_candidate {
            candidates.push(entry);
        } else if self.tell.is_some() && !is_directory {
            let path = entry.path();
            self.leave(&path, self.why(kind, &path));
        }
    }

    fn why(&self, kind: Option<FileType>, path: &Path) -> LeftAlone {
        match kind {
            Some(kind) if !kind.is_file() => LeftAlone::NotRegular,
            _ => self.rules.why_left_alone(path),
        }
    }

    /// Notes a directory below another, if it is to be looked into.
    fn enter(&self, directory: &Directory, path: PathBuf, listing: &mut Listing) {
        let is_left_alone = !self.rules.enters(&path);
        if (is_left_alone && self.tell.is_none()) || self.is_other_root(directory, &path) {
            return;
        }
        let root = directory.root;
        listing.directories.push(Directory { path, root, is_root: false, is_left_alone });
    }

    /// Returns whether the directory at `path`, to which a link led, is a root itself and walked as that.
    fn is_other_root(&self, directory: &Directory, path: &Path) -> bool {
        let root = &self.roots[directory.root];
        root.linked_from.is_some() && {
            let real = root.real_path(path);
            self.roots.iter().any(|other| other.real == real)
        }
    }

    /// Tells what is in a directory that no session is looked for in.
    fn leave_notes(&self, directory: &Directory, entry: &DirEntry, listing: &mut Listing) {
        let (path, root) = (entry.path(), directory.root);
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            listing.directories.push(Directory { path, root, is_root: false, is_left_alone: true });
        } else {
            self.leave(&path, LeftAlone::Notes);
        }
    }

    fn examine_all(&self, directory: &Directory, candidates: &[DirEntry], listing: &mut Listing) {
        let examine_all = |entries: &[DirEntry]| {
            let mut part = Listing::default();
            entries.iter().for_each(|entry| self.examine(directory, entry, &mut part));
            part
        };
        let mut add = |part: Listing| {
            listing.found.extend(part.found);
            listing.problems.extend(part.problems);
        };
        if candidates.len() <= FILES_AT_ONCE {
            add(examine_all(candidates));
        } else {
            let parts: Vec<Listing> = candidates.par_chunks(FILES_AT_ONCE).map(examine_all).collect();
            parts.into_iter().for_each(add);
        }
    }

    /// Takes the status of one candidate, which is no link.
    fn examine(&self, directory: &Directory, entry: &DirEntry, listing: &mut Listing) {
        let path = entry.path();
        let Some(guess) = self.rules.guess(&path) else {
            if self.tell.is_some() && !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.leave(&path, self.why(entry.file_type().ok(), &path));
            }
            return;
        };
        // Does not follow symlinks.
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return listing.problem(path, WalkReason::Unreadable(error)),
        };
        let is_linked = self.roots[directory.root].linked_from.is_some();
        if metadata.is_file() && is_linked && !platform::is_own(&metadata) {
            listing.problem(path, WalkReason::ForeignFile);
        } else if metadata.is_file() {
            listing.found.push(Found { stamp: Stamp::of(&metadata), locator: path.into(), guess });
        } else if is_transcript_name(entry.file_name().as_encoded_bytes()) {
            listing.problem(path, WalkReason::NotRegular);
        } else if !metadata.is_dir() {
            self.leave(&path, LeftAlone::NotRegular);
        }
    }
}
