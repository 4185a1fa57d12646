//! Takes back what setup changed: a file that is as we left it becomes what it was, byte for byte; out of one that others
//! changed since, only what is ours goes.

use std::path::{Path, PathBuf};

use super::edit::{self, Placed};
use super::journal::{self, Journal, Record};
use super::left_behind;
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
    /// What it was is lost: our hooks are taken out, and values that were set, such as days, stay as they are.
    HooksTakenOut { before: String, after: Option<String>, lost: String },
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
            let outcome = outcome(&file, &records, &place).0;
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
    left_behind::remove(&[], environment);
    if journal::read(environment)?.is_empty() {
        return Ok(Vec::new());
    }
    let place = journal::place(environment)?;
    let mut journal = Journal::open(environment)?;
    let mut undone = Vec::new();
    for (file, records) in by_file(journal.records(), agents) {
        let outcome = undo_one(&file, &records, &place);
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

fn undo_one(path: &Path, records: &[Record], place: &Path) -> Undone {
    for _ in 0..TRIES {
        let (outcome, file) = outcome(path, records, place);
        let (
            Undone::Restored { after, .. }
            | Undone::TakenOut { after, .. }
            | Undone::HooksTakenOut { after, .. },
            Some(file),
        ) = (&outcome, file)
        else {
            return outcome;
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
                return outcome;
            }
            Err(Refused::Because(reason)) => return Undone::ByHand { reason },
            Err(Refused::Changed) => {}
        }
    }
    Undone::ByHand { reason: "somebody else writes to it all the time".to_owned() }
}

/// Returns what becomes of the file at `path`, and the file as it was read.
fn outcome(path: &Path, records: &[Record], place: &Path) -> (Undone, Option<SettingsFile>) {
    let by_hand = |reason: String| (Undone::ByHand { reason }, None);
    let file = match SettingsFile::read(path) {
        Ok(file) => file,
        Err(reason) => return by_hand(reason),
    };
    let Some(now) = file.bytes() else { return (Undone::Nothing, None) };
    let Ok(now) = std::str::from_utf8(now).map(str::to_owned) else {
        return by_hand("it is no UTF-8 any more".to_owned());
    };
    let mut text = Some(now.clone());
    let (mut is_exact, mut lost) = (true, None);
    for record in records {
        let Some(current) = &text else { break };
        let before = match journal::before(place, record) {
            Ok(before) => before,
            Err(reason) => {
                let left = match edit::take_out(current, "", &hooks_of(record)) {
                    Ok(left) => left,
                    Err(why) => return by_hand(why.0),
                };
                lost = Some(reason);
                text = (!edit::is_empty(&left)).then_some(left);
                continue;
            }
        };
        if journal::hash(current.as_bytes()) == record.after {
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
        return (Undone::Nothing, Some(file));
    }
    if let Some(reason) = file.is_fixed() {
        return by_hand(reason);
    }
    let outcome = match (lost, is_exact) {
        (Some(lost), _) => Undone::HooksTakenOut { before: now, after: text, lost },
        (None, true) => Undone::Restored { before: now, after: text },
        (None, false) => Undone::TakenOut { before: now, after: text },
    };
    (outcome, Some(file))
}

/// Returns what of a change can be taken out by what it is, without knowing what was there before.
fn hooks_of(record: &Record) -> Vec<Placed> {
    record.placed.iter().filter(|placed| !matches!(placed, Placed::Member { .. })).cloned().collect()
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
