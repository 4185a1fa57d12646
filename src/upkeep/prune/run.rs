//! What a policy does to a store: decided, and done if that is wanted.

use super::policy::{self, Candidate, Fate, Policy};
use super::remove;
use super::units::{self, Unit};
use crate::archive::ledger::pins;
use crate::archive::store::Store;
use crate::archive::store::lock::IMPORT_WAIT;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::platform::{clock, process};
use crate::report::Reporter;
use crate::search::sessions::Filter;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// By what sessions are told apart, so that each group has rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupBy {
    Project,
    Agent,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub policy: &'a Policy,
    /// Sessions that it does not accept are left out of everything.
    pub filter: &'a Filter,
    pub group_by: &'a [GroupBy],
    pub is_dry_run: bool,
}

/// One session, and what became of it.
#[derive(Debug)]
pub(crate) struct Decided {
    pub unit: Unit,
    pub fate: Fate,
    /// Its group's place in [`Outcome::groups`].
    pub group: usize,
}

/// What was done, or would be.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Those that the filter accepts, latest first.
    pub sessions: Vec<Decided>,
    /// The names that each group has, in the order of the request.
    pub groups: Vec<Vec<String>>,
    /// What could not be removed.
    pub errors: Vec<Error>,
    pub is_dry_run: bool,
}

/// Sessions, and the bytes of their files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub sessions: u64,
    pub bytes: u64,
}

impl Outcome {
    /// Returns what is kept, or what goes, of a group; of all groups without one.
    pub(crate) fn sum(&self, group: Option<usize>, is_kept: bool) -> Sum {
        let mut sum = Sum::default();
        let is_meant = |decided: &&Decided| {
            decided.fate.is_kept == is_kept && group.is_none_or(|group| decided.group == group)
        };
        for decided in self.sessions.iter().filter(is_meant) {
            sum.sessions += 1;
            sum.bytes += decided.unit.files.bytes;
        }
        sum
    }
}

/// Decides what goes of the store, and removes it unless this is a dry run.
///
/// # Errors
///
/// [`crate::error::Kind::Busy`] when another run is at work in the store, [`crate::error::Kind::Store`] when it cannot be
/// used. What single sessions met with is in the outcome.
pub(crate) fn run(config: &Config, request: &Request, reporter: &Reporter) -> Result<Outcome> {
    process::catch_stop_signals();
    let root = &config.store.path;
    if request.is_dry_run {
        return decide(config, request);
    }
    // Not made where there is none: there is nothing to remove then.
    let Some(store) = Store::open_existing(root)? else { return Ok(Outcome::default()) };
    let _lock = store.lock_import(IMPORT_WAIT)?;
    let mut remover = remove::Remover::open(&store, reporter)?;
    let mut outcome = decide(config, request)?;
    let (kept, gone): (Vec<Decided>, Vec<Decided>) =
        std::mem::take(&mut outcome.sessions).into_iter().partition(|decided| decided.fate.is_kept);
    let removed = remover.remove(gone.iter().map(|decided| (&decided.unit, &decided.fate)).collect());
    outcome.sessions = kept;
    for (mut decided, result) in gone.into_iter().zip(removed) {
        if let Err(why) = result {
            decided.fate = Fate { is_kept: true, reasons: vec![why] };
        }
        outcome.sessions.push(decided);
    }
    outcome.sessions.sort_by_key(|decided| std::cmp::Reverse(decided.unit.time));
    outcome.errors = remover.errors();
    Ok(outcome)
}

fn decide(config: &Config, request: &Request) -> Result<Outcome> {
    let root = &config.store.path;
    let pins = pins::read(root)?;
    let mut units = units::all(root, request.filter, &pins)?;
    units.retain(|unit| unit.is_selected);
    let names: Vec<Vec<String>> = units
        .iter()
        .map(|unit| {
            let name = |by: &GroupBy| match by {
                GroupBy::Project => unit.project.clone(),
                GroupBy::Agent => unit.agent.clone(),
            };
            request.group_by.iter().map(name).collect()
        })
        .collect();
    let mut numbers: BTreeMap<&Vec<String>, usize> = names.iter().map(|names| (names, 0)).collect();
    numbers.values_mut().enumerate().for_each(|(number, place)| *place = number);
    let groups: Vec<usize> = names.iter().map(|names| numbers[names]).collect();
    let candidates: Vec<Candidate> = units
        .iter()
        .zip(&groups)
        .map(|(unit, group)| Candidate {
            time: unit.time,
            bytes: unit.files.bytes,
            is_pinned: unit.is_pinned,
            obstacle: unit.obstacle(),
            group: *group,
        })
        .collect();
    let fates = policy::decide(request.policy, &candidates, clock::now(), &TimeZone::system());
    let named = numbers.into_keys().cloned().collect();
    let sessions = units.into_iter().zip(fates).zip(groups);
    Ok(Outcome {
        sessions: sessions.map(|((unit, fate), group)| Decided { unit, fate, group }).collect(),
        groups: named,
        errors: Vec::new(),
        is_dry_run: request.is_dry_run,
    })
}
