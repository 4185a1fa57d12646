//! When, where and what about: the few facts for a session's metadata, from the ends of its file.
//!
//! Cheap by design: looks at the first and the last records only, and at single members of those. All text comes
//! from the transcript as it is: mask it before it is stored or shown.

use std::path::Path;

use crate::platform::clock;

use jiff::Timestamp;

use crate::agents::agent::Agent;
use crate::agents::facts::{Description, Notes};
use crate::agents::known;
use crate::agents::record::{Record, Records};

/// Bytes that [`identify`](super::identify()) and [`describe`] want of each end of a file. Claude Code writes a session's title again
/// about every 32 KiB, and the longest first record seen (Codex's `session_meta`) is 22 KB; more costs more.
pub(crate) const END_BYTES: usize = 64 << 10;

/// Between the beginning and the end of a transcript only rows of up to so many bytes are looked at. Titles, which may
/// stand anywhere, are in short rows of their own; nearly all bytes are in long ones.
const SHORT_ROW_BYTES: usize = 1 << 10;

/// The end of a transcript: so many bytes hold its last times and its model.
const LAST_BYTES: usize = 24 << 10;

/// Returns what the ends of a transcript tell. `agent` is an [`Agent::id`] or
/// [`FILES`](crate::identity::FILES); `head` and `tail` are its first and last bytes, about
/// [`END_BYTES`] each, cut anywhere. They may overlap; `tail` may be empty if `head` is all.
///
/// Times before 2000 or more than a day ahead of now are taken as absent.
pub fn describe(agent: &str, head: &[u8], tail: &[u8]) -> Description {
    describe_all(agent, head, &mut || None, tail)
}

/// Returns what [`describe`] does. Where no row that is whole in `head` tells when the session began, `more` is asked for
/// what follows: pieces that begin within a row, the first of them in the one that is cut at the end of `head`. What
/// agents write behind a long message is in the end of such a row.
pub(crate) fn describe_all(
    agent: &str,
    head: &[u8],
    more: &mut dyn FnMut() -> Option<Vec<u8>>,
    tail: &[u8],
) -> Description {
    describe_at(agent, head, more, tail, clock::now())
}

/// Returns of what [`describe`] does what decides where a session's archive goes, when and in which directory it began,
/// and perhaps more. Looks at no more than that takes.
pub(crate) fn describe_beginning(
    agent: &str,
    head: &[u8],
    more: &mut dyn FnMut() -> Option<Vec<u8>>,
    tail: &[u8],
) -> Description {
    let (agent, mut notes) = (known::agent(agent), Notes::new(clock::now(), known::guess_path));
    for end in [head, tail] {
        let mut records = Records::new(end);
        while let Some(record) = records.next(|_, _| true) {
            take(agent, &record, &mut notes);
            if notes.description().started_at.is_some() && notes.description().cwd.is_some() {
                return notes.finish();
            }
        }
        look_for_start(agent, more, &mut notes);
    }
    last_row(agent, tail, &mut notes);
    notes.finish()
}

/// Adds to what the records of a session's transcript tell what its path and the documents beside it do:
/// [`Agent::note_beside`].
pub(crate) fn describe_with_beside(agent: &str, path: &Path, records: Description) -> Description {
    let Some(agent) = known::agent(agent) else { return records };
    let mut notes = Notes::new(clock::now(), known::guess_path);
    agent.note_beside(path, &mut notes);
    let beside = notes.finish();
    let mut lineage = records.lineage;
    lineage.fork(|| beside.lineage.forked_from);
    Description {
        cwd: records.cwd.or(beside.cwd),
        started_at: records.started_at.or(beside.started_at),
        ended_at: records.ended_at.max(beside.ended_at),
        is_titled: beside.is_titled || (beside.title.is_none() && records.is_titled),
        title: beside.title.or(records.title),
        model: records.model.or(beside.model),
        git_branch: records.git_branch.or(beside.git_branch),
        lineage,
    }
}

/// Adds to what a session's transcript tells what a part tells of the session: [`Agent::tells_of_session`]. A title that
/// was given is better than a prompt.
pub(crate) fn add_told(session: &mut Description, part: &Description) {
    let fill = |own: &mut Option<String>, other: &Option<String>| {
        if own.is_none() {
            own.clone_from(other);
        }
    };
    fill(&mut session.cwd, &part.cwd);
    fill(&mut session.model, &part.model);
    fill(&mut session.git_branch, &part.git_branch);
    if session.title.is_none() || (part.is_titled && !session.is_titled) {
        session.title.clone_from(&part.title);
        session.is_titled = part.is_titled;
    }
    session.started_at = session.started_at.or(part.started_at);
    session.ended_at = session.ended_at.max(part.ended_at);
}

fn describe_at(
    agent: &str,
    head: &[u8],
    more: &mut dyn FnMut() -> Option<Vec<u8>>,
    tail: &[u8],
    now: Timestamp,
) -> Description {
    let agent = known::agent(agent);
    let mut notes = Notes::new(now, known::guess_path);
    for (end, after) in [(head, tail.len()), (tail, 0)] {
        let mut records = Records::new(end);
        while let Some(record) = records
            .next(|row, rest| row <= SHORT_ROW_BYTES || rest + after < LAST_BYTES || !notes.has_beginning())
        {
            take(agent, &record, &mut notes);
        }
        look_for_start(agent, more, &mut notes);
    }
    last_row(agent, tail, &mut notes);
    notes.finish()
}

/// Takes what a record tells.
fn take(agent: Option<&dyn Agent>, record: &Record<'_>, notes: &mut Notes) {
    notes.time_of(record);
    match agent {
        Some(agent) => agent.note(record, notes),
        None => notes.common(record),
    }
}

/// Takes what `more` has to tell until the start is known.
fn look_for_start(agent: Option<&dyn Agent>, more: &mut dyn FnMut() -> Option<Vec<u8>>, notes: &mut Notes) {
    while notes.description().started_at.is_none()
        && let Some(piece) = more()
    {
        let row = memchr::memchr(b'\n', &piece).unwrap_or(piece.len());
        take(agent, &Record::of_end(&piece[..row]), notes);
        let mut records = Records::new(&piece[row..]);
        while notes.description().started_at.is_none()
            && let Some(record) = records.next(|_, _| true)
        {
            take(agent, &record, notes);
        }
    }
}

/// Takes the end of a transcript's last row, where `tail` begins within that.
fn last_row(agent: Option<&dyn Agent>, tail: &[u8], notes: &mut Notes) {
    let row = tail.trim_ascii_end();
    if !row.is_empty() && !row.starts_with(b"{") && memchr::memchr(b'\n', row).is_none() {
        take(agent, &Record::of_end(row), notes);
    }
}

#[cfg(test)]
#[path = "describe_tests.rs"]
mod tests;
