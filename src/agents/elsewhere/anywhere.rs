//! Lists what agents left in any directory: a copy of an agent's tree under another name, a part of one, or both mixed.
//!
//! Where a path alone tells whose a file is, as in an agent's own tree, nothing is opened. Of the other files the agents
//! are asked ([`Agent::place`]): from its beginning and from what lies beside it one says where in its tree the file would
//! lie. That tells of all around it where it would lie, too, so that a session's parts are found by their names.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;

use crate::agents::agent::{Agent, Recognised};
use crate::agents::found::{Found, Guess};
use crate::agents::known::{recognise, registry};
use crate::agents::names::{
    PathTail, guess_name, is_companion_name, is_holder_name, is_transcript_name, set_aside_stem,
};
use crate::agents::stray::Stray;
use crate::agents::walk::{Root, Rules, WalkProblem, walk_roots};
use crate::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::identity::{id_of_name, uuid_in};

/// So much of a file is read to tell whose it is.
const HEAD_BYTES: u64 = 16 << 10;

/// What is known of files elsewhere.
pub(crate) struct Look<'a> {
    /// Returns `table.column` of each column of the database at a path; nothing for what is none or cannot be read.
    pub columns: &'a (dyn Fn(&Path) -> Vec<String> + Sync),
    /// Returns whose the file was when it was archived, if it was: it is not opened again.
    pub recorded: &'a (dyn Fn(&Found) -> Option<String> + Sync),
}

/// Walks `directory` and calls `found` for every file in it that is a session's or may be. With an `agent`, all of them are
/// taken for that one's.
///
/// # Errors
///
/// `Source` if `directory` cannot be walked at all.
pub(crate) fn walk_anywhere(
    directory: &Path,
    agent: Option<&'static dyn Agent>,
    look: &Look<'_>,
    found: &mut dyn FnMut(Found),
) -> Result<Vec<WalkProblem>> {
    let root =
        || Root::new(directory).map_err(|error| Error::io(Kind::Source, "cannot read", directory, error));
    let first = root()?;
    if !directory.is_dir() {
        return Err(not_a_directory(directory));
    }
    let mut sources = Sources::default();
    let rules = Anything { agent };
    let mut problems = walk_roots(&rules, vec![first], &mut |one| sources.take(one), None);
    let placed: Vec<Option<Placed>> = sources.files.par_iter().map(|one| place(one, agent, look)).collect();
    let mut layouts: BTreeMap<(PathBuf, PathBuf), Layout> = BTreeMap::new();
    for (one, placed) in sources.files.iter_mut().zip(placed) {
        let Some(Placed { agent, at }) = placed else { continue };
        let path = one.locator.path();
        let Some(Recognised::Ours(guess)) = agent.recognise(&PathTail::new(&at)) else { continue };
        let (base, prefix) = without_common_end(path, &at);
        let layout = layouts.entry((base.to_path_buf(), prefix.to_path_buf()));
        let layout = layout.or_insert_with(|| Layout { agent, sessions: HashSet::new() });
        if one.guess.agent.is_none() {
            one.guess = guess;
        }
        layout.sessions.extend(one.guess.session_id.clone());
    }
    for ((base, prefix), layout) in &layouts {
        let top = if base.starts_with(directory) { base } else { directory };
        let Ok(root) = Root::new(top) else { continue };
        let rules = Laid { base, prefix, layout };
        // What is in the way was said already.
        let _ = walk_roots(&rules, vec![root], &mut |one| sources.take(one), None);
    }
    if let Some(agent) = agent {
        sources.files.iter_mut().for_each(|one| take_for(agent, directory, one));
    }
    sources.files.into_iter().filter(is_taken).for_each(found);
    problems.sort_by(|one, other| one.path.cmp(&other.path));
    problems.dedup_by(|one, other| one.path == other.path);
    Ok(problems)
}

fn not_a_directory(path: &Path) -> Error {
    Error::new(Kind::Source, "cannot walk")
        .with_path(path)
        .with_source("not a directory")
        .with_hint("To archive one file, name it to \"sessionkeep archive\".")
}

