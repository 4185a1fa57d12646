//! Makes the changes that were planned, one file after the other, each recorded before it is made.

use super::edit::Placed;
use super::journal::{Journal, Record, hash};
use super::left_behind;
use super::plan::{Outcome, PlannedFile, by_hand, outcome};
use super::settings_file::Refused;
use crate::environment::Environment;
use crate::error::Result;
use crate::platform::clock;
use std::path::Path;

/// How often a file is read anew that somebody else changes at the same time.
const TRIES: usize = 5;

/// Makes the planned changes; the outcome of each file is afterwards what became of it.
///
/// # Errors
///
/// When nothing can be recorded: then no further file is changed.
pub(crate) fn apply(files: &mut [PlannedFile], environment: &Environment) -> Result<()> {
    let planned: Vec<&Path> = files.iter().map(|file| &*file.file).collect();
    left_behind::remove(&planned, environment);
    if files.iter().all(|file| !matches!(file.outcome, Outcome::Changed { .. })) {
        return Ok(());
    }
    let mut journal = Journal::open(environment)?;
    let done = files.iter_mut().try_for_each(|file| apply_one(file, &mut journal));
    journal.close();
    done
}

fn apply_one(planned: &mut PlannedFile, journal: &mut Journal) -> Result<()> {
    for _ in 0..TRIES {
        // As it is now, and not as it was when it was shown.
        let (outcome, file) = outcome(&planned.file, &planned.wanted);
        planned.outcome = outcome;
        let (Outcome::Changed { before, after }, Some(file)) = (&planned.outcome, file) else {
            return Ok(());
        };
        let record = Record {
            at: clock::now().to_string(),
            agent: planned.agent.to_owned(),
            file: planned.file.to_string_lossy().into_owned(),
            backup: None,
            before: None,
            after: hash(after.as_bytes()),
            placed: planned.wanted.iter().map(Placed::from).collect(),
            made_directories: file.missing_directories(),
        };
        journal.add(record, before.as_deref().map(str::as_bytes))?;
        match file.replace(after.as_bytes()) {
            Ok(()) => return Ok(()),
            Err(refused) => {
                if let Some(record) = journal.records().last().cloned() {
                    journal.forget(&record)?;
                }
                if let Refused::Because(reason) = refused {
                    planned.outcome = by_hand(reason, &planned.wanted);
                    return Ok(());
                }
            }
        }
    }
    planned.outcome = by_hand("somebody else writes to it all the time".to_owned(), &planned.wanted);
    Ok(())
}
