//! Removes what runs that were killed left: temporary files beside settings, which hold the settings' text, and in the
//! journal's directory. Every run does so, also one that changes nothing.

use std::path::{Path, PathBuf};

use super::journal::{self, Journal};
use super::settings_file;
use crate::environment::Environment;

/// Removes what is left beside `files`, beside the files that the journal names, and in its directory. Nothing is opened
/// for writing where nothing is left. What cannot be removed stays: the next run tries again.
pub(super) fn remove(files: &[&Path], environment: &Environment) {
    let mut files: Vec<PathBuf> = files.iter().map(|file| file.to_path_buf()).collect();
    let records = journal::read(environment).unwrap_or_default();
    files.extend(records.into_iter().map(|record| PathBuf::from(record.file)));
    files.retain(|file| settings_file::has_left_behind(file));
    if files.is_empty() && !journal::has_left_behind(environment) {
        return;
    }
    // Its lock tells what is left from what another run writes just now.
    let Ok(journal) = Journal::open(environment) else { return };
    files.iter().for_each(|file| settings_file::remove_left_behind(file));
    journal.close();
}
