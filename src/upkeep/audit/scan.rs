//! Finds what is to be masked in one source, with the lines that it is in. Writes nothing, keeps no byte of a match.
//!
//! A source that can be mapped or is small is scanned in blocks on all threads; any other one from start to end in
//! windows, so that memory stays bounded whatever the source. An import holds what a decoder gives, compressed, because it
//! has to come back to it; an audit never does, and lets it pass. What is found is the same: the windows are cut and show
//! as much as an import's blocks do.

use crate::engine::session::blocks::{BLOCK_BYTES, Bytes, LINE_BYTES, REACH_BYTES};
use crate::error::{Error, Kind, Result};
use crate::input::Source;
use crate::mask::{Findings, KnownValues, Masker, RuleIndex, SHOWN, Scratch, Span, Window};
use crate::platform::process;
use crate::platform::sync::lock;
use memchr::{memchr, memchr_iter};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

/// Matches that are kept of one source; what is beyond is only counted.
const MAX_MATCHES: usize = 10_000;

/// Lines that a database or a document is told in: so many bytes of one session, which are held while they are looked at.
const RENDERED_BYTES: usize = 256 << 20;

/// Up to so many bytes a source is read rather than mapped.
const READ_BYTES: u64 = 1 << 20;

/// Blocks that are scanned before what they hold is counted: enough for all threads, few enough that the matches in them
/// take little memory even where nearly everything is one.
const STRIPE_BLOCKS: usize = 64;

/// One match: a line, counted from 1, and the rule that labels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub line: u64,
    pub rule: RuleIndex,
}

/// What is in one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scanned {
    pub counts: BTreeMap<RuleIndex, u64>,
    /// In order, the first [`MAX_MATCHES`].
    pub matches: Vec<Match>,
    /// Bytes of text.
    pub bytes: u64,
}

impl Scanned {
    fn add(&mut self, line: u64, rule: RuleIndex) {
        *self.counts.entry(rule).or_default() += 1;
        if self.matches.len() < MAX_MATCHES {
            self.matches.push(Match { line, rule });
        }
    }
}

/// What is looked for; shared by all threads.
pub(crate) struct Scanner<'a> {
    masker: &'a Masker,
    known: Option<&'a KnownValues>,
    /// Those that no thread is using.
    benches: Mutex<Vec<Bench>>,
}

