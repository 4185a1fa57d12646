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
    pub started_at: Option<Cow<'a, str>>,
    pub ended_at: Option<Cow<'a, str>>,
    /// When it ended; else when it began, else when it was archived. `None` where nothing tells a time.
    pub last: Option<Timestamp>,
    pub title: Option<Cow<'a, str>>,
    pub model: Option<Cow<'a, str>>,
    pub git_branch: Option<Cow<'a, str>>,
    /// Empty where it is not known.
    pub cwd: Cow<'a, str>,
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
        let is_filled = |text: &Cow<str>| !text.is_empty();
        let archived_at = facts.archived_at.unwrap_or_default();
        // A time that means nothing is none.
        let ended = facts.ended_at.and_then(|text| Some((parse_time(&text)?, text)));
        let (ended, ended_at) = ended.unzip();
        let started = || facts.started_at.as_deref().and_then(parse_time);
        Session {
            stored,
            session_id: facts.session_id.unwrap_or_default(),
            agent: facts.agent,
            project_slug: facts.project_slug.unwrap_or_default(),
            last: ended.or_else(started).or_else(|| parse_time(&archived_at)),
            archived_at,
            started_at: facts.started_at,
            ended_at,
            title: facts.title.filter(is_filled),
            model: facts.model.filter(is_filled),
            git_branch: facts.git_branch.filter(is_filled),
            cwd: facts.cwd.unwrap_or_default(),
            line_count: facts.line_count.unwrap_or(0),
            masked_lines: facts.masked_lines.unwrap_or(0),
            archived_bytes: facts.archived_bytes.unwrap_or(0),
            forked_from: facts.forked_from.filter(is_filled),
            other_ids: facts.other_ids,
        }
    }

    /// Returns when the session began, as far as that is known; else when it was archived.
    pub fn started(&self) -> Option<Timestamp> {
        self.started_at.as_deref().and_then(parse_time).or_else(|| self.archived())
    }

    /// Returns when the session was last worked on, as far as it tells a time itself.
    pub fn worked_on(&self) -> Option<Timestamp> {
        let times = [self.ended_at.as_deref(), self.started_at.as_deref()];
        times.into_iter().flatten().find_map(parse_time)
    }

    /// Returns when the session was archived, if its sidecar tells.
    pub fn archived(&self) -> Option<Timestamp> {
        parse_time(&self.archived_at)
    }

    /// Returns the text that [`last`](Session::last) was read from.
    pub fn last_text(&self) -> &str {
        let times = [self.ended_at.as_deref(), self.started_at.as_deref()];
        times.into_iter().flatten().next().unwrap_or(&self.archived_at)
    }

    /// Returns a session of which nothing is known.
    #[cfg(test)]
    pub(super) fn nothing() -> Session<'static> {
        let stored = Stored {
            directory: std::path::Path::new("/").into(),
            stem: String::new(),
            archive_suffix: None,
            has_sidecar: true,
            part_count: 0,
            is_part: false,
        };
        Session::of_facts(Facts::default(), stored)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_offset_are_local() {
        let moment = parse_time("2026-06-05T14:30:00").unwrap();
        let expected = jiff::civil::date(2026, 6, 5).at(14, 30, 0, 0).to_zoned(TimeZone::system()).unwrap();
        assert_eq!(moment, expected.timestamp());
        assert_eq!(parse_time("never"), None);
    }

    #[test]
    fn the_last_time_is_the_end_or_else_the_start_or_else_that_of_archiving() {
        let text = |text: &'static str| Some(Cow::Borrowed(text));
        let [one, two, three] = ["2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z"];
        for (ended, started, expected) in [(one, two, one), ("never", two, two), ("", "", three)] {
            let facts = Facts {
                ended_at: text(ended),
                started_at: text(started).filter(|text| !text.is_empty()),
                archived_at: text(three),
                ..Facts::default()
            };
            let session = Session::of_facts(facts, Session::nothing().stored);
            assert_eq!(session.last, parse_time(expected));
            assert_eq!(session.last_text(), expected);
            assert_eq!(session.worked_on(), parse_time(expected).filter(|_| expected != three));
        }
    }
}
