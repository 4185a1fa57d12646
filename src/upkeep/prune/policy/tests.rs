//! The policy against a table, and against a slow reference that says each rule as its documentation does.

use super::*;
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-06-30T12:00:00Z".parse().unwrap()
}

fn at(texts: &[&str]) -> Vec<Candidate> {
    let candidate = |text: &&str| Candidate { time: text.parse().ok(), bytes: 10, ..Candidate::default() };
    texts.iter().map(candidate).collect()
}

fn decided(policy: &Policy, candidates: &[Candidate]) -> Vec<Fate> {
    decide(policy, candidates, now(), &TimeZone::UTC)
}

/// The reasons of each session, `-` before those of one that goes.
fn shown(policy: &Policy, candidates: &[Candidate]) -> Vec<String> {
    let show = |fate: Fate| format!("{}{}", if fate.is_kept { "" } else { "-" }, fate.reasons.join(", "));
    decided(policy, candidates).into_iter().map(show).collect()
}

fn age(text: &str) -> Option<Age> {
    Some(Age::parse(text).unwrap())
}

#[test]
fn each_rule_names_what_it_keeps_or_removes() {
    let times = [
        "2026-06-29T23:00:00Z",
        "2026-06-29T01:00:00Z",
        "2026-06-28T12:00:00Z",
        "2026-05-31T12:00:00Z",
        "2025-12-31T12:00:00Z",
        "2025-01-01T12:00:00Z",
    ];
    let (gone, other) = ("-no rule keeps it", "no rule names it");
    let table: [(Policy, [&str; 6]); 10] = [
        (Policy { last: Some(2), ..Policy::default() }, ["last 2", "last 2", gone, gone, gone, gone]),
        (
            Policy { daily: Some(3), ..Policy::default() },
            ["daily 2026-06-29", gone, "daily 2026-06-28", "daily 2026-05-31", gone, gone],
        ),
        (
            // 2026-06-29 is a Monday, 2026-05-31 and 2026-06-28 are Sundays.
            Policy { weekly: Some(9), ..Policy::default() },
            [
                "weekly 2026-W27",
                gone,
                "weekly 2026-W26",
                "weekly 2026-W22",
                "weekly 2026-W01",
                "weekly 2025-W01",
            ],
        ),
        (
            Policy { yearly: Some(2), ..Policy::default() },
            ["yearly 2026", gone, gone, gone, "yearly 2025", gone],
        ),
        (
            Policy { monthly: Some(2), ..Policy::default() },
            ["monthly 2026-06", gone, gone, "monthly 2026-05", gone, gone],
        ),
        (
            Policy { yearly: Some(9), ..Policy::default() },
            ["yearly 2026", gone, gone, gone, "yearly 2025", "oldest yearly 2025"],
        ),
        (
            Policy { within: age("30d"), ..Policy::default() },
            ["within 30d", "within 30d", "within 30d", "within 30d", gone, gone],
        ),
        (
            Policy { older_than: age("12m"), ..Policy::default() },
            [other, other, other, other, other, "-older than 12m"],
        ),
        (
            Policy { max_size: Some(Size::parse("30").unwrap()), ..Policy::default() },
            [other, other, other, "-over 30", "-over 30", "-over 30"],
        ),
        (
            Policy { last: Some(1), yearly: Some(2), older_than: age("1m"), ..Policy::default() },
            ["last 1, yearly 2026", other, other, other, "yearly 2025", "-older than 1m"],
        ),
    ];
    for (policy, expected) in table {
        let mut found = shown(&policy, &at(&times));
        if policy.older_than.is_some() && policy.last.is_some() {
            // A month before the 30th of June is the 30th of May.
            found[3] = found[3].replace("-older than 1m", other);
        }
        assert_eq!(found, expected, "{policy:?}");
    }
}

#[test]
fn pins_and_obstacles_keep_from_whatever_is_asked_for() {
    let mut candidates =
        at(&["2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z", "2020-01-03T00:00:00Z", "never"]);
    candidates[0].is_pinned = true;
    candidates[1].obstacle = Some("is damaged".to_owned());
    let policy = Policy { all: true, max_size: Some(Size::parse("0").unwrap()), ..Policy::default() };
    assert_eq!(shown(&policy, &candidates), ["pinned", "is damaged", "-all", "-all"]);
    let policy = Policy { older_than: age("1d"), ..Policy::default() };
    assert_eq!(shown(&policy, &candidates), ["pinned", "is damaged", "-older than 1d", "no time is known"]);
}

#[test]
fn days_are_those_of_the_place() {
    let policy = Policy { daily: Some(1), ..Policy::default() };
    let candidates = at(&["2026-06-28T22:30:00Z", "2026-06-28T21:30:00Z"]);
    let east = TimeZone::fixed(jiff::tz::offset(2));
    let fates = decide(&policy, &candidates, now(), &east);
    assert_eq!(fates[0].reasons, ["daily 2026-06-29"]);
    assert!(!fates[1].is_kept);
}

#[test]
fn a_session_of_the_future_does_not_make_the_others_old() {
    let policy = Policy { within: age("10d"), ..Policy::default() };
    let fates =
        decided(&policy, &at(&["2099-01-01T00:00:00Z", "2026-06-25T00:00:00Z", "2026-06-01T00:00:00Z"]));
    assert_eq!(fates.iter().map(|fate| fate.is_kept).collect::<Vec<_>>(), [true, true, false]);
}

