//! Says whether archiving is set up on this machine and keeps up, point by point, and what to do where it does not.
//! Changes nothing.

pub(crate) mod left_alone;
mod mains;
pub(crate) mod never_quiet;
pub(crate) mod points;
mod schedules;
pub(crate) mod unarchived;

use crate::agents::settings::Settings;
use crate::agents::{self, Agent, Found};
use crate::archive::catalog::Catalog;
use crate::archive::catalog::snapshot::Snapshot;
use crate::archive::content_hash::HashKey;
use crate::archive::store::lock::import_lock_path;
use crate::archive::store::{PRIVATE_DIRECTORY, Store};
use crate::config::{Config, FileState};
use crate::engine::hook::FIRED_STAMP;
use crate::engine::pending::marker;
use crate::environment::Environment;
use crate::error::Error;
use crate::mask::{Masker, Options};
use crate::platform::clock;
use crate::platform::{self, EntryKind, Stat, process};
use crate::report::{terminal_safe, units};
use crate::upkeep::command::{own_command, shell_word};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use left_alone::{Item, Wanted};
use mains::Mains;
use points::Report;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::SystemTime;
use unarchived::Sessions;

/// Free space below which archiving is about to stop: a gigabyte of transcripts takes about a tenth of it.
const LOW_SPACE_BYTES: u64 = 200 << 20;

/// A session that a hook asked for is archived within seconds; this old, its worker was killed.
const PENDING_SECONDS: u64 = 600;

/// How many of a point's details are shown to whom does not ask for all.
const FEW: usize = 3;

/// Looks at everything. `config` is the one in use, or its stand-in if `broken` says why it cannot be used. Of files that
/// are left alone all are listed, or the first few.
pub(crate) fn run(config: &Config, broken: Option<&Error>, lists_all: bool) -> Report {
    let mut report = Report::default();
    let environment = &config.environment;
    configuration(config, broken, &mut report);
    let has_store = store(config, &mut report);
    let snapshot = if has_store { catalog(config, &mut report) } else { Snapshot::default() };
    let key = Store::key_of(&config.store.path).unwrap_or(HashKey::new([0; 32]));
    if has_store {
        pending_work(config, &mut report);
    }
    let now_ns = clock::nanoseconds();
    let masker = LazyLock::new(|| Masker::new(&config.masking).or_else(|_| Masker::new(&Options::default())));
    let mask = |name: &str| {
        masker.as_ref().map_or("a name that could not be masked".to_owned(), |m| m.mask_name(name))
    };
    let wanted = Wanted { files: if lists_all { usize::MAX } else { FEW }, mask: &mask };
    let mut mains = Mains::default();
    let mut each = |found: &Found| mains.take(found);
    report.sessions = unarchived::look(environment, &snapshot, &key, now_ns, &wanted, &mut each);
    report.waiting = never_quiet::look(config, &report.sessions, &snapshot, &key, now_ns);
    let hooked = hook_points(config, environment, &mut report);
    schedule(config, environment, &hooked, &mut report);
    sessions(config, now_ns, &mut report);
    report.points.extend(never_quiet::point(&report.waiting, config, now_ns));
    report.points.extend(mains.point(config, &snapshot));
    not_archived(config, lists_all, &mut report);
    report
}

