//! Checks the files that say what was pruned and what is pinned: each line of them can be read.

use super::finding::{Finding, FindingKind};
use crate::archive::ledger::pins;
use crate::archive::ledger::pruned::Pruned;
use crate::archive::names::{PINNED_FILE, PRUNED_FILE};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::upkeep::command::{own_command, shell_word};

/// Returns what is wrong with them.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    let root = &config.store.path;
    let of_lines = || -> Result<Option<Finding>> {
        let warning = Pruned::read(root)?.warning();
        // What was torn cannot be mended; what is left can be looked at.
        let mend = own_command(config, "list --pruned");
        let found = |what| Finding::new(FindingKind::Ledger, &root.join(PRUNED_FILE), what, mend);
        Ok(warning.map(found))
    };
    let unreadable = |error: Error, name: &str, command: &str| {
        let path = root.join(name);
        let mend = format!("{command} {}", shell_word(&path));
        let what = match std::error::Error::source(&error) {
            Some(source) => format!("{}: {source}", error.what()),
            None => error.what().to_owned(),
        };
        Finding::new(FindingKind::Unreadable, &path, what, mend)
    };
    let pruned = of_lines().unwrap_or_else(|error| Some(unreadable(error, PRUNED_FILE, "ls -l")));
    let pinned = pins::read(root).err().map(|error| unreadable(error, PINNED_FILE, "${EDITOR:-vi}"));
    pruned.into_iter().chain(pinned).collect()
}
