//! Which sessions are kept, and why. Touches nothing: sessions come in as times and sizes, reasons come out.
//!
//! The rules are restic's: one that keeps names what stays, several add up, and all else goes. Two more name what goes (what
//! is too old, what does not fit) and never against one that keeps: with them, what no rule names stays.

use super::amount::{Age, Size};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::cmp::Reverse;
use std::collections::HashSet;

/// What the user asks for. Nothing asks for nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policy {
    /// The latest so many.
    pub last: Option<u64>,
    /// All that are at most this much older than the latest.
    pub within: Option<Age>,
    /// The latest of each of the last so many days, ISO weeks, months, years in which there are any; if there are fewer, the
    /// oldest of all, too.
    pub daily: Option<u64>,
    pub weekly: Option<u64>,
    pub monthly: Option<u64>,
    pub yearly: Option<u64>,
    /// Those that are older go.
    pub older_than: Option<Age>,
    /// The oldest go until the rest fits.
    pub max_size: Option<Size>,
    /// All go.
    pub all: bool,
}

/// One session, as far as a policy asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// When it was last worked on.
    pub time: Option<Timestamp>,
    pub bytes: u64,
    pub is_pinned: bool,
    /// Why it cannot be removed, if it cannot.
    pub obstacle: Option<String>,
    /// What it is told apart by: sessions of other groups do not count.
    pub group: usize,
}

/// What becomes of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    pub is_kept: bool,
    /// In the order of the rules, at least one.
    pub reasons: Vec<String>,
}

impl Policy {
    /// Returns whether any rule names what is kept.
    pub(crate) fn keeps(&self) -> bool {
        let counts = [self.last, self.daily, self.weekly, self.monthly, self.yearly];
        self.within.is_some() || counts.iter().any(Option::is_some)
    }

    /// Returns whether nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        !self.keeps() && self.older_than.is_none() && self.max_size.is_none() && !self.all
    }
}

/// Decides about each of `candidates`, in their order. Days and longer periods are those of `zone`. Sizes are those of all
/// candidates together, whatever their groups.
pub(crate) fn decide(
    policy: &Policy,
    candidates: &[Candidate],
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<Fate> {
    let mut kept: Vec<Vec<String>> = candidates
        .iter()
        .map(|candidate| {
            let pinned = candidate.is_pinned.then(|| "pinned".to_owned());
            pinned.into_iter().chain(candidate.obstacle.clone()).collect()
        })
        .collect();
    // Latest first; of the same time, in the order in which they came.
    let mut order: Vec<usize> =
        (0..candidates.len()).filter(|&index| candidates[index].time.is_some()).collect();
    order.sort_by_key(|&index| Reverse(candidates[index].time));
    let mut groups: Vec<usize> = candidates.iter().map(|candidate| candidate.group).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        let of_group: Vec<usize> =
            order.iter().copied().filter(|&index| candidates[index].group == group).collect();
        keep(policy, &of_group, candidates, now, zone, &mut kept);
    }
    if !policy.all {
        for (candidate, kept) in candidates.iter().zip(&mut kept) {
            if candidate.time.is_none() {
                kept.push("no time is known".to_owned());
            }
        }
    }
    let gone = gone(policy, &order, candidates, &kept, now, zone);
    kept.into_iter()
        .zip(gone)
        .map(|(kept, gone)| match (kept.is_empty(), gone) {
            (true, Some(why)) => Fate { is_kept: false, reasons: vec![why] },
            (true, None) => Fate { is_kept: true, reasons: vec!["no rule names it".to_owned()] },
            (false, _) => Fate { is_kept: true, reasons: kept },
        })
        .collect()
}

/// Names the day, week, month or year that a moment is in.
type NamePeriod = fn(&Zoned) -> String;

/// Adds the reasons for which the sessions of one group, latest first, are kept.
fn keep(
    policy: &Policy,
    latest_first: &[usize],
    candidates: &[Candidate],
    now: Timestamp,
    zone: &TimeZone,
    kept: &mut [Vec<String>],
) {
    for &index in latest_first.iter().take(count(policy.last)) {
        kept[index].push(format!("last {}", policy.last.unwrap_or_default()));
    }
    let periods: [(Option<u64>, &str, NamePeriod); 4] = [
        (policy.daily, "daily", |time| time.date().to_string()),
        (policy.weekly, "weekly", |time| {
            let week = time.date().iso_week_date();
            format!("{:04}-W{:02}", week.year(), week.week())
        }),
        (policy.monthly, "monthly", |time| format!("{:04}-{:02}", time.year(), time.month())),
        (policy.yearly, "yearly", |time| format!("{:04}", time.year())),
    ];
    for (wanted, name, period) in periods {
        let mut seen = HashSet::new();
        for &index in latest_first.iter().filter(|_| wanted.is_some()) {
            let Some(time) = candidates[index].time else { continue };
            let period = period(&time.to_zoned(zone.clone()));
            if seen.len() >= count(wanted) {
                break;
            }
            if seen.insert(period.clone()) {
                kept[index].push(format!("{name} {period}"));
            } else if latest_first.last() == Some(&index) {
                // Where there are fewer periods than asked for, restic keeps the oldest one besides.
                kept[index].push(format!("oldest {name} {period}"));
            }
        }
    }
    let latest = latest_first.first().and_then(|&index| candidates[index].time);
    if let (Some(within), Some(latest)) = (&policy.within, latest) {
        // A clock that was wrong once must not make all else look old.
        let first = within.before(latest.min(now), zone);
        let is_within = |&&index: &&usize| candidates[index].time.is_some_and(|time| time >= first);
        latest_first
            .iter()
            .filter(is_within)
            .for_each(|&index| kept[index].push(format!("within {}", within.text)));
    }
}

fn count(wanted: Option<u64>) -> usize {
    usize::try_from(wanted.unwrap_or(0)).unwrap_or(usize::MAX)
}

/// Returns why each session would go that nothing keeps.
fn gone(
    policy: &Policy,
    latest_first: &[usize],
    candidates: &[Candidate],
    kept: &[Vec<String>],
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<Option<String>> {
    let names_what_goes = policy.older_than.is_some() || policy.max_size.is_some();
    let mut gone: Vec<Option<String>> = match (policy.all, policy.keeps() && !names_what_goes) {
        (true, _) => vec![Some("all".to_owned()); candidates.len()],
        (false, true) => vec![Some("no rule keeps it".to_owned()); candidates.len()],
        (false, false) => vec![None; candidates.len()],
    };
    if let Some(age) = &policy.older_than {
        let first = age.before(now, zone);
        for (candidate, gone) in candidates.iter().zip(&mut gone) {
            if candidate.time.is_some_and(|time| time < first) {
                *gone = Some(format!("older than {}", age.text));
            }
        }
    }
    if let Some(size) = &policy.max_size {
        let stays = |index: usize, gone: &[Option<String>]| !kept[index].is_empty() || gone[index].is_none();
        let staying = (0..candidates.len()).filter(|&index| stays(index, &gone));
        let mut bytes: u64 = staying.map(|index| candidates[index].bytes).sum();
        for &index in latest_first.iter().rev() {
            if bytes <= size.bytes {
                break;
            }
            if kept[index].is_empty() && gone[index].is_none() {
                bytes -= candidates[index].bytes;
                gone[index] = Some(format!("over {}", size.text));
            }
        }
    }
    gone
}

#[cfg(test)]
mod tests;