/// Returns a time as people read it: local, to the minute.
fn when(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn configuration(config: &Config, broken: Option<&Error>, report: &mut Report) {
    let version = env!("CARGO_PKG_VERSION");
    if let Some(error) = broken {
        let advice = error.hint().map_or_else(|| "sessionkeep config check".to_owned(), str::to_owned);
        return report.act("config", format!("{error}; only hooks archive, with the built-in rules"), advice);
    }
    let masker = match Masker::new(&config.masking) {
        Ok(masker) => masker,
        Err(error) => {
            let advice = error.hint().map_or_else(|| "sessionkeep config check".to_owned(), str::to_owned);
            return report.act("config", format!("{error}; nothing can be archived"), advice);
        }
    };
    let rules = masker.rules_version();
    let file = match &config.file {
        FileState::Read(place) => format!("configuration {}", place.path.display()),
        _ => "no configuration file".to_owned(),
    };
    report.ok("config", format!("sessionkeep {version}, rules {rules}, {file}"));
}

/// Looks at the store's directory; returns whether there is one.
fn store(config: &Config, report: &mut Report) -> bool {
    let root = &config.store.path;
    let import = own_command(config, "import");
    let stat = match std::fs::symlink_metadata(root) {
        Ok(metadata) => Stat::of(&metadata),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            report.act("store", format!("nothing is archived yet: there is no {}", root.display()), import);
            return false;
        }
        Err(error) => {
            let says = format!("cannot look at {}: {error}", root.display());
            report.act("store", says, format!("ls -ld {}", shell_word(root)));
            return false;
        }
    };
    if stat.kind != EntryKind::Directory {
        let says = format!("{} is not a directory", root.display());
        report.act("store", says, format!("ls -ld {}", shell_word(root)));
        return false;
    }
    let (user, word) = (process::effective_user(), shell_word(root));
    if stat.owner != user && user != 0 {
        let says = format!("{} belongs to another user", root.display());
        report.act("store", says, format!("sudo chown -R \"$(id -u)\" {word}"));
    } else if stat.mode & 0o077 != 0 {
        let says = format!("{} is open to other users (mode {:04o})", root.display(), stat.mode);
        report.act("store", says, format!("chmod -R go= {word}"));
    } else {
        report.ok("store", format!("{}, private", root.display()));
    }
    match platform::space(root).map(|space| space.free_bytes) {
        Some(free) if free < LOW_SPACE_BYTES => {
            let says = format!("only {} free on its disk", units::size(free));
            report.act("space", says, format!("df -h {word}"));
        }
        Some(free) => report.ok("space", format!("{} free", units::size(free))),
        None => {}
    }
    true
}

/// Looks at the catalog and at when it was last added to.
fn catalog(config: &Config, report: &mut Report) -> Snapshot {
    let root = &config.store.path;
    let looked = match Catalog::open_to_read(root) {
        Ok(None) => {
            report.act("catalog", "there is none yet", own_command(config, "import"));
            return Snapshot::default();
        }
        Ok(Some(catalog)) => catalog.read_snapshot(),
        Err(error) => Err(error),
    };
    match looked {
        Ok(snapshot) => {
            let last = modified(&import_lock_path(root));
            let last = last.map_or("no import yet".to_owned(), |time| format!("last import {}", when(time)));
            report.ok("catalog", format!("{} known, {last}", units::count(snapshot.len() as u64, "file")));
            snapshot
        }
        Err(error) => {
            report.act("catalog", format!("cannot be used: {error}"), own_command(config, "repair"));
            Snapshot::default()
        }
    }
}

/// Returns when a file was last written to, seconds since 1970.
fn modified(path: &Path) -> Option<i64> {
    let stat = Stat::of(&std::fs::symlink_metadata(path).ok()?);
    Some(stat.mtime_ns.div_euclid(1_000_000_000))
}

fn pending_work(config: &Config, report: &mut Report) {
    let folder = config.store.path.join(PRIVATE_DIRECTORY).join(marker::FOLDER);
    let markers = marker::list(&folder, None);
    let age = |left: SystemTime| left.elapsed().unwrap_or_default().as_secs();
    let oldest = markers.iter().filter_map(|marker| marker.left).map(age).max();
    match oldest {
        None => report.ok("pending", "no hook's work is left undone"),
        Some(age) if age < PENDING_SECONDS => {
            report.ok(
                "pending",
                format!("{} being archived for hooks", units::count(markers.len() as u64, "session")),
            );
        }
        Some(age) => {
            let sessions = units::count(markers.len() as u64, "session");
            let age = units::duration(std::time::Duration::from_secs(age));
            let says = format!("{sessions} left to be archived by hooks, the oldest {age} ago");
            report.act("pending", says, own_command(config, "import"));
        }
    }
}

/// Looks at the hooks of the agents that have any; returns the agents whose sessions are archived by one.
fn hook_points(config: &Config, environment: &Environment, report: &mut Report) -> Vec<&'static str> {
    let mut hooked = Vec::new();
    for agent in agents::registry() {
        for home in agent.homes(environment).into_iter().filter(|home| home.is_dir()) {
            let Some(settings) = agent.settings(&home) else { continue };
            if hook_point(*agent, &settings, environment, report) {
                hooked.push(agent.id());
            }
        }
    }
    if !hooked.is_empty() {
        let stamp = config.store.path.join(PRIVATE_DIRECTORY).join(FIRED_STAMP);
        let says = match modified(&stamp) {
            Some(time) => format!("last called {}", when(time)),
            None => "not called yet".to_owned(),
        };
        report.ok("hook-calls", says);
    }
    hooked
}

