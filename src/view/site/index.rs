//! `index.html`: every session as a row of a table that can be sorted and filtered, behind a calendar and totals.

use std::cmp::Reverse;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::calendar::{self, Days};
use super::charts::{self, Bars};
use crate::agents;
use crate::report::units;
use crate::search::sessions::Session;
use crate::view::html::escape::{Field, attribute};
use crate::view::html::{Assets, Figures, head, number, script};

/// A session, its page's path from the index, and what was counted in it.
pub(crate) struct Entry<'a> {
    pub session: &'a Session<'a>,
    pub path: String,
    pub figures: Figures,
}

static ASSETS: LazyLock<Assets> =
    LazyLock::new(|| Assets::new(include_str!("site.css"), include_str!("site.js")));

/// Columns of the table: name, and whether it holds numbers.
const COLUMNS: [(&str, bool); 7] = [
    ("Date", false),
    ("Agent", false),
    ("Project", false),
    ("Title", false),
    ("Messages", true),
    ("Calls", true),
    ("Masked", true),
];

/// Returns the page that lists `entries`, which are sorted, the latest first.
pub(crate) fn index(entries: &mut [Entry<'_>]) -> String {
    entries.sort_by(|one, other| {
        let key = |entry: &Entry<'_>| (Reverse(entry.session.last), entry.path.clone());
        key(one).cmp(&key(other))
    });
    let mut days = Days::default();
    let (mut by_agent, mut by_project) = (Bars::default(), Bars::default());
    let mut all = Figures::default();
    let mut masked = 0;
    let mut bytes = 0;
    for entry in entries.iter() {
        if let Some(last) = entry.session.last {
            days.add(last.to_zoned(TimeZone::system()).date());
        }
        by_agent.add(&label(entry.session), entry.figures.messages);
        by_project.add(&entry.session.project_slug, entry.figures.messages);
        all.messages += entry.figures.messages;
        all.tool_calls += entry.figures.tool_calls;
        all.failures += entry.figures.failures;
        all.output_tokens += entry.figures.output_tokens;
        masked += entry.session.masked_lines;
        bytes += entry.session.archived_bytes;
    }
    let totals = [
        ("sessions", number(entries.len() as u64)),
        ("messages", number(all.messages)),
        ("tool calls", number(all.tool_calls)),
        ("failed calls", number(all.failures)),
        ("tokens written", number(all.output_tokens)),
        ("masked lines", number(masked)),
        ("archived", units::size(bytes)),
    ];
    let top = html! {
        (head("Sessions", &ASSETS))
        header.top {
            h1 { "Sessions" }
            button #turn type="button" title="Light or dark (t)" aria-label="Light or dark" hidden { "◐" }
        }
        main {
            ul.totals { @for (name, count) in &totals { li { b { (count) } " " (name) } } }
            section.days { (calendar::chart(&days)) }
            div.charts {
                section { h2 { "Agents" } (charts::chart(&by_agent, "agent")) }
                section { h2 { "Projects" } (charts::chart(&by_project, "project")) }
            }
            form #filter hidden {
                input #find type="search" placeholder="Filter (/)" aria-label="Filter sessions" autocomplete="off" spellcheck="false";
                select #agent aria-label="Agent" { option value="" { "All agents" } }
                select #project aria-label="Project" { option value="" { "All projects" } }
                label { "from " input #since type="date"; }
                label { "to " input #until type="date"; }
                button type="reset" { "All" }
                output #count {}
            }
            div.wide {
            (table(entries))
            }
            p { button #more type="button" hidden { "Show more" } }
        }
    };
    let mut out = top.into_string();
    out.push_str(&script(&ASSETS).into_string());
    out
}

fn table(entries: &[Entry<'_>]) -> Markup {
    html! {
        table #sessions {
            thead { tr {
                @for (name, is_number) in COLUMNS { th.n[is_number] scope="col" { (name) } }
            } }
            tbody { @for entry in entries { (row(entry)) "\n" } }
        }
    }
}

fn row(entry: &Entry<'_>) -> Markup {
    let session = entry.session;
    let time =
        session.last.map(|last| last.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string());
    let title = session.title.as_deref().unwrap_or(&session.session_id);
    html! {
        tr {
            td { (time.as_deref().unwrap_or("")) }
            td { (Field(&label(session))) }
            td { (Field(&session.project_slug)) }
            td { a href=(address(&entry.path)) title=(attribute(title)) { (Field(title)) } }
            td.n { (number(entry.figures.messages)) }
            td.n { (number(entry.figures.tool_calls)) }
            td.n { (number(session.masked_lines)) }
        }
    }
}

fn label(session: &Session<'_>) -> String {
    let agent = session.agent.as_deref().unwrap_or("unknown");
    agents::agent(agent).map_or(agent, |known| known.label()).to_owned()
}

/// Returns `path` as a relative address: what is not plain, as its bytes.
fn address(path: &str) -> String {
    let mut address = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/') {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_relative_whatever_the_path() {
        assert_eq!(address("2026/06/a_b.html"), "2026/06/a_b.html");
        assert_eq!(address("проект \"#?.html"), "%D0%BF%D1%80%D0%BE%D0%B5%D0%BA%D1%82%20%22%23%3F.html");
        assert_eq!(address("javascript:x"), "javascript%3Ax");
    }

    #[test]
    fn the_assets_cannot_end_their_elements_and_ask_for_nothing() {
        for text in [ASSETS.style, ASSETS.script] {
            for forbidden in ["</", "<!--", "http:", "https:", "@import", "url(", "innerHTML", "eval("] {
                assert!(!text.contains(forbidden), "{forbidden}");
            }
        }
    }
}