/// What a thread reuses.
#[derive(Default)]
struct Bench {
    scratch: Scratch,
    findings: Findings,
    buffer: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// Returns a scanner by rules and, if given, by known values.
    pub(crate) fn new(masker: &'a Masker, known: Option<&'a KnownValues>) -> Scanner<'a> {
        Scanner { masker, known, benches: Mutex::default() }
    }

    /// Scans a source; `advance` is told of bytes that are done.
    ///
    /// # Errors
    ///
    /// [`Kind::Source`] when it cannot be read to its end, [`Kind::Interrupted`] when told to stop.
    pub(crate) fn scan(&self, source: &Source, advance: &(dyn Fn(u64) + Sync)) -> Result<Scanned> {
        match source.len() {
            None if source.is_rendered() => self.scan_whole(&source.decoded(RENDERED_BYTES)?, advance),
            Some(small @ ..=READ_BYTES) => {
                let mut bytes = vec![0; small as usize];
                let read = source.read_at(0, &mut bytes)?;
                self.scan_whole(&bytes[..read], advance)
            }
            Some(_) => {
                let Some(map) = source.map() else { return self.scan_windows(source, advance) };
                let scanned = self.scan_whole(&map, advance)?;
                // Truncated under the map: what was seen was partly not the file's.
                if map.is_torn() { self.scan_windows(source, advance) } else { Ok(scanned) }
            }
            _ => self.scan_windows(source, advance),
        }
    }

    fn with_bench<R>(&self, work: impl FnOnce(&mut Bench) -> R) -> R {
        let lock = || lock(&self.benches);
        let mut bench = lock().pop().unwrap_or_default();
        let done = work(&mut bench);
        lock().push(bench);
        done
    }

    fn find_known(&self, window: &Window, bench: &mut Bench) {
        if let Some(known) = self.known {
            self.masker.find_known(window, known, &mut bench.findings);
        }
    }

    /// Finds the matches that start in `range` of a source that moves on, showing the masker more of it as long as a match
    /// goes on.
    fn find_ahead(&self, rolling: &mut Rolling, range: Range<u64>, bench: &mut Bench) -> Result<()> {
        let mut ahead = SHOWN as u64;
        loop {
            rolling.fill(range.end + ahead)?;
            let window = rolling.window(&range);
            self.masker.scan(&window, &mut bench.scratch, &mut bench.findings);
            if !bench.findings.is_open() || ahead >= REACH_BYTES {
                self.find_known(&window, bench);
                return Ok(());
            }
            ahead *= 8;
        }
    }

    /// Scans bytes that are in memory, block by block on all threads.
    fn scan_whole(&self, bytes: &[u8], advance: &(dyn Fn(u64) + Sync)) -> Result<Scanned> {
        let whole = Bytes::Whole(bytes);
        let scan_block = |index: usize| -> Result<Vec<Span>> {
            refuse_if_interrupted()?;
            self.with_bench(|bench| {
                let range = whole.block(index, BLOCK_BYTES, &mut bench.buffer)?;
                if range.is_empty() {
                    return Ok(Vec::new());
                }
                advance(range.end - range.start);
                let window = Window::of_whole(bytes, range.start as usize..range.end as usize);
                self.masker.scan(&window, &mut bench.scratch, &mut bench.findings);
                self.find_known(&window, bench);
                Ok(bench.findings.spans.clone())
            })
        };
        let mut scanned = Scanned { bytes: bytes.len() as u64, ..Scanned::default() };
        let (mut line, mut counted, mut masked_until) = (1, 0, 0);
        let blocks = whole.block_count(BLOCK_BYTES);
        for first in (0..blocks).step_by(STRIPE_BLOCKS) {
            let stripe = first..blocks.min(first + STRIPE_BLOCKS);
            let spans: Vec<Vec<Span>> = stripe.into_par_iter().map(scan_block).collect::<Result<_>>()?;
            for span in spans.iter().flatten().filter(|span| is_new(span, &mut masked_until)) {
                let start = span.start as usize;
                line += memchr_iter(b'\n', &bytes[counted..start]).count() as u64;
                counted = start;
                scanned.add(line, span.rule);
            }
        }
        Ok(scanned)
    }

    /// Scans a source from start to end, with no more than a few megabytes of it in memory; of a match without end,
    /// [`REACH_BYTES`] more.
    fn scan_windows(&self, source: &Source, advance: &(dyn Fn(u64) + Sync)) -> Result<Scanned> {
        let mut rolling = Rolling { source, bytes: Vec::new(), offset: 0, is_end: false };
        let mut scanned = Scanned::default();
        let (mut line, mut start, mut masked_until, mut index) = (1, 0u64, 0, 0);
        self.with_bench(|bench| {
            loop {
                refuse_if_interrupted()?;
                index += 1;
                let end = rolling.cut(index * BLOCK_BYTES, start)?;
                rolling.fill(end + SHOWN as u64)?;
                let end = end.min(rolling.end());
                if end > start {
                    self.find_ahead(&mut rolling, start..end, bench)?;
                    let at = |position: u64| (position - rolling.offset) as usize;
                    let mut counted = at(start);
                    for span in bench.findings.spans.iter().filter(|span| is_new(span, &mut masked_until)) {
                        line += memchr_iter(b'\n', &rolling.bytes[counted..at(span.start)]).count() as u64;
                        counted = at(span.start);
                        scanned.add(line, span.rule);
                    }
                    line += memchr_iter(b'\n', &rolling.bytes[counted..at(end)]).count() as u64;
                    advance(end - start);
                    start = end;
                }
                if rolling.is_end && end == rolling.end() {
                    scanned.bytes = end;
                    return Ok(scanned);
                }
                rolling.forget(start.saturating_sub(SHOWN as u64));
            }
        })
    }
}

/// Returns whether a span is not part of one that was counted in the block before.
fn is_new(span: &Span, masked_until: &mut u64) -> bool {
    let is_new = span.start >= *masked_until;
    *masked_until = span.end.max(*masked_until);
    is_new
}

fn refuse_if_interrupted() -> Result<()> {
    match process::interrupted() {
        Some(signal) => Err(Error::new(Kind::Interrupted(signal), "stopped before all was looked at")),
        None => Ok(()),
    }
}