/// Notes how an agent's hook is; returns whether it works as far as one can see.
fn hook_point(
    agent: &dyn Agent,
    settings: &Settings,
    environment: &Environment,
    report: &mut Report,
) -> bool {
    let (topic, label) = (format!("{}-hook", agent.id()), agent.label());
    if let Some(file) = settings.broken.first() {
        let says = format!("{label}'s {} is not valid JSON", file.display());
        report.act(topic, says, format!("python3 -m json.tool {}", shell_word(file)));
        return false;
    }
    if settings.hooks.is_empty() {
        report.act(topic, format!("{label} does not call sessionkeep"), &*settings.how_to_add);
        return false;
    }
    if let Some(undo) = settings.undo_off {
        let says = format!("{label} has all hooks switched off");
        report.act(topic, says, undo);
        return false;
    }
    if let Some(missing) = settings.hooks.iter().find(|hook| !is_program(&hook.program, environment)) {
        let says = format!("{label} calls {}, which is not there", missing.program);
        let own = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("sessionkeep"));
        let advice = format!("write {} hook in {}", shell_word(&own), missing.file.display());
        report.act(topic, says, advice);
        return false;
    }
    let events: Vec<String> = settings
        .hooks
        .iter()
        .map(|hook| match hook.timeout {
            Some(seconds) => format!("{} (timeout {seconds}s)", hook.event),
            None => hook.event.clone(),
        })
        .collect();
    report.ok(topic, format!("{label} calls sessionkeep on {}", events.join(", ")));
    true
}

/// Returns whether a program, as it stands in a hook's command, can be found.
fn is_program(program: &str, environment: &Environment) -> bool {
    let home = environment.home().map(Path::to_string_lossy).unwrap_or_default();
    let program = program.replace("$HOME", &home).replace("${HOME}", &home);
    let program = match program.strip_prefix("~/") {
        Some(rest) => format!("{home}/{rest}"),
        None => program,
    };
    if program.contains('$') {
        // Some other variable, which the agent's shell knows and we do not.
        return true;
    }
    if program.contains(['/', '\\']) {
        return Path::new(&program).is_file();
    }
    let path = environment.variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| {
        directory.join(&program).is_file() || directory.join(format!("{program}.exe")).is_file()
    })
}

fn schedule(config: &Config, environment: &Environment, hooked: &[&str], report: &mut Report) {
    let schedules = schedules::find(environment);
    if let Some(schedule) = schedules.iter().find(|schedule| !schedule.is_off) {
        return report.ok("schedule", format!("sessionkeep import is run by {}", schedule.place));
    }
    if let Some(off) = schedules.first() {
        let name = Path::new(&off.place).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let advice = format!("systemctl --user enable --now {}", shell_word(Path::new(&name)));
        return report.act("schedule", format!("{} is not enabled", off.place), advice);
    }
    let unhooked: Vec<&str> = report
        .sessions
        .iter()
        .filter(|sessions| sessions.files > 0 && !hooked.contains(&sessions.agent))
        .map(|sessions| sessions.label)
        .collect();
    if report.sessions.iter().all(|sessions| sessions.files == 0) {
        return report.ok("schedule", "none, and no agent has sessions here");
    }
    if unhooked.is_empty() {
        return report.ok("schedule", "none; hooks do the work, and what they miss waits for an import");
    }
    let import = own_command(config, "import --min-age 30 -q");
    let own = std::env::current_exe()
        .map_or_else(|_| import.clone(), |own| import.replacen("sessionkeep", &shell_word(&own), 1));
    let advice =
        format!("(crontab -l 2>/dev/null; echo '*/15 * * * * {}') | crontab -", own.replace('\'', r"'\''"));
    report.act("schedule", format!("none, and no hook archives {}", unhooked.join(", ")), advice);
}

