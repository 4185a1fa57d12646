//! Where the transcript and the parts of a session go: below the agent's directory on this machine, or below another.

use std::path::{Path, PathBuf};

use super::former::{self, Below};
use crate::agents::{Agent, Lost, is_place, unpacked_path};
use crate::environment::Environment;

/// Where a session goes.
#[derive(Debug)]
pub(super) struct Place {
    /// Everything lies below this directory.
    pub base: PathBuf,
    /// The transcript, seen from there.
    pub transcript: PathBuf,
}

impl Place {
    /// Returns the whole path of a file below the base.
    pub(super) fn of(&self, relative: &Path) -> PathBuf {
        self.base.join(relative)
    }
}

/// An agent's directories, where files are put back.
pub(super) struct Directories<'a> {
    agent: &'a dyn Agent,
    /// What the paths of sources are seen in.
    environment: &'a Environment,
    roots: Vec<PathBuf>,
    homes: Vec<PathBuf>,
}

impl<'a> Directories<'a> {
    /// Returns those that the agent has here; with `to`, an absolute path, those that it has when that is its home.
    pub(super) fn new(
        agent: &'a dyn Agent,
        environment: &'a Environment,
        to: Option<&Path>,
    ) -> Directories<'a> {
        let moved = to.map(|to| {
            let names = agent.home_variable().into_iter().chain(["HOME"]);
            (to, Environment::new(names.map(|name| (name.into(), to.as_os_str().to_owned()))))
        });
        let of = |listed: &dyn Fn(&Environment) -> Vec<PathBuf>| match &moved {
            None => listed(environment),
            Some((to, moved)) => listed(moved).into_iter().filter(|path| path.starts_with(to)).collect(),
        };
        let roots = of(&|environment| agent.roots(environment));
        let homes = of(&|environment| agent.homes(environment));
        Directories { agent, environment, roots, homes }
    }

    /// Returns where a session goes whose transcript was archived from `source`; `None` where nobody can tell.
    pub(super) fn place(&self, lost: &Lost<'_>, source: Option<&Path>) -> Option<Place> {
        let former = |find: fn(&dyn Agent, &Environment, &Path) -> Option<Below>| {
            self.in_root(find(self.agent, self.environment, source?)?)
        };
        // Where it lay; else where the agent would have put it; else below what was called as a root of its is.
        let own = || Some((self.roots.first()?.clone(), self.agent.session_path(lost)?));
        let candidates = [former(former::below_root), own(), former(former::below_name)];
        candidates.into_iter().flatten().find_map(|(root, relative)| self.checked(&root, &relative, lost))
    }

    /// Returns where a part goes that was archived from `source`, and whose session's transcript was from `old`.
    pub(super) fn part(
        &self,
        place: &Place,
        lost: &Lost<'_>,
        part_id: &str,
        source: Option<&Path>,
        old: Option<&Path>,
    ) -> Option<PathBuf> {
        let directory = place.transcript.parent().unwrap_or(Path::new(""));
        let by_source = || former::rebased(old?, source?, &place.transcript);
        let by_id = || Some(directory.join(self.agent.part_path(lost, part_id)?));
        let own = || self.attachment(lost.session_id, part_id, source?);
        [by_source(), by_id(), own()].into_iter().flatten().find_map(|relative| {
            let whole = place.of(&relative);
            let is_its = former::is_plain(&relative)
                && (is_place(self.agent, &whole, lost.session_id, Some(part_id))
                    || self.is_attachment(&relative, lost.session_id, part_id, &place.base));
            is_its.then_some(relative)
        })
    }

    /// Returns where what a user pasted or edited lies, below a home.
    fn attachment(&self, session_id: &str, part_id: &str, source: &Path) -> Option<PathBuf> {
        let attachments = self.agent.attachments()?;
        let name = source.file_name()?;
        if part_id.starts_with("paste-") {
            return Some(Path::new(attachments.pastes).join(name));
        }
        part_id.starts_with("file-history-").then(|| Path::new(attachments.edits).join(session_id).join(name))
    }

    /// Returns whether a path below the base, which is a home, is one of what the user pasted or edited.
    fn is_attachment(&self, relative: &Path, session_id: &str, part_id: &str, base: &Path) -> bool {
        let Some(attachments) =
            self.agent.attachments().filter(|_| self.homes.iter().any(|home| home == base))
        else {
            return false;
        };
        let names: Vec<&str> = relative.iter().filter_map(|name| name.to_str()).collect();
        match names[..] {
            [directory, name] => {
                directory == attachments.pastes && name.ends_with(".txt") && part_id.starts_with("paste-")
            }
            [directory, session, _] => {
                directory == attachments.edits
                    && session == session_id
                    && part_id.starts_with("file-history-")
            }
            _ => false,
        }
    }

    fn in_root(&self, below: Below) -> Option<(PathBuf, PathBuf)> {
        // Of several that are called alike, the one that also lies alike.
        let alike = |root: &Path| {
            root.iter().rev().zip(below.root.iter().rev()).take_while(|(one, other)| one == other).count()
        };
        let root = self.roots.iter().rev().max_by_key(|root| alike(root))?;
        // A packed transcript is put back as it was before it was packed.
        let relative = unpacked_path(&below.relative).unwrap_or(below.relative);
        Some((root.clone(), relative))
    }

    /// Returns the place, if the agent takes a transcript there for this session's.
    fn checked(&self, root: &Path, relative: &Path, lost: &Lost<'_>) -> Option<Place> {
        let whole = root.join(relative);
        if !former::is_plain(relative) || !is_place(self.agent, &whole, lost.session_id, None) {
            return None;
        }
        let base = self.homes.iter().find(|home| root.starts_with(home)).map_or(root, PathBuf::as_path);
        let transcript = whole.strip_prefix(base).ok()?.to_owned();
        Some(Place { base: base.to_owned(), transcript })
    }
}
