//! The first look at a session: all its archives are read, what today's rules find in them is noted, and what they teach about
//! the session is gathered. Nothing is written.
//!
//! In: the archives of one session. Out: where something was found, and the values that are to be masked everywhere in it.

use super::listed::{Head, Listed};
use super::text::Text;
use crate::archive::content_hash::HashKey;
use crate::archive::gzip::Compressor;
use crate::archive::header::Header;
use crate::archive::reader::Archive;
use crate::engine::state::surroundings::Surroundings;
use crate::engine::work::find;
use crate::error::{Error, Kind, Result};
use crate::mask::{Counts, Findings, HitCounts, KnownValues, Learned, Masker, Scratch};
use crate::platform::sync::lock;
use crate::platform::{Stat, process};
use crate::report::Reporter;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Blocks that a thread looks at in one go: reading those beside, for what rules look at around a match, costs little then.
const BLOCKS_AT_ONCE: usize = 8;

/// What all threads share.
pub(super) struct Workshop<'a> {
    pub root: &'a Path,
    /// The key of the store's hashes; none in a dry run.
    pub key: Option<HashKey>,
    pub masker: &'a Masker,
    pub surroundings: Surroundings,
    pub masks_known_values: bool,
    /// Compression level.
    pub level: u8,
    pub is_dry_run: bool,
    pub reporter: &'a Reporter,
    /// Those that no thread is using.
    pub benches: Mutex<Vec<Bench>>,
}

/// Buffers and machines of a thread.
#[derive(Default)]
pub(super) struct Bench {
    pub mask: Scratch,
    pub findings: Findings,
    /// Text of a block with its surroundings.
    pub input: Vec<u8>,
    pub masked: Vec<u8>,
    pub again: Vec<u8>,
    pub compressor: Option<Compressor>,
}

/// What the first look at a block told.
#[derive(Clone, Debug, Default)]
pub(super) struct Scanned {
    /// Something was found in it, by rules or as a value from outside.
    pub is_found: bool,
    /// Offset in the text up to which matches of earlier blocks reach.
    pub until: u64,
    pub counts: Counts,
}

/// One archive on its way.
pub(super) struct Work {
    pub head: Head,
    /// As it was when it was read.
    pub stat: Stat,
    /// Of an archive of ours.
    pub header: Option<Header>,
    pub scanned: Vec<Scanned>,
    /// Hashes of the values that it teaches.
    teaches: BTreeSet<[u8; 32]>,
    /// When it is replaced, the first being 0: what teaches is replaced after what is taught, so that a run that is killed in
    /// between leaves who teaches it to the next one.
    pub rank: usize,
}

/// One session that was looked through.
pub(super) struct Session {
    pub works: Vec<Work>,
    pub outside: Option<Arc<KnownValues>>,
    pub learned: Option<KnownValues>,
    pub text_bytes: u64,
    /// What could not be read, and is left as it is.
    pub errors: Vec<Error>,
}

impl Session {
    /// Returns all values that are known in the session.
    pub(super) fn known(&self) -> Vec<&KnownValues> {
        [self.outside.as_deref(), self.learned.as_ref()].into_iter().flatten().collect()
    }
}

