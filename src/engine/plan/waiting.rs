//! Sessions that are never quiet: since when what one that is always being written to holds waits to be archived.
//!
//! A file's modification time does not tell: it is always now. So the catalog is asked when its bytes were last
//! archived, and, of a file that it does not know, the file system when the file was made and the first record when the
//! session began (a copied or restored file is new, its session is not). Only that last question opens the file.
//! Decides nothing about the file and counts nothing: `plan` and `doctor` do.

use crate::agents::{self, Found};
use crate::archive::catalog::snapshot::{Entry, Snapshot, identity_key, path_key};
use crate::archive::content_hash::HashKey;
use crate::error::Result;
use crate::identity::{self, Identity, safe_id};
use crate::input::{Links, Source};
use jiff::Timestamp;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};
use std::{fmt, fs};

/// How long a session that is never quiet waits if nothing else is asked for: a day.
pub(crate) const DEFAULT_MAX_WAIT: Duration = Duration::from_secs(24 * 3600);

/// The time of the first record is in so many bytes as a rule; in the next of these if that record is long.
const FIRST_RECORD_BYTES: [usize; 3] = [4 << 10, agents::END_BYTES, 4 << 20];

/// The end of a first record that is longer still (it holds pasted images) is looked for in so many bytes.
const LONGEST_RECORD_BYTES: u64 = 64 << 20;

/// What follows a message in its record, its time among it, is in so many bytes.
const RECORD_END_BYTES: usize = 4 << 10;

/// What precedes a record's time in the raw text.
const TIME_NEEDLE: &[u8] = b",\"timestamp\":";

/// Which files are left alone for being young.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Files written to within this time are left alone...
    pub min_age: Duration,
    /// ...unless what they hold has waited for longer than this.
    pub max_wait: Duration,
}

/// Since when what a file holds waits, and how that is known. Times are nanoseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// The catalog says that all of it was archived then.
    Archived(i64),
    /// There is no archive, and the file system says that the file was made then.
    Made(i64),
    /// There is no archive, and the first record that has a time has this one.
    Began(i64),
    /// Nothing tells. It counts as having waited, for else it might wait for ever.
    Unknown,
}

impl Since {
    /// Returns the time, if one is known.
    pub(crate) fn time_ns(self) -> Option<i64> {
        match self {
            Since::Archived(time) | Since::Made(time) | Since::Began(time) => Some(time),
            Since::Unknown => None,
        }
    }

    /// Returns whether it began before `time_ns`.
    pub(crate) fn is_before(self, time_ns: i64) -> bool {
        self.time_ns().is_none_or(|since| since < time_ns)
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time_ns().and_then(|time| Timestamp::from_nanosecond(time.into()).ok());
        let time = time.unwrap_or_default().round(jiff::Unit::Second).unwrap_or_default();
        match self {
            Since::Archived(_) => write!(f, "last archived {time}"),
            Since::Made(_) => write!(f, "not archived, and made {time}"),
            Since::Began(_) => write!(f, "not archived, and begun {time}"),
            Since::Unknown => f.write_str("not archived, and nothing tells since when it waits"),
        }
    }
}

/// Returns since when what `found` holds waits. `key` is the store's private one, `now_ns` the time now. The file is
/// opened only if neither the catalog knows it nor it was made before `before_ns`, where the answer is asked for no
/// better than that.
pub(crate) fn since(found: &Found, snapshot: &Snapshot, key: &HashKey, now_ns: i64, before_ns: i64) -> Since {
    if let Some(entry) = last_archived(found, snapshot, key, now_ns) {
        return Since::Archived(entry.observed_at_ns);
    }
    let made = made(found.locator.path());
    if let Some(made) = made.filter(|made| *made < before_ns) {
        return Since::Made(made);
    }
    // Times in what was pasted say nothing of when it was. What cannot be read says so when it is archived.
    let is_own_text = agents::is_own_text(found.locator.path(), &found.guess);
    let began = if is_own_text { first_time(found, 0).ok().flatten() } else { None };
    match (made, began) {
        (Some(made), Some(began)) if made < began => Since::Made(made),
        (_, Some(began)) => Since::Began(began),
        (Some(made), None) => Since::Made(made),
        (None, None) => Since::Unknown,
    }
}

/// Returns what the catalog knows of the file, else of another one of its session or part, with the time at which it was
/// last seen archived. A time that is unknown (after a rebuild) or still to come (a clock was wrong) proves nothing.
pub(crate) fn last_archived<'a>(
    found: &Found,
    snapshot: &'a Snapshot,
    key: &HashKey,
    now_ns: i64,
) -> Option<&'a Entry> {
    let is_known = |entry: &&Entry| (1..=now_ns).contains(&entry.observed_at_ns);
    entries_of(found, snapshot, key, is_known)
}

