//! Hooks that called us once and do so no more: sessions began and ended since, and nobody called. One session without a
//! call is no sign of anything, as a client may be killed.

use super::hooks::Hooked;
use crate::agents::{Found, is_history_id};
use crate::config::Config;
use crate::engine::stamps;
use crate::locator::Locator;
use crate::report::units;
use crate::upkeep::command::own_command;
use crate::upkeep::doctor::point::{Mend, Points, when};
use std::collections::BTreeMap;
use std::fs;
use std::time::UNIX_EPOCH;

const SECOND_NS: i64 = 1_000_000_000;

/// An agent may write to a session for a while after it has called.
const SLACK_NS: i64 = 600 * SECOND_NS;

/// A session that was not written to for so long has called, if its agent calls when one begins.
const SETTLED_NS: i64 = 3600 * SECOND_NS;

/// A session that was not written to for so long has most likely ended, and called if its agent calls at the end.
const ENDED_NS: i64 = 24 * 3600 * SECOND_NS;

/// Sessions without a call that are a sign of something.
const FEWEST: usize = 2;

/// The times of the agents' sessions.
#[derive(Default)]
pub(crate) struct Times {
    /// When each was last written to, nanoseconds since 1970, and what it is, by agent.
    written: BTreeMap<&'static str, Vec<(i64, Locator)>>,
}

impl Times {
    /// Takes in a file that a walk found.
    pub(crate) fn take(&mut self, found: &Found) {
        let guess = &found.guess;
        let Some(agent) = guess.agent.filter(|_| found.stamp.bytes() > 0 && guess.part_id.is_none()) else {
            return;
        };
        let is_history = guess.session_id.as_deref().is_some_and(is_history_id);
        if !is_history && matches!(found.locator, Locator::File(_)) {
            self.written.entry(agent).or_default().push((found.stamp.modified_ns(), found.locator.clone()));
        }
    }

    /// Says which agents call no more.
    pub(crate) fn points(&self, config: &Config, hooked: &[Hooked], now_ns: i64, points: &mut Points) {
        for hooked in hooked {
            let Some(last) = stamps::last_hook(&config.store.path, Some(hooked.agent)) else { continue };
            let missed = self.without_call(hooked, last.saturating_mul(SECOND_NS), now_ns);
            if missed.len() < FEWEST {
                continue;
            }
            let count = units::count(missed.len() as u64, "session");
            let says =
                format!("{} last called sessionkeep {}, and not for {count} since", hooked.label, when(last));
            let setup = own_command(config, "setup");
            let advice =
                format!("{setup}   # then see that {} runs its hooks: /hooks in it lists them", hooked.label);
            points.mend(format!("{}-hook-stopped", hooked.agent), says, Mend::Setup, advice);
        }
    }

    /// Returns when the sessions were last written to that began after the last call and ought to have made one.
    fn without_call(&self, hooked: &Hooked, last_ns: i64, now_ns: i64) -> Vec<i64> {
        let called_ns = last_ns.saturating_add(SLACK_NS);
        let quiet_ns = now_ns.saturating_sub(if hooked.calls_at_start { SETTLED_NS } else { ENDED_NS });
        let all = self.written.get(hooked.agent).into_iter().flatten();
        let missed = all.filter(|(written, locator)| {
            // What began before the call may have made it.
            (called_ns..quiet_ns).contains(written) && began_ns(locator).is_none_or(|began| began > last_ns)
        });
        missed.map(|(written, _)| *written).collect()
    }
}

/// Returns when a session's file was made, nanoseconds since 1970; `None` where the file system does not say.
fn began_ns(locator: &Locator) -> Option<i64> {
    let made = fs::metadata(locator.path()).and_then(|metadata| metadata.created()).ok()?;
    i64::try_from(made.duration_since(UNIX_EPOCH).ok()?.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_NS: i64 = 3600 * SECOND_NS;

    fn hooked(calls_at_start: bool) -> Hooked {
        Hooked { agent: "claude-code", label: "Claude Code", calls_at_start }
    }

    #[test]
    fn only_sessions_that_began_and_settled_after_the_last_call_were_missed() {
        let directory = tempfile::tempdir().unwrap();
        let now = crate::platform::clock::nanoseconds();
        let mut times = Times::default();
        for (name, hours) in [("a", 2), ("b", 30), ("c", 0), ("d", 100)] {
            let path = directory.path().join(name);
            fs::write(&path, "x").unwrap();
            let entry = times.written.entry("claude-code").or_default();
            entry.push((now - hours * HOUR_NS, Locator::File(path)));
        }
        let missed =
            |is_start, hours| times.without_call(&hooked(is_start), now - hours * HOUR_NS, now).len();
        assert_eq!(missed(true, 50), 2, "one is new, and one is older than the call");
        assert_eq!(missed(false, 50), 1, "the end of the other may be to come");
        assert_eq!(missed(true, 2), 0, "an agent may write after it has called");
        assert_eq!(missed(true, -1), 0);
    }
}
