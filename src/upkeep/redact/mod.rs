//! Masks transcripts where they lie, and makes masked copies of them. The one room that writes to what agents wrote.
//!
//! In: files, or agents. Out: what became of each file. Met in this order: `fate` has the words for both, `masking` what is
//! masked by; `plan` lists what there is and which of it may be touched (`retold` what lies beside and says it once more);
//! `look` counts what would be masked (`learning` what else is known by then); `archived` tells whether the store has a
//! source as it is now, for nothing else is touched; then one room for each kind of source: `text` (the archive's own text
//! takes its place), `document` (JSON and Markdown that agents write anew) and `databases`; `replace` puts a new file in the
//! place of an old one. `copy` makes copies, and touches nothing.
//!
//! The order of a run: archive everything, mask what is archived, archive again, which finds the same sessions and notes
//! how their sources look now. Whatever cannot be archived, is in use, or changes meanwhile, is left as it is and named.

mod archived;
mod copy;
mod databases;
mod document;
mod fate;
mod learning;
mod look;
mod masking;
mod plan;
mod replace;
mod retold;
mod text;

pub(crate) use copy::{masked_copy, masked_to};
pub(crate) use fate::{Fate, Looked, Reason, Report, Request};
pub(crate) use masking::Counts;

use crate::archive::store::Store;
use crate::archive::store::lock::IMPORT_WAIT;
use crate::config::Config;
use crate::engine::{self, Again, Settings, Totals, Where};
use crate::error::{Error, Kind, Result};
use crate::platform::process;
use crate::report::Reporter;
use archived::Archived;
use databases::Threads;
use masking::Masking;
use plan::{Target, What};

use std::collections::BTreeSet;

/// Says what would be masked, and writes nothing.
///
/// # Errors
///
/// When nothing can be looked at: a file that was named is not there, the configuration cannot be used.
pub(crate) fn look(config: &Config, request: &Request, reporter: &Reporter) -> Result<Report> {
    process::harden();
    process::catch_stop_signals();
    let masking = Masking::new(config)?;
    let targets = plan::targets(config, request, reporter)?;
    let reasons: Vec<_> = targets.iter().map(|target| plan::reason(target, request.min_age)).collect();
    let free = targets.iter().zip(&reasons).filter(|(_, reason)| reason.is_none());
    let sessions = look::Sessions::of(&masking, &free.map(|(target, _)| target).collect::<Vec<_>>());
    let mut report = Report::default();
    reporter.start_progress("looking", targets.iter().map(|target| target.found.stamp.bytes()).sum());
    for (target, reason) in targets.iter().zip(reasons) {
        if let Some(signal) = process::interrupted() {
            return Err(Error::new(Kind::Interrupted(signal), "stopped; nothing was changed"));
        }
        let fate = match reason {
            Some(reason) => Fate::LeftAlone(reason),
            None => match count(&masking, &sessions, target) {
                Ok(counts) if counts.is_empty() => Fate::Clean,
                Ok(counts) => Fate::Masked(counts),
                Err(error) => Fate::LeftAlone(Reason::Failed(error)),
            },
        };
        reporter.advance(target.found.stamp.bytes());
        report.files.push(looked(&masking, target, fate));
    }
    reporter.finish_progress();
    Ok(report)
}

