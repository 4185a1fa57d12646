//! Which archives are searched, in which order, and whose they are.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::request::{Search, Sort, Wanted};
use crate::archive::catalog::listing::Listing;
use crate::archive::names::{PARTS_SUFFIX, split_version};
use crate::message::number_of;
use crate::search::sessions::{self, Filter, Session, Stored};

/// One archive to search.
#[derive(Debug)]
pub(super) struct Target {
    pub path: PathBuf,
    /// The session that it is, or is a part of, by its place in [`Targets::sessions`].
    pub session: Option<usize>,
    is_part: bool,
    /// No other target may hold copies of its messages.
    pub is_alone: bool,
}

/// All archives to search, in order.
#[derive(Debug)]
pub(super) struct Targets<'a> {
    pub all: Vec<Target>,
    pub sessions: Vec<Session<'a>>,
    /// Ids of sessions that are copies, and of those that they were copied from.
    copied_from: HashMap<String, String>,
    /// How much of the id of each of the sessions names it in the store, in their order.
    name_lengths: Vec<Option<usize>>,
}

impl<'a> Targets<'a> {
    /// Returns the archives of those of `stored`, which come sorted by path, that `search` asks for. A part goes with its
    /// session.
    pub(super) fn of(stored: Vec<Stored>, listing: &'a Listing, search: &Search) -> Targets<'a> {
        let (parts, mains): (Vec<Stored>, Vec<Stored>) =
            stored.into_iter().partition(|stored| stored.is_part);
        let is_chosen = !search.filter.is_empty();
        let unknown = if is_chosen { Vec::new() } else { mains.clone() };
        // Those that are not asked for are still not to be taken for one that is.
        let mut sessions = sessions::read_all(mains, listing, &Filter::default());
        let mut name_lengths = sessions::name_lengths(&sessions);
        if is_chosen {
            let accepted: Vec<bool> = sessions.iter().map(|session| search.filter.accepts(session)).collect();
            keep(&mut sessions, &accepted);
            keep(&mut name_lengths, &accepted);
        }
        let mut targets = Targets {
            all: Vec::with_capacity(sessions.len() + parts.len()),
            copied_from: copied_from(&sessions),
            name_lengths,
            sessions,
        };
        targets.add_sessions();
        if unknown.len() > targets.sessions.len() {
            targets.add_unknown(&unknown);
        }
        targets.add_parts(&parts, is_chosen);
        targets.sort(search.sort);
        if search.wanted == Wanted::Archives {
            targets.note_alone();
        }
        targets
    }

    /// Notes of which targets nothing else is a copy.
    fn note_alone(&mut self) {
        let families: Vec<u64> = self.all.iter().map(|target| self.family(target)).collect();
        let mut counts: HashMap<u64, u64> = HashMap::with_capacity(families.len());
        families.iter().for_each(|family| *counts.entry(*family).or_default() += 1);
        for (target, family) in self.all.iter_mut().zip(&families) {
            target.is_alone = counts[family] == 1;
        }
    }

    fn add_sessions(&mut self) {
        let archived =
            self.sessions.iter().enumerate().filter(|(_, session)| session.stored.archive_suffix.is_some());
        self.all.extend(archived.map(|(at, session)| Target {
            path: session.stored.archive_path(),
            session: Some(at),
            is_part: false,
            is_alone: false,
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
                self.all.push(Target {
                    path: stored.archive_path(),
                    session: None,
                    is_part: false,
                    is_alone: false,
                });
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
                self.all.push(Target { path: part.archive_path(), session, is_part: true, is_alone: false });
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

    /// Returns what names the session of a target on a command line, with no other to be taken for it: the beginning of its
    /// id. `None` for a part, for one of several versions, and where no id does.
    pub(super) fn short_id(&self, target: &Target) -> Option<&str> {
        let at = target.session.filter(|_| !target.is_part)?;
        self.sessions[at].session_id.get(..self.name_lengths[at]?)
    }
}

fn copied_from(sessions: &[Session]) -> HashMap<String, String> {
    let copies = sessions.iter().filter_map(|session| {
        let original = session.forked_from.as_deref()?;
        Some((session.session_id.to_string(), original.to_owned()))
    });
    copies.collect()
}

/// Keeps those of `items` for which `kept` says so, in order.
fn keep<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    items.retain(|_| kept.next().is_some_and(|is_kept| *is_kept));
}
