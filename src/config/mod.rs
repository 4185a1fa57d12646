//! Flags, environment and the configuration file -> one immutable [`Config`].
//!
//! Owns where the store and the file are, and what overrides what. Reads one file and prints nothing. Rules are
//! compiled by [`crate::mask::Masker`] alone. Met in this order: `file` finds and reads the file, `entries` says what its
//! JSON means (`agents` what the user's own agents are), and here that is joined with flags and environment.

mod agents;
mod entries;
mod file;

pub(crate) use entries::Placeholders;

use crate::agents::OwnAgent;
use crate::archive::store::Store;
use crate::environment::{Environment, FILE_VARIABLE, STORE_VARIABLE};
use crate::error::{Error, Kind, Result};
use crate::mask::{Masker, Options};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Compression level when none is asked for, of libdeflate's 1 to 12: the fastest whose archives of real transcripts are
/// no larger than those of gzip -9. Nine takes 1.8 times as long for 1.2 % less.
pub(crate) const DEFAULT_LEVEL: u8 = 6;

/// What the tags' key is derived for; part of the tags' definition.
const TAG_KEY_CONTEXT: &str = "sessionkeep 2026-11-22 placeholder tags";

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// What the command line asks for; `None` where it says nothing.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--out`.
    pub store: Option<PathBuf>,
    /// `--config`.
    pub file: Option<PathBuf>,
    /// `--threads`; 0 means one for each processor.
    pub threads: Option<usize>,
    /// `--level`.
    pub level: Option<u8>,
    /// `--color`.
    pub color: ColorChoice,
    /// `--no-known-values`.
    pub no_known_values: bool,
}

/// What decided about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// A flag: `--out`, `--config`.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// Nothing was said.
    Default,
}

impl std::fmt::Display for Decided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Decided::Flag(name) => f.write_str(name),
            Decided::Variable(name) => write!(f, "${name}"),
            Decided::Default => f.write_str("the default"),
        }
    }
}

/// A path and what decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Absolute.
    pub path: PathBuf,
    pub decided_by: Decided,
}

/// The configuration file as far as it matters to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Not looked for: the command needs no masking.
    NotNeeded,
    /// The default file does not exist; built-in rules only.
    Missing(Chosen),
    /// It was read.
    Read(Chosen),
    /// It cannot be used and the built-in rules stand in; only [`Config::resolve_or_builtin`] goes on then.
    Unusable,
}

/// Everything a run needs to know, decided once.
#[derive(Clone, Debug)]
pub struct Config {
    /// Root of the store.
    pub store: Chosen,
    /// What the process was started with: where agents keep their sessions, and which values must not be seen.
    pub environment: Environment,
    pub file: FileState,
    /// Custom rules and choices. `tag_key` is not set here: it is kept in the store; see [`Config::placeholders`].
    pub masking: Options,
    pub placeholders: Placeholders,
    /// Agents of the user's own: see [`add_own`](crate::agents::add_own).
    pub(crate) agents: Vec<OwnAgent>,
    /// Whether values known from outside (environment files, credentials on disk) are masked too.
    pub masks_known_values: bool,
    /// As asked for; [`Config::threads`] is the number.
    threads: Option<usize>,
    /// Compression level, 1 to 12.
    pub level: u8,
    pub color: ColorChoice,
    /// What is odd about the file without being wrong: unknown entries. For the reporter.
    pub warnings: Vec<String>,
}

impl Config {
    /// Returns the configuration of a run that masks: the file is read.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when the file cannot be used, naming the entry and the way out; [`Kind::Usage`] when there is
    /// no store to be had.
    pub fn resolve(flags: &Flags, environment: &Environment) -> Result<Config> {
        let mut config = Config::resolve_without_file(flags, environment)?;
        if let Some((place, explicit)) = file_place(flags, environment)? {
            match file::read(&place.path, explicit)? {
                Some(bytes) => {
                    let entries = entries::parse(&bytes, &place.path)?;
                    config.take(entries);
                    config.file = FileState::Read(place);
                }
                None => config.file = FileState::Missing(place),
            }
        }
        config.masks_known_values &= !flags.no_known_values;
        Ok(config)
    }

    /// Returns the configuration for the hook, which must go on: when the file cannot be used, the built-in rules
    /// stand in and the reason comes along.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when there is no store to be had.
    pub fn resolve_or_builtin(flags: &Flags, environment: &Environment) -> Result<(Config, Option<Error>)> {
        match Config::resolve(flags, environment) {
            Ok(config) => Ok((config, None)),
            Err(error) => {
                let mut config = Config::resolve_without_file(flags, environment)?;
                config.file = FileState::Unusable;
                config.masks_known_values &= !flags.no_known_values;
                Ok((config, Some(error)))
            }
        }
    }

