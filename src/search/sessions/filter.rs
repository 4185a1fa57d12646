//! Which sessions are asked for: by project, agent, id and time.

use super::session::Session;
use crate::error::{Error, Kind, Result};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// What a session must be to be shown; empty lists ask for nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Project slugs, exactly.
    pub projects: Vec<String>,
    /// Short names of agents.
    pub agents: Vec<String>,
    /// Beginnings of ids, of either case: of the session itself, of what else it is called, or of the one that it was
    /// copied from.
    pub sessions: Vec<String>,
    /// Archived then or later.
    pub since: Option<Timestamp>,
}

impl Filter {
    /// Returns whether nothing is asked for, so that no metadata need be read.
    pub fn is_empty(&self) -> bool {
        self.projects.is_empty() && self.agents.is_empty() && self.sessions.is_empty() && self.since.is_none()
    }

    /// Returns whether `session` is asked for.
    pub fn accepts(&self, session: &Session) -> bool {
        let is_listed = |list: &[String], text: &str| list.is_empty() || list.iter().any(|item| item == text);
        is_listed(&self.projects, &session.project_slug)
            && is_listed(&self.agents, session.agent.as_deref().unwrap_or(""))
            && (self.sessions.is_empty() || self.is_called(session) || self.is_named_in(session))
            && self.since.is_none_or(|since| session.archived.is_some_and(|archived| archived >= since))
    }
}

impl Filter {
    /// Returns whether one of the ids that are asked for is the session's own.
    pub fn is_called(&self, session: &Session) -> bool {
        self.sessions.iter().any(|id| begins(&session.session_id, id))
    }

    /// Returns whether one of the ids that are asked for is another one that the session is known with.
    fn is_named_in(&self, session: &Session) -> bool {
        let mut ids = session.other_ids.iter().chain(&session.forked_from);
        ids.any(|known| self.sessions.iter().any(|id| begins(known, id)))
    }
}

fn begins(id: &str, start: &str) -> bool {
    id.as_bytes().get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start.as_bytes()))
}

/// Reads what `--since` says: a date or its beginning (`2026-06-01`, `2026-06`, `2026`; local time), a time (RFC
/// 3339, or without offset for local time), or an age (`90m`, `36h`, `7d`, `2w`) before `now`.
///
/// # Errors
///
/// [`Kind::Usage`] for anything else.
pub(crate) fn parse_since(text: &str, now: Timestamp) -> Result<Timestamp> {
    let text = text.trim();
    age(text)
        .and_then(|age| now.checked_sub(age).ok())
        .or_else(|| text.parse().ok())
        .or_else(|| local(text))
        .ok_or_else(|| {
            Error::new(Kind::Usage, format!("cannot read the date '{text}'"))
                .with_hint("write 2026-06-01, 2026-06-01T14:30:00+02:00, or an age such as 7d, 36h or 2w")
        })
}

fn age(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let count: i64 = text[..text.len() - 1].parse::<u32>().ok()?.into();
    Some(SignedDuration::from_secs(count * seconds))
}

fn local(text: &str) -> Option<Timestamp> {
    let start: DateTime = match text.len() {
        4 | 7 => {
            let (year, month) = text.split_once('-').unwrap_or((text, "1"));
            Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?.into()
        }
        _ => text.parse().ok()?,
    };
    start.to_zoned(TimeZone::system()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::super::session::parse_time;
    use super::*;

    fn now() -> Timestamp {
        "2026-06-10T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn ages_count_back_from_now() {
        for (text, expected) in [
            ("90m", "2026-06-10T10:30:00Z"),
            ("36h", "2026-06-09T00:00:00Z"),
            ("7d", "2026-06-03T12:00:00Z"),
            ("2w", "2026-05-27T12:00:00Z"),
        ] {
            assert_eq!(parse_since(text, now()).unwrap(), expected.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn dates_are_local_and_may_be_cut_short() {
        let day = parse_since("2026-06-01", now()).unwrap();
        assert_eq!(day.to_zoned(TimeZone::system()).datetime(), jiff::civil::date(2026, 6, 1).at(0, 0, 0, 0));
        assert_eq!(parse_since("2026-06", now()).unwrap(), day);
        assert_eq!(parse_since("2026", now()).unwrap(), parse_since("2026-01-01", now()).unwrap());
        assert_eq!(parse_since("2026-06-01T00:00", now()).unwrap(), day);
    }

    #[test]
    fn times_with_an_offset_are_exact() {
        let moment = parse_since("2026-06-01T14:30:00+02:00", now()).unwrap();
        assert_eq!(moment, "2026-06-01T12:30:00Z".parse().unwrap());
    }

    #[test]
    fn anything_else_is_a_usage_error() {
        for text in ["", "yesterday", "d", "-3d", "2026-13", "20é", "é", "99999999999d"] {
            assert_eq!(parse_since(text, now()).unwrap_err().kind(), Kind::Usage, "{text}");
        }
    }

    #[test]
    fn times_without_offset_are_local() {
        let moment = parse_time("2026-06-05T14:30:00").unwrap();
        let expected = jiff::civil::date(2026, 6, 5).at(14, 30, 0, 0).to_zoned(TimeZone::system()).unwrap();
        assert_eq!(moment, expected.timestamp());
        assert_eq!(parse_time("never"), None);
    }
}
