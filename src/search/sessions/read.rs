//! What is known of each session in a store, from the sidecars, or the catalog's copy of them where that is proved to
//! be one; from the archive's own header where the sidecar is missing. Reads only.

use super::filter::Filter;
use super::session::Session;
use super::stored::{self, Stored};
use super::{orphans, told};
use crate::archive::catalog::facts::Facts;
use crate::archive::catalog::listing::Listing;
use crate::archive::sidecar::MAX_SIDECAR_BYTES;
use crate::error::Result;
use crate::platform::{Dir, open_at_once};
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

/// Returns the files of the sessions in the store at `root`, sorted by path, and what its catalog knows of them. Parts
/// are not sessions: they are counted in [`Stored::part_count`]. Of a session without a transcript there are parts only.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when the store cannot be listed.
pub(crate) fn of_store(root: &Path) -> Result<(Vec<Stored>, Listing)> {
    let (stored, listing) = rayon::join(|| stored::all(root), || Listing::read(root));
    let mut stored = stored?;
    stored.retain(|stored| !stored.is_part);
    Ok((stored, listing))
}

/// Returns what is known of each of `stored` that `filter` accepts, in the same order. Sidecars that cannot be read
/// count as missing.
pub(crate) fn read_all<'a>(stored: Vec<Stored>, listing: &'a Listing, filter: &Filter) -> Vec<Session<'a>> {
    let sessions: Vec<Option<Session>> = stored
        .into_par_iter()
        .with_min_len(BATCH_SESSIONS)
        .with_max_len(BATCH_SESSIONS)
        .map_init(
            || None,
            |reader: &mut Option<(Arc<Path>, Reader)>, stored| {
                if reader.as_ref().is_none_or(|(directory, _)| !Arc::ptr_eq(directory, &stored.directory)) {
                    *reader = Some((Arc::clone(&stored.directory), Reader::new(&stored.directory, listing)));
                }
                session(stored, &mut reader.as_mut()?.1).filter(|session| filter.accepts(session))
            },
        )
        .collect();
    #[allow(clippy::filter_map_identity, reason = "collects in place, unlike `flatten`: they take megabytes")]
    sessions.into_iter().filter_map(|session| session).collect()
}

/// Sessions that a thread takes at a time: few enough to spread, enough to open their directory seldom.
const BATCH_SESSIONS: usize = 256;

/// Returns the parts of those of the sessions `stored` whose own id is, or begins with, `id`, as far as `filter` accepts
/// them: what is known of each as of a session, sorted by path.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when a directory of parts cannot be listed.
pub(crate) fn parts_of(
    stored: Vec<Stored>,
    listing: &Listing,
    id: &str,
    filter: &Filter,
) -> Result<Vec<Session<'static>>> {
    let wanted = Filter { sessions: vec![id.to_owned()], ..Filter::default() };
    let mut owners = read_all(stored, listing, &wanted);
    owners.retain(|session| wanted.is_called(session));
    // Versions of a session have their parts in common.
    owners.dedup_by_key(|session| session.stored.parts_path());
    let mut parts = Vec::new();
    for owner in &owners {
        let mut stored = stored::in_parts(&owner.stored.parts_path())?;
        // The directory itself looks as if it were that of a session without a transcript.
        stored.retain(|stored| stored.is_part);
        parts.extend(read_all(stored, &UNKNOWN, filter));
    }
    Ok(parts)
}

/// Returns what is known of one session; `None` when neither sidecar nor archive says anything.
pub(crate) fn one(stored: &Stored) -> Option<Session<'static>> {
    session(stored.clone(), &mut Reader::new(&stored.directory, &UNKNOWN))
}

fn session<'a>(stored: Stored, reader: &mut Reader<'a>) -> Option<Session<'a>> {
    if stored.is_orphaned() {
        let facts = Facts::of_map(&told::members(&orphans::sidecar(&stored)?)?);
        return Some(Session::of_facts(facts, stored));
    }
    if stored.has_sidecar
        && let Some(facts) = reader.known(&stored).or_else(|| reader.read(&stored).and_then(Facts::parse))
    {
        return Some(Session::of_facts(facts, stored));
    }
    stored.archive_suffix?;
    let facts = Facts::of_map(&told::metadata(&stored.archive_path())?);
    Some(Session::of_facts(facts, stored))
}

