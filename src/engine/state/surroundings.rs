//! Values known from a session's surroundings, gathered once for each directory that sessions ran in.

use crate::environment::Environment;
use crate::mask::{KnownValues, Masker, outside};
use crate::platform::sync::lock;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

/// Directories whose values are kept at once; beyond, a directory's files are read again.
const DIRECTORIES: usize = 512;

/// The values of each directory, as far as sessions needed them.
pub(crate) struct Surroundings {
    environment: Environment,
    /// Without a directory: the environment's and the home directory's.
    base: OnceLock<Option<Arc<KnownValues>>>,
    directories: Mutex<HashMap<PathBuf, Option<Arc<KnownValues>>>>,
}

impl Surroundings {
    /// Remembers where to look; looks when the first session asks.
    pub(crate) fn new(environment: &Environment) -> Surroundings {
        Surroundings {
            environment: environment.clone(),
            base: OnceLock::new(),
            directories: Mutex::new(HashMap::new()),
        }
    }

    /// Returns the values that surround a session: of the environment, the home directory and its own directory.
    pub(crate) fn of(&self, masker: &Masker, cwd: Option<&str>) -> Option<Arc<KnownValues>> {
        match cwd.map(Path::new).filter(|cwd| cwd.is_absolute()) {
            Some(cwd) => self.of_directory(masker, cwd),
            None => self.base(masker),
        }
    }

    /// Returns the values that are known wherever a session ran.
    pub(crate) fn base(&self, masker: &Masker) -> Option<Arc<KnownValues>> {
        self.base.get_or_init(|| self.collect(masker, None)).clone()
    }

    fn of_directory(&self, masker: &Masker, cwd: &Path) -> Option<Arc<KnownValues>> {
        let mut directories = lock(&self.directories);
        if let Some(values) = directories.get(cwd) {
            return values.clone();
        }
        // A directory that is gone, as most of last year's are, has nothing to say of its own.
        let values = if cwd.is_dir() { self.collect(masker, Some(cwd)) } else { self.base(masker) };
        if directories.len() >= DIRECTORIES {
            directories.clear();
        }
        directories.insert(cwd.to_path_buf(), values.clone());
        values
    }

    fn collect(&self, masker: &Masker, cwd: Option<&Path>) -> Option<Arc<KnownValues>> {
        let learned = outside::collect(cwd, self.environment.home(), self.environment.variables());
        masker.known(learned).map(Arc::new)
    }
}
