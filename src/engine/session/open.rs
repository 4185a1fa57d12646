//! Opens the sources of a session and chooses how to reach their bytes: read, mapped, or read block by block.

use super::blocks::{Bytes, LINE_BYTES, block_bytes};
use super::held;
use super::held::Text;
use super::work::{Access, Plan, Planned, Session, Work};
use crate::agents;
use crate::engine::Engine;
use crate::engine::lineage::owner;
use crate::engine::plan::histories;
use crate::engine::state::dry_copies::Opened;
use crate::engine::state::totals::{Outcome, Skip};
use crate::engine::verdict::growth;
use crate::engine::verdict::judge::head_hash;
use crate::error::{Error, Kind, Result};
use crate::input::{Links, Source, is_stale};
use crate::mask::Learned;
use crate::platform::Stat;
use crate::platform::clock;
use memchr::memrchr;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, OnceLock};

/// Up to so many bytes a source is read whole: cheaper than a map, whose set-up costs two system calls and a page
/// fault for every 4 KiB.
const READ_BYTES: u64 = 1 << 20;

/// A source that nobody wrote to for so long is mapped; a younger one is read, because a map of a file that is
/// truncated shows zeros or worse, and an agent may write over the last 64 KiB of a live transcript.
const SETTLED_NANOSECONDS: i64 = 120_000_000_000;

/// Text of a packed source at most: it is held in memory, because reading it out of order means reading it
/// over and over. The largest rollout known has 212 MB.
const DECODED_BYTES: u64 = 1 << 30;

/// How often a source that changes while it is read is read again at once.
const READ_TRIES: u32 = 3;

/// Opens the sources of `plan`. Those that cannot be opened are reported and left out; `None` if none is left that
/// needs a look.
pub(crate) fn open_session(engine: &Engine, plan: Plan) -> Option<Session> {
    let mut works = Vec::with_capacity(plan.sources.len());
    let are_kept_open = plan.sources.len() <= engine.limits.sources;
    for planned in &plan.sources {
        let opened = match open_source(engine, &plan, planned) {
            Err(error) if error.io_error().is_some_and(is_stale) => open_source(engine, &plan, planned),
            opened => opened,
        };
        match opened {
            Ok(Some(mut work)) => {
                if !are_kept_open {
                    work.source.close();
                }
                works.push(work);
            }
            Ok(None) => engine.count(&planned.group, Outcome::Skipped(Skip::Empty)),
            Err(error) if is_gone(&error) => engine.count(&planned.group, Outcome::Skipped(Skip::Gone)),
            Err(error) => engine.report_failure(planned, error),
        }
    }
    if works.iter().all(|work| work.planned.is_unchanged) {
        for work in &works {
            engine.count(&work.planned.group, Outcome::Unchanged { archive: Default::default() });
        }
        return None;
    }
    if owner::waits(engine, &plan, &works) {
        engine.put_off(plan);
        return None;
    }
    Some(Session {
        plan,
        works,
        learned: Mutex::new(Learned::default()),
        known: OnceLock::new(),
        outside: OnceLock::new(),
        places: Mutex::default(),
        has_failed: AtomicBool::new(false),
        failure: Mutex::new(None),
    })
}

