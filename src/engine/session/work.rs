//! One session on its way through the engine: its sources, what looking at them told, and what is decided.
//!
//! A session is scanned whole before its first block is compressed, because a value learned in one place is masked
//! everywhere in it. Phases follow each other; within a phase, blocks are worked on in any order and on any thread.

use super::blocks::Bytes;
use super::changes::changed;
use super::log::Log;
use super::old::{Kept, Old};
use super::placement::Placement;
use super::writer::Writer;
use crate::agents::Description;
use crate::archive::content_hash::{self, HEAD_BYTES, HashKey, PieceValue};
use crate::archive::names::Place;
use crate::engine::history::versions::Version;
use crate::engine::plan::{Plan, Planned};
use crate::engine::session::access::Access;
use crate::engine::verdict::decide::Decision;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::input::Source;
use crate::mask::{Counts, Findings, KnownValues, Learned, Masker};
use crate::platform::sync::lock;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// What an archive says of where its session comes from. Ids are safe to show.
#[derive(Debug, Default)]
pub(crate) struct Descent {
    pub forked_from: Option<String>,
    pub other_ids: Vec<String>,
}

/// One source that is open.
pub(crate) struct Work {
    pub planned: Planned,
    pub source: Source,
    pub access: Access,
    /// Bytes that will be covered.
    pub covered: u64,
    /// Bytes up to the end of the last whole line.
    pub clean: u64,
    /// The last line has no newline and is not whole JSON: a secret in it may be cut, so its last token is masked.
    pub is_tail_torn: bool,
    /// The last bytes as first read, to tell later whether they were written over; none where the bytes are ours.
    pub tail: Vec<u8>,
    pub identity: Identity,
    /// What it may be in older archives; none where it is that already.
    pub former: Option<Identity>,
    /// Nothing but the file's name tells whose it is.
    pub is_named_by_stem: bool,
    pub description: Description,
    /// Its place is all that gives it its session's id: whatever it holds, it is no copy of another session's file.
    pub is_named_by_agent: bool,
    /// The session that it is a copy of, as far as that is known.
    pub owner: Option<String>,
    pub block_bytes: u64,
    /// It can be no copy of anything, and nobody asks for its hash: in a dry run only.
    pub is_unhashed: bool,
    /// The archive that it has grown from, if it is what its name says.
    pub old: Option<Arc<Old>>,
    /// One a block, filled by the scan.
    pub scanned: Vec<Mutex<Option<Scanned>>>,
    /// When it was opened, nanoseconds since 1970, UTC.
    pub opened_ns: i64,
    pub verdict: OnceLock<Verdict>,
    /// What is kept of the old archive of a grown source, known when it is decided.
    pub kept: OnceLock<Kept>,
    /// What the archive of a rendered source holds already, known when it is decided that it gets more.
    pub log: OnceLock<Log>,
    pub writer: Mutex<Option<Writer>>,
    pub nul_bytes: AtomicU64,
    /// Hashes of the values that it teaches, where what is archived is masked again.
    pub teaches: Mutex<BTreeSet<[u8; 32]>>,
}

/// What the scan of one block told.
#[derive(Default)]
pub(crate) struct Scanned {
    pub range: Range<u64>,
    /// The matches, unless there are none, or they are to be found anew when the block is masked.
    pub findings: Option<Findings>,
    /// Offset in the source up to which the block's last match reaches; 0 without one.
    pub reach: u64,
    /// Offset up to which matches of earlier blocks reach; known when all blocks are scanned.
    pub masked_until: u64,
    /// It was not searched: nothing was found in it when it was archived.
    pub is_quiet: bool,
    /// What was counted in it, if it was searched.
    pub counts: Counts,
    /// Ids that records in it give the session beside its own.
    pub ids: Vec<String>,
    /// Hashes of the pieces at the block's nominal place.
    pub pieces: Vec<PieceValue>,
}

/// What is decided about one source.
pub(crate) struct Verdict {
    pub decision: Decision,
    /// The archives that there are, oldest first.
    pub versions: Vec<Version>,
    /// What the source holds is the masked text of that archive, which was made of other bytes.
    pub is_by_text: bool,
    /// Zeros if the source is not hashed.
    pub content_hash: [u8; 32],
    pub head_hash: [u8; 32],
    /// Whose archive it is: the source's own identity, or that of the session that it is a moved copy of.
    pub identity: Identity,
    /// It comes again in the next round of this run, and counts then.
    pub is_put_off: bool,
    /// What its archive says of where it comes from; set when it is decided that it gets one.
    pub descent: OnceLock<Descent>,
    /// Where its archive goes; set with it.
    pub placement: OnceLock<Placement>,
    /// What the masked texts say where the hashes fit no archive.
    pub second: OnceLock<Second>,
}