/// Finds out what the sidecars of one directory say in as few calls as can be: there may be 100,000 of them.
struct Reader<'a> {
    /// `None` where the directory is a link: then by path.
    directory: Option<Dir>,
    listing: &'a Listing,
    buffer: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn new(directory: &Path, listing: &'a Listing) -> Reader<'a> {
        Reader { directory: Dir::open(directory).ok(), listing, buffer: Vec::new() }
    }

    /// Returns what the catalog says of a sidecar, if that is what the sidecar says now, and all of it.
    fn known(&self, stored: &Stored) -> Option<Facts<'a>> {
        if self.listing.is_empty() {
            return None;
        }
        let stat = self.directory.as_ref()?.stat_name(stored.sidecar_name()).ok()?;
        self.listing.find(&stat).filter(|facts| !facts.is_of_older_form)
    }

    fn read(&mut self, stored: &Stored) -> Option<&[u8]> {
        let mut file = match &self.directory {
            Some(directory) => directory.open_file(stored.sidecar_name()),
            None => open_at_once(&stored.sidecar_path()),
        }
        .ok()?;
        self.buffer.resize(self.buffer.len().max(READ_BYTES), 0);
        let mut length = 0;
        loop {
            match file.read(&mut self.buffer[length..]) {
                Ok(count) => length += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return None,
            }
            // What others take for no sidecar is none here.
            if length > MAX_SIDECAR_BYTES as usize {
                return None;
            }
            // A regular file gives all it has, so there is no need to ask again.
            if length < self.buffer.len() {
                return Some(&self.buffer[..length]);
            }
            self.buffer.resize((length * 4).min(MAX_SIDECAR_BYTES as usize + 1), 0);
        }
    }
}

/// Reads all that is known of sessions; keeps the directory of the last one open.
#[derive(Default)]
pub(crate) struct MetadataReader {
    reader: Option<(Arc<Path>, Reader<'static>)>,
}

impl MetadataReader {
    /// Returns everything that the sidecar says (or the archive, where it is missing), with the two paths that scripts
    /// written for sessionkeep 0.4 expect. Where there are parts only, they say it all, their directory is the path, and
    /// `has_main` is false.
    pub(crate) fn read(&mut self, stored: &Stored) -> Map<String, Value> {
        let archive = stored.archive_path();
        let told = match stored.is_orphaned() {
            true => orphans::sidecar(stored).as_ref().and_then(told::members),
            false => self.sidecar(stored).or_else(|| told::metadata(&archive)),
        };
        let mut map = told.unwrap_or_default();
        if stored.is_orphaned() {
            map.insert("has_main".to_owned(), Value::from(false));
        }
        let sidecar = stored.sidecar_path();
        let meta = (!stored.is_orphaned()).then(|| sidecar.to_string_lossy());
        map.insert("_meta_path".to_owned(), Value::from(meta));
        map.insert("_archive_path".to_owned(), Value::from(archive.to_string_lossy()));
        map
    }

    fn sidecar(&mut self, stored: &Stored) -> Option<Map<String, Value>> {
        if self.reader.as_ref().is_none_or(|(directory, _)| *directory != stored.directory) {
            self.reader = Some((Arc::clone(&stored.directory), Reader::new(&stored.directory, &UNKNOWN)));
        }
        let (_, reader) = self.reader.as_mut()?;
        match serde_json::from_slice(reader.read(stored)?) {
            Ok(Value::Object(map)) => Some(map),
            _ => None,
        }
    }
}

/// The listing of a store without one.
static UNKNOWN: Listing = Listing::EMPTY;

/// Sidecars have about 1 KiB.
const READ_BYTES: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::sessions::Project;
    use std::fs;