fn sessions(config: &Config, now_ns: i64, report: &mut Report) {
    for sessions in report.sessions.clone().into_iter().filter(|sessions| sessions.files > 0) {
        let topic = format!("{}-sessions", sessions.agent);
        let files = units::count(sessions.files, "file");
        let kept = match sessions.cleanup_days {
            Some(days) => format!("deletes them after {}", units::count(days, "day")),
            None => "never deletes them".to_owned(),
        };
        let active = in_use(&sessions);
        if sessions.unarchived == 0 {
            let archived = match sessions.files - sessions.active {
                count if count == sessions.files => format!("all of {files} archived"),
                count if sessions.active == sessions.never_archived => format!("{count} of {files} archived"),
                count => format!("{count} of {files} archived as they are now"),
            };
            report.ok(topic, format!("{}: {archived}{active}; it {kept}", sessions.label));
            continue;
        }
        let deletion = match sessions.first_deletion_ns {
            Some(deletion) if deletion <= now_ns => "; the first may be deleted any moment".to_owned(),
            Some(deletion) => format!("; the first will be deleted on {}", when(deletion / 1_000_000_000)),
            None => String::new(),
        };
        let says = format!(
            "{}: {} of {files} not archived ({}){active}; it {kept}{deletion}",
            sessions.label,
            sessions.unarchived,
            units::size(sessions.unarchived_bytes)
        );
        report.act(topic, says, own_command(config, &format!("import --agent {}", sessions.agent)));
    }
}

/// Returns what is to be said of files that are being written to: nothing, or a phrase with a comma before it.
fn in_use(sessions: &Sessions) -> String {
    let grown = sessions.active - sessions.never_archived;
    let mut phrases = String::new();
    for (count, how) in [(sessions.never_archived, "not archived yet"), (grown, "changed since")] {
        if count > 0 {
            phrases.push_str(&format!(", {count} in use and {how}"));
        }
    }
    phrases
}

/// Returns what to do about what is in the way: a line for each cause, with what is to be done about the first that has
/// it.
fn advice_by_cause(config: &Config, problems: &[Item]) -> String {
    let mut causes: Vec<(&Item, u64)> = Vec::new();
    for item in problems {
        match causes.iter_mut().find(|(first, _)| first.reason == item.reason) {
            Some((_, count)) => *count += 1,
            None => causes.push((item, 1)),
        }
    }
    let is_one = causes.len() == 1;
    let line = |&(first, count): &(&Item, u64)| {
        let hint =
            first.hint.clone().unwrap_or_else(|| format!("ls -ld {}", shell_word(Path::new(&first.path))));
        let line = if is_one { hint } else { format!("{}: {hint}", first.reason) };
        let more = format!("   # and so for {} more: {}", count - 1, own_command(config, "doctor -v"));
        // A path may hold a line break.
        terminal_safe(format!("{line}{}", if count > 1 { &more } else { "" }).as_bytes()).into_owned()
    };
    causes.iter().map(line).collect::<Vec<String>>().join("\n")
}

/// Names what lies in agents' directories and is not archived: what is in the way is to be done something about, what is
/// left alone for a good reason is not.
fn not_archived(config: &Config, lists_all: bool, report: &mut Report) {
    let shown = if lists_all { usize::MAX } else { FEW };
    let details = |items: &[Item], count: u64| {
        let lines = items.iter().take(shown).map(|item| format!("{}: {}", item.path, item.reason));
        let more = count.saturating_sub(items.len().min(shown) as u64);
        let rest = (more > 0).then(|| format!("and {more} more: {}", own_command(config, "doctor -v")));
        lines.chain(rest).collect::<Vec<String>>()
    };
    for sessions in report.sessions.clone() {
        let label = sessions.label;
        if !sessions.problems.is_empty() {
            let count = sessions.problems.len() as u64;
            let says = format!("{label}: {} not followed or read", units::count(count, "path"));
            let advice = advice_by_cause(config, &sessions.problems);
            report.act(format!("{}-not-read", sessions.agent), says, advice);
            report.detail(details(&sessions.problems, count));
        }
        let counts = &sessions.left_alone_counts;
        if !counts.is_empty() {
            let count: u64 = counts.values().sum();
            let reasons: Vec<String> = counts.iter().map(|(why, count)| format!("{count} {why}")).collect();
            let says =
                format!("{label}: {} left alone ({})", units::count(count, "file"), reasons.join("; "));
            report.ok(format!("{}-left-alone", sessions.agent), says);
            report.detail(details(&sessions.left_alone, count));
        }
    }
}
