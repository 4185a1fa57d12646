//! Sessions that are being written to and whose archive has not followed for more than a day: an import that leaves
//! active sessions alone would never take them. Looks into none of their records but the first that is not archived.

use super::point::{Mend, Point};
use super::unarchived::Sessions;
use crate::agents::Found;
use crate::archive::catalog::snapshot::Snapshot;
use crate::archive::content_hash::HashKey;
use crate::config::Config;
use crate::engine::plan::waiting::{self, DEFAULT_MAX_WAIT, Since};
use crate::mask::Masker;
use crate::report::units;
use crate::upkeep::command::own_command;
use std::sync::LazyLock;
use std::time::Duration;

/// So many sessions are named in a point; `--json` has all of them.
const NAMED: usize = 10;

/// Of one session what is being written to and waits.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// Name of the agent, for scripts and for people.
    pub agent: &'static str,
    pub label: &'static str,
    /// Path of the session's transcript, or of the part that waits, masked.
    pub path: String,
    /// Since when, nanoseconds since 1970, UTC; `None`: nothing tells.
    pub since_ns: Option<i64>,
}

/// Returns those of the sessions in use that have waited for more than a day, by agent and path.
pub(crate) fn find(
    config: &Config,
    all: &[Sessions],
    snapshot: &Snapshot,
    key: &HashKey,
    now_ns: i64,
) -> Vec<Waiting> {
    let day = i64::try_from(DEFAULT_MAX_WAIT.as_nanos()).unwrap_or(i64::MAX);
    let before_ns = now_ns.saturating_sub(day);
    let masker = LazyLock::new(|| Masker::new(&config.masking));
    let mut waiting: Vec<Waiting> = Vec::new();
    for sessions in all {
        let mut in_use: Vec<&Found> = sessions.in_use.iter().collect();
        // A session and its parts are one, which the first of them names: its transcript, if that waits.
        in_use.sort_by_key(|found| {
            (&found.guess.session_id, found.guess.part_id.is_some(), found.locator.path())
        });
        let mut last: Option<&Found> = None;
        for found in in_use {
            let since = since(found, snapshot, key, now_ns, before_ns);
            if !since.is_before(before_ns) {
                continue;
            }
            let is_same_session = last.is_some_and(|last| {
                last.guess.session_id.is_some() && last.guess.session_id == found.guess.session_id
            });
            last = Some(found);
            if let Some(first) = waiting.last_mut().filter(|_| is_same_session) {
                first.since_ns = first.since_ns.min(since.time_ns());
                continue;
            }
            let path = match &*masker {
                Ok(masker) => masker.mask_name(&found.locator.path().to_string_lossy()),
                Err(_) => "a file whose name cannot be masked".to_owned(),
            };
            let (agent, label, since_ns) = (sessions.agent, sessions.label, since.time_ns());
            waiting.push(Waiting { agent, label, path, since_ns });
        }
    }
    waiting
}

/// Returns since when a file waits. One that was quiet after it was archived waits since it was written to again.
fn since(found: &Found, snapshot: &Snapshot, key: &HashKey, now_ns: i64, before_ns: i64) -> Since {
    let since = waiting::since(found, snapshot, key, now_ns, before_ns);
    let entry = waiting::last_archived(found, snapshot, key, now_ns);
    let Some(entry) = entry.filter(|_| since.is_before(before_ns)) else { return since };
    match waiting::first_time(found, entry.clean_bytes) {
        Ok(Some(written)) => Since::Archived(written.max(entry.observed_at_ns)),
        _ => since,
    }
}

/// Returns what is to be said about `waiting` and done about it; `None` if nothing waits.
pub(crate) fn point(waiting: &[Waiting], config: &Config, now_ns: i64) -> Option<Point> {
    if waiting.is_empty() {
        return None;
    }
    let named = waiting.iter().take(NAMED).map(|one| {
        let waited =
            one.since_ns.map(|since| Duration::from_nanos(now_ns.saturating_sub(since).unsigned_abs()));
        match waited {
            Some(waited) => format!("{} {} ({})", one.label, one.path, units::wait(waited)),
            None => format!("{} {}", one.label, one.path),
        }
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let more = match waiting.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let sessions = units::count(waiting.len() as u64, "session");
    let says = format!("{sessions} being written to, and not archived for more than a day: {named}{more}");
    let advice =
        format!("{}   # a schedule with --min-age 30 takes them once a day", own_command(config, "import"));
    Some(Point { advice: Some(advice), mend: Some(Mend::Import), ..Point::new("never-quiet", says) })
}