/// Opens one source; `None` if it has no bytes (any more).
fn open_source(engine: &Engine, plan: &Plan, planned: &Planned) -> Result<Option<Work>> {
    let path = planned.found.locator.path();
    let opened_ns = clock::nanoseconds();
    // The walk has checked where links lead.
    let source = Source::open(&path.into(), Links::Follow)?;
    if source.is_empty() {
        return Ok(None);
    }
    if source.is_own_archive() {
        // Masked, it would be taken for another state of the session that it is the archive of.
        let error = Error::new(Kind::Source, "cannot archive").with_path(path);
        return Err(error
            .with_source("it is an archive of sessionkeep itself")
            .with_hint("Copy it into the store to keep it there: `sessionkeep repair` takes it in."));
    }
    let stat = source.stat();
    let (access, covered) = reach(engine, &source, stat, plan.tries, path)?;
    let cut = source.cut();
    if covered == 0 {
        // Packed nothing, or what was cut before anything can be read of it.
        return cut.map_or(Ok(None), Err);
    }
    let is_cut = cut.is_some();
    if let Some(error) = cut {
        engine.report_cut(planned, error);
    }
    let Ends { mut identified, description, tail } =
        look_at_ends(engine, planned, &source, &access, covered)?;
    let guess = &planned.found.guess;
    let (is_in_home, is_history) = (histories::is_settled(guess), histories::is_of_one(&identified));
    let mut is_named_by_stem = identified.origin == agents::Origin::Stem;
    if is_history && !is_in_home {
        let recorded = histories::recorded(engine, identified.agent, &planned.found);
        is_named_by_stem = recorded.is_none();
        identified.session_id = recorded.unwrap_or(identified.session_id);
    }
    let is_named_by_agent = (agents::is_named_by_path(identified.agent) || is_in_home)
        && guess.agent == Some(identified.agent)
        && guess.session_id.as_ref() == Some(&identified.session_id);
    let mut identity = engine.identity(identified, path);
    let mut former = engine.former_identity(&identity, path);
    if let Some(recorded) = former.take_if(|former| engine.is_recorded_as(former, path)) {
        identity = recorded;
    }
    let owner = owner::owner(engine, planned, &identity, &description, plan.tries);
    let mut work = Work {
        planned: planned.clone(),
        source,
        access,
        covered,
        clean: covered,
        is_tail_torn: false,
        tail,
        identity,
        former,
        is_named_by_stem,
        is_named_by_agent,
        description,
        owner,
        lineage: OnceLock::new(),
        block_bytes: block_bytes(covered),
        is_unhashed: false,
        old: None,
        scanned: Vec::new(),
        // Of one that is not whole nothing proves that it is done: each run looks at it, and says so, until it is.
        opened_ns: if is_cut { 0 } else { opened_ns },
        verdict: OnceLock::new(),
        second_decision: OnceLock::new(),
        kept: OnceLock::new(),
        writer: Mutex::new(None),
        nul_bytes: AtomicU64::new(0),
    };
    if engine.is_dry_run {
        let (identity, head_hash) = (&work.identity, head_hash(engine, &work)?);
        let opened = Opened { path, identity, bytes: covered, head_hash };
        work.is_unhashed = engine.copies.is_unheard_of(engine, plan, &opened);
    }
    // An archive that is kept open, too: not where a session has more sources than may be.
    let may_be_open = plan.sources.len() <= engine.limits.sources;
    if !plan.refuses_growth && !work.is_unhashed && may_be_open {
        work.old = growth::expected(engine, &work.identity, &work.bytes(), work.block_bytes);
    }
    work.scanned = (0..work.bytes().block_count(work.block_bytes)).map(|_| Mutex::new(None)).collect();
    (work.clean, work.is_tail_torn) = last_line(&work, &stat)?;
    work.is_tail_torn |= is_cut && work.clean < covered;
    if matches!(work.access, Access::Read(_) | Access::Held(_)) {
        work.source.close();
    }
    Ok(Some(work))
}

/// What the first and the last bytes of a source tell.
struct Ends {
    identified: agents::Identified,
    description: agents::Description,
    /// The last bytes; empty where the source is in memory, out of reach of whoever writes to it.
    tail: Vec<u8>,
}