    /// Returns the configuration of a run that only reads the store.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] when there is no store to be had: no home directory, `~user`.
    pub fn resolve_without_file(flags: &Flags, environment: &Environment) -> Result<Config> {
        Ok(Config {
            store: store_place(flags, environment)?,
            environment: environment.clone(),
            file: FileState::NotNeeded,
            masking: Options::default(),
            placeholders: Placeholders::Plain,
            agents: Vec::new(),
            masks_known_values: true,
            threads: flags.threads.filter(|&threads| threads > 0),
            level: flags.level.unwrap_or(DEFAULT_LEVEL),
            color: flags.color,
            warnings: Vec::new(),
        })
    }

    /// Returns how many threads to work with: as asked for, else one for each processor this process may use.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// Returns whether text for a stream, which is a terminal or not, is to be coloured.
    pub fn is_colored(&self, is_terminal: bool) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && !self.environment.is_without_colors(),
        }
    }

    /// Builds the masker that is asked for. Tagged placeholders take their key from the store, which is made if it
    /// is not there: the same secret must have the same tag in every archive and every filtered stream.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when a custom rule does not compile, [`Kind::Store`] when the store has no key to give.
    pub fn masker(&self) -> Result<Masker> {
        let mut options = self.masking.clone();
        if self.placeholders == Placeholders::Tagged {
            let key = Store::open(&self.store.path)?.hash_key()?;
            // A key of its own, so that tags say nothing about the hashes in headers.
            options.tag_key = Some(blake3::derive_key(TAG_KEY_CONTEXT, key.bytes()));
        }
        Masker::new(&options)
    }

    fn take(&mut self, entries: entries::Entries) {
        self.masking = entries.masking;
        self.placeholders = entries.placeholders;
        self.masks_known_values = entries.masks_known_values;
        self.agents = entries.agents;
        self.warnings = entries.warnings;
    }
}

/// Returns where the configuration file is or would be, and whether it must exist; `None` when there is no home.
///
/// # Errors
///
/// [`Kind::Usage`] when a path begins with `~` and there is no home directory.
pub(crate) fn file_place(flags: &Flags, environment: &Environment) -> Result<Option<(Chosen, bool)>> {
    let home = environment.home();
    if let Some(path) = flags.file.as_deref().filter(|path| !path.as_os_str().is_empty()) {
        let path = absolute(path.as_os_str(), home)?;
        return Ok(Some((Chosen { path, decided_by: Decided::Flag("--config") }, true)));
    }
    if let Some(path) = environment.variable(FILE_VARIABLE) {
        let path = absolute(path, home)?;
        return Ok(Some((Chosen { path, decided_by: Decided::Variable(FILE_VARIABLE) }, true)));
    }
    Ok(home.map(|home| {
        (Chosen { path: home.join(".sessionkeep").join("config.json"), decided_by: Decided::Default }, false)
    }))
}

fn store_place(flags: &Flags, environment: &Environment) -> Result<Chosen> {
    let home = environment.home();
    if let Some(path) = flags.store.as_deref().filter(|path| !path.as_os_str().is_empty()) {
        return Ok(Chosen { path: absolute(path.as_os_str(), home)?, decided_by: Decided::Flag("--out") });
    }
    if let Some(path) = environment.variable(STORE_VARIABLE) {
        return Ok(Chosen { path: absolute(path, home)?, decided_by: Decided::Variable(STORE_VARIABLE) });
    }
    match home {
        Some(home) => {
            Ok(Chosen { path: home.join(".sessionkeep").join("sessions"), decided_by: Decided::Default })
        }
        None => Err(no_home("cannot tell where the store is")),
    }
}

/// Returns `path` with a leading `~` replaced by the home directory, and made absolute: a detached worker may run in
/// another directory than the one the path was meant for.
fn absolute(path: &OsStr, home: Option<&Path>) -> Result<PathBuf> {
    let path = Path::new(path);
    let expanded = match path.strip_prefix("~") {
        Ok(rest) => match home {
            Some(home) if rest.as_os_str().is_empty() => home.to_owned(),
            Some(home) => home.join(rest),
            None => return Err(no_home("cannot expand").with_path(path)),
        },
        Err(_) if path.as_os_str().as_encoded_bytes().starts_with(b"~") => {
            return Err(Error::new(Kind::Usage, "cannot expand")
                .with_path(path)
                .with_hint("only ~/ is expanded; write another user's home directory, or ./~, in full"));
        }
        Err(_) => path.to_owned(),
    };
    std::path::absolute(&expanded).map_err(|error| Error::io(Kind::Usage, "cannot use", &expanded, error))
}

fn no_home(what: &str) -> Error {
    Error::new(Kind::Usage, format!("{what}: there is no home directory"))
        .with_hint("set $HOME, or name the store with --out DIR or $SESSIONKEEP_DIR")
}

#[cfg(test)]
mod tests;
