//! The time of day, as the system's clock has it.

use jiff::Timestamp;

/// Returns now, UTC.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns now in nanoseconds since 1970, UTC, as files' times are: what is later than the year 2262 is that year.
pub(crate) fn nanoseconds() -> i64 {
    now().as_nanosecond().try_into().unwrap_or(i64::MAX)
}

/// Returns now in whole seconds since 1970, UTC.
pub(crate) fn seconds() -> i64 {
    now().as_second()
}
