//! When, where and what about: the few facts for a session's metadata, from the ends of its file.
//!
//! Cheap by design: looks at the first and the last records only, and at single members of those. All text comes
//! from the transcript as it is: mask it before it is stored or shown.

use crate::platform::clock;
use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Agent;
use super::json::{Record, Records, Value};
use super::lineage::Lineage;

/// Longest piece of a first prompt taken as a title. Long enough that a secret in what [`title_line`] leaves of it
/// is whole when it is masked.
const PROMPT_CHARACTERS: usize = 2000;

/// Longest title after [`title_line`].
const TITLE_CHARACTERS: usize = 120;

/// Between the beginning and the end of a transcript only rows of up to so many bytes are looked at. Titles, which may
/// stand anywhere, are in short rows of their own; nearly all bytes are in long ones.
const SHORT_ROW_BYTES: usize = 1 << 10;

/// The end of a transcript: so many bytes hold its last times and its model.
const LAST_BYTES: usize = 24 << 10;

/// Where agents write the time of a record.
const TIME_MEMBERS: [&str; 8] =
    ["timestamp", "time", "startTime", "created_at", "_audit_timestamp", "createdAt", "created", "ts"];

/// What the ends of a transcript tell. Raw text, not masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The directory that the session began in.
    pub cwd: Option<String>,
    /// Time of the first record that has one; the same however often the file grows.
    pub started_at: Option<Timestamp>,
    /// The latest time seen (records are not always in order).
    pub ended_at: Option<Timestamp>,
    /// A title given by user or agent, else the first prompt (up to 2,000 characters: mask it, then shorten it
    /// with [`title_line`]).
    pub title: Option<String>,
    /// The model that answered last.
    pub model: Option<String>,
    /// The branch that the session began on.
    pub git_branch: Option<String>,
    /// Where the session comes from.
    pub lineage: Lineage,
}

/// Returns what the ends of a transcript tell. `agent` is an [`Agent::id`] or
/// [`FILES`](crate::identity::FILES); `head` and `tail` are its first and last bytes, about
/// [`END_BYTES`](super::END_BYTES) each, cut anywhere. They may overlap; `tail` may be empty if `head` is all.
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
    let (agent, mut notes) = (super::agent(agent), Notes::new(clock::now()));
    for end in [head, tail] {
        let mut records = Records::new(end);
        while let Some(record) = records.next(|_, _| true) {
            notes.take(agent, &record);
            if notes.description.started_at.is_some() && notes.description.cwd.is_some() {
                return notes.description;
            }
        }
        notes.look_for_start(agent, more);
    }
    notes.last_row(agent, tail);
    notes.description
}

fn describe_at(
    agent: &str,
    head: &[u8],
    more: &mut dyn FnMut() -> Option<Vec<u8>>,
    tail: &[u8],
    now: Timestamp,
) -> Description {
    let agent = super::agent(agent);
    let mut notes = Notes::new(now);
    for (end, after) in [(head, tail.len()), (tail, 0)] {
        let mut records = Records::new(end);
        while let Some(record) = records
            .next(|row, rest| row <= SHORT_ROW_BYTES || rest + after < LAST_BYTES || !notes.has_beginning())
        {
            notes.take(agent, &record);
        }
        notes.look_for_start(agent, more);
    }
    notes.last_row(agent, tail);
    notes.description
}

/// Returns the first line of `text` that has something on it, without control characters, at most 120 characters.
pub(crate) fn title_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut title: String = line.chars().filter(|c| !c.is_control()).take(TITLE_CHARACTERS + 1).collect();
    if title.chars().count() > TITLE_CHARACTERS {
        title.pop();
        title.pop();
        title.push('…');
    }
    title
}

/// How good a title is; a better one replaces a weaker one, a later one its equal (but never the first prompt).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TitleRank {
    Prompt,
    Summary,
    Generated,
    AgentName,
    Given,
}

/// Collects a description from records in order.
#[derive(Debug)]
pub(super) struct Notes {
    description: Description,
    title_rank: Option<TitleRank>,
    earliest: Timestamp,
    latest: Timestamp,
}

impl Notes {
    fn new(now: Timestamp) -> Notes {
        let day = jiff::SignedDuration::from_hours(24);
        Notes {
            description: Description::default(),
            title_rank: None,
            // 2000-01-01T00:00:00Z
            earliest: Timestamp::from_second(946_684_800).unwrap_or(Timestamp::UNIX_EPOCH),
            latest: now.checked_add(day).unwrap_or(Timestamp::MAX),
        }
    }

    /// Takes what a record tells.
    fn take(&mut self, agent: Option<&dyn Agent>, record: &Record<'_>) {
        self.time_of(record);
        match agent {
            Some(agent) => agent.note(record, self),
            None => self.common(record),
        }
    }

    /// Takes what `more` has to tell until the start is known.
    fn look_for_start(&mut self, agent: Option<&dyn Agent>, more: &mut dyn FnMut() -> Option<Vec<u8>>) {
        while self.description.started_at.is_none()
            && let Some(piece) = more()
        {
            let row = memchr::memchr(b'\n', &piece).unwrap_or(piece.len());
            self.take(agent, &Record::of_end(&piece[..row]));
            let mut records = Records::new(&piece[row..]);
            while self.description.started_at.is_none()
                && let Some(record) = records.next(|_, _| true)
            {
                self.take(agent, &record);
            }
        }
    }