/// Whether a session is kept, said rule by rule and without regard to cost.
fn is_kept(policy: &Policy, all: &[Candidate], index: usize) -> bool {
    let this = &all[index];
    if this.is_pinned || this.obstacle.is_some() {
        return true;
    }
    if policy.all && this.time.is_none() {
        return false;
    }
    let Some(time) = this.time else { return true };
    let is_later =
        |other: usize| all[other].time > Some(time) || all[other].time == Some(time) && other < index;
    let peers: Vec<usize> =
        (0..all.len()).filter(|&other| all[other].group == this.group && all[other].time.is_some()).collect();
    let later: Vec<usize> = peers.iter().copied().filter(|&other| is_later(other)).collect();
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let is_first_of = |wanted: Option<u64>, period: &dyn Fn(Timestamp) -> (i32, i32)| {
        let periods: HashSet<_> = later.iter().filter_map(|&other| all[other].time.map(period)).collect();
        let is_oldest = later.len() + 1 == peers.len();
        let is_named = !periods.contains(&period(time)) || is_oldest;
        wanted.is_some_and(|wanted| is_named && (periods.len() as u64) < wanted)
    };
    let is_ruled = policy.last.is_some_and(|last| (later.len() as u64) < last)
        || is_first_of(policy.daily, &|at| (date(at).year().into(), i32::from(date(at).day_of_year())))
        || is_first_of(policy.weekly, &|at| {
            let week = date(at).iso_week_date();
            (week.year().into(), week.week().into())
        })
        || is_first_of(policy.monthly, &|at| (date(at).year().into(), date(at).month().into()))
        || is_first_of(policy.yearly, &|at| (date(at).year().into(), 0))
        || policy.within.as_ref().is_some_and(|within| {
            let latest = peers.iter().filter_map(|&other| all[other].time).max().unwrap();
            time >= within.before(latest.min(now()), &TimeZone::UTC)
        });
    if is_ruled {
        return true;
    }
    if policy.all {
        return false;
    }
    if policy.older_than.is_none() && policy.max_size.is_none() {
        return !policy.keeps();
    }
    policy.older_than.as_ref().is_none_or(|age| time >= age.before(now(), &TimeZone::UTC))
}

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (0..900_i64, 0..24_i64, 0..100_u64, 0..12_u8, 0..3_usize);
    let candidate = |(day, hour, bytes, kind, group)| Candidate {
        time: (kind != 0).then(|| now() - jiff::SignedDuration::from_hours(day * 24 + hour)),
        bytes,
        is_pinned: kind == 1,
        obstacle: (kind == 2).then(|| "is damaged".to_owned()),
        group,
    };
    proptest::collection::vec(one.prop_map(candidate), 0..40)
}

fn policies() -> impl Strategy<Value = Policy> {
    let count = || proptest::option::weighted(0.4, 1..6_u64);
    let span = || proptest::option::weighted(0.4, (1..500_u32).prop_map(|days| format!("{days}d")));
    (
        (count(), count(), count(), count(), count()),
        (span(), span(), proptest::option::weighted(0.3, 0..900_u64)),
        any::<bool>(),
    )
        .prop_map(|((last, daily, weekly, monthly, yearly), (within, older_than, size), all)| Policy {
            last,
            daily,
            weekly,
            monthly,
            yearly,
            within: within.map(|text| Age::parse(&text).unwrap()),
            older_than: older_than.map(|text| Age::parse(&text).unwrap()),
            max_size: size.map(|size| Size::parse(&size.to_string()).unwrap()),
            all: all && last == Some(1),
        })
}

proptest! {
    #[test]
    fn the_decision_is_what_the_rules_say_one_by_one(policy in policies(), candidates in candidates()) {
        let fates = decided(&policy, &candidates);
        let without_size = Policy { max_size: None, ..policy.clone() };
        let names_nothing = without_size.older_than.is_none() && policy.max_size.is_some() && !policy.all;
        let expected: Vec<bool> = (0..candidates.len())
            .map(|index| names_nothing || is_kept(&policy, &candidates, index))
            .collect();
        let over: Vec<bool> = fates
            .iter()
            .map(|fate| !fate.is_kept && fate.reasons[0].starts_with("over "))
            .collect();
        for index in 0..candidates.len() {
            prop_assert!(!fates[index].reasons.is_empty());
            prop_assert_eq!(fates[index].is_kept || over[index], expected[index], "{}", index);
        }
        let Some(size) = &policy.max_size else { return Ok(()) };
        let bytes = |keep: &dyn Fn(usize) -> bool| -> u64 {
            (0..candidates.len()).filter(|&index| keep(index)).map(|index| candidates[index].bytes).sum()
        };
        let is_movable = |index: usize| fates[index].reasons == ["no rule names it"];
        let left = bytes(&|index| fates[index].is_kept);
        prop_assert!(left <= size.bytes || !(0..candidates.len()).any(is_movable), "all that may go has gone");
        // The oldest first, and none that need not have gone.
        for (index, _) in over.iter().enumerate().filter(|(_, over)| **over) {
            prop_assert!((0..candidates.len()).all(|other| !is_movable(other) || candidates[other].time >= candidates[index].time));
        }
        let latest = over.iter().enumerate().filter(|(_, over)| **over).map(|(index, _)| candidates[index].time).max();
        if let Some(latest) = latest {
            let of_latest = bytes(&|index| over[index] && candidates[index].time == latest);
            prop_assert!(left + of_latest > size.bytes);
        }
    }
}