/// A stretch of a source that moves on through it.
struct Rolling<'a> {
    source: &'a Source,
    bytes: Vec<u8>,
    /// Where `bytes` begins in the source.
    offset: u64,
    is_end: bool,
}

impl Rolling<'_> {
    /// Returns where the bytes at hand end in the source.
    fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    /// Returns a window for the matches that start in `range`, which shows all that is at hand.
    fn window(&self, range: &Range<u64>) -> Window<'_> {
        let at = |position: u64| (position - self.offset) as usize;
        let wanted = at(range.start)..at(range.end);
        Window { bytes: &self.bytes, offset: self.offset, wanted, is_end: self.is_end }
    }

    /// Reads on until the bytes at hand reach `until`, or the source's end.
    fn fill(&mut self, until: u64) -> Result<()> {
        while !self.is_end && self.end() < until {
            let (start, have) = (self.end(), self.bytes.len());
            let wanted = (until - start).max(1 << 16) as usize;
            self.bytes.resize(have + wanted, 0);
            let read = self.source.read_at(start, &mut self.bytes[have..])?;
            self.bytes.truncate(have + read);
            self.is_end = read == 0;
        }
        Ok(())
    }

    /// Returns the end of a block that begins at `start`: the first line start at or after `nominal`; `nominal` itself
    /// inside a line that is too long.
    fn cut(&mut self, nominal: u64, start: u64) -> Result<u64> {
        let nominal = nominal.max(start);
        let mut from = nominal.saturating_sub(1).max(start);
        let limit = nominal + LINE_BYTES;
        while from < limit {
            self.fill((from + (64 << 10)).min(limit))?;
            let at = (from - self.offset).min(self.bytes.len() as u64) as usize;
            if let Some(newline) = memchr(b'\n', &self.bytes[at..]) {
                return Ok(from + newline as u64 + 1);
            }
            from = self.end().max(from);
            if self.is_end {
                return Ok(self.end());
            }
        }
        Ok(nominal)
    }

    /// Drops what lies before `keep_from`.
    fn forget(&mut self, keep_from: u64) {
        let count = keep_from.saturating_sub(self.offset).min(self.bytes.len() as u64);
        self.bytes.drain(..count as usize);
        self.offset += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Links;
    use crate::mask::Options;

    fn masker() -> Masker {
        Masker::new(&Options { literals: vec!["internal-host".to_owned()], ..Options::default() }).unwrap()
    }

    fn both_ways(bytes: &[u8]) -> (Scanned, Scanned) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let source = Source::open(&file.path().into(), Links::Refuse).unwrap();
        let masker = masker();
        let scanner = Scanner::new(&masker, None);
        (scanner.scan_whole(bytes, &|_| ()).unwrap(), scanner.scan_windows(&source, &|_| ()).unwrap())
    }

    #[test]
    fn matches_come_with_their_lines() {
        let (whole, windows) = both_ways(b"a\non internal-host\n\nb internal-host c internal-host");
        let lines: Vec<u64> = whole.matches.iter().map(|one| one.line).collect();
        assert_eq!(lines, [2, 4, 4]);
        assert_eq!(windows, whole);
    }

    #[test]
    fn windows_find_what_a_look_at_the_whole_finds() {
        let mut text = Vec::new();
        for line in 0..120_000u32 {
            let word = if line % 997 == 0 { "internal-host" } else { "elsewhere" };
            text.extend_from_slice(format!("{line} {word} and more text to fill the line\n").as_bytes());
        }
        // A line that has to be cut, with a match across the place of the cut.
        let cut = (text.len() as u64).div_ceil(BLOCK_BYTES) as usize * BLOCK_BYTES as usize;
        text.resize(cut - 5, b'.');
        text.extend_from_slice(b" internal-host ");
        text.resize(cut + (9 << 20), b'.');
        let (whole, windows) = both_ways(&text);
        assert_eq!(whole.matches.len(), 122);
        assert_eq!(windows, whole);
    }

    #[test]
    fn an_empty_source_holds_nothing() {
        let (whole, windows) = both_ways(b"");
        assert_eq!((whole.bytes, windows.bytes, whole.matches.len()), (0, 0, 0));
    }
}
