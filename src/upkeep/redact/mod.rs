//! Masks transcripts where they lie, and makes masked copies of them. The one room that writes to what agents wrote.
//!
//! In: files, or agents. Out: what became of each file. Met in this order: `plan` lists what there is and which of it may be
//! touched; `look` counts what would be masked; `archived` tells whether the store has a source as it is now, for nothing
//! else is touched; then one file for each kind of source: `text` (the archive's own text takes its place), `document`
//! (JSON and Markdown that agents write anew) and `database` (with `search_index` for what SQLite keeps beside its rows);
//! `replace` puts a new file in the place of an old one. `copy` makes copies, and touches nothing.
//!
//! The order of a run: archive everything, mask what is archived, archive again, which finds the same sessions and notes
//! how their sources look now. Whatever cannot be archived, is in use, or changes meanwhile, is left as it is and named.

mod archived;
mod copy;
mod database;
mod document;
mod look;
mod plan;
mod replace;
mod search_index;
mod text;

pub(crate) use copy::{masked_copy, masked_to};
pub(crate) use look::Counts;

use crate::archive::store::Store;
use crate::archive::store::lock::IMPORT_WAIT;
use crate::config::Config;
use crate::engine::{self, Settings, Totals, Where};
use crate::error::{Error, Kind, Result};
use crate::mask::{KnownValues, Masker, mask_whole, outside};
use crate::platform::opened::Holder;
use crate::platform::process;
use crate::report::{Reporter, terminal_safe};
use archived::Archived;
use plan::{Target, What};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to mask.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Files, with the parts of their sessions that lie beside them; none: all that `agents` have.
    pub files: Vec<PathBuf>,
    /// Ids of agents.
    pub agents: Vec<&'static str>,
    /// Files that were written to later are left alone.
    pub min_age: Duration,
}

/// Why a file is left as it is.
#[derive(Debug)]
pub(crate) enum Reason {
    /// It was written to lately.
    Young,
    /// A process has it open: this one, as far as it can be told.
    Open(Option<Holder>),
    /// It has so many names, and under the others it would keep what is masked under this one.
    Linked(u64),
    /// It was written to meanwhile.
    Changed,
    /// The store has it not, or not as it is now.
    NotArchived,
    Odd(&'static str),
    /// A process that came between wrote behind what is replaced, and that could not be taken over.
    Lost,
    Failed(Error),
}

impl Reason {
    fn cannot(what: &str, path: &Path, error: std::io::Error) -> Reason {
        Reason::Failed(Error::io(Kind::Source, what, path, error))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Young => f.write_str("modified a short time ago"),
            Reason::Open(Some(holder)) => {
                let name = terminal_safe(holder.name.as_bytes());
                write!(f, "open in process {} ({name}): end it first", holder.process)
            }
            Reason::Open(None) => f.write_str("open in another process: end it first"),
            Reason::Linked(count) => {
                write!(f, "it has {count} names (hard links); the others would keep what is masked here")
            }
            Reason::Changed => f.write_str("changed while it was looked at"),
            Reason::NotArchived => f.write_str("not archived as it is now, so not touched"),
            Reason::Odd(what) => f.write_str(what),
            Reason::Lost => f.write_str("masked, but what was added meanwhile could not be masked with it"),
            Reason::Failed(error) => write!(f, "{error}"),
        }
    }
}

/// What became of a file, or would.
#[derive(Debug)]
pub(crate) enum Fate {
    /// There is nothing to mask in it.
    Clean,
    Masked(Counts),
    LeftAlone(Reason),
}

/// One file.
#[derive(Debug)]
pub(crate) struct Looked {
    /// Masked: a path may hold a secret, too.
    pub path: String,
    pub agent: &'static str,
    /// Bytes of the file.
    pub bytes: u64,
    pub fate: Fate,
}

/// All files of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub files: Vec<Looked>,
    /// What went wrong beside single files.
    pub errors: Vec<Error>,
    pub is_done: bool,
}

impl Report {
    /// Returns how many files are, or would be, masked, and what is masked in them in all.
    pub(crate) fn masked(&self) -> (u64, Counts) {
        let mut sum = (0, Counts::default());
        for looked in &self.files {
            if let Fate::Masked(counts) = &looked.fate {
                sum.0 += 1;
                sum.1.add(counts);
            }
        }
        sum
    }

    /// Returns the files that are left alone for another reason than their age, or for whatever reason where files were
    /// named.
    pub(crate) fn left_alone(&self, is_named: bool) -> u64 {
        let is_left = |looked: &&Looked| match &looked.fate {
            Fate::LeftAlone(Reason::Young) => is_named,
            Fate::LeftAlone(_) => true,
            Fate::Masked(counts) => counts.uncovered > 0,
            Fate::Clean => false,
        };
        self.files.iter().filter(is_left).count() as u64
    }
}

/// What all files of a run are masked by.
struct Masking {
    masker: Masker,
    /// Values known from the environment and the home directory.
    outside: Option<KnownValues>,
}

impl Masking {
    fn new(config: &Config) -> Result<Masking> {
        let masker = config.masker()?;
        let environment = &config.environment;
        let known = config.masks_known_values.then(|| {
            let values = environment.variables();
            masker.known(outside::collect(environment.directory(), environment.home(), values))
        });
        Ok(Masking { outside: known.flatten(), masker })
    }

    /// Returns `bytes` masked by rules and by what is known from outside.
    fn masked(&self, bytes: &[u8]) -> Vec<u8> {
        mask_whole(&self.masker, self.outside.as_ref(), bytes).0
    }
}

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
            None => match look::count(&masking, &sessions, target) {
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
    let settings = Settings { masks_anew: true, ..Settings::default() };
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
        reporter.start_progress("masking", targets.iter().map(|target| target.found.stamp.bytes()).sum());
        for target in &targets {
            if let Some(signal) = process::interrupted() {
                let error = Error::new(Kind::Interrupted(signal), "stopped; every file is whole");
                report.errors.push(error.with_hint("run the same command again to go on"));
                break;
            }
            let fate = match plan::reason(target, request.min_age) {
                Some(reason) => Fate::LeftAlone(reason),
                None => mask(&masking, &kept, target),
            };
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

/// Masks one file.
fn mask(masking: &Masking, kept: &Archived, target: &Target) -> Fate {
    let masked = match &target.what {
        What::Text => text::mask(masking, kept, &target.found),
        What::Documents(files) => document::mask(masking, kept, target, files),
        What::Chat => document::mask(masking, kept, target, &[target.found.locator.path().to_path_buf()]),
        What::Database(schemas) => database::mask(masking, kept, target, schemas),
    };
    match masked {
        Ok(counts) if counts.is_empty() => Fate::Clean,
        Ok(counts) => Fate::Masked(counts),
        Err(reason) => Fate::LeftAlone(reason),
    }
}

fn looked(masking: &Masking, target: &Target, fate: Fate) -> Looked {
    Looked {
        path: masking.masker.mask_name(&target.found.locator.path().to_string_lossy()),
        agent: target.found.guess.agent.unwrap_or("files"),
        bytes: target.found.stamp.bytes(),
        fate,
    }
}
