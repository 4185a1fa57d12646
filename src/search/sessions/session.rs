//! One session of a store, as far as a table shows it.

use super::stored::Stored;
use crate::archive::catalog::facts::Facts;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::borrow::Cow;

/// The facts about one session that a table shows. Text is masked, but not safe for a terminal; it is borrowed from the
/// catalog's listing where that knew it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session<'a> {
    /// The files it is kept in.
    pub stored: Stored,
    pub session_id: Cow<'a, str>,
    /// `None`: sessionkeep 0.4 did not record it.
    pub agent: Option<Cow<'a, str>>,
    pub project_slug: Cow<'a, str>,
    /// As the sidecar has it.
    pub archived_at: Cow<'a, str>,
    /// What `archived_at` means; `None` if it means nothing.
    pub archived: Option<Timestamp>,
    pub started_at: Option<Cow<'a, str>>,
    pub title: Option<Cow<'a, str>>,
    pub line_count: u64,
    pub masked_lines: u64,
    pub archived_bytes: u64,
    /// The session that this one was copied from.
    pub forked_from: Option<Cow<'a, str>>,
    /// What it is called beside its id.
    pub other_ids: Vec<Cow<'a, str>>,
}

impl Session<'_> {
    /// Returns the session of which these are the facts, kept in these files.
    pub(super) fn of_facts(facts: Facts<'_>, stored: Stored) -> Session<'_> {
        let archived_at = facts.archived_at.unwrap_or_default();
        Session {
            stored,
            session_id: facts.session_id.unwrap_or_default(),
            agent: facts.agent,
            project_slug: facts.project_slug.unwrap_or_default(),
            archived: parse_time(&archived_at),
            archived_at,
            started_at: facts.started_at,
            title: facts.title.filter(|title| !title.is_empty()),
            line_count: facts.line_count.unwrap_or(0),
            masked_lines: facts.masked_lines.unwrap_or(0),
            archived_bytes: facts.archived_bytes.unwrap_or(0),
            forked_from: facts.forked_from.filter(|id| !id.is_empty()),
            other_ids: facts.other_ids,
        }
    }

    /// Returns when the session began, as far as that is known; else when it was archived.
    pub fn started(&self) -> Option<Timestamp> {
        self.started_at.as_deref().and_then(parse_time).or(self.archived)
    }
}

/// Returns the moment that a sidecar's time means; without an offset (sessionkeep 0.4) it is local time.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    match text.parse::<Timestamp>() {
        Ok(moment) => Some(moment),
        Err(_) => {
            text.parse::<DateTime>().ok()?.to_zoned(TimeZone::system()).ok().map(|zoned| zoned.timestamp())
        }
    }
}
