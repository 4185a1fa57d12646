//! Goes through a store and finds out what each of its archives holds: from the cache, or by reading it.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::cache::{Cache, Entry};
use super::tally::{self, Tally};
use crate::archive::catalog::listing::Listing;
use crate::archive::names::split_version;
use crate::error::{Error, Kind, Result};
use crate::platform::{Dir, Stat};
use crate::report::laps::Laps;
use crate::report::{Reporter, units};
use crate::search::sessions::{Filter, Stored, all_stored, read_all};
use crate::view::opened;

/// What the archives of a store hold.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub tallies: Vec<Counted>,
    /// Archives that could not be read.
    pub failed: u64,
}

/// What one archive holds.
#[derive(Debug)]
pub(crate) struct Counted {
    pub tally: Tally,
    /// An older version of a session is kept, but what was said in it counts once.
    pub is_newest: bool,
}

/// Finds out what the archives of the sessions that `filter` accepts hold, parts with them, in the store at `root`.
///
/// # Errors
///
/// [`Kind::Store`] when the store cannot be listed.
pub(crate) fn gather(root: &Path, filter: &Filter, reporter: &Reporter) -> Result<Gathered> {
    let mut laps = Laps::start(reporter);
    let mut stored = all_stored(root)?;
    stored.retain(|stored| stored.archive_suffix.is_some());
    if !filter.is_empty() {
        let listing = Listing::read(root);
        stored = read_all(stored, &listing, filter).into_iter().map(|session| session.stored).collect();
        stored.retain(|stored| stored.archive_suffix.is_some());
    }
    laps.step(format_args!("listing the store: {}", units::count(stored.len() as u64, "archive")));
    let newest = newest(&stored);
    let mut cache = Cache::read(root);
    let files: Vec<(PathBuf, std::io::Result<Stat>)> =
        stored.par_chunk_by(|one, other| one.directory == other.directory).flat_map_iter(look).collect();
    let mut entries: Vec<Option<Entry>> = Vec::with_capacity(files.len());
    let mut missing = Vec::new();
    for (at, (path, stat)) in files.iter().enumerate() {
        let known = stat.as_ref().ok().and_then(|stat| cache.take(&relative(root, path), stat));
        if known.is_none() {
            missing.push(at);
        }
        entries.push(known);
    }
    laps.step(format_args!(
        "what is remembered: {} not counted yet",
        units::count(missing.len() as u64, "archive")
    ));
    if !missing.is_empty() {
        let bytes = |at: &usize| files[*at].1.as_ref().map_or(0, |stat| stat.bytes);
        reporter.start_progress("counting", missing.iter().map(bytes).sum());
        let read: Vec<(usize, Result<Entry>)> = missing
            .par_iter()
            .with_max_len(1)
            .map(|at| {
                let entry = count(root, &files[*at].0);
                reporter.advance(bytes(at));
                (*at, entry)
            })
            .collect();
        reporter.finish_progress();
        for (at, entry) in read {
            match entry {
                Ok(entry) => entries[at] = Some(entry),
                Err(error) => reporter.error(&error),
            }
        }
        cache.write(root, &entries.iter().flatten().collect::<Vec<_>>());
    }
    laps.step("counting");
    laps.end("stats");
    let failed = entries.iter().filter(|entry| entry.is_none()).count() as u64;
    let counted =
        |(entry, is_newest): (Option<Entry>, bool)| Some(Counted { tally: entry?.tally, is_newest });
    Ok(Gathered { tallies: entries.into_iter().zip(newest).filter_map(counted).collect(), failed })
}

/// Asks the file system about the archives of one directory, which it need not look for again and again.
fn look(stored: &[Stored]) -> Vec<(PathBuf, std::io::Result<Stat>)> {
    let directory = stored.first().and_then(|first| Dir::open(&first.directory).ok());
    let look = |stored: &Stored| {
        let path = stored.archive_path();
        let by_path = || std::fs::symlink_metadata(&path).map(|metadata| Stat::of(&metadata));
        let stat = match (&directory, path.file_name().and_then(|name| name.to_str())) {
            (Some(directory), Some(name)) => directory.stat_name(name),
            _ => by_path(),
        };
        (path, stat)
    };
    stored.par_iter().with_min_len(256).map(look).collect()
}

fn count(root: &Path, path: &Path) -> Result<Entry> {
    let opened = opened::open(path)?;
    let stat = opened.archive.stat();
    let tally = tally::count(&opened, 1).map_err(|error| Error::new(Kind::Store, error.to_string()))?;
    Ok(Entry::new(&relative(root, path), &stat, tally))
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// Returns which of these are the newest versions of what they hold. They are sorted by path, so that versions of one
/// stem stand near each other, in no order.
fn newest(stored: &[Stored]) -> Vec<bool> {
    let mut latest = std::collections::HashMap::new();
    for stored in stored {
        let (stem, version) = split_version(&stored.stem);
        let known = latest.entry((&*stored.directory, stem)).or_insert(version);
        *known = version.max(*known);
    }
    let is_newest = |stored: &Stored| {
        let (stem, version) = split_version(&stored.stem);
        latest.get(&(&*stored.directory, stem)) == Some(&version)
    };
    stored.iter().map(is_newest).collect()
}
