//! What the process was started with: variables, home directory, working directory.
//!
//! Read once, by the command line, and handed down, so that nothing below asks the real environment and tests need none.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

/// Environment variable that names the store.
pub(crate) const STORE_VARIABLE: &str = "SESSIONKEEP_DIR";

/// Environment variable that names the configuration file.
pub(crate) const FILE_VARIABLE: &str = "SESSIONKEEP_CONFIG";

/// Home directory, working directory and variables, as the agents themselves would see them.
#[derive(Clone, Default)]
pub struct Environment {
    home: Option<PathBuf>,
    directory: Option<PathBuf>,
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// Returns the environment of this process. Without a variable that says so, the user database names the home
    /// directory (a service may be started without `HOME`).
    pub(crate) fn of_process() -> Environment {
        let mut environment = Environment::new(std::env::vars_os());
        if environment.variable("HOME").is_none() {
            let known = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
            environment.home = known.or(environment.home);
        }
        environment.directory = std::env::current_dir().ok();
        environment
    }

    /// Takes the environment from pairs such as [`std::env::vars_os`]. An empty value counts as unset, as agents
    /// treat it. The home directory is `HOME`, else `USERPROFILE`.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Environment {
        let variables: BTreeMap<_, _> =
            variables.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let home = ["HOME", "USERPROFILE"].iter().find_map(|name| variables.get(OsStr::new(name)));
        Environment { home: home.map(PathBuf::from), directory: None, variables }
    }

    /// Returns an environment with a home directory and nothing else.
    pub fn with_home(home: impl Into<PathBuf>) -> Environment {
        Environment::new([("HOME".into(), home.into().into_os_string())])
    }

    /// Returns the value of a variable; none if it is empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// Returns all variables: their values may be secrets.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (OsString, OsString)> + '_ {
        self.variables.iter().map(|(name, value)| (name.clone(), value.clone()))
    }

    /// Returns the directory that the process was started in, if there is one that can be named.
    pub(crate) fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Returns whether no colours are wanted: `$NO_COLOR` is set (see no-color.org) or `$TERM` is `dumb`.
    pub(crate) fn is_without_colors(&self) -> bool {
        self.variable("NO_COLOR").is_some() || self.variable("TERM").is_some_and(|term| term == "dumb")
    }

    /// Returns the user's home directory.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Returns `relative` below the home directory; nothing without one.
    pub fn in_home(&self, relative: &str) -> Vec<PathBuf> {
        self.home.iter().map(|home| home.join(relative)).collect()
    }

    /// Returns the path in the variable `name`, with a leading `~` expanded.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.variables.get(OsStr::new(name)).map(|value| self.expand(Path::new(value)))
    }

    /// Returns the paths in the variable `name`, separated by commas, each with a leading `~` expanded, in order and
    /// without repetition.
    ///
    /// A directory may have a comma in its name: when an entry after the first is not absolute, the value as a whole
    /// is tried too. Directories that do not exist do no harm.
    pub fn paths(&self, name: &str) -> Vec<PathBuf> {
        let Some(value) = self.variables.get(OsStr::new(name)) else { return Vec::new() };
        let Some(text) = value.to_str() else { return vec![PathBuf::from(value)] };
        let mut paths: Vec<PathBuf> = Vec::new();
        let mut add = |path: PathBuf| {
            if !paths.contains(&path) {
                paths.push(path);
            }
        };
        let entries = || text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        if entries().skip(1).any(|entry| !self.expand(Path::new(entry)).is_absolute()) {
            add(self.expand(Path::new(text.trim())));
        }
        entries().for_each(|entry| add(self.expand(Path::new(entry))));
        paths
    }

    /// Returns the homes that the list in the variable `name` gives, or else `default` in the user's home.
    pub fn paths_or_home(&self, name: &str, default: &str) -> Vec<PathBuf> {
        let paths = self.paths(name);
        if paths.is_empty() { self.in_home(default) } else { paths }
    }

    /// Returns `path` with a leading `~` component replaced by the home directory.
    pub fn expand(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_path_buf(),
        }
    }
}

impl fmt::Debug for Environment {
    /// Names no variable's value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("home", &self.home)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::new(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn a_list_gives_all_its_entries_expanded_once() {
        let environment =
            environment(&[("HOME", "/home/me"), ("CODEX_HOME", "~/a, /b,,~/a ,/c"), ("EMPTY", "")]);
        let expected = ["/home/me/a", "/b", "/c"].map(PathBuf::from);
        assert_eq!(environment.paths("CODEX_HOME"), expected);
        assert_eq!(environment.paths_or_home("EMPTY", ".x"), [PathBuf::from("/home/me/.x")]);
    }

    #[test]
    fn a_comma_in_a_directory_name_is_tried_both_ways() {
        let environment = environment(&[("HOME", "/home/me"), ("CODEX_HOME", "/data/a,b/codex")]);
        assert!(environment.paths("CODEX_HOME").contains(&PathBuf::from("/data/a,b/codex")));
    }

    #[test]
    fn without_a_home_there_is_no_default() {
        let environment = environment(&[]);
        assert_eq!(environment.paths_or_home("CODEX_HOME", ".codex"), Vec::<PathBuf>::new());
        assert_eq!(environment.expand(Path::new("~/x")), PathBuf::from("~/x"));
    }
}
