//! By which path the hooks and the schedule of this machine call this program: one that still leads to it after the next
//! upgrade.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::agents::settings::HookCall;
use crate::config::{Config, Decided, FileState};
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::platform::{self, shell};

/// Directories that package managers link to whatever version is installed, from the root of the file system.
const KNOWN_DIRECTORIES: [&str; 7] = [
    "/usr/local/bin",
    "/usr/bin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/run/current-system/sw/bin",
    "/nix/var/nix/profiles/default/bin",
    "/opt/local/bin",
];

/// The same in the user's home.
const KNOWN_IN_HOME: [&str; 4] = [".local/bin", ".cargo/bin", ".nix-profile/bin", "bin"];

/// Where temporary files are, beside what `$TMPDIR` says.
const TEMPORARY: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// This program as hooks are to call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// Absolute. Where a link leads here, the link.
    pub path: PathBuf,
    /// Why this path may lead nowhere some day, and what to do about it; `None` for one that is likely to stay.
    pub doubt: Option<String>,
}

/// Returns how this program, which runs as `running` and was started as `called`, is best called. What the shell finds is
/// preferred, where it is this very program, and then what package managers link.
pub(crate) fn find(environment: &Environment, running: &Path, called: Option<&OsStr>) -> Program {
    let own = environment.path("TMPDIR");
    let temporary: Vec<PathBuf> = own.into_iter().chain(TEMPORARY.map(PathBuf::from)).collect();
    find_lasting(environment, running, called, &temporary)
}

/// As [`find`]; what lies in a directory of `temporary` may go at any time.
fn find_lasting(
    environment: &Environment,
    running: &Path,
    called: Option<&OsStr>,
    temporary: &[PathBuf],
) -> Program {
    let name = format!("sessionkeep{}", std::env::consts::EXE_SUFFIX);
    let on_path = environment.variable("PATH").map(std::env::split_paths).into_iter().flatten();
    let on_path = on_path.filter(|directory| directory.is_absolute()).map(|directory| directory.join(&name));
    let called = called.map(Path::new).filter(|called| called.components().count() > 1);
    let called = called.and_then(|called| std::path::absolute(called).ok());
    let in_home = KNOWN_IN_HOME.iter().flat_map(|directory| environment.in_home(directory));
    let known = KNOWN_DIRECTORIES.iter().map(PathBuf::from).chain(in_home);
    let known = known.map(|directory| directory.join(&name));
    let is_this = |path: &PathBuf| is_same_file(path, running);
    let candidates: Vec<PathBuf> = on_path.chain(called).chain(known).filter(is_this).collect();
    let lasting = candidates.iter().find(|path| doubt(path, temporary).is_none());
    let path = lasting.or(candidates.first()).cloned().unwrap_or_else(|| running.to_path_buf());
    let doubt = doubt(&path, temporary);
    Program { path, doubt }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let (Ok(of_one), Ok(of_other)) = (one.metadata(), other.metadata()) else { return false };
    match (platform::file_identity(&of_one), platform::file_identity(&of_other)) {
        (Some(one), Some(other)) => of_one.is_file() && one == other,
        _ => of_one.is_file() && one.canonicalize().ok() == other.canonicalize().ok(),
    }
}

/// Returns why a path of this program is not likely to last.
fn doubt(path: &Path, temporary: &[PathBuf]) -> Option<String> {
    let parts: Vec<&OsStr> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part),
            _ => None,
        })
        .collect();
    let has = |name: &str| parts.iter().any(|part| *part == name);
    let has_pair =
        |first: &str, second: &str| parts.windows(2).any(|pair| pair[0] == first && pair[1] == second);
    let says = |why: &str, advice: &str| Some(format!("{} {why}: {advice}", path.display()));
    let again = "install it in a place that stays, and run sessionkeep setup again";
    let is_built = parts.iter().rev().nth(1).is_some_and(|part| *part == "debug" || *part == "release");
    if is_built && has("target") {
        return says(
            "is where cargo builds, and goes with the next cargo clean",
            "run cargo install --path . and then setup again",
        );
    }
    if has_pair("nix", "store") || has("Cellar") {
        return says("has its version in its path, and goes with the next upgrade", again);
    }
    if has("installs") && (has("mise") || has("asdf") || has(".asdf")) {
        return says("has its version in its path, and goes with the next upgrade", again);
    }
    let is_environment = |above: &Path| above.join("pyvenv.cfg").is_file();
    if path.parent().and_then(Path::parent).is_some_and(is_environment) {
        return says(
            "is in a virtual environment of Python, and goes with it",
            "pipx install sessionkeep keeps one",
        );
    }
    if has(".cache") || has("Caches") || temporary.iter().any(|directory| path.starts_with(directory)) {
        return says("is in a place for what may go at any time", again);
    }
    None
}

