//! The order of a list.

use crate::search::sessions::Session;
use clap::ValueEnum;
use jiff::Timestamp;
use std::cmp::Reverse;

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    Ended,
    Started,
    Archived,
    Size,
}

impl Sort {
    /// Returns sessions sorted latest or largest first; equals stay sorted by path.
    pub(crate) fn sorted<'a>(self, sessions: &'a [Session<'a>]) -> Vec<&'a Session<'a>> {
        let mut sessions: Vec<&Session> = sessions.iter().collect();
        match self {
            Sort::Size => sessions.sort_by_cached_key(|session| Reverse(session.archived_bytes)),
            _ => sessions.sort_by_cached_key(|session| Reverse(self.time(session))),
        }
        sessions
    }

    /// Returns the time that is shown of a session: the one that it is sorted by, if it is by a time.
    pub(crate) fn time(self, session: &Session) -> Option<Timestamp> {
        match self {
            Sort::Ended | Sort::Size => session.last,
            Sort::Started => session.started(),
            Sort::Archived => session.archived(),
        }
    }

    /// Returns the text of this time in the session's sidecar.
    pub(crate) fn time_text<'a>(self, session: &'a Session) -> &'a str {
        match self {
            Sort::Ended | Sort::Size => session.last_text(),
            Sort::Started => session.started_at.as_deref().unwrap_or(&session.archived_at),
            Sort::Archived => &session.archived_at,
        }
    }
}