/// Masks what `request` names where it lies: archived first, each file at once. A stop signal ends it behind the file that
/// it is at.
///
/// # Errors
///
/// When nothing could be archived, so that nothing was touched.
pub(crate) fn run(config: &Config, request: &Request, reporter: &Reporter) -> Result<Report> {
    process::harden();
    process::catch_stop_signals();
    let quiet = Reporter::silent();
    reporter.say("archiving first");
    let settings = Settings { again: Again::Stale, ..Settings::default() };
    let archived = archive(config, &settings, request, &quiet)?;
    if let Some(fatal) = archived.errors.into_iter().find(|error| error.kind().is_fatal()) {
        return Err(fatal);
    }
    let masking = Masking::new(config)?;
    let store = Store::open(&config.store.path)?;
    let mut report = Report { is_done: true, ..Report::default() };
    {
        // Nobody archives meanwhile what is half of one kind and half of the other, and no other run replaces files.
        let _lock = store.lock_import(IMPORT_WAIT)?;
        let targets = plan::targets(config, request, reporter)?;
        let kept = Archived::open(config)?;
        let directories: BTreeSet<_> =
            targets.iter().filter_map(|target| target.found.locator.path().parent()).collect();
        directories.into_iter().for_each(replace::clean);
        let mut threads = Threads::default();
        let ids = targets.iter().filter(|target| matches!(target.what, What::Text));
        threads.all = ids.filter_map(|target| target.found.guess.session_id.clone()).collect();
        reporter.start_progress("masking", targets.iter().map(|target| target.found.stamp.bytes()).sum());
        for target in &targets {
            if let Some(signal) = process::interrupted() {
                let error = Error::new(Kind::Interrupted(signal), "stopped; every file is whole");
                report.errors.push(error.with_hint("run the same command again to go on"));
                break;
            }
            let fate = match plan::reason(target, request.min_age) {
                Some(reason) => Fate::LeftAlone(reason),
                None => mask(&masking, &kept, target, &threads),
            };
            if let Fate::Masked(_) = fate {
                threads.masked.extend(target.found.guess.session_id.clone());
            }
            reporter.advance(target.found.stamp.bytes());
            report.files.push(looked(&masking, target, fate));
        }
        reporter.finish_progress();
    }
    if report.masked().0 > 0 && process::interrupted().is_none() {
        // What is masked now is the same session; noted, it need not be looked at by the next import.
        let settled = archive(config, &Settings::default(), request, &quiet)?;
        report.errors.extend(settled.errors);
    }
    Ok(report)
}

fn archive(config: &Config, settings: &Settings, request: &Request, reporter: &Reporter) -> Result<Totals> {
    if !request.files.is_empty() {
        return engine::archive(config, settings, &request.files, reporter);
    }
    let origins: Vec<Where> = request.agents.iter().map(|agent| Where::Agent(agent)).collect();
    engine::import(config, settings, &origins, None, reporter)
}

/// Counts what would be masked in one file.
fn count(masking: &Masking, sessions: &look::Sessions, target: &Target) -> Result<Counts> {
    match target.what {
        What::Retold => databases::count_retold(masking, target.found.locator.path()),
        _ => look::count(masking, sessions, target),
    }
}

/// Masks one file.
fn mask(masking: &Masking, kept: &Archived, target: &Target, threads: &Threads) -> Fate {
    let masked = match &target.what {
        What::Text => text::mask(masking, kept, &target.found),
        What::Documents(files) => document::mask(masking, kept, target, files),
        What::Chat => document::mask(masking, kept, target, &[target.found.locator.path().to_path_buf()]),
        What::Database(schemas) => databases::mask(masking, kept, target, schemas),
        What::RetoldText => document::mask_retold(masking, target.found.locator.path()),
        What::Retold => databases::mask_retold(masking, target.found.locator.path(), threads),
    };
    match masked {
        Ok(counts) if counts.is_empty() => Fate::Clean,
        Ok(counts) => Fate::Masked(counts),
        // There was nothing to archive: blank lines, say.
        Err(Reason::NotArchived) if is_clean(masking, target) => Fate::Clean,
        Err(reason) => Fate::LeftAlone(reason),
    }
}

/// Returns whether there is nothing to mask in a target.
fn is_clean(masking: &Masking, target: &Target) -> bool {
    look::count(masking, &look::Sessions::default(), target).is_ok_and(|counts| counts.is_empty())
}

fn looked(masking: &Masking, target: &Target, fate: Fate) -> Looked {
    Looked {
        path: masking.masker.mask_name(&target.found.locator.path().to_string_lossy()),
        agent: target.found.guess.agent.unwrap_or("files"),
        bytes: target.found.stamp.bytes(),
        fate,
    }
}
