//! Sessions of which there are parts and no transcript: their agent never wrote it, or it was deleted before it was
//! archived. Looks at what a walk found and at the catalog; opens one archive of each such session.

use super::point::Point;
use crate::agents::{self, Found};
use crate::archive::catalog::Catalog;
use crate::archive::catalog::parts::SessionWithParts;
use crate::archive::catalog::snapshot::{Key, Snapshot, identity_key};
use crate::archive::names::Place;
use crate::archive::reader::Archive;
use crate::config::Config;
use crate::identity::{Identity, safe_id};
use crate::mask::Masker;
use crate::report::units;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Sessions that are named one by one; of more, the number says enough.
const NAMED: usize = 10;

/// What is known of them, and what can be done.
const NOTE: &str = "their agent did not write it (a full disk, a fault of its own), or it was deleted before it was \
    archived; what their subagents, tools and workflows recorded is archived like any session. If a backup has the \
    transcript, put it back where the agent keeps it and run sessionkeep import: it joins its parts";

/// What a walk told of transcripts and parts.
#[derive(Default)]
pub(crate) struct Mains {
    transcripts: HashSet<Key>,
    /// Agents whose transcripts do not tell by their paths whose they are.
    unnamed: HashSet<&'static str>,
    parts: BTreeMap<Identity, Parts>,
}

/// The parts of a session.
#[derive(Default)]
struct Parts {
    count: u64,
    /// One of those that a walk found.
    source: Option<PathBuf>,
    /// Path of the archive of one of them, relative to the store.
    archive: Option<String>,
}

impl Mains {
    /// Takes in a file that a walk of its agent's directories found.
    pub(crate) fn take(&mut self, found: &Found) {
        let guess = &found.guess;
        let Some(agent) = guess.agent.filter(|_| found.stamp.bytes() > 0) else { return };
        let Some(session_id) = guess.session_id.as_deref().map(safe_id) else {
            if guess.part_id.is_none() {
                self.unnamed.insert(agent);
            }
            return;
        };
        let session = Identity { agent: agent.to_owned(), session_id, part_id: None };
        if guess.part_id.is_none() {
            self.transcripts.insert(identity_key(&session));
            return;
        }
        let parts = self.parts.entry(session).or_default();
        parts.count += 1;
        parts.source.get_or_insert_with(|| found.locator.path().to_path_buf());
    }

    /// Returns what is to be said of the sessions whose transcript is neither there nor archived; `None` if there are no
    /// such sessions. A catalog that cannot be asked says nothing.
    pub(crate) fn point(self, config: &Config, snapshot: &Snapshot) -> Option<Point> {
        let root = &config.store.path;
        let catalog = Catalog::open_to_read(root).ok().flatten();
        let archived = catalog.and_then(|catalog| catalog.sessions_with_parts().ok());
        let missing = self.missing(archived.unwrap_or_default(), snapshot);
        if missing.is_empty() {
            return None;
        }
        // Paths may hold anything; without rules to mask them by, none is shown.
        let masker = Masker::new(&config.masking).ok();
        let count = units::count(missing.len() as u64, "session");
        let named = missing.iter().take(NAMED);
        let mut lines: Vec<String> =
            named.map(|(session, parts)| describe(root, session, parts, masker.as_ref())).collect();
        if missing.len() > NAMED {
            lines.push(format!("and {} more", missing.len() - NAMED));
        }
        let says = format!("main transcript missing of {count}: {}", lines.join("; "));
        Some(Point { note: Some(NOTE.to_owned()), ..Point::new("main-transcripts", says) })
    }

    fn missing(mut self, archived: Vec<SessionWithParts>, snapshot: &Snapshot) -> Vec<(Identity, Parts)> {
        for one in archived {
            let parts = self.parts.entry(one.identity).or_default();
            parts.count = parts.count.max(one.parts);
            parts.archive = Some(one.archive);
        }
        let Mains { transcripts, unnamed, parts } = self;
        let is_missing = |(session, parts): &(Identity, Parts)| {
            let key = identity_key(session);
            let is_known = parts.archive.is_some() || !unnamed.contains(session.agent.as_str());
            is_known && !transcripts.contains(&key) && snapshot.by_identity(key).next().is_none()
        };
        parts.into_iter().filter(is_missing).collect()
    }
}

/// Returns which session it is, of which project, and where its parts are.
fn describe(root: &Path, session: &Identity, parts: &Parts, masker: Option<&Masker>) -> String {
    let label = agents::agent(&session.agent).map_or(session.agent.as_str(), |agent| agent.label());
    let mut facts = vec![label.to_owned()];
    let header = parts.archive.as_ref().and_then(|archive| {
        Archive::open(&root.join(archive)).ok().and_then(|archive| archive.header().cloned())
    });
    // What a header says is masked.
    facts.extend(header.map(|header| match header.cwd.is_empty() {
        true => format!("project {}", header.project_slug),
        false => format!("project {} ({})", header.project_slug, header.cwd),
    }));
    facts.push(units::count(parts.count, "part"));
    let shown = |path: &Path| masker.map(|masker| masker.mask_name(&path.to_string_lossy()));
    let source = parts.source.as_deref().map(|source| directory_of(session, source));
    facts.extend(source.and_then(shown).map(|path| format!("in {path}")));
    let archived = parts.archive.as_deref().and_then(Place::of_session_of);
    let archived = archived.map(|place| root.join(place.parts_directory()));
    facts.push(match archived.as_deref().and_then(shown) {
        Some(path) => format!("archived in {path}"),
        None => "not archived yet".to_owned(),
    });
    format!("{} ({})", session.session_id, facts.join(", "))
}

/// Returns the directory of the session that the part at `source` is of.
fn directory_of<'a>(session: &Identity, source: &'a Path) -> &'a Path {
    let is_session = |path: &&Path| {
        path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(session.session_id.as_str()))
    };
    source.ancestors().find(is_session).or(source.parent()).unwrap_or(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::Guess;
    use crate::locator::Stamp;

    fn found(session_id: Option<&str>, part_id: Option<&str>, bytes: u64) -> Found {
        let guess = Guess {
            agent: Some("gemini"),
            session_id: session_id.map(str::to_owned),
            part_id: part_id.map(str::to_owned),
        };
        let stamp = Stamp { bytes, modified_ns: 0, changed_ns: 0, inode: 0 };
        Found { locator: PathBuf::from("/h/tmp/p/chats/abc/x.jsonl").into(), stamp, guess }
    }

    fn missing(all: &[Found]) -> usize {
        let mut mains = Mains::default();
        all.iter().for_each(|found| mains.take(found));
        mains.missing(Vec::new(), &Snapshot::default()).len()
    }

    #[test]
    fn an_empty_transcript_is_missing_and_one_that_may_be_anybodys_is_not() {
        let part = found(Some("abc"), Some("x"), 9);
        assert_eq!(missing(&[part.clone(), found(Some("abc"), None, 0)]), 1);
        assert_eq!(missing(&[part.clone(), found(Some("abc"), None, 1)]), 0);
        assert_eq!(missing(&[part, found(None, None, 1)]), 0);
    }
}