    /// Takes the end of a transcript's last row, where `tail` begins within that.
    fn last_row(&mut self, agent: Option<&dyn Agent>, tail: &[u8]) {
        let row = tail.trim_ascii_end();
        if !row.is_empty() && !row.starts_with(b"{") && memchr::memchr(b'\n', row).is_none() {
            self.take(agent, &Record::of_end(row));
        }
    }

    /// Returns whether all is known that the first record decides that has it.
    fn has_beginning(&self) -> bool {
        let Description { started_at, cwd, title, .. } = &self.description;
        started_at.is_some() && cwd.is_some() && title.is_some()
    }

    /// Takes the time of a record where agents write it: at its top, or, in a session's header, one level down.
    fn time_of(&mut self, record: &Record<'_>) {
        let at_top = TIME_MEMBERS.iter().find_map(|key| record.get(key));
        if let Some(value) = at_top {
            self.time(value);
        }
    }

    /// Takes the time in `value`: RFC 3339, or seconds or milliseconds since 1970.
    pub(crate) fn time(&mut self, value: Value<'_>) {
        let Some(time) = timestamp(value).filter(|time| (self.earliest..=self.latest).contains(time)) else {
            return;
        };
        self.description.started_at.get_or_insert(time);
        self.description.ended_at = self.description.ended_at.max(Some(time));
    }

    /// Takes what most agents write at the top of records.
    pub(crate) fn common(&mut self, record: &Record<'_>) {
        self.cwd(record.text("cwd"));
        self.git_branch(record.text("gitBranch"));
        self.model(record.text("model"));
    }

    /// Takes the working directory; the first one counts.
    pub(crate) fn cwd(&mut self, cwd: Option<Cow<'_, str>>) {
        keep_first(&mut self.description.cwd, cwd);
    }

    /// Takes the branch; the first one counts.
    pub(crate) fn git_branch(&mut self, branch: Option<Cow<'_, str>>) {
        keep_first(&mut self.description.git_branch, branch);
    }

    /// Takes the model; the last one counts. Claude Code writes `<synthetic>` for its own error messages.
    pub(crate) fn model(&mut self, model: Option<Cow<'_, str>>) {
        let model = model.filter(|model| !model.starts_with('<'));
        if let Some(model) = model
            && self.description.model.as_deref() != Some(&model)
        {
            self.description.model = Some(model.into_owned());
        }
    }

    /// Returns what is known of where the session comes from, to add to it.
    pub(crate) fn lineage(&mut self) -> &mut Lineage {
        &mut self.description.lineage
    }

    /// Takes a title.
    pub(crate) fn title(&mut self, rank: TitleRank, title: Option<Cow<'_, str>>) {
        let is_better =
            self.title_rank.is_none_or(|known| rank > known || (rank == known && rank != TitleRank::Prompt));
        if let Some(title) = title.filter(|title| is_better && !title.trim().is_empty()) {
            self.title_rank = Some(rank);
            self.description.title = Some(title.into_owned());
        }
    }

    /// Returns whether a first prompt would still be taken.
    pub(crate) fn wants_prompt(&self) -> bool {
        self.title_rank.is_none()
    }

    /// Takes a user's message as the title if there is none yet: a string, or a list of blocks with a `text`.
    /// What agents put into the user's mouth (`<environment_context>`, `<command-name>`, AGENTS.md) is passed over.
    pub(crate) fn prompt(&mut self, content: Option<Value<'_>>) {
        let Some(content) = content.filter(|_| self.wants_prompt()) else { return };
        let text = content.text().filter(|text| is_typed(text)).or_else(|| {
            content
                .elements()
                .find_map(|block| block.member("text")?.filled_text().filter(|text| is_typed(text)))
        });
        if let Some(text) = text {
            let start: String = text.chars().take(PROMPT_CHARACTERS).collect();
            self.title(TitleRank::Prompt, Some(Cow::Owned(start)));
        }
    }
}

fn keep_first(slot: &mut Option<String>, value: Option<Cow<'_, str>>) {
    if slot.is_none() {
        *slot = value.map(Cow::into_owned);
    }
}

/// Returns whether a user's message looks typed by the user, not inserted by an agent.
fn is_typed(text: &str) -> bool {
    let inserted = ["<", "# AGENTS.md", "Caveat: ", "[Request interrupted"];
    let text = text.trim_start();
    !text.is_empty() && !inserted.iter().any(|start| text.starts_with(start))
}

/// Reads a time: RFC 3339 text (UTC where it names no offset), or a number of seconds or milliseconds since 1970.
pub(super) fn timestamp(value: Value<'_>) -> Option<Timestamp> {
    if let Some(text) = value.text() {
        return text.parse().ok().or_else(|| {
            let local: DateTime = text.parse().ok()?;
            local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        });
    }
    let number = value.number()?;
    // 1e11 seconds are the year 5138, 1e11 milliseconds 1973.
    let milliseconds = if number.abs() < 1e11 { number * 1000.0 } else { number };
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

#[cfg(test)]
mod tests;
