//! A stored session as a page: its heading from what is known of it, its messages, and its parts where they ran.

use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::article::Look;
use super::figures::Figures;
use super::page::{Heading, Page, Write, number};
use crate::agents;
use crate::archive::reader::BlockReader;
use crate::error::Result;
use crate::search::sessions::Session;
use crate::view::opened::Opened;
use crate::view::reading;
use crate::view::session::{Part, Step, read_whole};

/// Bytes of a part that is no transcript that a page shows.
const MOST_TEXT_BYTES: usize = 4 << 20;

/// A session and what it is read from.
pub(crate) struct Source<'a> {
    pub session: &'a Session<'a>,
    /// `None` where there are parts only.
    pub opened: Option<&'a Opened>,
    pub parts: &'a [Part],
    pub threads: usize,
}

/// Writes the page of a session; returns what was counted. `home` is where the list of all sessions is, from there.
///
/// # Errors
///
/// Those of `write`. What cannot be read says so in the page.
pub(crate) fn render(
    source: &Source<'_>,
    look: Look,
    home: Option<String>,
    write: &mut Write<'_>,
) -> Result<Figures> {
    let mut page = Page::new(&heading(source.session, home), look, write);
    let (archive, agent) = source.opened.map(|opened| (&opened.archive, opened.agent)).unzip();
    read_whole(archive, agent.flatten(), source.parts, source.threads, &mut |step| {
        match step {
            Step::Message(told) => page.message(told)?,
            Step::Part(part) => push_part(&mut page, part, source.threads)?,
        }
        Ok(ControlFlow::Continue(()))
    })?;
    page.finish()
}

fn push_part(page: &mut Page<'_>, part: &Part, threads: usize) -> Result<()> {
    let time = [part.started, part.ended].into_iter().flatten().map(local).collect::<Vec<_>>().join(" – ");
    let facts = [part.title.as_deref().unwrap_or(""), part.model.as_deref().unwrap_or(""), &time];
    page.begin_part(&part.id, &facts)?;
    let archive = match part.open() {
        Ok(archive) => archive,
        Err(error) => {
            page.text(&error.to_string())?;
            return page.end_part();
        }
    };
    let is_transcript = part.path.to_str().is_some_and(|path| path.ends_with(".jsonl.gz"));
    if is_transcript {
        reading::read(&archive, agents::agent(&part.agent), threads, &mut |told| {
            page.message(told)?;
            Ok(ControlFlow::Continue(()))
        })?;
    } else {
        match archive.read_to_end(&mut BlockReader::new(), MOST_TEXT_BYTES) {
            Ok(text) => page.text(&String::from_utf8_lossy(&text))?,
            Err(error) => page.text(&error.to_string())?,
        }
    }
    page.end_part()
}

fn heading(session: &Session<'_>, home: Option<String>) -> Heading {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let count = |count: u64| if count == 0 { String::new() } else { number(count) };
    let agent = session.agent.as_deref();
    let label = agent.and_then(agents::agent).map(|agent| agent.label());
    let fallback = match session.project_slug.is_empty() {
        true => session.session_id.clone().into_owned(),
        false => format!("{} {}", session.project_slug, session.session_id),
    };
    let time = |text: Option<&str>| text.and_then(crate::search::sessions::parse_time).map(local);
    let started = time(session.started_at.as_deref()).unwrap_or_default();
    let ended = time(session.ended_at.as_deref()).unwrap_or_default();
    Heading {
        title: session.title.clone().map_or(fallback, |title| title.into_owned()),
        facts: vec![
            ("Agent", text(label.or(agent))),
            ("Project", session.project_slug.clone().into_owned()),
            ("Directory", session.cwd.clone().into_owned()),
            ("Branch", text(session.git_branch.as_deref())),
            ("Model", text(session.model.as_deref())),
            ("Started", started),
            ("Ended", ended),
            ("Session", session.session_id.clone().into_owned()),
            ("Copied from", text(session.forked_from.as_deref())),
            ("Lines", count(session.line_count)),
            ("Masked lines", count(session.masked_lines)),
        ],
        home,
    }
}

/// Returns a moment as people read it, in local time.
fn local(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}