    fn read(root: &Path, filter: &Filter) -> Vec<Session<'static>> {
        let (stored, _) = of_store(root).unwrap();
        read_all(stored, &UNKNOWN, filter)
    }

    fn store(sidecars: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("2026/06")).unwrap();
        for (stem, sidecar) in sidecars {
            fs::write(root.path().join(format!("2026/06/{stem}.meta.json")), sidecar).unwrap();
        }
        root
    }

    #[test]
    fn sidecars_of_sessionkeep_0_4_are_read() {
        let sidecar = r#"{"session_id": "abc", "archived_at": "2026-06-05T14:30:00", "source": "/x", "cwd": "",
            "project_slug": "p", "source_bytes": 9, "archived_bytes": 5, "line_count": 3, "masked_lines": 1,
            "archive_path": "/y", "schema_version": 1}"#;
        let root = store(&[("a", sidecar)]);
        let sessions = read(root.path(), &Filter::default());
        let session = &sessions[0];
        assert_eq!((&*session.session_id, session.agent.as_deref()), ("abc", None));
        assert_eq!((session.line_count, session.masked_lines, session.archived_bytes), (3, 1, 5));
        assert!(session.archived().is_some());
        assert!(session.stored.archive_path().ends_with("2026/06/a.jsonl.gz"));
    }

    #[test]
    fn wrong_types_are_overlooked_and_broken_files_left_out() {
        let root = store(&[
            ("a", r#"{"session_id": 7, "project_slug": "p", "line_count": -1}"#),
            ("b", "{"),
            ("c", "[]"),
        ]);
        let sessions = read(root.path(), &Filter::default());
        assert_eq!(sessions.len(), 1);
        assert_eq!((&*sessions[0].project_slug, sessions[0].line_count), ("p", 0));
    }

    #[test]
    fn filters_take_projects_agents_and_time() {
        let root = store(&[
            ("a", r#"{"project_slug": "p", "agent": "codex", "archived_at": "2026-06-05T00:00:00Z"}"#),
            ("b", r#"{"project_slug": "q", "agent": "codex", "archived_at": "2026-06-06T00:00:00Z"}"#),
            ("c", r#"{"project_slug": "q", "archived_at": "2026-06-07T01:00:00+02:00"}"#),
            ("d", r#"{"project_slug": "pp"}"#),
        ]);
        let stems = |filter: Filter| -> Vec<String> {
            let sessions = read(root.path(), &filter);
            sessions.iter().map(|session| session.stored.stem.clone()).collect()
        };
        let list = |items: &[&str]| items.iter().map(|item| item.to_string()).collect::<Vec<_>>();
        let projects =
            |names: &[&str]| names.iter().map(|name| Project::of(name, None, Path::to_owned)).collect();
        assert_eq!(stems(Filter { projects: projects(&["p"]), ..Filter::default() }), ["a"]);
        assert_eq!(stems(Filter { projects: projects(&["p", "q"]), ..Filter::default() }), ["a", "b", "c"]);
        assert_eq!(stems(Filter { agents: list(&["codex"]), ..Filter::default() }), ["a", "b"]);
        let since = Some("2026-06-06T12:00:00Z".parse().unwrap());
        assert_eq!(stems(Filter { since, ..Filter::default() }), ["c"]);
    }

    #[test]
    fn a_session_is_found_by_the_beginning_of_any_of_its_ids() {
        let root = store(&[
            ("a", r#"{"session_id": "aa11-x", "other_ids": ["bb22-y"]}"#),
            ("b", r#"{"session_id": "BB22-y"}"#),
            ("c", r#"{"session_id": "cc33-z", "forked_from": "aa11-x"}"#),
            ("d", r#"{"other_ids": ["", 7]}"#),
        ]);
        let found = |id: &str| -> String {
            let filter = Filter { sessions: vec![id.to_owned()], ..Filter::default() };
            let sessions = read(root.path(), &filter);
            sessions.iter().map(|session| session.stored.stem.clone()).collect()
        };
        for (id, stems) in
            [("aa11-x", "ac"), ("aa1", "ac"), ("bb22", "ab"), ("BB22-Y", "ab"), ("cc33-z0", ""), ("11", "")]
        {
            assert_eq!(found(id), stems, "{id}");
        }
    }

    #[test]
    fn full_metadata_keeps_every_member_and_adds_the_paths() {
        let root = store(&[("a", r#"{"z": [1], "a": "x"}"#)]);
        let sessions = read(root.path(), &Filter::default());
        let map = MetadataReader::default().read(&sessions[0].stored);
        let keys: Vec<_> = map.keys().map(String::as_str).collect();
        assert_eq!(keys, ["z", "a", "_meta_path", "_archive_path"]);
        assert!(map["_archive_path"].as_str().unwrap().ends_with("a.jsonl.gz"));
    }

    #[test]
    fn a_sidecar_larger_than_the_first_read_is_read_whole() {
        let title = "t".repeat(100_000);
        let root = store(&[("a", &format!("{{\"title\": \"{title}\"}}"))]);
        assert_eq!(read(root.path(), &Filter::default())[0].title.as_deref(), Some(title.as_str()));
    }

    #[test]
    fn a_sidecar_that_no_other_command_would_take_for_one_is_none() {
        let of_bytes = |bytes: usize| {
            let title = "t".repeat(bytes - r#"{"title": ""}"#.len());
            store(&[("a", &format!("{{\"title\": \"{title}\"}}"))])
        };
        for (bytes, count) in [(MAX_SIDECAR_BYTES as usize, 1), (MAX_SIDECAR_BYTES as usize + 1, 0)] {
            let root = of_bytes(bytes);
            assert_eq!(read(root.path(), &Filter::default()).len(), count, "{bytes}");
        }
    }
}
