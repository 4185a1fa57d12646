//! Which sources a run looks at: agents' own directories, a directory or file that the user named, and what hooks
//! left pending.

use super::{Candidate, histories};
use crate::agents::{self, Agent, Found, LeftAlone, Look, Tell, WalkProblem, WalkReason};
use crate::archive::catalog::snapshot::identity_key;
use crate::engine::Engine;
use crate::engine::settings::Where;
use crate::engine::state::totals::Outcome;
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::identity::{Identity, safe_id};
use crate::input::rendered::columns;
use crate::locator::Stamp;
use crate::platform;
use crate::platform::sync::lock;
use crate::report::Verbosity;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Label of sources that the user named one by one.
pub(crate) const FILE_LABEL: &str = "archive";

/// Adds what an origin holds to `candidates`.
///
/// # Errors
///
/// When the user named a directory that cannot be walked at all, or a pattern that makes no sense.
pub(crate) fn walk(
    engine: &Engine,
    origin: &Where,
    environment: &Environment,
    candidates: &mut Vec<Candidate>,
) -> Result<()> {
    match origin {
        Where::Agent(id) => {
            let Some(agent) = agents::agent(id) else { return Ok(()) };
            let group: Arc<str> = agent.label().into();
            let mut take = |found| candidates.push(Candidate { found, group: Arc::clone(&group) });
            let tell = |path: &Path, why: LeftAlone| {
                engine.reporter.detail(format_args!("left alone: {}: {why}", path.display()))
            };
            let is_told = engine.reporter.verbosity() >= Verbosity::Verbose;
            let tell: Option<Tell<'_>> = if is_told { Some(&tell) } else { None };
            let roots = agent.roots(environment);
            let problems = engine.pool.install(|| agents::walk_telling(agent, &roots, &mut take, tell));
            report(engine, &group, problems);
            let directories = with_repositories(agent, engine.history.directories(), environment);
            in_projects(agent, &directories, &group, candidates);
            let mut found = Vec::new();
            let problems = agents::prompt_histories(agent, environment, &mut |one| found.push(one));
            report(engine, &group, problems);
            histories::settle(engine, &mut found);
            let of_group = |found: &Found| Candidate { found: found.clone(), group: Arc::clone(&group) };
            candidates.extend(found.iter().map(of_group));
            attachments(engine, agent, environment, &found, &group, tell, candidates);
        }
        Where::Directory { path, pattern, agent } => {
            let group: Arc<str> = engine.masker.mask_name(&path.to_string_lossy()).into();
            let mut take = |found| candidates.push(Candidate { found, group: Arc::clone(&group) });
            // What lies where is told by names, those above the directory among them.
            let path = environment.expand(path);
            let path = std::path::absolute(&path).unwrap_or(path);
            let agent = agent.and_then(agents::agent);
            let recorded =
                |found: &Found| engine.history.recorded_identity(found).map(|identity| identity.agent);
            let look = Look { columns: &columns, recorded: &recorded };
            let problems = match pattern == agents::DEFAULT_PATTERN {
                true => engine.pool.install(|| agents::walk_anywhere(&path, agent, &look, &mut take))?,
                false => agents::walk_directory(&path, pattern, &mut |mut found| {
                    agent.iter().for_each(|agent| agents::take_for(*agent, &path, &mut found));
                    take(found);
                })?,
            };
            report(engine, &group, problems);
        }
    }
    Ok(())
}

/// Returns what agents keep in the directories of projects and is not archived: sessions that were archived since they
/// were looked for may have named more of these.
pub(crate) fn newly_named(engine: &Engine, origins: &[Where], environment: &Environment) -> Vec<Candidate> {
    let directories = engine.history.directories_now();
    let mut candidates = Vec::new();
    for origin in origins {
        if let Where::Agent(id) = origin
            && let Some(agent) = agents::agent(id)
        {
            let directories = with_repositories(agent, &directories, environment);
            in_projects(agent, &directories, &agent.label().into(), &mut candidates);
        }
    }
    let is_new = |candidate: &Candidate| {
        let key = engine.history.key_of(&candidate.found.locator);
        let catalog = lock(&engine.history.catalog);
        catalog.as_ref().is_some_and(|catalog| catalog.holder(key).is_none())
            && !engine.history.is_unchanged(&candidate.found)
    };
    candidates.retain(is_new);
    candidates
}

/// Directories above the one that a session began in that are looked at for the top of its repository.
const MOST_ABOVE: usize = 32;

/// Adds to directories of sessions those above them up to the top of the repository, where the agent keeps its sessions
/// there. The user's home and the root of the file system are no project's.
fn with_repositories<'a>(
    agent: &dyn Agent,
    directories: &'a BTreeSet<PathBuf>,
    environment: &Environment,
) -> Cow<'a, BTreeSet<PathBuf>> {
    if agent.in_projects().is_empty() || !agent.is_in_repositories() {
        return Cow::Borrowed(directories);
    }
    let is_end = |above: &Path| above.parent().is_none() || environment.home() == Some(above);
    let mut all = directories.clone();
    for directory in directories {
        let above: Vec<&Path> =
            directory.ancestors().take(MOST_ABOVE).take_while(|above| !is_end(above)).collect();
        let top = above.iter().position(|above| above.join(".git").exists());
        all.extend(top.iter().flat_map(|top| &above[..=*top]).map(|above| above.to_path_buf()));
    }
    Cow::Owned(all)
}

