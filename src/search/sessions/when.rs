//! Moments as users write them: dates, times, ages.

use crate::error::{Error, Kind, Result};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

/// Reads what `--since` says: a date or its beginning (`2026-06-01`, `2026-06`, `2026`; local time), a time (RFC
/// 3339, or without offset for local time), or an age (`90m`, `36h`, `7d`, `2w`) before `now`.
///
/// # Errors
///
/// [`Kind::Usage`] for anything else.
pub(crate) fn parse_since(text: &str, now: Timestamp) -> Result<Timestamp> {
    parse(text, now).map(|(first, _)| first)
}

/// Reads what `--until` says, written as for [`parse_since`]; returns the first moment that comes after it: of a day, a
/// month or a year, that is the next one's.
///
/// # Errors
///
/// [`Kind::Usage`] for anything else.
pub(crate) fn parse_until(text: &str, now: Timestamp) -> Result<Timestamp> {
    parse(text, now).map(|(_, next)| next)
}

/// Returns the first moment of what is written, and the first one behind it.
fn parse(text: &str, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
    let text = text.trim();
    let exact = age(text).and_then(|age| now.checked_sub(age).ok()).or_else(|| text.parse().ok());
    let exact = exact.map(|moment: Timestamp| (moment, moment.checked_add(1.nanosecond()).unwrap_or(moment)));
    exact.or_else(|| local(text)).ok_or_else(|| {
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

fn local(text: &str) -> Option<(Timestamp, Timestamp)> {
    let (start, length): (DateTime, Span) = match text.len() {
        4 | 7 => {
            let (year, month) = text.split_once('-').unwrap_or((text, "1"));
            let first = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
            (first.into(), if text.len() == 4 { 1.year() } else { 1.month() })
        }
        10 => (text.parse().ok()?, 1.day()),
        _ => (text.parse().ok()?, 1.nanosecond()),
    };
    let moment = |local: DateTime| Some(local.to_zoned(TimeZone::system()).ok()?.timestamp());
    Some((moment(start)?, moment(start.checked_add(length).ok()?)?))
}

#[cfg(test)]
mod tests {
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
    fn until_takes_in_the_whole_of_what_is_written() {
        for (text, next) in
            [("2026-06-01", "2026-06-02"), ("2026-06", "2026-07"), ("2026-12", "2027-01"), ("2026", "2027")]
        {
            assert_eq!(parse_until(text, now()).unwrap(), parse_since(next, now()).unwrap(), "{text}");
        }
        for text in ["2026-06-01T12:00:00Z", "2026-06-01T12:00", "3d"] {
            let (first, next) = (parse_since(text, now()).unwrap(), parse_until(text, now()).unwrap());
            assert_eq!(next.duration_since(first), SignedDuration::from_nanos(1), "{text}");
        }
    }
}
