//! How large the store is, how fast it grows by the months that its archives are of, and when its disk will be full at that
//! pace. Looks at names and sizes; opens nothing.

use super::point::Points;
use crate::config::Config;
use crate::platform;
use crate::report::units;
use crate::upkeep::command::own_command;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Whole months before the current one whose pace is taken for that of the months to come.
const MONTHS: i64 = 3;

/// With less than that of the store's own history a forecast would be a guess.
const FEWEST_DAYS: i64 = 14;

/// A disk that will be full within so many days is something to do.
const SOON_DAYS: i64 = 30;

/// Beyond that a forecast says nothing.
const MOST_DAYS: i64 = 20 * 365;

/// How deep a store's directories go: year, month, parts of a session, and one to spare.
const DEPTH: usize = 5;

/// How large a store is, and how it grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Growth {
    /// Of all that is in the store.
    pub bytes: u64,
    /// Of archives and their sidecars, by the month they are of, `2026-11`.
    pub months: BTreeMap<String, u64>,
    pub free_bytes: Option<u64>,
    /// `None`: too little is known.
    pub bytes_per_month: Option<u64>,
    /// The day on which the disk will be full at that pace; `None`: none that one need think of.
    pub full_on: Option<Date>,
}

/// Looks at the store at `root` on `today`.
pub(crate) fn look(root: &Path, today: Date) -> Growth {
    let mut growth =
        Growth { free_bytes: platform::space(root).map(|space| space.free_bytes), ..Growth::default() };
    for (name, path) in entries(root) {
        let is_year = name.len() == 4 && name.bytes().all(|byte| byte.is_ascii_digit());
        if !is_year {
            growth.bytes += bytes_of(&path, DEPTH);
            continue;
        }
        for (month, path) in entries(&path) {
            let bytes = bytes_of(&path, DEPTH);
            growth.bytes += bytes;
            *growth.months.entry(format!("{name}-{month}")).or_default() += bytes;
        }
    }
    growth.forecast(today);
    growth
}

impl Growth {
    /// Fills in the pace and the day on which the disk is full.
    fn forecast(&mut self, today: Date) {
        let this_month = today.first_of_month();
        let Ok(from) = this_month.checked_sub(MONTHS.months()) else { return };
        let month = |name: &str| {
            let (year, month) = name.split_once('-')?;
            Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
        };
        let dated = self.months.iter().filter_map(|(name, bytes)| Some((month(name)?, *bytes)));
        let recent: Vec<(Date, u64)> =
            dated.filter(|(month, _)| (from..=this_month).contains(month)).collect();
        // A store that is younger than that has its pace since its first month.
        let oldest = self.months.keys().find_map(|name| month(name)).unwrap_or(today);
        let days = i64::from((today - oldest.max(from)).get_days()) + 1;
        if days < FEWEST_DAYS {
            return;
        }
        let bytes: u64 = recent.iter().map(|(_, bytes)| bytes).sum();
        let per_day = bytes as f64 / days as f64;
        self.bytes_per_month = Some((per_day * 365.25 / 12.0) as u64);
        let left = self.free_bytes.map(|free| free as f64 / per_day).filter(|days| *days < MOST_DAYS as f64);
        self.full_on = left.and_then(|days| today.checked_add((days as i64).days()).ok());
    }
}

/// Says how the store grows.
pub(crate) fn point(growth: &Growth, config: &Config, today: Date, points: &mut Points) {
    let size = units::size(growth.bytes);
    let pace = match growth.bytes_per_month {
        Some(bytes) => format!(", growing by {} a month", units::size(bytes)),
        None => String::new(),
    };
    let Some(full_on) = growth.full_on else {
        return points.ok("growth", format!("the store has {size}{pace}"));
    };
    let says = format!(
        "the store has {size}{pace}; at that pace its disk is full about {}",
        full_on.strftime("%Y-%m")
    );
    let is_soon = i64::from((full_on - today).get_days()) < SOON_DAYS;
    if !is_soon {
        return points.ok("growth", says);
    }
    let prune = own_command(config, "prune --keep-within 180d");
    points.act("growth", says, format!("{prune}   # lists what it would delete, and deletes nothing"));
}

/// Returns today, local.
pub(crate) fn today() -> Date {
    Timestamp::now().to_zoned(jiff::tz::TimeZone::system()).date()
}

/// Returns the bytes of all files at `path` and below; links are not followed.
fn bytes_of(path: &Path, depth: usize) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else { return 0 };
    if !metadata.is_dir() {
        return if metadata.is_file() { metadata.len() } else { 0 };
    }
    match depth.checked_sub(1) {
        Some(depth) => entries(path).iter().map(|(_, path)| bytes_of(path, depth)).sum(),
        None => 0,
    }
}

/// Returns the names and paths of what is in a directory; nothing of what cannot be read.
fn entries(directory: &Path) -> Vec<(String, std::path::PathBuf)> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn grown(months: &[(&str, u64)], free: u64, today: Date) -> Growth {
        let months = months.iter().map(|(name, bytes)| ((*name).to_owned(), *bytes)).collect();
        let mut growth = Growth { months, free_bytes: Some(free), ..Growth::default() };
        growth.forecast(today);
        growth
    }

    #[test]
    fn the_pace_is_that_of_the_last_months_and_of_a_younger_store_since_its_first() {
        let today = date(2026, 4, 30);
        let months = [("2020-01", 1 << 40), ("2026-01", 90), ("2026-02", 0), ("2026-03", 30), ("2026-04", 0)];
        let growth = grown(&months, 1000, today);
        assert_eq!(growth.bytes_per_month, Some(30), "120 bytes in 120 days");
        assert_eq!(growth.full_on, Some(date(2029, 1, 24)));
        assert_eq!(grown(&[("2026-04", 60)], 1000, today).bytes_per_month, Some(60));
        assert_eq!(grown(&[("2026-04", 60)], 1000, date(2026, 4, 5)).bytes_per_month, None);
        let quiet = grown(&[("2020-01", 60)], 1000, today);
        assert_eq!((quiet.bytes_per_month, quiet.full_on), (Some(0), None));
        assert_eq!(grown(&[("nonsense", 1)], 1, today).bytes_per_month, None);
    }

    #[test]
    fn what_is_in_a_store_is_counted_by_month_and_links_lead_nowhere() {
        let root = tempfile::tempdir().unwrap();
        for (name, bytes) in
            [("2026/06/a.jsonl.gz", 5), ("2026/06/a.parts/b.jsonl.gz", 3), (".sessionkeep/key", 2)]
        {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, vec![b'x'; bytes]).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(root.path(), root.path().join("2026/07")).unwrap();
        let growth = look(root.path(), date(2026, 7, 1));
        assert_eq!((growth.bytes, growth.months["2026-06"]), (10, 8));
    }
}