/// Adds what the agent keeps in the directories of projects: those of the sessions that are archived, whose ever they are.
/// One look at the file system for each directory and file.
fn in_projects(
    agent: &dyn Agent,
    directories: &BTreeSet<PathBuf>,
    group: &Arc<str>,
    candidates: &mut Vec<Candidate>,
) {
    let names = agent.in_projects();
    if names.is_empty() {
        return;
    }
    let mut known: HashSet<PathBuf> =
        candidates.iter().map(|candidate| candidate.found.locator.path().to_path_buf()).collect();
    for directory in directories {
        for name in names {
            let path = directory.join(name);
            let Some(stamp) = stamp_in(directory, &path) else { continue };
            if known.insert(path.clone()) {
                let guess = agents::guess_path(&path);
                let found = Found { locator: path.into(), stamp, guess };
                candidates.push(Candidate { found, group: Arc::clone(group) });
            }
        }
    }
}

/// Returns the stamp of the file at `path` below a project's `directory`; `None` for one that is not there, another user's,
/// or led to by a link: what is in a project may have come from anywhere, and lead anywhere.
fn stamp_in(directory: &Path, path: &Path) -> Option<Stamp> {
    let metadata = fs::symlink_metadata(path).ok()?;
    let is_own = metadata.is_file() && platform::is_own(&metadata);
    let mut between = path.ancestors().skip(1).take_while(|above| *above != directory);
    let is_led_to = between.any(|above| !fs::symlink_metadata(above).is_ok_and(|above| above.is_dir()));
    (is_own && !is_led_to).then(|| Stamp::of(&metadata))
}

/// Adds what was pasted into prompts and edited in sessions, where a session that is there or archived names it.
fn attachments(
    engine: &Engine,
    agent: &dyn Agent,
    environment: &Environment,
    histories: &[Found],
    group: &Arc<str>,
    tell: Option<Tell<'_>>,
    candidates: &mut Vec<Candidate>,
) {
    let here: HashSet<String> =
        candidates.iter().filter_map(|candidate| candidate.found.guess.session_id.clone()).collect();
    let is_archived = |session_id: &str| {
        let agent = agent.id().to_owned();
        let session = Identity { agent, session_id: safe_id(session_id), part_id: None };
        engine.history.snapshot.by_identity(identity_key(&session)).next().is_some()
    };
    let mut found = Vec::new();
    let problems = agents::attachments(
        agent,
        environment,
        histories,
        &|session_id| here.contains(session_id) || is_archived(session_id),
        &|found| engine.history.is_unchanged(found),
        &mut |one| found.push(one),
        &mut |path| tell.iter().for_each(|tell| tell(path, LeftAlone::Unnamed)),
    );
    candidates.extend(found.into_iter().map(|found| Candidate { found, group: Arc::clone(group) }));
    report(engine, group, problems);
}

fn report(engine: &Engine, group: &str, problems: Vec<WalkProblem>) {
    for problem in problems {
        // Gone between the listing and the stat: nobody's loss.
        if let WalkReason::Unreadable(error) = &problem.reason
            && error.kind() == std::io::ErrorKind::NotFound
        {
            continue;
        }
        let error = Error::from(problem);
        engine.reporter.error(&error);
        engine.outcomes.count(group, Outcome::Failed(error));
    }
}

/// Adds a file that the user named, and the parts of its session that lie beside it.
///
/// # Errors
///
/// [`Kind::Source`] when there is no such regular file.
pub(crate) fn file(engine: &Engine, path: &Path, candidates: &mut Vec<Candidate>) -> Result<()> {
    let group: Arc<str> = FILE_LABEL.into();
    let mut found = find(path)?;
    let recorded = |found: &Found| engine.history.recorded_identity(found).map(|identity| identity.agent);
    agents::take_by_content(&mut found, &Look { columns: &columns, recorded: &recorded });
    candidates.extend(parts(&found).into_iter().map(|found| Candidate { found, group: Arc::clone(&group) }));
    candidates.push(Candidate { found, group });
    Ok(())
}

/// Returns the file at `path` as a walk would.
pub(crate) fn find(path: &Path) -> Result<Found> {
    let metadata = fs::metadata(path).map_err(|error| Error::io(Kind::Source, "cannot read", path, error))?;
    if !metadata.is_file() {
        let error =
            Error::new(Kind::Source, "cannot archive").with_path(path).with_source("not a regular file");
        return Err(match metadata.is_dir() {
            true => error.with_hint(format!(
                "to archive what is in a directory: sessionkeep import --from {}",
                path.display()
            )),
            false => error,
        });
    }
    let path =
        std::path::absolute(path).map_err(|error| Error::io(Kind::Source, "cannot read", path, error))?;
    Ok(Found { guess: agents::guess_path(&path), stamp: Stamp::of(&metadata), locator: path.into() })
}

/// Returns the parts of a transcript's session that lie in the directory that is named after it.
pub(crate) fn parts(main: &Found) -> Vec<Found> {
    parts_beside(main.locator.path())
}

/// Returns the parts of the session whose transcript is, or would be, at `main`.
pub(crate) fn parts_beside(main: &Path) -> Vec<Found> {
    let (directory, guess) = (main.with_extension(""), agents::guess_path(main));
    let mut parts = Vec::new();
    if guess.part_id.is_none() && directory.is_dir() {
        let mut take = |found: Found| {
            if found.guess.part_id.is_some() && found.guess.session_id == guess.session_id {
                parts.push(found);
            }
        };
        // A part that cannot be listed is met again by the next import.
        let _ = agents::walk_directory(&directory, agents::DEFAULT_PATTERN, &mut take);
    }
    parts
}
