//! Finds the schedules that run `sessionkeep import`, whoever made them: cron, systemd's user timers, launchd, the Task
//! Scheduler. Only looks.

use super::commands::Commands;
use super::plan::{Kind, empty, systemd_directory};
use super::{cron, files};
use crate::agents::settings::calls;
use crate::environment::Environment;
use crate::platform::Stat;
use jiff::tz::TimeZone;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of a file that are looked at.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// The cron tables of the system; the user's own is asked for with `crontab -l`.
const CRON_FILES: [&str; 2] = ["/etc/crontab", "/etc/cron.d"];

/// A schedule that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundSchedule {
    /// Where it stands: `crontab`, or a file.
    pub place: String,
    /// It is there but not switched on.
    pub is_off: bool,
    /// Our program, as it stands there.
    pub program: String,
    /// When it was made or last changed, seconds since 1970, as far as anything tells; not too early.
    pub made_at: Option<i64>,
    /// Whether it was made by a setup, which can bring it in order.
    pub is_made_by_setup: bool,
}

/// Returns all schedules that run an import, those that are on first.
pub(crate) fn find(environment: &Environment) -> Vec<FoundSchedule> {
    let mut found: Vec<FoundSchedule> = Vec::new();
    let commands = Commands::new(environment);
    if commands.find("crontab").is_some() {
        let table = commands.look(&["crontab", "-l"].map(str::to_owned));
        if let Some(program) = import_in(&String::from_utf8_lossy(&table.stdout)) {
            let is_made_by_setup = cron::without(&table.stdout).is_some();
            // That day is over by then, wherever.
            let made = cron::made_on(&table.stdout).and_then(|day| day.tomorrow().ok());
            let made_at =
                made.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|day| day.timestamp().as_second());
            found.push(FoundSchedule {
                place: "crontab".to_owned(),
                is_off: false,
                program,
                made_at,
                is_made_by_setup,
            });
        }
    }
    let in_file = |file: PathBuf, program: String| FoundSchedule {
        place: file.display().to_string(),
        is_off: false,
        program,
        is_made_by_setup: files::is_ours(&file),
        made_at: modified(&file),
    };
    for file in CRON_FILES.iter().flat_map(|path| files_in(Path::new(path))) {
        if let Some(program) = import_in(&read(&file)) {
            found.push(in_file(file, program));
        }
    }
    if let Some(directory) = systemd_directory(environment) {
        found.extend(timers(&directory));
    }
    for directory in environment.in_home("Library/LaunchAgents") {
        for file in files_in(&directory).into_iter().filter(|file| has_extension(file, "plist")) {
            if let Some(program) = import_in_xml(&read(&file)) {
                found.push(in_file(file, program));
            }
        }
    }
    if let Ok(plan) = empty(Kind::TaskScheduler, environment) {
        for file in plan.files.into_iter().map(|file| file.path).filter(|path| path.is_file()) {
            if let Some(program) = import_in_xml(&read(&file).replace('\0', "")) {
                found.push(in_file(file, program));
            }
        }
    }
    found.sort_by_key(|schedule| schedule.is_off);
    found
}

/// Returns our program in the first line of a cron table that imports.
fn import_in(table: &str) -> Option<String> {
    table.lines().map(str::trim).filter(|line| !line.starts_with('#')).find_map(|line| calls(line, "import"))
}

/// A property list names the program and each argument in a `<string>` of its own.
fn import_in_xml(text: &str) -> Option<String> {
    let text = text.replace(['<', '>'], " ").replace("/string", " ").replace("&quot;", "\"");
    calls(&text.replace("&apos;", "'").replace("&amp;", "&"), "import")
}

/// Returns the timers in a directory whose service runs an import.
fn timers(directory: &Path) -> Vec<FoundSchedule> {
    let timers = files_in(directory).into_iter().filter(|file| has_extension(file, "timer"));
    let found = timers.filter_map(|timer| {
        let text = read(&timer);
        let unit = text.lines().find_map(|line| line.trim().strip_prefix("Unit="));
        let service = match unit {
            Some(unit) if !unit.contains('/') => directory.join(unit.trim()),
            _ => timer.with_extension("service"),
        };
        let program = read(&service)
            .lines()
            .filter_map(|line| line.trim().strip_prefix("ExecStart="))
            .find_map(|command| calls(&command.replace("%%", "%"), "import"))?;
        let wanted = directory.join("timers.target.wants").join(timer.file_name()?);
        let is_off = fs::symlink_metadata(wanted).is_err();
        Some(FoundSchedule {
            place: timer.display().to_string(),
            is_off,
            program,
            is_made_by_setup: files::is_ours(&timer),
            made_at: modified(&timer),
        })
    });
    found.collect()
}

fn has_extension(file: &Path, wanted: &str) -> bool {
    file.extension().is_some_and(|extension| extension == wanted)
}

/// Returns the files in a directory, sorted; of a file, itself.
fn files_in(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Returns when a file was last written to, seconds since 1970.
fn modified(file: &Path) -> Option<i64> {
    let stat = Stat::of(&fs::metadata(file).ok()?);
    Some(stat.mtime_ns.div_euclid(1_000_000_000))
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
        let table = "MAILTO=me\n*/10 * * * * /usr/bin/sessionkeep import --min-age 30 -q\n";
        assert_eq!(import_in(table).as_deref(), Some("/usr/bin/sessionkeep"));
        assert_eq!(import_in("# */10 * * * * sessionkeep import\n0 * * * * sessionkeep list\n"), None);
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
        assert_eq!(import_in_xml(text).as_deref(), Some("/usr/local/bin/sessionkeep"));
        assert_eq!(import_in_xml("<string>sessionkeep</string><string>hook</string>"), None);
    }
}