impl Workshop<'_> {
    /// Runs `work` with a bench that nobody else uses.
    pub(super) fn with_bench<T>(&self, work: impl FnOnce(&mut Bench) -> T) -> T {
        let mut bench = lock(&self.benches).pop().unwrap_or_default();
        let done = work(&mut bench);
        lock(&self.benches).push(bench);
        done
    }

    /// Opens the text of an archive.
    pub(super) fn open(&self, head: &Head) -> Result<Text> {
        Archive::open(&self.root.join(&head.relative)).and_then(Text::open)
    }

    /// Looks through all archives of a session.
    ///
    /// # Errors
    ///
    /// [`Kind::Interrupted`] when told to stop.
    pub(super) fn scan(&self, listed: Listed) -> Result<Session> {
        let cwd = self.cwd(&listed);
        let outside = match self.masks_known_values {
            true => self.surroundings.of(self.masker, cwd.as_deref()),
            false => None,
        };
        let looked: Vec<Result<(Work, Learned, u64)>> =
            listed.heads.into_par_iter().map(|head| self.scan_archive(head, outside.as_deref())).collect();
        if let Some(signal) = process::interrupted() {
            return Err(Error::new(Kind::Interrupted(signal), "stopped"));
        }
        let mut session =
            Session { works: Vec::new(), outside, learned: None, text_bytes: 0, errors: Vec::new() };
        let mut learned = Learned::default();
        for one in looked {
            match one {
                Ok((work, taught, bytes)) => {
                    session.works.push(work);
                    session.text_bytes += bytes;
                    learned.merge(taught);
                }
                // Gone, or set aside, since the store was listed.
                Err(error)
                    if error.io_error().is_some_and(|io| io.kind() == std::io::ErrorKind::NotFound) => {}
                Err(error) => session.errors.push(error),
            }
        }
        if self.masks_known_values {
            let known = self.masker.known(learned);
            session.learned = known.map(|known| self.without_words(&session, known)).transpose()?.flatten();
        }
        rank(&mut session.works);
        Ok(session)
    }

    /// Returns the directory that a session was in, as its transcript's newest archive says, or else a part's.
    fn cwd(&self, listed: &Listed) -> Option<String> {
        let mut heads: Vec<&Head> = listed.heads.iter().filter(|head| head.is_ours).collect();
        heads.sort_by_key(|head| (head.identity.part_id.is_some(), std::cmp::Reverse(head.relative.clone())));
        heads.into_iter().find_map(|head| {
            let archive = Archive::open(&self.root.join(&head.relative)).ok()?;
            archive.header().map(|header| header.cwd.clone()).filter(|cwd| !cwd.is_empty())
        })
    }

    fn scan_archive(&self, head: Head, outside: Option<&KnownValues>) -> Result<(Work, Learned, u64)> {
        let text = self.open(&head)?;
        let chunks: Vec<Range<usize>> = (0..text.blocks())
            .step_by(BLOCKS_AT_ONCE)
            .map(|first| first..(first + BLOCKS_AT_ONCE).min(text.blocks()))
            .collect();
        let looked: Vec<(Vec<(Scanned, u64)>, Learned)> = chunks
            .into_par_iter()
            .map(|blocks| self.with_bench(|bench| self.scan_blocks(&text, blocks, outside, bench)))
            .collect::<Result<_>>()?;
        let (mut scanned, mut learned, mut reach) =
            (Vec::with_capacity(text.blocks()), Learned::default(), 0);
        for (blocks, taught) in looked {
            learned.merge(taught);
            for (mut block, end) in blocks {
                block.until = block.until.max(reach);
                reach = reach.max(end);
                scanned.push(block);
            }
        }
        let work = Work {
            stat: text.archive.stat(),
            header: text.archive.header().cloned(),
            scanned,
            teaches: learned.fingerprints(),
            rank: 0,
            head,
        };
        Ok((work, learned, text.bytes()))
    }

    /// Returns what was found in blocks that follow each other, and how far matches in each of them reach.
    fn scan_blocks(
        &self,
        text: &Text,
        blocks: Range<usize>,
        outside: Option<&KnownValues>,
        bench: &mut Bench,
    ) -> Result<(Vec<(Scanned, u64)>, Learned)> {
        let (reader, mut learned, mut scanned) = (text.reader(), Learned::default(), Vec::new());
        let bytes = reader.bytes();
        for index in blocks {
            if process::interrupted().is_some() {
                break;
            }
            let range = text.range(index);
            let Bench { input, mask, findings, .. } = &mut *bench;
            findings.clear();
            find::find(self.masker, &bytes, range.clone(), input, mask, findings, |window, findings| {
                self.masker.learn(window, findings, &mut learned);
            })?;
            let counts = findings.counts(&range).unwrap_or_default();
            let mut until = 0;
            if let Some(outside) = outside {
                until = find::find_known(self.masker, &bytes, range.clone(), outside, input, findings)?;
            }
            let reach = findings.masked_until(until);
            scanned
                .push((Scanned { is_found: !findings.spans.is_empty() || until > 0, until, counts }, reach));
            let archived = text.archive.blocks().get(index);
            self.reporter
                .advance(archived.map_or(range.end - range.start, |block| block.compressed_bytes.into()));
        }
        Ok((scanned, learned))
    }

    /// Leaves out learned values that look like words and stand in the session so often that they must be words.
    fn without_words(&self, session: &Session, known: KnownValues) -> Result<Option<KnownValues>> {
        if !known.must_be_counted() {
            return Ok(Some(known));
        }
        let counted: Vec<HitCounts> = session
            .works
            .par_iter()
            .map(|work| {
                let text = self.open(&work.head)?;
                let (reader, mut counts, mut buffer) = (text.reader(), HitCounts::default(), Vec::new());
                let bytes = reader.bytes();
                for index in 0..text.blocks() {
                    let window = bytes.window(text.range(index), &mut buffer)?;
                    self.masker.count_known(&window, &known, &mut counts);
                }
                Ok(counts)
            })
            .collect::<Result<_>>()?;
        let mut counts = HitCounts::default();
        counted.iter().for_each(|one| counts.merge(one));
        Ok(known.settle(&counts))
    }
}

/// Says in which order the archives of a session are replaced: first what teaches nothing, last what teaches most.
fn rank(works: &mut [Work]) {
    let mut sets: Vec<(usize, &BTreeSet<[u8; 32]>)> =
        works.iter().map(|work| (work.teaches.len(), &work.teaches)).collect();
    sets.sort();
    sets.dedup();
    let sets: Vec<BTreeSet<[u8; 32]>> = sets.into_iter().map(|(_, set)| set.clone()).collect();
    let has_silent = sets.first().is_some_and(BTreeSet::is_empty);
    for work in works {
        let at = sets.iter().position(|set| *set == work.teaches).unwrap_or(0);
        work.rank = at + usize::from(!has_silent);
    }
}
