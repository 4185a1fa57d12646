//! Which kind of schedule a system and environment have.

use super::commands::Commands;
use super::found::find;
use super::install::kind_in_place;
use super::plan::Kind;
use crate::environment::Environment;
use std::path::Path;

/// A directory that is there where systemd started the system: see sd_booted(3).
const SYSTEMD_RUNS: &str = "/run/systemd/system";

/// Systems by how they schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    MacOs,
    Windows,
    /// Linux, the BSDs and the rest.
    Other,
}

impl System {
    /// Returns the system that this program was built for.
    pub(crate) fn here() -> System {
        if cfg!(windows) {
            System::Windows
        } else if cfg!(target_os = "macos") {
            System::MacOs
        } else {
            System::Other
        }
    }
}

/// What there is to do about a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Make one of this kind, or bring it up to date.
    Make(Kind),
    /// Nothing: somebody has made one, in this place.
    IsElsewhere(String),
    /// Nothing runs a schedule here.
    Nothing,
}

/// Chooses the kind of schedule to make: the one that is in place, if one was made here, else the best that there is.
pub(crate) fn choose(system: System, environment: &Environment, commands: &Commands) -> Choice {
    if let Some(kind) = kind_in_place(environment, commands) {
        return Choice::Make(kind);
    }
    if let Some(found) = find(environment).into_iter().find(|found| !found.is_off) {
        return Choice::IsElsewhere(found.place);
    }
    best(system, commands).map_or(Choice::Nothing, Choice::Make)
}

fn best(system: System, commands: &Commands) -> Option<Kind> {
    let has = |program: &str| commands.find(program).is_some();
    match system {
        System::Windows => has("schtasks").then_some(Kind::TaskScheduler),
        System::MacOs => has("launchctl").then_some(Kind::Launchd),
        System::Other if has("systemctl") && (is_systemd_of_user_there(commands) || !has("crontab")) => {
            // Without cron, a timer that waits for a systemd is better than nothing.
            Some(Kind::Systemd)
        }
        System::Other => has("crontab").then_some(Kind::Cron),
    }
}

/// Returns whether a systemd of the user's runs, or will at the next login.
fn is_systemd_of_user_there(commands: &Commands) -> bool {
    let words = ["systemctl", "--user", "show-environment"].map(str::to_owned);
    Path::new(SYSTEMD_RUNS).is_dir() || commands.look(&words).is_done
}

/// What to do where nothing runs a schedule; `command` is the command line to be run.
pub(crate) fn by_hand(command: &str) -> String {
    format!(
        "there is neither systemd nor cron here: install cron and run sessionkeep setup again, or have something else run \
         this every half hour: {command}"
    )
}
