//! Ages and sizes as users write them: `180d`, `12m`, `1y6m`, `5GiB`.

use crate::error::{Error, Kind, Result};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// An age, with the text that it was written as. Days, months and years are those of the calendar, in local time.
#[derive(Clone, Debug)]
pub(crate) struct Age {
    pub text: String,
    span: Span,
}

/// A size, with the text that it was written as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub text: String,
    pub bytes: u64,
}

impl Age {
    /// Reads numbers with `y`, `m` (months), `w`, `d` or `h` behind each, the largest unit first: `180d`, `1y6m`.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] for anything else.
    pub(crate) fn parse(text: &str) -> Result<Age> {
        let refused = || {
            Error::new(Kind::Usage, format!("cannot read the age '{text}'")).with_hint(
                "write a number and h (hours), d (days), w (weeks), m (months) or y (years): 180d, 12m, 1y6m",
            )
        };
        span(text.trim()).map(|span| Age { text: text.trim().to_owned(), span }).ok_or_else(refused)
    }

    /// Returns the moment that was this age ago at `moment`; the earliest there is if that would be before it.
    pub(crate) fn before(&self, moment: Timestamp, zone: &TimeZone) -> Timestamp {
        let then = moment.to_zoned(zone.clone()).checked_sub(self.span);
        then.map_or(Timestamp::MIN, |then| then.timestamp())
    }
}

fn span(text: &str) -> Option<Span> {
    const UNITS: &str = "ymwdh";
    let (mut span, mut rest, mut next) = (Span::new(), text, 0);
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let count: i64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].chars().next()?;
        let place = UNITS.find(unit).filter(|place| *place >= next)?;
        next = place + 1;
        span = match unit {
            'y' => span.try_years(count),
            'm' => span.try_months(count),
            'w' => span.try_weeks(count),
            'd' => span.try_days(count),
            _ => span.try_hours(count),
        }
        .ok()?;
        rest = &rest[digits + 1..];
    }
    (!span.is_zero()).then_some(span)
}

impl Size {
    /// Reads a number of bytes: `5GiB`, `1.5G`, `800MB`, `100000`. Without a `B`, and with `iB`, units are powers of 1024;
    /// with `B` alone, of 1000.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] for anything else.
    pub(crate) fn parse(text: &str) -> Result<Size> {
        let refused = || {
            Error::new(Kind::Usage, format!("cannot read the size '{text}'"))
                .with_hint("write a number of bytes, or one with a unit: 500MiB, 5GiB, 800MB")
        };
        bytes(text.trim()).map(|bytes| Size { text: text.trim().to_owned(), bytes }).ok_or_else(refused)
    }
}

fn bytes(text: &str) -> Option<u64> {
    let end =
        text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite())?;
    let unit = unit.trim().to_ascii_lowercase();
    let (letter, base) = match unit.as_str() {
        "" | "b" => return Some(number as u64),
        _ => match (unit.strip_suffix("ib"), unit.strip_suffix('b')) {
            (Some(letter), _) => (letter, 1024_f64),
            (None, Some(letter)) => (letter, 1000.0),
            (None, None) => (unit.as_str(), 1024.0),
        },
    };
    let power = ["k", "m", "g", "t"].iter().position(|known| *known == letter)?;
    Some((number * base.powi(power as i32 + 1)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_count_calendar_units() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        for (text, then) in [
            ("36h", "2026-03-30T00:00:00Z"),
            ("30d", "2026-03-01T12:00:00Z"),
            ("2w", "2026-03-17T12:00:00Z"),
            ("1m", "2026-02-28T12:00:00Z"),
            ("12m", "2025-03-31T12:00:00Z"),
            ("1y1m", "2025-02-28T12:00:00Z"),
            ("9000y", "-009999-01-02T01:59:59Z"),
        ] {
            let found = Age::parse(text).unwrap().before(now, &TimeZone::UTC);
            let expected: Timestamp = then.parse().unwrap();
            assert!(found == expected || text == "9000y" && found < now, "{text}: {found}");
        }
        for text in ["", "d", "0d", "5", "-3d", "3x", "1d1y", "1d 2h", "1d1d", "99999999999999999999d", "é"]
        {
            assert_eq!(Age::parse(text).unwrap_err().kind(), Kind::Usage, "{text}");
        }
    }

    #[test]
    fn sizes_have_units_of_both_kinds() {
        for (text, bytes) in [
            ("0", 0),
            ("1000", 1000),
            ("7B", 7),
            ("1K", 1024),
            ("1KiB", 1024),
            ("1kb", 1000),
            ("1.5MiB", 3 << 19),
            ("5GiB", 5 << 30),
            ("2 TB", 2_000_000_000_000),
        ] {
            assert_eq!(Size::parse(text).unwrap().bytes, bytes, "{text}");
        }
        for text in ["", "GiB", "-1", "5X", "1.2.3G", "5GiBs", "inf"] {
            assert_eq!(Size::parse(text).unwrap_err().kind(), Kind::Usage, "{text}");
        }
    }
}
