//! Takes back what setup changed: a file that is as we left it becomes what it was, byte for byte; out of one that others
//! changed since, only what is ours goes.

use std::path::{Path, PathBuf};

use super::edit;
use super::journal::{self, Journal, Record};
use super::settings_file::{Refused, SettingsFile};
use crate::environment::Environment;
use crate::error::Result;

/// How often a file is read anew that somebody else changes at the same time.
const TRIES: usize = 5;

/// What becomes of a file, or became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    /// It is as it was before, byte for byte; no text after: it was made by setup and is removed.
    Restored { before: String, after: Option<String> },
    /// Others changed it since: what is ours is taken out.
    TakenOut { before: String, after: Option<String> },
    /// Nothing of ours is in it any more.
    Nothing,
    /// It is left alone: why.
    ByHand { reason: String },
}

/// One file that setup changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UndoneFile {
    pub agent: String,
    pub file: PathBuf,
    pub outcome: Undone,
}

/// Returns what [`undo`] would do. Of files of the agents whose short names are in `agents`; empty for all.
///
/// # Errors
///
/// When the journal cannot be read.
pub(crate) fn would_undo(agents: &[&str], environment: &Environment) -> Result<Vec<UndoneFile>> {
    let place = journal::place(environment)?;
    let records = journal::read(environment)?;
    by_file(&records, agents)
        .into_iter()
        .map(|(file, records)| {
            let outcome = outcome(&file, &records, &place)?.0;
            Ok(UndoneFile { agent: records[0].agent.clone(), file, outcome })
        })
        .collect()
}

/// Takes back the changes of all files, or of those of some agents. What cannot be taken back stays recorded.
///
/// # Errors
///
/// When the journal cannot be read or written.
pub(crate) fn undo(agents: &[&str], environment: &Environment) -> Result<Vec<UndoneFile>> {
    if journal::read(environment)?.is_empty() {
        return Ok(Vec::new());
    }
    let place = journal::place(environment)?;
    let mut journal = Journal::open(environment)?;
    let mut undone = Vec::new();
    for (file, records) in by_file(journal.records(), agents) {
        let outcome = undo_one(&file, &records, &place)?;
        if !matches!(outcome, Undone::ByHand { .. }) {
            for record in &records {
                journal.forget(record)?;
            }
        }
        undone.push(UndoneFile { agent: records[0].agent.clone(), file, outcome });
    }
    journal.close();
    Ok(undone)
}

/// Returns the changes of each file, the newest first.
fn by_file(records: &[Record], agents: &[&str]) -> Vec<(PathBuf, Vec<Record>)> {
    let mut files: Vec<(PathBuf, Vec<Record>)> = Vec::new();
    for record in records.iter().rev().filter(|record| agents.is_empty() || agents.contains(&&*record.agent))
    {
        match files.iter_mut().find(|(file, _)| *file == Path::new(&record.file)) {
            Some((_, records)) => records.push(record.clone()),
            None => files.push((PathBuf::from(&record.file), vec![record.clone()])),
        }
    }
    files
}

fn undo_one(path: &Path, records: &[Record], place: &Path) -> Result<Undone> {
    for _ in 0..TRIES {
        let (outcome, file) = outcome(path, records, place)?;
        let (Undone::Restored { after, .. } | Undone::TakenOut { after, .. }, Some(file)) = (&outcome, file)
        else {
            return Ok(outcome);
        };
        let written = match after {
            Some(after) => file.replace(after.as_bytes()),
            None => file.remove(),
        };
        match written {
            Ok(()) => {
                if after.is_none() {
                    remove_made_directories(records);
                }
                return Ok(outcome);
            }
            Err(Refused::Because(reason)) => return Ok(Undone::ByHand { reason }),
            Err(Refused::Changed) => {}
        }
    }
    Ok(Undone::ByHand { reason: "somebody else writes to it all the time".to_owned() })
}

/// Returns what becomes of the file at `path`, and the file as it was read.
fn outcome(path: &Path, records: &[Record], place: &Path) -> Result<(Undone, Option<SettingsFile>)> {
    let by_hand = |reason: String| Ok((Undone::ByHand { reason }, None));
    let file = match SettingsFile::read(path) {
        Ok(file) => file,
        Err(reason) => return by_hand(reason),
    };
    let Some(now) = file.bytes() else { return Ok((Undone::Nothing, None)) };
    let Ok(now) = std::str::from_utf8(now).map(str::to_owned) else {
        return by_hand("it is no UTF-8 any more".to_owned());
    };
    let mut text = Some(now.clone());
    let mut is_exact = true;
    for record in records {
        let Some(current) = &text else { break };
        let before =
            journal::before(place, record)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        if blake3::hash(current.as_bytes()).to_hex().as_str() == record.after {
            text = before;
            continue;
        }
        // A run that was killed between the record and the change.
        if Some(current) == before.as_ref() {
            continue;
        }
        is_exact = false;
        let left = match edit::take_out(current, before.as_deref().unwrap_or_default(), &record.placed) {
            Ok(left) => left,
            Err(why) => return by_hand(why.0),
        };
        text = (before.is_some() || !edit::is_empty(&left)).then_some(left);
    }
    if text.as_ref() == Some(&now) {
        return Ok((Undone::Nothing, Some(file)));
    }
    if let Some(reason) = file.is_fixed() {
        return by_hand(reason);
    }
    let outcome = match is_exact {
        true => Undone::Restored { before: now, after: text },
        false => Undone::TakenOut { before: now, after: text },
    };
    Ok((outcome, Some(file)))
}

/// Removes the directories that were made for a file that is gone, if nothing else is in them.
fn remove_made_directories(records: &[Record]) {
    let made = records.iter().flat_map(|record| record.made_directories.iter().rev());
    for directory in made {
        if std::fs::remove_dir(directory).is_err() {
            break;
        }
    }
}
