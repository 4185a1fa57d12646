//! Where links lead, and whether they are followed.
//!
//! Links are looked at when all that is no link has been walked, in the order of their names, so that what is found
//! under which name depends on no order of directories: what lies in a root is found where it lies, and of several
//! links to one place the first counts. A link that is followed makes its target a root, named as the link is; links in
//! there are not followed again, so that every walk ends.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::left_alone::LeftAlone;
use super::problem::{WalkProblem, WalkReason};
use super::root::{Root, reason_of};
use super::rules::Rules;
use super::scope::{Link, Scope};
use crate::agents::found::{Found, Guess};
use crate::agents::names::is_transcript_name;
use crate::locator::Stamp;
use crate::platform::{self, FileIdentity};

/// A symlink, and what it leads to.
pub(crate) struct Resolved {
    link: Link,
    real: PathBuf,
    metadata: Metadata,
}

/// What became of a link.
enum Verdict {
    Found(Found),
    LeftAlone(LeftAlone),
    Problem(WalkReason),
    /// Nothing that anybody need know of.
    Nothing,
}

/// Returns why a file or directory that is looked for by its path is not to be taken, if it is a link: one that leads
/// nowhere or to another user's. What is no link, or not there, is none of this function's business.
pub(crate) fn check_link(path: &Path) -> Option<WalkReason> {
    if !fs::symlink_metadata(path).ok()?.is_symlink() {
        return None;
    }
    match fs::metadata(path) {
        Err(error) => Some(reason_of(error)),
        Ok(metadata) if platform::is_own(&metadata) => None,
        Ok(metadata) if metadata.is_dir() => Some(WalkReason::ForeignDirectory),
        Ok(metadata) if metadata.is_file() => Some(WalkReason::ForeignFile),
        Ok(_) => Some(WalkReason::NotRegular),
    }
}

/// Finds out where `links` lead; those that cannot be resolved become problems. Sorted by the links' paths.
pub(crate) fn resolve(
    mut links: Vec<Link>,
    rules: &dyn Rules,
    problems: &mut Vec<WalkProblem>,
) -> Vec<Resolved> {
    links.sort_by(|one, other| one.path.cmp(&other.path));
    let mut resolved = Vec::new();
    for link in links {
        // A link that would not matter whatever it led to.
        if !rules.follows_links() && rules.guess(&link.path).is_none() {
            continue;
        }
        let target = fs::canonicalize(&link.path)
            .and_then(|real| fs::symlink_metadata(&real).map(|metadata| (real, metadata)));
        match target {
            Ok((real, metadata)) => resolved.push(Resolved { link, real, metadata }),
            Err(error) => {
                let is_gone = error.kind() == io::ErrorKind::NotFound
                    && fs::symlink_metadata(&link.path).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
                // Where no session is looked for, none is missed.
                if !is_gone && rules.enters(&link.path) {
                    problems.push(WalkProblem { path: link.path, reason: reason_of(error) });
                }
            }
        }
    }
    resolved
}

/// Returns the roots that direct links among `links` lead to and that no root comes to by itself.
pub(crate) fn followed(links: &[Resolved], rules: &dyn Rules, roots: &[Root]) -> Vec<Root> {
    let mut followed: Vec<Root> = Vec::new();
    for resolved in links.iter().filter(|resolved| rules.follows_links() && resolved.link.is_direct) {
        let is_to_follow = resolved.metadata.is_dir()
            && rules.enters(&resolved.link.path)
            && !resolved.is_loop(roots)
            && !is_walked(resolved, rules, roots.iter())
            && platform::is_own(&resolved.metadata);
        if is_to_follow && !is_walked(resolved, rules, followed.iter()) {
            let root = resolved.as_root();
            followed.retain(|other| !root.reaches(rules, &other.real));
            followed.push(root);
        }
    }
    followed
}

/// Returns whether one of `roots` comes to the directory that a link leads to, or is that directory.
fn is_walked<'a>(resolved: &Resolved, rules: &dyn Rules, mut roots: impl Iterator<Item = &'a Root>) -> bool {
    let identity = platform::file_identity(&resolved.metadata);
    roots.any(|root| root.reaches(rules, &resolved.real) || (identity.is_some() && identity == root.identity))
}

impl Resolved {
    fn as_root(&self) -> Root {
        Root {
            named: self.link.path.clone(),
            real: self.real.clone(),
            identity: platform::file_identity(&self.metadata),
            linked_from: Some(self.link.root),
        }
    }

    /// Returns whether the link leads to a directory that it lies in itself, really or by the link that led there.
    fn is_loop(&self, roots: &[Root]) -> bool {
        let root = &roots[self.link.root];
        let parent = self.link.path.parent().unwrap_or(Path::new(""));
        let mut above = Some(root);
        root.real_path(parent).starts_with(&self.real)
            || std::iter::from_fn(|| {
                let root = above?;
                above = root.linked_from.map(|index| &roots[index]);
                Some(root)
            })
            .any(|root| root.real.starts_with(&self.real))
    }
}

