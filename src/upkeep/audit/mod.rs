//! Counts the secrets in transcripts by kind, session and line. Reads sources only, writes nothing, never holds or
//! shows a value.
//!
//! In: agents or directories. Out: counts, and where each secret is. Here sources are listed and what is found in them is
//! added up; `scan` finds it in one source.

mod scan;

use crate::agents::{self, Found, WalkReason};
use crate::config::Config;
use crate::engine::plan::rendered;
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::input::{Links, Source};
use crate::locator::{Locator, Stamp};
use crate::mask::{Masker, RuleIndex, outside};
use crate::platform::{process, thread_pool};
use crate::report::Reporter;
use jiff::Timestamp;
use rayon::prelude::*;
use scan::{Match, Scanned, Scanner};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// Where to look.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A file, or a directory and what in it matches the pattern.
    Path { path: PathBuf, pattern: String },
    /// Everything that the agents on this machine have.
    AllAgents,
}

/// The matches in one file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Masked: a path may hold a secret, too.
    pub path: String,
    pub agent: &'static str,
    pub session_id: String,
    pub part_id: Option<String>,
    /// The session's last time, else when the file was last written to.
    pub last_seen: Timestamp,
    pub counts: BTreeMap<RuleIndex, u64>,
    /// In order; the first 10,000.
    pub matches: Vec<Match>,
}

/// All matches of one rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub rule: RuleIndex,
    pub count: u64,
    pub sessions: u64,
    pub last_seen: Timestamp,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    /// Files that were looked at.
    pub files: u64,
    /// Bytes of text in them.
    pub bytes: u64,
    /// Files with matches, sorted by path.
    pub found: Vec<File>,
    /// Sorted by count, most first.
    pub rules: Vec<Rule>,
    /// Files that could not be looked at.
    pub errors: Vec<Error>,
}

impl Audit {
    /// Returns how many matches there are.
    pub(crate) fn count(&self) -> u64 {
        self.rules.iter().map(|rule| rule.count).sum()
    }
}

/// Looks at everything that `targets` hold.
///
/// # Errors
///
/// When a path that was named cannot be looked at at all; what goes wrong with single files is in the audit.
pub(crate) fn run(
    config: &Config,
    masker: &Masker,
    targets: &[Target],
    reporter: &Reporter,
) -> Result<Audit> {
    process::harden();
    process::catch_stop_signals();
    let pool = thread_pool(config.threads())?;
    let environment = &config.environment;
    let mut audit = Audit::default();
    let mut sources = Vec::new();
    for target in targets {
        pool.install(|| list(target, environment, &mut sources, &mut audit))?;
    }
    // The same file may be named twice, or lie in two agents' roots.
    sources.sort_by(|one, other| one.locator.cmp(&other.locator));
    sources.dedup_by(|one, other| one.locator == other.locator);
    // Largest first, so that no thread is left alone with a large one at the end.
    sources.sort_by_key(|found| std::cmp::Reverse(found.stamp.bytes()));
    let known = config.masks_known_values.then(|| {
        masker.known(outside::collect(environment.directory(), environment.home(), environment.variables()))
    });
    let known = known.flatten();
    let scanner = Scanner::new(masker, known.as_ref());
    reporter.start_progress("auditing", sources.iter().map(|found| found.stamp.bytes()).sum());
    let examined: Vec<Result<Examined>> = pool.install(|| {
        sources.par_iter().with_max_len(1).map(|found| examine(&scanner, masker, found, reporter)).collect()
    });
    reporter.finish_progress();
    for one in examined {
        match one {
            Ok(file) => {
                audit.files += 1;
                audit.bytes += file.bytes;
                audit.found.extend(file.file);
                audit.errors.extend(file.cut);
            }
            Err(error) if matches!(error.kind(), Kind::Interrupted(_)) => return Err(error),
            // Gone since it was listed: nobody's secret any more.
            Err(error)
                if error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound) => {}
            Err(error) => audit.errors.push(error),
        }
    }
    audit.found.sort_by(|one, other| one.path.cmp(&other.path));
    audit.rules = sum(&audit.found);
    Ok(audit)
}

