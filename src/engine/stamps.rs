//! Small files in the store's private directory whose times say when something last happened: a hook was called, an import
//! was run by a schedule. Written by the runs themselves, read by who asks whether hooks and schedule are alive. Nothing
//! depends on them, and a run does not fail over one.

use crate::archive::store::commit::write_atomically;
use crate::archive::store::{PRIVATE_DIRECTORY, Store};
use crate::platform::{Stat, clock};
use std::path::Path;

/// Says when a hook was last called, whoever's.
const HOOK: &str = "hook-fired";

/// Says when a run that leaves active sessions alone, as schedules' do, last came to its end.
const SCHEDULED: &str = "import-scheduled";

/// Seconds by which a file's time may differ from the one that it holds: more, and somebody else has set it.
const MOST_SECONDS_APART: u64 = 120;

/// Bytes of a stamp that are read.
const MAX_BYTES: u64 = 4096;

/// When a schedule's import last came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScheduledRun {
    /// Seconds since 1970, UTC.
    pub at: i64,
    /// Seconds for which the machine has been awake since; `None`: nothing tells.
    pub awake_since: Option<u64>,
}

/// Notes that a hook was called, by this agent if that is known.
pub(crate) fn hook_fired(store: &Store, agent: Option<&str>) {
    let _ = write_atomically(store.private(), HOOK, b"");
    if let Some(agent) = agent {
        let _ = write_atomically(store.private(), &format!("{HOOK}-{agent}"), b"");
    }
}

/// Returns when a hook was last called, seconds since 1970: by this agent, or by whomever.
pub(crate) fn last_hook(root: &Path, agent: Option<&str>) -> Option<i64> {
    let private = root.join(PRIVATE_DIRECTORY);
    let any = modified(&private.join(HOOK))?;
    match agent {
        // Written together; where the first is older, somebody has set its time.
        Some(agent) => Some(modified(&private.join(format!("{HOOK}-{agent}")))?.min(any)),
        None => Some(any),
    }
}

/// Notes that a schedule's import came to its end.
pub(crate) fn scheduled(store: &Store) {
    let mut text = clock::seconds().to_string();
    if let (Some(start), Some(uptime)) = (clock::start_id(), clock::uptime()) {
        text.push_str(&format!(" {start} {}", uptime.awake));
    }
    let _ = write_atomically(store.private(), SCHEDULED, text.as_bytes());
}

/// Returns when a schedule's import last came to its end.
pub(crate) fn last_scheduled(root: &Path) -> Option<ScheduledRun> {
    let path = root.join(PRIVATE_DIRECTORY).join(SCHEDULED);
    let at = modified(&path)?;
    Some(ScheduledRun { at, awake_since: awake_since(&path, at) })
}

/// Returns for how long the machine has been awake since the stamp at `path` was written, at `at`.
fn awake_since(path: &Path, at: i64) -> Option<u64> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    let mut words = text.split(' ');
    let written: i64 = words.next()?.parse().ok()?;
    let (start, awake): (&str, u64) = (words.next()?, words.next()?.parse().ok()?);
    if written.abs_diff(at) > MOST_SECONDS_APART {
        return None;
    }
    let now = clock::uptime()?.awake;
    // After another start all of the time since then has come since the stamp.
    Some(if clock::start_id()? == start { now.saturating_sub(awake) } else { now })
}

/// Returns when a file was last written to, seconds since 1970.
fn modified(path: &Path) -> Option<i64> {
    let stat = Stat::of(&std::fs::symlink_metadata(path).ok()?);
    Some(stat.mtime_ns.div_euclid(1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_found_again_for_each_agent() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        assert_eq!((last_hook(root.path(), None), last_scheduled(root.path())), (None, None));
        hook_fired(&store, Some("codex"));
        assert!(last_hook(root.path(), None).is_some() && last_hook(root.path(), Some("codex")).is_some());
        assert_eq!(last_hook(root.path(), Some("claude-code")), None);
        scheduled(&store);
        let run = last_scheduled(root.path()).unwrap();
        assert!(run.at.abs_diff(clock::seconds()) < 60);
        assert!(run.awake_since.is_none_or(|seconds| seconds < 60));
    }

    #[test]
    fn a_stamp_whose_time_was_set_by_somebody_else_does_not_say_how_long_the_machine_was_awake() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path()).unwrap();
        scheduled(&store);
        let file = std::fs::File::options().append(true).open(store.private_path(SCHEDULED)).unwrap();
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 86_400)).unwrap();
        assert_eq!(last_scheduled(root.path()).unwrap().awake_since, None);
    }
}