/// Returns what the catalog knows of the file, else of another one of its session or part.
pub(crate) fn entry_of<'a>(found: &Found, snapshot: &'a Snapshot, key: &HashKey) -> Option<&'a Entry> {
    entries_of(found, snapshot, key, |_| true)
}

fn entries_of<'a>(
    found: &Found,
    snapshot: &'a Snapshot,
    key: &HashKey,
    is_known: impl Fn(&&Entry) -> bool,
) -> Option<&'a Entry> {
    let at_path = snapshot.by_path(path_key(key, &found.locator.key()));
    if let Some(entry) = at_path.filter(&is_known) {
        return Some(entry);
    }
    let identity = Identity {
        agent: found.guess.agent?.to_owned(),
        session_id: safe_id(found.guess.session_id.as_ref()?),
        part_id: found.guess.part_id.as_deref().map(safe_id),
    };
    let known = snapshot.by_identity(identity_key(&identity)).filter(is_known);
    known.max_by_key(|entry| entry.observed_at_ns)
}

/// Returns when the file was made, if the file system keeps that.
fn made(path: &Path) -> Option<i64> {
    let made = fs::metadata(path).ok()?.created().ok()?;
    i64::try_from(made.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}

/// Returns the time of the first record at or after `offset` of a file's text that has one.
///
/// # Errors
///
/// When the file cannot be read.
pub(crate) fn first_time(found: &Found, offset: u64) -> Result<Option<i64>> {
    let source = Source::open(&found.locator, Links::Follow)?;
    for bytes in FIRST_RECORD_BYTES {
        let mut head = vec![0; bytes];
        let count = source.read_at(offset, &mut head)?;
        let head = &head[..count];
        let agent = match offset {
            0 => agents::identify(found.locator.path(), &found.guess, head).agent,
            _ => found.guess.agent.unwrap_or(identity::FILES),
        };
        let time = time_in(agent, head);
        if time.is_some() || count < bytes {
            return Ok(time);
        }
    }
    time_behind_message(&source, found.guess.agent.unwrap_or(identity::FILES), offset)
}

/// Returns the time of a long record at `offset` that has it behind its message, else that of the one after it.
fn time_behind_message(source: &Source, agent: &str, offset: u64) -> Result<Option<i64>> {
    let mut block = vec![0; 1 << 20];
    let mut end = offset;
    let is_whole = loop {
        let count = source.read_at(end, &mut block)?;
        if let Some(newline) = memchr::memchr(b'\n', &block[..count]) {
            end += newline as u64;
            break true;
        }
        end += count as u64;
        if count == 0 {
            break true;
        }
        if end - offset >= LONGEST_RECORD_BYTES {
            break false;
        }
    };
    if !is_whole {
        return Ok(None);
    }
    let start = end.saturating_sub(RECORD_END_BYTES as u64).max(offset);
    let mut window = vec![0; (end - start) as usize];
    let count = source.read_at(start, &mut window)?;
    let window = &window[..count];
    if let Some(at) = memchr::memmem::rfind(window, TIME_NEEDLE) {
        let record = [b"{", &window[at + 1..]].concat();
        if let Some(time) = time_in(agent, &record) {
            return Ok(Some(time));
        }
    }
    let mut next = vec![0; agents::END_BYTES];
    let count = source.read_at(end, &mut next)?;
    Ok(time_in(agent, &next[..count]))
}

/// Returns the time of the first record in `text` that has one.
fn time_in(agent: &str, text: &[u8]) -> Option<i64> {
    let time = agents::describe_beginning(agent, text, &mut || None, b"").started_at?;
    i64::try_from(time.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locator::Stamp;

    #[test]
    fn what_nothing_is_known_of_has_waited() {
        assert!(Since::Unknown.is_before(i64::MIN));
        for since in [Since::Archived(5), Since::Made(5), Since::Began(5)] {
            assert!(since.is_before(6) && !since.is_before(5), "{since:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_tells_nothing() {
        let path = Path::new("/nowhere/session.jsonl").to_path_buf();
        let stamp = Stamp { bytes: 1, modified_ns: 1, changed_ns: 1, inode: 1 };
        let found = Found { guess: agents::guess_path(&path), stamp, locator: path.into() };
        let since = since(&found, &Snapshot::default(), &HashKey::new([0; 32]), 10, 5);
        assert_eq!(since, Since::Unknown);
        assert!(since.to_string().contains("nothing tells"));
    }
}
