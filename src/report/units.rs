//! Numbers as people read them: sizes, rates, durations, counts.

use std::time::Duration;

/// Returns `bytes` with a binary unit: `512B`, `34.1KiB`, `1.2GiB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    // 1023.95 would round to "1024.0".
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes}B") } else { format!("{value:.1}{}", UNITS[unit]) }
}

/// Returns `bytes` a `taken` as a rate: `412.0MiB/s`.
pub(crate) fn rate(bytes: u64, taken: Duration) -> String {
    let seconds = taken.as_secs_f64().max(1e-9);
    format!("{}/s", size((bytes as f64 / seconds) as u64))
}

/// Returns `taken` in the two largest units that matter: `0.8s`, `12s`, `3m 05s`, `2h 03m`.
pub(crate) fn duration(taken: Duration) -> String {
    let seconds = taken.as_secs();
    match seconds {
        0..=9 => format!("{:.1}s", taken.as_secs_f64()),
        10..=59 => format!("{seconds}s"),
        60..=3599 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Returns how long something waited, in days from two days on: `a day`, `5h 10m`, `3 days`.
pub(crate) fn wait(waited: Duration) -> String {
    const DAY_SECONDS: u64 = 24 * 3600;
    match waited.as_secs() {
        DAY_SECONDS => "a day".to_owned(),
        seconds if seconds >= 2 * DAY_SECONDS => count(seconds / DAY_SECONDS, "day"),
        _ => duration(waited),
    }
}

/// Returns `count` and the noun in its right form: `1 line`, `2 lines`.
pub(crate) fn count(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_decimal_above_bytes() {
        let cases = [(0, "0B"), (1023, "1023B"), (1024, "1.0KiB"), (34_900, "34.1KiB"), (1 << 30, "1.0GiB")];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(size((1 << 20) - 1), "1.0MiB", "never 1024.0KiB");
        assert_eq!(size(u64::MAX), "16777216.0TiB");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [(0.84, "0.8s"), (12.3, "12s"), (185.0, "3m 05s"), (7_380.0, "2h 03m")];
        for (seconds, text) in cases {
            assert_eq!(duration(Duration::from_secs_f64(seconds)), text);
        }
    }

    #[test]
    fn a_wait_is_told_in_days_where_it_is_long() {
        let cases = [(5400, "1h 30m"), (86_400, "a day"), (90_000, "25h 00m"), (300_000, "3 days")];
        for (seconds, text) in cases {
            assert_eq!(wait(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_rate_is_bytes_a_second_even_for_no_time() {
        assert_eq!(rate(10 << 20, Duration::from_secs(2)), "5.0MiB/s");
        assert!(rate(1, Duration::ZERO).ends_with("/s"));
    }

    #[test]
    fn nouns_follow_their_count() {
        assert_eq!((count(1, "line"), count(0, "line")), ("1 line".into(), "0 lines".into()));
    }
}
