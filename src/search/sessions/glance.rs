//! A quick look at what is in a store, while somebody types: changes nothing, not even for a moment, and would rather
//! miss a session than keep a shell waiting.

use super::filter::Filter;
use super::session::Session;
use super::{read, stored};
use crate::archive::catalog::facts::Facts;
use crate::archive::catalog::listing::Listing;
use crate::report::nearest::several;
use std::path::Path;

/// Above as many rows the catalog's copy is believed as it is: to ask the file system about each sidecar would take longer
/// than people wait for an answer to a key. A session that was removed since may be named, then.
const MOST_PROVED: usize = 3000;

/// What is shown of a session where it may be named. Texts are masked, but not safe for a terminal; empty where not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Glimpse {
    pub session_id: String,
    pub agent: String,
    pub project: String,
    pub title: String,
    pub branch: String,
    pub model: String,
    /// When it ended, else began, else was archived; RFC 3339, so that it sorts well enough as text.
    pub last: String,
}

/// Returns what is known of the sessions in the store at `root`, in no order. Empty where there is no store, or none that
/// can be read.
pub(crate) fn glance(root: &Path) -> Vec<Glimpse> {
    let listing = Listing::read_at_rest(root);
    if listing.len() > MOST_PROVED {
        return listing.all().map(of_facts).collect();
    }
    let Ok(mut stored) = stored::all(root) else { return Vec::new() };
    stored.retain(|stored| !stored.is_part);
    read::read_all(stored, &listing, &Filter::default()).iter().map(of_session).collect()
}

/// Sessions that are named instead of one that there is not.
const MOST_MEANT: usize = 3;

/// Returns what tells those sessions apart whose ids begin nearly as `written`, the nearest first: the beginning of the
/// id, project and day. Nothing where some id does begin so.
pub(crate) fn nearest_sessions(written: &str, glimpses: &[Glimpse]) -> Vec<String> {
    let length = written.len();
    // One or two characters are near to everything.
    if !(3..=MOST_WRITTEN).contains(&length) || !written.is_ascii() {
        return Vec::new();
    }
    let begins = |id: &str| {
        id.as_bytes().get(..length).is_some_and(|start| start.eq_ignore_ascii_case(written.as_bytes()))
    };
    if glimpses.iter().any(|glimpse| begins(&glimpse.session_id)) {
        return Vec::new();
    }
    let beginning =
        |glimpse: &Glimpse| glimpse.session_id.get(..length).unwrap_or(&glimpse.session_id).to_owned();
    let beginnings: Vec<String> = glimpses.iter().map(beginning).collect();
    let meant = several(written, beginnings.iter().map(String::as_str), MOST_MEANT);
    let mut told = Vec::new();
    for start in meant {
        let of_it = glimpses.iter().filter(|glimpse| glimpse.session_id.starts_with(start));
        for glimpse in of_it.take(MOST_MEANT - told.len()) {
            let short = glimpse.session_id.get(..length.max(SHORT_ID)).unwrap_or(&glimpse.session_id);
            let day = glimpse.last.get(..DAY).unwrap_or_default();
            let about = [glimpse.project.as_str(), day].into_iter().filter(|text| !text.is_empty());
            told.push(format!("{short} ({})", about.collect::<Vec<_>>().join(", ")));
        }
    }
    told
}

/// Longer than any agent's id.
const MOST_WRITTEN: usize = 64;

/// Characters of an id that mostly name one session.
const SHORT_ID: usize = 8;

/// Characters of the day in a time.
const DAY: usize = "2026-06-05".len();

fn of_facts(facts: Facts<'_>) -> Glimpse {
    let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
    let times = [&facts.ended_at, &facts.started_at, &facts.archived_at];
    Glimpse {
        session_id: text(&facts.session_id),
        agent: text(&facts.agent),
        project: text(&facts.project_slug),
        title: text(&facts.title),
        branch: text(&facts.git_branch),
        model: text(&facts.model),
        last: times.into_iter().find_map(Option::as_deref).unwrap_or_default().to_owned(),
    }
}

fn of_session(session: &Session<'_>) -> Glimpse {
    let text = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
    Glimpse {
        session_id: session.session_id.clone().into_owned(),
        agent: text(&session.agent),
        project: session.project_slug.clone().into_owned(),
        title: text(&session.title),
        branch: text(&session.git_branch),
        model: text(&session.model),
        last: session.last_text().to_owned(),
    }
}
