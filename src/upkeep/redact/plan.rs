//! Which files there are, what each is, and which are not to be touched whatever is in them.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fate::{Reason, Request};
use super::{replace, retold};
use crate::agents::{self, Form, Found, Guess};
use crate::config::Config;
use crate::engine::plan::discover;
use crate::engine::{Engine, Settings, Where};
use crate::error::Result;
use crate::locator::{Locator, Stamp};
use crate::platform::clock;
use crate::platform::path::path_bytes;
use crate::recipe::Schema;
use crate::report::Reporter;

/// A file that agents keep sessions in.
#[derive(Debug)]
pub(super) struct Target {
    pub found: Found,
    pub what: What,
}

/// What a file is.
#[derive(Debug)]
pub(super) enum What {
    /// Text, packed or not, that is archived as it is.
    Text,
    /// JSON that is written anew: all files that are one source.
    Documents(Vec<PathBuf>),
    /// Markdown in which sessions follow each other.
    Chat,
    Database(&'static [Schema]),
    /// A database that says once more what sessions beside it say, and is not archived.
    Retold,
    /// JSON, or lines of it, of the same kind.
    RetoldText,
}

/// Returns the files that a request is about, each once, in the order of their paths.
///
/// # Errors
///
/// When a file that was named is not there.
pub(super) fn targets(config: &Config, request: &Request, reporter: &Reporter) -> Result<Vec<Target>> {
    let settings = Settings { is_dry_run: true, ..Settings::default() };
    let engine = Engine::open(config, &settings, reporter)?;
    let mut candidates = Vec::new();
    for path in &request.files {
        discover::file(&engine, path, &mut candidates)?;
    }
    if request.files.is_empty() {
        for agent in &request.agents {
            discover::walk(&engine, &Where::Agent(agent), &config.environment, &mut candidates)?;
        }
    }
    let mut found: Vec<Found> = candidates.into_iter().map(|candidate| candidate.found).collect();
    found.retain(|found| found.stamp.bytes() > 0);
    found.sort_by(|one, other| one.locator.cmp(&other.locator));
    let mut targets: Vec<Target> =
        found.into_iter().map(|found| Target { what: what(&found), found }).collect();
    // A file that belongs to several sources is masked with the largest of them.
    targets.sort_by_key(|target| match &target.what {
        What::Documents(files) => std::cmp::Reverse(files.len()),
        _ => std::cmp::Reverse(1),
    });
    let mut taken = HashSet::new();
    targets.retain_mut(|target| {
        let mut is_new = |path: &Path| taken.insert(path_bytes(path).to_vec());
        match &mut target.what {
            What::Documents(files) => {
                files.retain(|file| is_new(file));
                !files.is_empty()
            }
            _ => is_new(target.found.locator.path()),
        }
    });
    targets.sort_by(|one, other| one.found.locator.cmp(&other.found.locator));
    let retold = retold_beside(&targets);
    targets.extend(retold);
    Ok(targets)
}

/// Returns what beside transcripts says it once more: behind these, since what becomes of them tells what is to be done.
fn retold_beside(targets: &[Target]) -> Vec<Target> {
    let (mut directories, mut found) = (HashSet::new(), Vec::new());
    let mut taken: BTreeSet<PathBuf> =
        targets.iter().map(|target| target.found.locator.path().to_path_buf()).collect();
    for target in targets.iter().filter(|target| !matches!(target.what, What::Database(_))) {
        let path = target.found.locator.path();
        if !path.parent().is_some_and(|directory| directories.insert(directory)) {
            continue;
        }
        for path in retold::beside_transcript(path) {
            let Ok(metadata) = std::fs::metadata(&path) else { continue };
            if metadata.len() > 0 && taken.insert(path.clone()) {
                let guess = Guess { agent: target.found.guess.agent, ..Guess::default() };
                let stamp = Stamp::of(&metadata);
                let what = if retold::is_text(&path) { What::RetoldText } else { What::Retold };
                let found_here = Found { locator: Locator::File(path), stamp, guess };
                found.push(Target { found: found_here, what });
            }
        }
    }
    found
}

fn what(found: &Found) -> What {
    let path = found.locator.path();
    let is_text = path.extension().is_some_and(|extension| extension == "jsonl" || extension == "txt");
    let Some(agent) = found.guess.agent.filter(|_| !is_text) else { return What::Text };
    match agents::form(agent, path) {
        Form::Text => What::Text,
        Form::Chat => What::Chat,
        Form::Database(schemas) => What::Database(schemas),
        Form::Documents(files) => What::Documents(files.into_iter().map(|(file, _)| file).collect()),
    }
}

/// Returns why a file is not to be touched, as far as that is seen from outside.
pub(super) fn reason(target: &Target, min_age: Duration) -> Option<Reason> {
    let path = target.found.locator.path();
    let mut files = vec![path.to_path_buf()];
    match &target.what {
        What::Documents(more) => files.extend(more.iter().filter(|file| file.exists()).cloned()),
        // What was written last may not be in the database itself yet.
        What::Database(_) | What::Retold => {
            files.extend(
                ["-wal", "-journal"].iter().map(|suffix| beside(path, suffix)).filter(|log| log.exists()),
            );
        }
        What::Text | What::Chat | What::RetoldText => {}
    }
    let newest = files.iter().filter_map(|file| modified_ns(file)).max().unwrap_or(0);
    let age = i64::try_from(min_age.as_nanos()).unwrap_or(i64::MAX);
    if newest > clock::nanoseconds().saturating_sub(age) {
        return Some(Reason::Young);
    }
    replace::open(path).err()
}

/// Returns the path of what SQLite keeps beside the database at `path`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn modified_ns(path: &Path) -> Option<i64> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(crate::platform::Stat::of(&metadata).mtime_ns)
}
