//! Looks for a schedule of the system's that runs `sessionkeep import`: cron, systemd's user timers, launchd.

use super::point::Points;
use super::unarchived::Sessions;
use crate::config::Config;
use crate::environment::Environment;
use crate::setup::schedule::find;
use crate::upkeep::command::{own_command, shell_word};
use std::path::Path;

/// Says whether an import is run by a schedule, where it has to be: for agents that no hook archives.
pub(crate) fn point(
    config: &Config,
    environment: &Environment,
    hooked: &[&str],
    all: &[Sessions],
    points: &mut Points,
) {
    let schedules = find(environment);
    if let Some(schedule) = schedules.iter().find(|schedule| !schedule.is_off) {
        return points.ok("schedule", format!("sessionkeep import is run by {}", schedule.place));
    }
    if let Some(off) = schedules.first() {
        let name = Path::new(&off.place).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let advice = format!("systemctl --user enable --now {}", shell_word(Path::new(&name)));
        return points.act("schedule", format!("{} is not enabled", off.place), advice);
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
    let import = own_command(config, "import --min-age 30 -q");
    let own = std::env::current_exe()
        .map_or_else(|_| import.clone(), |own| import.replacen("sessionkeep", &shell_word(&own), 1));
    let advice =
        format!("(crontab -l 2>/dev/null; echo '*/15 * * * * {}') | crontab -", own.replace('\'', r"'\''"));
    points.act("schedule", format!("none, and no hook archives {}", unhooked.join(", ")), advice);
}