fn look_at_ends(
    engine: &Engine,
    planned: &Planned,
    source: &Source,
    access: &Access,
    covered: u64,
) -> Result<Ends> {
    const END: u64 = agents::END_BYTES as u64;
    let bytes = access.bytes(source, covered);
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let head = bytes.read(0..covered.min(END), &mut first)?;
    let identified = agents::identify(planned.found.locator.path(), &planned.found.guess, head);
    // Where the ends meet, they are one text: no record is looked at twice.
    let (head, tail) = match covered <= 2 * END {
        true => (bytes.read(0..covered, &mut last)?, &b""[..]),
        false => (head, bytes.read(covered - END..covered, &mut last)?),
    };
    let is_own_text = agents::is_own_text(planned.found.locator.path(), &planned.found.guess);
    let mut rows = LongRows { bytes: &bytes, at: END, count: 0 };
    let more: &mut dyn FnMut() -> Option<Vec<u8>> = &mut || if tail.is_empty() { None } else { rows.next() };
    let description = match engine.is_dry_run {
        _ if !is_own_text => agents::Description::default(),
        true => agents::describe_beginning(identified.agent, head, more, tail),
        false => agents::describe_all(identified.agent, head, more, tail),
    };
    let tail = match access {
        Access::Read(_) => Vec::new(),
        Access::Held(_) | Access::Mapped(_) | Access::Positioned => {
            bytes.read(covered.saturating_sub(END)..covered, &mut last)?.to_vec()
        }
    };
    Ok(Ends { identified, description, tail })
}

/// So many bytes in front of a long row's end are looked at: enough for what agents write behind a message.
const ROW_END_BYTES: u64 = 16 << 10;

/// A row that is longer is not looked for the end of.
const LONG_ROW_BYTES: u64 = 16 << 20;

/// So many long rows are passed over in search of the beginning of a session.
const LONG_ROWS: u32 = 4;

/// What follows a source's first bytes, in pieces: the end of the row that is cut there, and some rows behind it.
struct LongRows<'a, 'b> {
    bytes: &'a Bytes<'b>,
    /// Up to here all was looked at.
    at: u64,
    count: u32,
}

impl LongRows<'_, '_> {
    /// Returns the next piece, which begins within a row; `None` if there is no other, or it cannot be read.
    fn next(&mut self) -> Option<Vec<u8>> {
        self.count += 1;
        if self.count > LONG_ROWS || self.at >= self.bytes.len() {
            return None;
        }
        let (mut buffer, end) = (Vec::new(), self.row_end()?);
        let start = end.saturating_sub(ROW_END_BYTES).max(self.at);
        self.at = (end + agents::END_BYTES as u64).min(self.bytes.len());
        self.bytes.read(start..self.at, &mut buffer).ok().map(<[u8]>::to_vec)
    }

    /// Returns where the row ends that goes on where nothing was looked at yet.
    fn row_end(&self) -> Option<u64> {
        const STEP: u64 = agents::END_BYTES as u64;
        let (mut from, mut buffer) = (self.at, Vec::new());
        let limit = self.bytes.len().min(self.at + LONG_ROW_BYTES);
        while from < limit {
            let to = (from + STEP).min(limit);
            if let Some(at) = memchr::memchr(b'\n', self.bytes.read(from..to, &mut buffer).ok()?) {
                return Some(from + at as u64);
            }
            from = to;
        }
        (limit == self.bytes.len()).then_some(limit)
    }
}

/// Chooses how to reach the bytes of `source`; returns that and how many bytes are covered.
fn reach(
    engine: &Engine,
    source: &Source,
    stat: Stat,
    tries: u32,
    path: &std::path::Path,
) -> Result<(Access, u64)> {
    if source.is_decoded() {
        return Ok(match held::read_all(source, DECODED_BYTES, &engine.buffers)? {
            Text::Plain(bytes) => {
                let covered = bytes.len() as u64;
                (Access::Read(bytes), covered)
            }
            Text::Held(held) => {
                let covered = held.text_bytes();
                (Access::Held(held), covered)
            }
        });
    }
    if stat.bytes <= READ_BYTES {
        return read_whole(engine, source, path);
    }
    if is_settled(&stat)
        && tries == 0
        && let Some(map) = source.map()
    {
        return Ok((Access::Mapped(map), stat.bytes));
    }
    Ok((Access::Positioned, stat.bytes))
}

/// Returns whether nobody wrote to a source for a while.
pub(crate) fn is_settled(stat: &Stat) -> bool {
    stat.mtime_ns < clock::nanoseconds().saturating_sub(SETTLED_NANOSECONDS)
}

