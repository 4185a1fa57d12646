//! Whether something runs an import by the clock, where it has to, and whether it still does.

use super::hooks::is_program;
use crate::config::Config;
use crate::engine::stamps::{self, ScheduledRun};
use crate::environment::Environment;
use crate::platform::clock;
use crate::setup::schedule::{FoundSchedule, find};
use crate::upkeep::command::{own_command, shell_word};
use crate::upkeep::doctor::point::{Mend, Points, modified, when};
use crate::upkeep::doctor::unarchived::Sessions;
use std::path::Path;

/// A schedule that has not run for so long is silent, if the machine was awake for long enough.
const SILENT_SECONDS: u64 = 24 * 3600;

/// In so long awake a schedule of every half hour has run, whatever delays it; one of every hour, too.
const AWAKE_SECONDS: u64 = 90 * 60;

/// For how long a machine of which nothing tells may have slept.
const SLEPT_SECONDS: u64 = 4 * 24 * 3600;

/// Says whether an import is run by a schedule, where it has to be: for agents that no hook archives.
pub(crate) fn point(
    config: &Config,
    environment: &Environment,
    hooked: &[&str],
    all: &[Sessions],
    points: &mut Points,
) {
    let schedules = find(environment);
    let setup = own_command(config, "setup");
    if let Some(schedule) = schedules.iter().find(|schedule| !schedule.is_off) {
        return of_schedule(schedule, config, environment, points);
    }
    if let Some(off) = schedules.first() {
        let name = Path::new(&off.place).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let says = format!("{} is not enabled", off.place);
        if off.is_made_by_setup {
            return points.mend("schedule", says, Mend::Setup, setup);
        }
        let advice = format!("systemctl --user enable --now {}", shell_word(Path::new(&name)));
        return points.act("schedule", says, advice);
    }
    let unhooked: Vec<&str> = all
        .iter()
        .filter(|sessions| sessions.files > 0 && !hooked.contains(&sessions.agent))
        .map(|sessions| sessions.label)
        .collect();
    if all.iter().all(|sessions| sessions.files == 0) {
        return points.ok("schedule", "none, and no agent has sessions here");
    }
    if unhooked.is_empty() {
        return points.ok("schedule", "none; hooks do the work, and what they miss waits for an import");
    }
    points.mend(
        "schedule",
        format!("none, and no hook archives {}", unhooked.join(", ")),
        Mend::Setup,
        setup,
    );
}

/// Says of a schedule that is on whether it runs.
fn of_schedule(schedule: &FoundSchedule, config: &Config, environment: &Environment, points: &mut Points) {
    let place = &schedule.place;
    if !is_program(&schedule.program, environment) && schedule.program.contains(['/', '\\']) {
        let says = format!("{place} runs {}, which is not there", schedule.program);
        return points.mend("schedule", says, Mend::Setup, own_command(config, "setup"));
    }
    let run = stamps::last_scheduled(&config.store.path);
    let last = run.map_or("never".to_owned(), |run| when(run.at));
    if is_silent(run, schedule.made_at, running(schedule, environment)) {
        let says =
            format!("sessionkeep import should be run by {place}, and was last run by a schedule: {last}");
        return points.act("schedule", says, how_to_look(schedule));
    }
    let says = format!("sessionkeep import is run by {place}");
    match run {
        Some(_) => points.ok("schedule", format!("{says}, last {last}")),
        None => points.ok("schedule", says),
    }
}

/// Returns what shows why a schedule does not run.
fn how_to_look(schedule: &FoundSchedule) -> String {
    let name = Path::new(&schedule.place).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let unit = |name: &str| shell_word(Path::new(name));
    match name.rsplit_once('.') {
        Some((stem, "timer")) => format!(
            "systemctl --user status {} {}   # and, to have it run without a login: loginctl enable-linger",
            unit(&name),
            unit(&format!("{stem}.service"))
        ),
        Some((stem, "plist")) => format!("launchctl print gui/$(id -u)/{}", unit(stem)),
        Some((stem, "xml")) => format!("schtasks /query /v /tn {}", unit(stem)),
        _ => "ps -e | grep -i cron   # is cron running? then run what crontab -l says by hand".to_owned(),
    }
}

/// Returns whether a schedule ought to have run: it did not for a day, or, if it never did, not since it was made a day ago;
/// and the machine was awake for a while since. `running` is for how long what runs it has been there, in seconds, where
/// that is known.
fn is_silent(run: Option<ScheduledRun>, made: Option<i64>, running: Option<u64>) -> bool {
    // One that was made anew since its last run has to prove itself from then on.
    let since = match (run.map(|run| run.at), made) {
        (Some(at), Some(made)) => at.max(made),
        (Some(at), None) => at,
        (None, Some(made)) => made,
        (None, None) => return false,
    };
    let passed = u64::try_from(clock::seconds().saturating_sub(since)).unwrap_or(0);
    let exact = run.filter(|run| run.at == since).and_then(|run| run.awake_since);
    let awake = match (exact, clock::uptime()) {
        (Some(awake), _) => awake,
        // When it slept is not known: as much as it ever did may have been since.
        (None, Some(up)) => passed.min(up.awake + up.asleep).saturating_sub(up.asleep),
        (None, None) => passed.saturating_sub(SLEPT_SECONDS),
    };
    passed > SILENT_SECONDS && awake.min(running.unwrap_or(u64::MAX)) > AWAKE_SECONDS
}

/// Returns for how long the user's systemd has run, which runs timers while the user is logged in; `None`: it does not run,
/// or something else runs the schedule.
fn running(schedule: &FoundSchedule, environment: &Environment) -> Option<u64> {
    let runtime = environment.path("XDG_RUNTIME_DIR").filter(|_| schedule.place.ends_with(".timer"))?;
    // Made when it starts.
    let started = modified(&runtime.join("systemd").join("private"))?;
    u64::try_from(clock::seconds().saturating_sub(started)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_silent_after_a_day_without_a_run_if_the_machine_was_awake() {
        let now = clock::seconds();
        let day = i64::try_from(SILENT_SECONDS).unwrap();
        let run =
            |days: i64, awake: u64| Some(ScheduledRun { at: now - days * day, awake_since: Some(awake) });
        assert!(is_silent(run(3, 7200), None, None));
        assert!(!is_silent(run(0, 7200), None, None));
        assert!(!is_silent(run(3, 600), None, None), "the machine slept");
        assert!(!is_silent(run(3, 7200), None, Some(600)), "the user has just logged in");
        assert!(!is_silent(run(3, 7200), Some(now - 60), None), "it was made anew");
        assert!(!is_silent(None, None, None), "nothing tells since when it is there");
        assert!(!is_silent(None, Some(now - 60), None));
    }
}
