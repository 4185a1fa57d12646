//! Times as agents write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::json::Value;

/// Reads a time: RFC 3339 text (UTC where it names no offset), or a number of seconds or milliseconds since 1970.
pub(crate) fn timestamp(value: Value<'_>) -> Option<Timestamp> {
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
