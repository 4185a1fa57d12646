//! Lists transcripts: one pass over the directories, one `stat` a candidate, nothing opened.
//!
//! Directories of one level are read in parallel, and so are the files of one large directory. The caller's function
//! is called on the caller's thread. What is in the way (an unreadable directory, a FIFO named like a transcript, a
//! symlink that is not followed) is returned as a problem, and the walk goes on. What is left alone for a good reason
//! is told to whom asks.
//!
//! What comes in is a [`rules::Rules`] and its [`root::Root`]s, which together are a [`scope`]; what goes out are files,
//! problems, and what was left alone. Met in this order: [`list`] reads directories, [`links`] says where links lead, and
//! [`plain_first`] what is there twice; [`problem`] and [`left_alone`] say why a file is not among what goes out.

mod left_alone;
mod links;
mod list;
mod plain_first;
mod problem;
mod root;
mod rules;
mod scope;

use std::path::PathBuf;

use rayon::prelude::*;

use super::agent::{Agent, Form};
use super::found::{Found, Guess};
use crate::environment::Environment;
use list::{Directory, Listing};
use plain_first::PlainFirst;
use root::distinct_roots;
use rules::OfAgent;
use scope::{Link, Scope};

pub(crate) use left_alone::{LeftAlone, Tell};
pub(crate) use links::check_link;
pub(crate) use problem::{WalkProblem, WalkReason};
pub(crate) use root::Root;
pub(crate) use rules::Rules;

/// Directories read at once before what they hold is handed on: enough to keep all threads busy, few enough that
/// what is held in memory stays small.
const DIRECTORIES_AT_ONCE: usize = 512;

/// Walks `agent`'s `roots` (as [`Agent::roots`] gives them) and calls `found` for every transcript and part in them.
/// Roots that do not exist hold nothing; one that lies in another, or is named twice, is walked once. A root itself
/// may be a symlink.
///
/// Symlinks directly in a root are followed, to directories and files of the user's; what is found by one is named as
/// the link is. No directory is walked twice, and one that lies in a root is found there. All other symlinks that may
/// hide a session are problems.
///
/// A transcript that is there both plain and packed is found plain.
pub(crate) fn walk(agent: &dyn Agent, roots: &[PathBuf], found: &mut dyn FnMut(Found)) -> Vec<WalkProblem> {
    walk_telling(agent, roots, found, None)
}

/// Walks as [`walk()`] does, and has `tell` told of each file that is neither found nor a problem.
pub(crate) fn walk_telling(
    agent: &dyn Agent,
    roots: &[PathBuf],
    found: &mut dyn FnMut(Found),
    tell: Option<Tell<'_>>,
) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    let roots = distinct_roots(roots, &mut problems);
    problems.extend(walk_roots(&OfAgent(agent), roots, found, tell));
    problems
}

/// What [`locate`] finds of a session.
#[derive(Debug, Default)]
pub(crate) struct Located {
    /// Its transcript, or the document that it is.
    pub main: Option<Found>,
    /// What is a part of it by its path.
    pub parts: Vec<Found>,
    /// Databases in which sessions of its agent are, perhaps this one.
    pub databases: Vec<Found>,
}

/// Finds a session of which only the id is known, in all of `agent`'s roots. `is_wanted` takes ids as names give them.
pub(crate) fn locate(
    agent: &dyn Agent,
    environment: &Environment,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Located {
    let mut located = Located::default();
    walk(agent, &agent.roots(environment), &mut |found| {
        let Guess { session_id, part_id, .. } = &found.guess;
        match session_id {
            Some(id) if !is_wanted(id) => {}
            Some(_) if part_id.is_some() => located.parts.push(found),
            Some(_) => {
                located.main.get_or_insert(found);
            }
            None if matches!(agent.form(found.locator.path()), Form::Database(_)) => {
                located.databases.push(found)
            }
            None => {}
        }
    });
    located
}

/// Walks `roots` by `rules`.
pub(crate) fn walk_roots(
    rules: &dyn Rules,
    mut roots: Vec<Root>,
    found: &mut dyn FnMut(Found),
    tell: Option<Tell<'_>>,
) -> Vec<WalkProblem> {
    let mut problems = Vec::new();
    let mut pairs = PlainFirst::new(rules);
    let mut take = |one| pairs.take(one, found);
    let links = walk_below(&Scope { rules, roots: &roots, tell }, 0, &mut take, &mut problems);
    let mut links = links::resolve(links, rules, &mut problems);
    let own = roots.len();
    roots.extend(links::followed(&links, rules, &roots));
    let scope = Scope { rules, roots: &roots, tell };
    if own < roots.len() {
        let deep = walk_below(&scope, own, &mut take, &mut problems);
        links.extend(links::resolve(deep, rules, &mut problems));
    }
    links::settle(links, &scope, &mut take, &mut problems);
    pairs.finish(found, tell);
    problems
}

/// Walks the roots from the one at `first` on; returns the links that are there.
fn walk_below(
    scope: &Scope<'_>,
    first: usize,
    take: &mut dyn FnMut(Found),
    problems: &mut Vec<WalkProblem>,
) -> Vec<Link> {
    let mut links = Vec::new();
    let numbered = scope.roots.iter().enumerate().skip(first);
    let mut directories: Vec<Directory> = numbered
        .map(|(index, root)| Directory {
            path: root.named.clone(),
            root: index,
            is_root: root.linked_from.is_none(),
            is_left_alone: false,
        })
        .collect();
    // Depth first by whole batches: no more than one level's directories wait at a time.
    while !directories.is_empty() {
        let batch = directories.split_off(directories.len().saturating_sub(DIRECTORIES_AT_ONCE));
        let listings: Vec<Listing> = batch.par_iter().map(|directory| scope.list(directory)).collect();
        for listing in listings {
            directories.extend(listing.directories);
            problems.extend(listing.problems);
            links.extend(listing.links);
            listing.found.into_iter().for_each(&mut *take);
        }
    }
    links
}

#[cfg(test)]
mod tests;