/// What is decided of a source by its masked text, when all of that is made.
pub(crate) struct Second {
    pub decision: Decision,
    pub placement: Placement,
}

/// Why the work on a session ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What is kept of an old archive is masked otherwise than it would be today: the session is to be archived as a whole.
    Refused,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

/// A session being worked on.
pub(crate) struct Session {
    pub plan: Plan,
    pub works: Vec<Work>,
    /// What blocks taught so far.
    pub learned: Mutex<Learned>,
    /// Values to be masked everywhere in this session; set between scan and compression.
    pub known: OnceLock<Option<KnownValues>>,
    /// Values known from the session's surroundings.
    pub outside: OnceLock<Option<Arc<KnownValues>>>,
    /// Where the session is or may go, once that is chosen; a namesake among its sources has a place of its own.
    pub places: Mutex<Vec<(Identity, Vec<Place>)>>,
    pub has_failed: AtomicBool,
    /// The first source that ended the work on the session, and how.
    pub failure: Mutex<Option<(usize, Stop)>>,
}

impl Work {
    /// Returns whether what was read of a source is still there: nothing changed, or bytes were only appended.
    pub(crate) fn is_as_read(&self) -> Result<bool> {
        // Of a stream nothing is given that is not what was read first.
        if matches!(self.access, Access::Read(_) | Access::Streamed(_)) {
            return Ok(true);
        }
        if let Access::Mapped(map) = &self.access
            && map.is_torn()
        {
            return Ok(false);
        }
        if !changed(&self.source)? {
            return Ok(true);
        }
        let mut again = vec![0; self.tail.len()];
        let read = self.source.read_at(self.covered - again.len() as u64, &mut again)?;
        Ok(read == again.len() && again == self.tail)
    }

    /// Returns the keyed hash of the source's first line.
    pub(crate) fn head_hash(&self, key: &HashKey) -> Result<[u8; 32]> {
        let mut buffer = Vec::new();
        let bytes = self.bytes();
        let head = bytes.read(0..self.covered.min(HEAD_BYTES as u64), &mut buffer)?;
        Ok(content_hash::head_hash(key, head))
    }

    /// Returns the covered bytes.
    pub(crate) fn bytes(&self) -> Bytes<'_> {
        self.access.bytes(&self.source, self.covered)
    }

    /// Returns whether what a scan found holds for the bytes that will be masked later: true where the bytes are
    /// ours, or are watched for change before anything made of them is written.
    pub(crate) fn keeps_findings(&self) -> bool {
        !matches!(self.access, Access::Positioned)
    }

    /// Returns the verdict; only to be asked after the session was decided.
    pub(crate) fn verdict(&self) -> &Verdict {
        self.verdict.get().expect("a source is decided before its blocks are compressed")
    }

    /// Returns what is decided.
    pub(crate) fn decision(&self) -> &Decision {
        let verdict = self.verdict();
        verdict.second.get().map_or(&verdict.decision, |second| &second.decision)
    }

    /// Returns where the archive goes; only to be asked of a source that gets one.
    pub(crate) fn placement(&self) -> &Placement {
        let verdict = self.verdict();
        let second = verdict.second.get().map(|second| &second.placement);
        second.or(verdict.placement.get()).expect("it is decided where an archive goes before it is made")
    }

    /// Returns whether this source gets an archive, new or in place of an old one.
    pub(crate) fn is_to_archive(&self) -> bool {
        self.verdict.get().is_some_and(|verdict| {
            !matches!(verdict.decision, Decision::Same { .. } | Decision::Copy | Decision::Pruned { .. })
        })
    }
}

impl Session {
    /// Returns the directory that the session was in, as the first of its sources tells that knows of one.
    pub(crate) fn cwd(&self) -> Option<&str> {
        self.works.iter().find_map(|work| work.description.cwd.as_deref())
    }

    /// Returns `text` masked by rules and by what is known in this session.
    pub(crate) fn masked(&self, masker: &Masker, text: &str) -> String {
        let outside = self.outside.get().and_then(|outside| outside.as_deref());
        let learned = self.known.get().and_then(|known| known.as_ref());
        let known: Vec<_> = [outside, learned].into_iter().flatten().collect();
        masker.mask_name_with(text, &known)
    }

    /// Notes that a source could not be archived; the rest of the session is left for another try.
    pub(crate) fn fail(&self, work: usize, stop: impl Into<Stop>) {
        lock(&self.failure).get_or_insert_with(|| (work, stop.into()));
        self.has_failed.store(true, Ordering::Release);
    }

    /// Returns whether a source failed, so that further work on the session is wasted.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    /// Returns the failure, once.
    pub(crate) fn take_failure(&self) -> Option<(usize, Stop)> {
        lock(&self.failure).take()
    }
}
