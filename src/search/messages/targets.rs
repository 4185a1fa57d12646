//! Which archives are searched, in which order, and whose they are.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::request::{Search, Sort};
use crate::archive::catalog::listing::Listing;
use crate::archive::names::{PARTS_SUFFIX, split_version};
use crate::message::number_of;
use crate::search::sessions::{self, Session, Stored};

/// One archive to search.
#[derive(Debug)]
pub(super) struct Target {
    pub path: PathBuf,
    /// The session that it is, or is a part of, by its place in [`Targets::sessions`].
    pub session: Option<usize>,
    is_part: bool,
}

/// All archives to search, in order.
#[derive(Debug)]
pub(super) struct Targets<'a> {
    pub all: Vec<Target>,
    pub sessions: Vec<Session<'a>>,
    /// Ids of sessions that are copies, and of those that they were copied from.
    copied_from: HashMap<String, String>,
    /// Ids of sessions of which there are several versions.
    rewritten: HashSet<String>,
}

impl<'a> Targets<'a> {
    /// Returns the archives of those of `stored`, which come sorted by path, that `search` asks for. A part goes with its
    /// session.
    pub(super) fn of(stored: Vec<Stored>, listing: &'a Listing, search: &Search) -> Targets<'a> {
        let (parts, mains): (Vec<Stored>, Vec<Stored>) =
            stored.into_iter().partition(|stored| stored.is_part);
        let is_chosen = !search.filter.is_empty();
        let unknown = if is_chosen { Vec::new() } else { mains.clone() };
        let sessions = sessions::read_all(mains, listing, search.filter);
        let mut targets = Targets {
            all: Vec::with_capacity(sessions.len() + parts.len()),
            copied_from: copied_from(&sessions),
            rewritten: rewritten(&sessions),
            sessions,
        };
        targets.add_sessions();
        if unknown.len() > targets.sessions.len() {
            targets.add_unknown(&unknown);
        }
        targets.add_parts(&parts, is_chosen);
        targets.sort(search.sort);
        targets
    }

    fn add_sessions(&mut self) {
        let archived =
            self.sessions.iter().enumerate().filter(|(_, session)| session.stored.archive_suffix.is_some());
        self.all.extend(archived.map(|(at, session)| Target {
            path: session.stored.archive_path(),
            session: Some(at),
            is_part: false,
        }));
    }

    /// Adds archives of which nothing is known but that they are there.
    fn add_unknown(&mut self, mains: &[Stored]) {
        let mut sessions = self.sessions.iter().peekable();
        for stored in mains {
            let is_same = |session: &&Session| {
                session.stored.stem == stored.stem && session.stored.directory == stored.directory
            };
            if sessions.next_if(is_same).is_none() && stored.archive_suffix.is_some() {
                self.all.push(Target { path: stored.archive_path(), session: None, is_part: false });
            }
        }
    }

    fn add_parts(&mut self, parts: &[Stored], is_chosen: bool) {
        let mut last: Option<(&Arc<Path>, Option<usize>)> = None;
        for part in parts.iter().filter(|part| part.archive_suffix.is_some()) {
            let session = match last {
                Some((directory, session)) if Arc::ptr_eq(directory, &part.directory) => session,
                _ => self.session_of_parts(&part.directory),
            };
            last = Some((&part.directory, session));
            if session.is_some() || !is_chosen {
                self.all.push(Target { path: part.archive_path(), session, is_part: true });
            }
        }
    }

    /// Returns the session whose parts are in `directory`, or below it: of several versions the one that ended last.
    fn session_of_parts(&self, directory: &Path) -> Option<usize> {
        let stem = |directory: &Path| {
            directory
                .file_name()?
                .to_str()?
                .strip_suffix(PARTS_SUFFIX)
                .filter(|stem| !stem.is_empty())
                .map(str::to_owned)
        };
        let outermost = directory.ancestors().filter(|directory| stem(directory).is_some()).last()?;
        let (stem, parent) = (stem(outermost)?, outermost.parent()?);
        let key = (parent, stem.as_str());
        let first = self
            .sessions
            .partition_point(|session| (&*session.stored.directory, &*session.stored.stem) < key);
        let beside = self.sessions[first..].iter().enumerate().take_while(|(_, session)| {
            &*session.stored.directory == parent && session.stored.stem.starts_with(&stem)
        });
        let versions = beside.filter(|(_, session)| split_version(&session.stored.stem).0 == stem);
        versions.max_by_key(|(_, session)| session.last).map(|(at, _)| first + at)
    }

    fn sort(&mut self, sort: Sort) {
        let sessions = &self.sessions;
        match sort {
            Sort::Path => self.all.sort_by(|one, other| one.path.cmp(&other.path)),
            Sort::Newest => {
                // Sessions come sorted by path. What nobody knows comes last.
                let key = |target: &Target| match target.session {
                    Some(at) => (false, Reverse(sessions[at].last), at, target.is_part),
                    None => (true, Reverse(None), 0, target.is_part),
                };
                self.all
                    .sort_by(|one, other| key(one).cmp(&key(other)).then_with(|| one.path.cmp(&other.path)));
            }
        }
    }

    /// Returns the session of a target.
    pub(super) fn session(&self, target: &Target) -> Option<&Session<'a>> {
        target.session.map(|at| &self.sessions[at])
    }

    /// Returns the number that sessions have in common which were copied from each other; `path` for one of which nothing is
    /// known.
    pub(super) fn family(&self, target: &Target) -> u64 {
        /// Copies of copies; more are a circle.
        const MOST_COPIES: usize = 100;
        let Some(session) = self.session(target).filter(|session| !session.session_id.is_empty()) else {
            return number_of(&[target.path.as_os_str().as_encoded_bytes()]);
        };
        let mut id: &str = &session.session_id;
        for _ in 0..MOST_COPIES {
            let Some(original) = self.copied_from.get(id) else { break };
            id = original;
        }
        number_of(&[id.as_bytes()])
    }

    /// Returns what names the session of a target on a command line, with no other to be taken for it: what its archive's
    /// name has of its id. `None` for a part, for one of several versions, and where the name has none.
    pub(super) fn short_id(&self, target: &Target) -> Option<&str> {
        let session = self.session(target).filter(|_| !target.is_part)?;
        let (_, short) = session.stored.stem.rsplit_once('_')?;
        let is_its_own = !short.is_empty() && session.session_id.starts_with(short);
        (is_its_own && !self.rewritten.contains(&*session.session_id)).then_some(short)
    }
}

fn copied_from(sessions: &[Session]) -> HashMap<String, String> {
    let copies = sessions.iter().filter_map(|session| {
        let original = session.forked_from.as_deref()?;
        Some((session.session_id.to_string(), original.to_owned()))
    });
    copies.collect()
}

fn rewritten(sessions: &[Session]) -> HashSet<String> {
    let versions = sessions.iter().filter(|session| split_version(&session.stored.stem).1 > 1);
    versions.map(|session| session.session_id.to_string()).collect()
}