/// Returns how agents call our hook: with the store and the configuration that this run uses, where something was said of
/// them. The environment of an agent may be another one.
///
/// # Errors
///
/// [`Kind::Usage`] when a path cannot be written into settings, which are text.
pub(crate) fn hook_call(program: &Program, config: &Config) -> Result<HookCall> {
    let words = words(program, &["hook"], config)?;
    Ok(HookCall { line: shell::command_line(&words), words })
}

/// Returns the words of a command line of ours, with the store and the configuration that this run uses.
///
/// # Errors
///
/// As [`hook_call`].
pub(crate) fn words(program: &Program, arguments: &[&str], config: &Config) -> Result<Vec<String>> {
    let mut words = vec![text_of(&program.path)?];
    words.extend(arguments.iter().map(|&argument| argument.to_owned()));
    if config.store.decided_by != Decided::Default {
        words.extend(["--out".to_owned(), text_of(&config.store.path)?]);
    }
    if let FileState::Read(file) = &config.file
        && file.decided_by != Decided::Default
    {
        words.extend(["--config".to_owned(), text_of(&file.path)?]);
    }
    Ok(words)
}

fn text_of(path: &Path) -> Result<String> {
    let text = path.to_str().filter(|text| !text.contains(char::is_control));
    text.map(str::to_owned).ok_or_else(|| {
        Error::new(Kind::Usage, "cannot write a path into settings that is not plain text:")
            .with_path(path)
            .with_hint("settings are UTF-8 text: use a path that is, too")
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// A machine with a program, and links to it.
    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new(program: &str) -> Machine {
            let machine = Machine(tempfile::tempdir().unwrap());
            fs::create_dir_all(machine.at(program).parent().unwrap()).unwrap();
            fs::write(machine.at(program), "").unwrap();
            machine
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn link(&self, link: &str, to: &str) {
            fs::create_dir_all(self.at(link).parent().unwrap()).unwrap();
            symlink(self.at(to), self.at(link)).unwrap();
        }

        fn find(&self, running: &str, path: &[&str], called: Option<&str>) -> (String, bool) {
            let path = std::env::join_paths(path.iter().map(|directory| self.at(directory))).unwrap();
            let home = self.at("home").into_os_string();
            let environment = Environment::new([("PATH".into(), path), ("HOME".into(), home)]);
            let called = called.map(|called| self.at(called).into_os_string());
            let temporary = [self.at("temporary")];
            let program = find_lasting(&environment, &self.at(running), called.as_deref(), &temporary);
            let shown = program.path.strip_prefix(self.0.path()).unwrap().display().to_string();
            (shown, program.doubt.is_some())
        }
    }

    #[test]
    fn the_link_is_called_and_not_the_version_that_it_leads_to() {
        let version = "opt/Cellar/sessionkeep/1.0.0/bin/sessionkeep";
        let machine = Machine::new(version);
        assert_eq!(machine.find(version, &[], None), (version.to_owned(), true));
        machine.link("brew/bin/sessionkeep", version);
        let link = ("brew/bin/sessionkeep".to_owned(), false);
        assert_eq!(machine.find(version, &["brew/bin"], None), link);
        assert_eq!(machine.find(version, &[], Some("brew/bin/sessionkeep")), link);
        // What lasts is preferred to what comes first.
        let first = ["opt/Cellar/sessionkeep/1.0.0/bin", "brew/bin"];
        assert_eq!(machine.find(version, &first, None), link);
        machine.link("home/.local/bin/sessionkeep", version);
        assert_eq!(machine.find(version, &[], None), ("home/.local/bin/sessionkeep".to_owned(), false));
    }

    #[test]
    fn another_program_of_the_name_is_not_called() {
        let machine = Machine::new("own/sessionkeep");
        fs::create_dir_all(machine.at("other")).unwrap();
        fs::write(machine.at("other/sessionkeep"), "").unwrap();
        assert_eq!(machine.find("own/sessionkeep", &["other"], None), ("own/sessionkeep".to_owned(), false));
    }

    #[test]
    fn a_place_that_does_not_last_is_said_to_be_one() {
        for place in [
            "project/target/release/sessionkeep",
            "project/target/x86_64-unknown-linux-musl/debug/sessionkeep",
            "nix/store/0a1b-sessionkeep-1.0/bin/sessionkeep",
            "home/.local/share/mise/installs/sessionkeep/1.0.0/bin/sessionkeep",
            "home/.cache/uv/archive-v0/x/bin/sessionkeep",
            "temporary/bin/sessionkeep",
        ] {
            let machine = Machine::new(place);
            assert_eq!(machine.find(place, &[], None), (place.to_owned(), true));
        }
        let machine = Machine::new("project/venv/bin/sessionkeep");
        fs::write(machine.at("project/venv/pyvenv.cfg"), "").unwrap();
        assert!(machine.find("project/venv/bin/sessionkeep", &["project/venv/bin"], None).1);
    }
}
