//! The days on which sessions were worked on: one row of weeks a year, the darker the more.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use maud::{Markup, html};

/// Years that are shown, the latest first.
const MOST_YEARS: usize = 10;

/// Pixels from one day to the next, and what is left for the names of months.
const STEP: i32 = 13;
const TOP: i32 = 14;

/// Sessions a day.
#[derive(Default)]
pub(super) struct Days(BTreeMap<Date, u64>);

impl Days {
    /// Adds a session of `day`.
    pub(super) fn add(&mut self, day: Date) {
        *self.0.entry(day).or_default() += 1;
    }

    fn years(&self) -> Vec<i16> {
        let mut years: Vec<i16> = self.0.keys().map(|day| day.year()).collect();
        years.dedup();
        years.reverse();
        years.truncate(MOST_YEARS);
        years
    }
}

/// Returns the years that have something in them.
pub(super) fn chart(days: &Days) -> Markup {
    let years = days.years();
    html! {
        @for (nth, year) in years.iter().enumerate() {
            // The years before are a click away.
            @if nth == 0 { (of_year(days, *year)) } @else {
                details { summary { (year) } (of_year(days, *year)) }
            }
        }
    }
}

fn of_year(days: &Days, year: i16) -> Markup {
    let first = date(year, 1, 1);
    // Weeks begin on Monday.
    let offset = i32::from(first.weekday().to_monday_zero_offset());
    let place = |day: Date| {
        let nth = i32::from(day.day_of_year()) - 1 + offset;
        (nth / 7 * STEP, TOP + nth % 7 * STEP)
    };
    let last = date(year, 12, 31);
    let all = std::iter::successors(Some(first), |day| day.checked_add(1.day()).ok())
        .take_while(|day| *day <= last);
    let width = place(last).0 + STEP;
    html! {
        h2 { (year) }
        div.wide {
            svg.year viewBox=(format!("0 0 {width} {}", TOP + 7 * STEP)) width=(width) height=(TOP + 7 * STEP) role="img" aria-label={ "Sessions by day in " (year) } {
                @for month in 1..=12 {
                    text x=(place(date(year, month, 1)).0) y="9" { (MONTHS[month as usize - 1]) }
                }
                @for day in all {
                    @let (x, y) = place(day);
                    @let count = days.0.get(&day).copied().unwrap_or(0);
                    rect x=(x) y=(y) width="11" height="11" rx="2" class=(level(count)) data-day=[(count > 0).then_some(day)] {
                        @if count > 0 { title { (day) ": " (count) } }
                    }
                }
            }
        }
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn level(count: u64) -> &'static str {
    match count {
        0 => "l0",
        1..=2 => "l1",
        3..=5 => "l2",
        6..=11 => "l3",
        _ => "l4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_a_year_has_its_place_and_those_with_sessions_say_how_many() {
        let mut days = Days::default();
        for _ in 0..3 {
            days.add(date(2024, 2, 29));
        }
        days.add(date(2026, 1, 1));
        let markup = chart(&days).into_string();
        assert_eq!(markup.matches("<rect").count(), 365 + 366);
        assert!(markup.contains("<title>2024-02-29: 3</title>"), "{markup}");
        assert!(markup.find("2026") < markup.find("2024"));
        // The first of January 2026 is a Thursday.
        assert!(markup.contains(
            "<rect x=\"0\" y=\"53\" width=\"11\" height=\"11\" rx=\"2\" class=\"l1\" data-day=\"2026-01-01\">"
        ));
    }
}