/// Decides about links when all roots have been walked, those that links led to as well.
pub(crate) fn settle(
    links: Vec<Resolved>,
    scope: &Scope<'_>,
    found: &mut dyn FnMut(Found),
    problems: &mut Vec<WalkProblem>,
) {
    let mut files: HashSet<FileIdentity> = HashSet::new();
    for resolved in links {
        let verdict = match resolved.metadata.is_file() {
            true => judge_file(&resolved, scope, &mut files),
            false if resolved.metadata.is_dir() => judge_directory(&resolved, scope),
            false if is_transcript_name(name_of(&resolved.link.path)) => {
                Verdict::Problem(WalkReason::NotRegular)
            }
            false => Verdict::LeftAlone(LeftAlone::NotRegular),
        };
        let path = resolved.link.path;
        match verdict {
            Verdict::Found(one) => found(one),
            Verdict::LeftAlone(why) => scope.leave(&path, why),
            Verdict::Problem(reason) => problems.push(WalkProblem { path, reason }),
            Verdict::Nothing => {}
        }
    }
}

fn judge_directory(resolved: &Resolved, scope: &Scope<'_>) -> Verdict {
    let Scope { rules, roots, .. } = *scope;
    let path = &resolved.link.path;
    if !rules.follows_links() {
        let is_inside = roots.iter().any(|root| resolved.real.starts_with(&root.real));
        return Verdict::Problem(match is_inside {
            true => WalkReason::NotRegular,
            false => WalkReason::SymlinkOutside,
        });
    }
    if !rules.enters(path) {
        return Verdict::LeftAlone(LeftAlone::Notes);
    }
    if resolved.is_loop(roots) {
        return Verdict::Problem(WalkReason::SymlinkLoop);
    }
    if roots.iter().any(|root| root.named == *path) {
        return Verdict::Nothing;
    }
    if is_walked(resolved, rules, roots.iter()) {
        return Verdict::LeftAlone(LeftAlone::LookedAtElsewhere);
    }
    Verdict::Problem(match resolved.link.is_direct {
        true => WalkReason::ForeignDirectory,
        false => WalkReason::SymlinkDeep,
    })
}

/// Decides about a link to a file. One in a root that belongs by its own name is found there, not here.
fn judge_file(resolved: &Resolved, scope: &Scope<'_>, files: &mut HashSet<FileIdentity>) -> Verdict {
    let rules = scope.rules;
    let (link, real) = (&resolved.link, &resolved.real);
    let root = scope.roots.iter().find(|root| real.starts_with(&root.real));
    let directory = real.parent().unwrap_or(real);
    let is_found_there = (rules.is_candidate(name_of(real)) || rules.takes_any_name(directory))
        && scope
            .roots
            .iter()
            .any(|root| root.reaches(rules, directory) && rules.guess(&root.named_path(real)).is_some());
    if is_found_there {
        return Verdict::LeftAlone(LeftAlone::LookedAtElsewhere);
    }
    let guess = rules.guess(&link.path).filter(|_| rules.is_candidate(name_of(&link.path)));
    let Some(guess) = guess else {
        let is_transcript = root.is_none() && is_transcript_name(name_of(real));
        return match is_transcript {
            true => Verdict::Problem(WalkReason::SymlinkOutside),
            false => Verdict::LeftAlone(rules.why_left_alone(&link.path)),
        };
    };
    let is_led_to = root.is_none_or(|root| root.linked_from.is_some());
    match root {
        None if !(rules.follows_links() && link.is_direct) => Verdict::Problem(WalkReason::SymlinkOutside),
        _ if is_led_to && !platform::is_own(&resolved.metadata) => Verdict::Problem(WalkReason::ForeignFile),
        None => found_once(resolved, &link.path, guess, files),
        // A file that the walk passes by under its own name.
        Some(_) => found_once(resolved, real, guess, files),
    }
}

/// Returns the file as found at `path`, unless another link led to it.
fn found_once(resolved: &Resolved, path: &Path, guess: Guess, files: &mut HashSet<FileIdentity>) -> Verdict {
    let identity = platform::file_identity(&resolved.metadata);
    if identity.is_some_and(|identity| !files.insert(identity)) {
        return Verdict::LeftAlone(LeftAlone::LookedAtElsewhere);
    }
    Verdict::Found(Found { stamp: Stamp::of(&resolved.metadata), locator: path.into(), guess })
}

fn name_of(path: &Path) -> &[u8] {
    path.file_name().unwrap_or_default().as_encoded_bytes()
}