/// What was found, each file once.
#[derive(Default)]
struct Sources {
    files: Vec<Found>,
    /// By path as it is written: a path is compared name by name, which takes longer.
    places: HashMap<OsString, usize>,
}

impl Sources {
    /// Takes a file; of one that is there already, whose it is if that was not known, or only from the shape of its path.
    fn take(&mut self, one: Found) {
        match self.places.get(one.locator.path().as_os_str()) {
            Some(at) => {
                let known = &mut self.files[*at].guess;
                let is_shape = known.part_id.is_some() && known.session_id == one.guess.session_id;
                if known.agent.is_none() || is_shape {
                    *known = one.guess;
                }
            }
            None => {
                self.places.insert(one.locator.path().as_os_str().to_owned(), self.files.len());
                self.files.push(one);
            }
        }
    }
}

/// Returns whether a file is a session's or may be: text of which nobody knows is asked for its records.
fn is_taken(found: &Found) -> bool {
    let name = found.locator.path().file_name().unwrap_or_default().as_encoded_bytes();
    found.guess.agent.is_some() || name.ends_with(b".jsonl") || set_aside_stem(name).is_some()
}

/// Where a file would lie in the tree of the agent that it is of, below a home.
struct Placed {
    agent: &'static dyn Agent,
    at: PathBuf,
}

/// Asks the agents about a file: the one that it is known to be of, else all.
fn place(found: &Found, given: Option<&'static dyn Agent>, look: &Look<'_>) -> Option<Placed> {
    let path = found.locator.path();
    let ask = |agent: &'static dyn Agent, stray: &Stray<'_>| {
        agent.place(stray).map(|at| Placed { agent, at: Path::new("/").join(at) })
    };
    let trusted = Stray { path, head: b"", columns: &[], is_trusted: true };
    if let Some(agent) = given {
        return ask(agent, &trusted);
    }
    let agent_of = |id: &str| registry().iter().copied().find(|agent| agent.id() == id);
    let named = found.guess.agent.and_then(agent_of);
    if let Some(agent) = named
        && ask(agent, &trusted)
            .is_none_or(|placed| path.ends_with(placed.at.strip_prefix("/").unwrap_or(&placed.at)))
    {
        // It lies in the agent's own tree, or all around it is told by its shape as well.
        return None;
    }
    if let Some(recorded) = (look.recorded)(found) {
        return ask(agent_of(&recorded)?, &trusted);
    }
    let name = path.file_name()?.as_encoded_bytes();
    let columns = if is_holder_name(name) { (look.columns)(path) } else { Vec::new() };
    let is_text = name.ends_with(b".jsonl") || name.ends_with(b".json");
    let head = if is_text { head(path)? } else { Vec::new() };
    let stray = Stray { path, head: &head, columns: &columns, is_trusted: false };
    match named {
        Some(agent) => ask(agent, &stray),
        None => registry().iter().find_map(|agent| ask(*agent, &stray)),
    }
}

/// Takes a document or a database that the user named, of which its path tells nothing, for that agent's which knows it: as
/// where all around it is [walked](walk_anywhere).
pub(crate) fn take_by_content(found: &mut Found, look: &Look<'_>) {
    let name = found.locator.path().file_name().unwrap_or_default().as_encoded_bytes();
    if found.guess.agent.is_some() || !(name.ends_with(b".json") || is_holder_name(name)) {
        return;
    }
    let Some(Placed { agent, at }) = place(found, None, look) else { return };
    if let Some(Recognised::Ours(guess)) = agent.recognise(&PathTail::new(&at)) {
        found.guess = guess;
    }
}

fn head(path: &Path) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    Some(head)
}

/// Returns both paths without the names at their ends that are the same: a directory, and what it is called in an agent's
/// tree.
fn without_common_end<'a>(path: &'a Path, at: &'a Path) -> (&'a Path, &'a Path) {
    let pairs = path.ancestors().zip(at.ancestors());
    let is_same =
        |(one, other): &(&Path, &Path)| one.file_name().is_some() && one.file_name() == other.file_name();
    let mut left = pairs.skip_while(is_same);
    left.next().unwrap_or((path, at))
}