/// Adds the files of a target to `sources`.
fn list(
    target: &Target,
    environment: &Environment,
    sources: &mut Vec<Found>,
    audit: &mut Audit,
) -> Result<()> {
    let mut problems = Vec::new();
    match target {
        Target::AllAgents => {
            for agent in agents::registry() {
                let roots = agent.roots(environment);
                problems.extend(agents::walk(*agent, &roots, &mut |found| sources.push(found)));
                let mut take = |found| sources.push(found);
                problems.extend(agents::prompt_histories(*agent, environment, &mut take));
            }
            problems.extend(agents::pastes(environment, &mut |found| sources.push(found)));
        }
        Target::Path { path, pattern } => {
            let path = environment.expand(path);
            let cannot = |error| Error::io(Kind::Source, "cannot read", &path, error);
            let metadata = fs::metadata(&path).map_err(cannot)?;
            let path = std::path::absolute(&path).map_err(cannot)?;
            if metadata.is_dir() {
                problems = agents::walk_directory(&path, pattern, &mut |found| sources.push(found))?;
            } else {
                sources.push(Found {
                    guess: agents::guess_path(&path),
                    stamp: Stamp::of(&metadata),
                    locator: path.into(),
                });
            }
        }
    }
    for found in std::mem::take(sources) {
        match rendered::sources(found) {
            Ok(found) => sources.extend(found),
            Err(error) => audit.errors.push(error),
        }
    }
    for problem in problems {
        let is_gone = matches!(&problem.reason,
            WalkReason::Unreadable(error) if error.kind() == std::io::ErrorKind::NotFound);
        if !is_gone {
            audit.errors.push(Error::from(problem));
        }
    }
    Ok(())
}

/// What one file holds.
struct Examined {
    /// Bytes of text in it.
    bytes: u64,
    file: Option<File>,
    /// Why that was not all of it.
    cut: Option<Error>,
}

/// Looks at one file.
fn examine(scanner: &Scanner, masker: &Masker, found: &Found, reporter: &Reporter) -> Result<Examined> {
    let source = Source::open(&found.locator, Links::Follow)?;
    let scanned = scanner.scan(&source, &|bytes| reporter.advance(bytes))?;
    let (bytes, cut) = (scanned.bytes, source.cut());
    let file = match scanned.counts.is_empty() {
        true => None,
        false => Some(file_of(masker, found, &source, scanned)?),
    };
    Ok(Examined { bytes, file, cut })
}

/// Says whose file it is and when it was last added to, from its ends.
fn file_of(masker: &Masker, found: &Found, source: &Source, scanned: Scanned) -> Result<File> {
    let is_rendered = found.locator.is_rendered();
    let head = if is_rendered { Vec::new() } else { read_end(source, 0)? };
    // Going to the end of a packed file means to unpack it all once more.
    let tail = match source.is_decoded() {
        true => Vec::new(),
        false => read_end(source, scanned.bytes.saturating_sub(agents::END_BYTES as u64))?,
    };
    let identified = match is_rendered {
        true => agents::Identified::of_guess(&found.guess),
        false => agents::identify(found.locator.path(), &found.guess, &head),
    };
    let description = agents::describe(identified.agent, &head, &tail);
    let modified =
        Timestamp::from_nanosecond(found.stamp.modified_ns().into()).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(File {
        path: masker.mask_name(&shown(&found.locator)),
        agent: identified.agent,
        session_id: masker.mask_name(&identified.session_id),
        part_id: identified.part_id.map(|part_id| masker.mask_name(&part_id)),
        last_seen: description.ended_at.filter(|_| !source.is_decoded()).unwrap_or(modified),
        counts: scanned.counts,
        matches: scanned.matches,
    })
}

/// Returns a source as its path is written, with what of the file it is.
fn shown(locator: &Locator) -> String {
    match locator.is_rendered() {
        true => locator.text(),
        false => locator.path().to_string_lossy().into_owned(),
    }
}

fn read_end(source: &Source, offset: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; agents::END_BYTES];
    let read = source.read_at(offset, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Sums up by rule.
fn sum(files: &[File]) -> Vec<Rule> {
    let mut sums: BTreeMap<RuleIndex, Rule> = BTreeMap::new();
    let mut sessions: BTreeMap<RuleIndex, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for file in files {
        for (rule, count) in &file.counts {
            let new = Rule { rule: *rule, count: 0, sessions: 0, last_seen: file.last_seen };
            let sum = sums.entry(*rule).or_insert(new);
            sum.count += count;
            sum.last_seen = sum.last_seen.max(file.last_seen);
            sessions.entry(*rule).or_default().insert((file.agent, &file.session_id));
        }
    }
    let mut rules: Vec<Rule> = sums
        .into_values()
        .map(|sum| Rule { sessions: sessions.get(&sum.rule).map_or(0, BTreeSet::len) as u64, ..sum })
        .collect();
    rules.sort_by_key(|rule| (std::cmp::Reverse(rule.count), rule.rule));
    rules
}