/// Reads a small source whole; again if it is written over meanwhile. What is appended meanwhile is for the next run.
fn read_whole(engine: &Engine, source: &Source, path: &std::path::Path) -> Result<(Access, u64)> {
    for _ in 0..READ_TRIES {
        let mut bytes = engine.buffers.lend(source.stat().bytes as usize);
        let read = source.read_at(0, bytes.space())?;
        bytes.truncate(read);
        if !changed(source)? || is_same(source, &bytes)? {
            let covered = bytes.len() as u64;
            return Ok((Access::Read(bytes), covered));
        }
    }
    Err(changing(path))
}

/// Returns whether the source still begins with `bytes`.
fn is_same(source: &Source, bytes: &[u8]) -> Result<bool> {
    let mut again = vec![0; bytes.len()];
    Ok(source.read_at(0, &mut again)? == bytes.len() && again == bytes)
}

/// Returns whether what was read of a source is still there: nothing changed, or bytes were only appended.
pub(crate) fn is_as_read(work: &Work) -> Result<bool> {
    if matches!(work.access, Access::Read(_)) {
        return Ok(true);
    }
    if let Access::Mapped(map) = &work.access
        && map.is_torn()
    {
        return Ok(false);
    }
    if !changed(&work.source)? {
        return Ok(true);
    }
    let mut again = vec![0; work.tail.len()];
    let read = work.source.read_at(work.covered - again.len() as u64, &mut again)?;
    Ok(read == again.len() && again == work.tail)
}

/// Returns whether a source was written to since it was opened.
pub(crate) fn changed(source: &Source) -> Result<bool> {
    source.changed().map_err(|error| Error::io(Kind::Source, "cannot read", source.path(), error))
}

/// Returns the error for a source that is being written over while it is archived.
pub(crate) fn changing(path: &std::path::Path) -> Error {
    Error::new(Kind::Source, "still changing, left for the next run:")
        .with_path(path)
        .with_hint("nothing is lost: run `sessionkeep import` again when its agent is idle")
}

/// Returns where the last whole line ends, and whether the bytes after it look cut off in the middle of a write.
///
/// Plain text of an agent's making (a tool's result) has no newline at its end as a rule, so there only a source
/// that is still young counts as cut off.
fn last_line(work: &Work, stat: &Stat) -> Result<(u64, bool)> {
    let (bytes, mut buffer) = (work.bytes(), Vec::new());
    if bytes.read(work.covered.saturating_sub(1)..work.covered, &mut buffer)? == b"\n" {
        return Ok((work.covered, false));
    }
    let mut wanted = (agents::END_BYTES as u64).min(work.covered);
    loop {
        let start = work.covered.saturating_sub(wanted);
        let text = bytes.read(start..work.covered, &mut buffer)?;
        let newline = memrchr(b'\n', text);
        if newline.is_none() && start > 0 && wanted < LINE_BYTES {
            wanted *= 8;
            continue;
        }
        let line = &text[newline.map_or(0, |at| at + 1)..];
        let clean = newline.map_or(0, |at| start + at as u64 + 1);
        let name = work.planned.found.locator.path().file_name().unwrap_or_default().as_encoded_bytes();
        // A part of another name is a document or plain text.
        let is_json_lines = match work.identity.part_id {
            Some(_) => memchr::memmem::find(name, b".jsonl").is_some(),
            None => !name.ends_with(b".txt"),
        };
        let is_young = stat.mtime_ns > clock::nanoseconds().saturating_sub(SETTLED_NANOSECONDS);
        let is_document = name.ends_with(b".json");
        let is_whole = if is_document {
            matches!(line.trim_ascii_end().last(), Some(b'}' | b']'))
        } else if newline.is_none() && start > 0 {
            matches!(line.last(), Some(b'}' | b']' | b'"'))
        } else {
            serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
        };
        return Ok((clean, !is_whole && (is_json_lines || is_young)));
    }
}

fn is_gone(error: &Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}