/// A directory that lies in an agent's tree, whatever it is called.
struct Layout {
    agent: &'static dyn Agent,
    /// Those whose transcripts are in it.
    sessions: HashSet<String>,
}

/// Finds the parts of sessions around their transcripts.
struct Laid<'a> {
    base: &'a Path,
    prefix: &'a Path,
    layout: &'a Layout,
}

impl Laid<'_> {
    fn at(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.base).map_or_else(|_| path.to_path_buf(), |below| self.prefix.join(below))
    }
}

impl Rules for Laid<'_> {
    fn is_candidate(&self, name: &[u8]) -> bool {
        is_transcript_name(name) || is_companion_name(name)
    }

    fn guess(&self, path: &Path) -> Option<Guess> {
        match self.layout.agent.recognise(&PathTail::new(&self.at(path)))? {
            Recognised::Ours(guess) => {
                let is_known = guess.session_id.as_ref().is_some_and(|id| self.layout.sessions.contains(id));
                (is_known && guess.part_id.is_some()).then_some(guess)
            }
            Recognised::NotATranscript => None,
        }
    }

    fn takes_any_name(&self, directory: &Path) -> bool {
        self.layout.agent.takes_any_name(&PathTail::new(&self.at(directory)))
    }

    fn enters(&self, path: &Path) -> bool {
        self.layout.agent.enters(&PathTail::new(&self.at(path)))
    }
}

/// Any file that could be somebody's.
struct Anything {
    agent: Option<&'static dyn Agent>,
}

impl Rules for Anything {
    fn is_candidate(&self, name: &[u8]) -> bool {
        is_transcript_name(name) || is_companion_name(name)
    }

    fn takes_any_name(&self, directory: &Path) -> bool {
        let tail = PathTail::new(directory);
        match self.agent {
            Some(agent) => agent.takes_any_name(&tail),
            None => registry().iter().any(|agent| agent.takes_any_name(&tail)),
        }
    }

    fn guess(&self, path: &Path) -> Option<Guess> {
        let tail = PathTail::new(path);
        let recognised = match self.agent {
            Some(agent) => agent.recognise(&tail),
            None => recognise(&tail).map(|(_, recognised)| recognised),
        };
        match recognised {
            Some(Recognised::Ours(guess)) => Some(guess),
            Some(Recognised::NotATranscript) => None,
            None => Some(unknown(path)),
        }
    }
}

/// Returns what the name of a file tells that is nobody's yet.
fn unknown(path: &Path) -> Guess {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    match set_aside_stem(name) {
        Some(stem) => {
            let session_id = uuid_in(stem).unwrap_or_else(|| id_of_name(stem));
            Guess { agent: None, session_id: Some(session_id), part_id: None }
        }
        None => guess_name(path),
    }
}

/// Most names that a root has below it.
const DEPTH: usize = 6;

/// Takes a file that nothing tells of for that agent's: as if the directory were one of its roots, or lay below one or
/// above it.
pub(crate) fn take_for(agent: &'static dyn Agent, directory: &Path, found: &mut Found) {
    if found.guess.agent == Some(agent.id()) {
        return;
    }
    let path = found.locator.path();
    let depth = path.strip_prefix(directory).map_or(1, |below| below.components().count());
    let names: Vec<Component<'_>> = path.components().collect();
    let roots = agent.roots(&Environment::with_home("/h"));
    let counts = (depth..=depth + DEPTH).chain((1..depth).rev()).filter(|count| *count < names.len());
    for count in counts {
        let last: PathBuf = names[names.len() - count..].iter().collect();
        let recognised = roots.iter().find_map(|root| agent.recognise(&PathTail::new(&root.join(&last))));
        match recognised {
            Some(Recognised::Ours(guess)) => return found.guess = guess,
            Some(Recognised::NotATranscript) => return,
            None => {}
        }
    }
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    if is_transcript_name(name) || set_aside_stem(name).is_some() {
        found.guess = Guess { agent: Some(agent.id()), ..unknown(path) };
    } else if is_holder_name(name) && !matches!(agent.form(path), crate::agents::agent::Form::Text) {
        found.guess = Guess { agent: Some(agent.id()), session_id: None, part_id: None };
    }
}
