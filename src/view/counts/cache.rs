//! Remembers what each archive holds, in the store's private directory: a line of JSON an archive. It is a cache: where it
//! is missing, damaged or cannot be written, archives are read again.
//!
//! A line is believed for the archive of its path, size and modification time, and only from a program that counts as this
//! one does. Nothing in it is more than what the archives hold, and they are masked.

use std::collections::HashSet;
use std::io::{self, Read, Write};
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::tally::Tally;
use crate::archive::names::PRIVATE_DIRECTORY;
use crate::platform::{Dir, EntryKind, Stat, temporary_name};

const FILE: &str = "counts.jsonl";

/// To be raised when records are told or counted in another way.
const READER: u32 = 1;

/// No cache is larger: that of 100,000 archives has 60 MB.
const MAX_BYTES: u64 = 1 << 30;

/// What is known of one archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Relative to the store.
    path: String,
    bytes: u64,
    mtime: i64,
    reader: u32,
    pub tally: Tally,
}

impl Entry {
    /// Returns what is known of the archive at `path`, relative to the store, while it is as `stat` says.
    pub(crate) fn new(path: &str, stat: &Stat, tally: Tally) -> Entry {
        Entry { path: path.to_owned(), bytes: stat.bytes, mtime: stat.mtime_ns, reader: READER, tally }
    }
}

/// What is known of the archives of a store.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// Sorted by path; those that were taken are none.
    entries: Vec<(Box<str>, Option<Entry>)>,
    /// Behind the one that was found last: who asks, asks in the same order.
    next: usize,
}

impl Cache {
    /// Reads the cache of the store at `root`; an empty one where there is none, or none that can be read.
    pub(crate) fn read(root: &Path) -> Cache {
        let Ok(text) = private(root).and_then(|directory| text_of(&directory)) else {
            return Cache::default();
        };
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let parse = |line: &&[u8]| serde_json::from_slice::<Entry>(line).ok();
        let named = |entry: Entry| (Box::from(&*entry.path), Some(entry));
        let is_ours = |entry: &Entry| entry.reader == READER;
        let mut entries: Vec<(Box<str>, Option<Entry>)> =
            lines.par_iter().with_min_len(256).filter_map(parse).filter(is_ours).map(named).collect();
        // In order already, as it was written.
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        Cache { entries, next: 0 }
    }

    /// Takes what is known of the archive at `path` if it is still as `stat` says.
    pub(crate) fn take(&mut self, path: &str, stat: &Stat) -> Option<Entry> {
        let is_next = self.entries.get(self.next).is_some_and(|(known, _)| **known == *path);
        let at = match is_next {
            true => self.next,
            false => self.entries.binary_search_by(|(known, _)| (**known).cmp(path)).ok()?,
        };
        self.next = at + 1;
        self.entries[at].1.take_if(|entry| entry.bytes == stat.bytes && entry.mtime == stat.mtime_ns)
    }

    /// Writes `entries` and what was not taken, but for archives that are gone, as the cache of the store at `root`. Nobody
    /// need know if that fails.
    pub(crate) fn write(self, root: &Path, entries: &[&Entry]) {
        let new: HashSet<&str> = entries.iter().map(|entry| &*entry.path).collect();
        let is_kept = |entry: &Entry| !new.contains(&*entry.path) && root.join(&entry.path).exists();
        let kept: Vec<Entry> =
            self.entries.into_iter().filter_map(|(_, entry)| entry).filter(is_kept).collect();
        let mut all: Vec<&Entry> = entries.iter().copied().chain(&kept).collect();
        all.sort_by(|one, other| one.path.cmp(&other.path));
        let mut text = Vec::new();
        for entry in all {
            if serde_json::to_writer(&mut text, entry).is_err() {
                return;
            }
            text.push(b'\n');
        }
        let _ = private(root).and_then(|directory| replace(&directory, &text));
    }
}

/// Removes the cache of the store at `root`: what it says of archives was masked with other rules than they are now.
pub(crate) fn forget(root: &Path) {
    // Where there is none, or it cannot be removed, it is believed for no archive that was replaced.
    let _ = private(root).and_then(|directory| directory.remove(FILE));
}

/// Opens the directory that the cache lies in, which is no link.
fn private(root: &Path) -> io::Result<Dir> {
    Dir::open(&root.canonicalize()?)?.open_dir(PRIVATE_DIRECTORY)
}

fn text_of(directory: &Dir) -> io::Result<Vec<u8>> {
    let file = directory.open_file(FILE)?;
    let stat = Stat::of_file(&file)?;
    if stat.kind != EntryKind::File || stat.bytes > MAX_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = Vec::with_capacity(stat.bytes as usize);
    file.take(MAX_BYTES).read_to_end(&mut text)?;
    Ok(text)
}

/// Puts `text` in place of the cache: a reader sees the old one or the new one. A lost one is no loss.
fn replace(directory: &Dir, text: &[u8]) -> io::Result<()> {
    let temporary = temporary_name()?;
    let written = directory.create_new(&temporary).and_then(|mut file| file.write_all(text));
    let named = written.and_then(|()| directory.rename_over(&temporary, FILE));
    if named.is_err() {
        let _ = directory.remove(&temporary);
    }
    named
}
