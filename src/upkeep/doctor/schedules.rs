//! Looks for a schedule of the system's that runs `sessionkeep import`: cron, systemd's user timers, launchd.

use super::point::Points;
use super::unarchived::Sessions;
use crate::agents::settings::calls;
use crate::config::Config;
use crate::environment::Environment;
use crate::upkeep::command::{own_command, shell_word};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes of a file that are looked at.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The cron tables of the system; the user's own is asked for with `crontab -l`.
const CRON_FILES: [&str; 2] = ["/etc/crontab", "/etc/cron.d"];

/// A schedule that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Schedule {
    /// Where it stands: `crontab`, or a file.
    pub place: String,
    /// It is there but not switched on.
    pub is_off: bool,
}

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

/// Returns all schedules that run an import.
fn find(environment: &Environment) -> Vec<Schedule> {
    let mut found: Vec<Schedule> = Vec::new();
    let on = |place: String| Schedule { place, is_off: false };
    if is_import_in(&user_crontab()) {
        found.push(on("crontab".to_owned()));
    }
    for file in CRON_FILES.iter().flat_map(|path| files(Path::new(path))) {
        if is_import_in(&read(&file)) {
            found.push(on(file.display().to_string()));
        }
    }
    let config =
        environment.path("XDG_CONFIG_HOME").map_or_else(|| environment.in_home(".config"), |path| vec![path]);
    for directory in config.iter().map(|config| config.join("systemd/user")) {
        found.extend(timers(&directory));
    }
    for directory in environment.in_home("Library/LaunchAgents") {
        let plists = files(&directory).into_iter().filter(|file| has_extension(file, "plist"));
        found.extend(
            plists.filter(|file| is_import_in_plist(&read(file))).map(|file| on(file.display().to_string())),
        );
    }
    found
}

/// Returns the user's cron table; empty if there is none, or no cron.
fn user_crontab() -> String {
    let output = Command::new("crontab").arg("-l").stdin(Stdio::null()).stderr(Stdio::null()).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

fn is_import_in(table: &str) -> bool {
    table.lines().map(str::trim).any(|line| !line.starts_with('#') && calls(line, "import").is_some())
}

/// A property list names the program and each argument in a `<string>` of its own.
fn is_import_in_plist(text: &str) -> bool {
    calls(&text.replace(['<', '>'], " ").replace("/string", " "), "import").is_some()
}

/// Returns the timers in a directory whose service runs an import.
fn timers(directory: &Path) -> Vec<Schedule> {
    let timers = files(directory).into_iter().filter(|file| has_extension(file, "timer"));
    let found = timers.filter_map(|timer| {
        let text = read(&timer);
        let unit = text.lines().find_map(|line| line.trim().strip_prefix("Unit="));
        let service = match unit {
            Some(unit) if !unit.contains('/') => directory.join(unit.trim()),
            _ => timer.with_extension("service"),
        };
        let runs = read(&service)
            .lines()
            .filter_map(|line| line.trim().strip_prefix("ExecStart="))
            .any(|command| calls(command, "import").is_some());
        let wanted = directory.join("timers.target.wants").join(timer.file_name()?);
        let is_off = fs::symlink_metadata(wanted).is_err();
        runs.then(|| Schedule { place: timer.display().to_string(), is_off })
    });
    found.collect()
}

fn has_extension(file: &Path, wanted: &str) -> bool {
    file.extension().is_some_and(|extension| extension == wanted)
}

/// Returns the files in a directory, sorted; of a file, itself.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn read(file: &Path) -> String {
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_FILE_BYTES => {
            fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cron_line_counts_unless_it_is_a_comment() {
        assert!(is_import_in("MAILTO=me\n*/10 * * * * /usr/bin/sessionkeep import --min-age 30 -q\n"));
        assert!(!is_import_in("# */10 * * * * sessionkeep import\n0 * * * * sessionkeep list\n"));
    }

    #[test]
    fn a_timer_counts_by_its_service_and_says_whether_it_is_on() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        write("a.timer", "[Timer]\nOnCalendar=hourly\nUnit=b.service\n");
        write("b.service", "[Service]\nExecStart=/bin/sessionkeep import\n");
        write("c.timer", "[Timer]\n");
        write("c.service", "[Service]\nExecStart=/bin/true\n");
        assert_eq!(timers(directory.path()).iter().map(|timer| timer.is_off).collect::<Vec<_>>(), [true]);
        fs::create_dir(directory.path().join("timers.target.wants")).unwrap();
        write("timers.target.wants/a.timer", "");
        assert_eq!(timers(directory.path()).iter().map(|timer| timer.is_off).collect::<Vec<_>>(), [false]);
    }

    #[test]
    fn a_property_list_is_searched_for_its_arguments() {
        let text = "<array><string>/usr/local/bin/sessionkeep</string>\n<string>import</string></array>";
        assert!(is_import_in_plist(text));
        assert!(!is_import_in_plist("<string>sessionkeep</string><string>hook</string>"));
    }
}
