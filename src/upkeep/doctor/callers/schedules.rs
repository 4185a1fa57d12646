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

/// A schedule runs every half hour; after so long awake without a run it does not.
const SILENT_SECONDS: u64 = 24 * 3600;

/// The same where nothing tells for how long the machine slept.
const SILENT_SECONDS_WITH_SLEEP: u64 = 4 * 24 * 3600;

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
    let made = schedule.file.as_deref().and_then(modified);
    if is_silent(run, made, running(schedule, environment)) {
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

/// Returns whether a schedule ought to have run: the machine was awake for a day since it did, or, if it never did, since
/// it was made. `running` is for how long what runs it has been there, in seconds, where that is known.
fn is_silent(run: Option<ScheduledRun>, made: Option<i64>, running: Option<u64>) -> bool {
    // One that was made anew since its last run has to prove itself from then on.
    let since = match (run.map(|run| run.at), made) {
        (Some(at), Some(made)) => at.max(made),
        (Some(at), None) => at,
        (None, Some(made)) => made,
        (None, None) => return false,
    };
    let passed = u64::try_from(clock::seconds().saturating_sub(since)).unwrap_or(0);
    let passed = passed.min(running.unwrap_or(u64::MAX));
    let exact = run.filter(|run| run.at == since).and_then(|run| run.awake_since);
    match (exact, clock::uptime()) {
        (Some(awake), _) => awake.min(passed) > SILENT_SECONDS,
        // When it slept is not known: as much as it ever did may have been since.
        (None, Some(up)) => passed.min(up.awake + up.asleep).saturating_sub(up.asleep) > SILENT_SECONDS,
        (None, None) => passed > SILENT_SECONDS_WITH_SLEEP,
    }
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
    fn a_schedule_is_silent_after_a_day_awake_without_a_run() {
        let now = clock::seconds();
        let day = i64::try_from(SILENT_SECONDS).unwrap();
        let run = |days: i64, awake_days: u64| {
            Some(ScheduledRun { at: now - days * day, awake_since: Some(awake_days * SILENT_SECONDS + 60) })
        };
        assert!(is_silent(run(3, 2), None, None));
        assert!(!is_silent(run(3, 0), None, None), "the machine slept");
        assert!(!is_silent(run(3, 2), None, Some(600)), "the user has just logged in");
        assert!(!is_silent(run(3, 2), Some(now - 60), None), "it was made anew");
        assert!(!is_silent(None, None, None), "nothing tells since when it is there");
        assert!(!is_silent(None, Some(now - 60), None));
    }
}
