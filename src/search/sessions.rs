//! What is known of each session in a store, from the sidecars; from the archive's own header where the sidecar is
//! missing. Reads only.

use super::filter::{Filter, parse_time};
use super::source;
use super::walk::{self, Stored};
use crate::error::Result;
use crate::platform::Dir;
use jiff::Timestamp;
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The facts about one session that a table shows. Text is masked, but not safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The files it is kept in.
    pub stored: Stored,
    pub session_id: String,
    /// `None`: sessionkeep 0.4 did not record it.
    pub agent: Option<String>,
    pub project_slug: String,
    /// As the sidecar has it.
    pub archived_at: String,
    /// What `archived_at` means; `None` if it means nothing.
    pub archived: Option<Timestamp>,
    pub started_at: Option<String>,
    pub title: Option<String>,
    pub line_count: u64,
    pub masked_lines: u64,
    pub archived_bytes: u64,
}

impl Session {
    /// Returns when the session began, as far as that is known; else when it was archived.
    pub fn started(&self) -> Option<Timestamp> {
        self.started_at.as_deref().and_then(parse_time).or(self.archived)
    }
}

/// Returns the sessions of the store at `root` that `filter` accepts, sorted by path. Parts are not sessions: they
/// are counted in [`Stored::part_count`]. Sidecars that cannot be read count as missing.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when the store cannot be listed.
pub fn read(root: &Path, filter: &Filter) -> Result<Vec<Session>> {
    let mut stored = walk::walk(root)?;
    stored.retain(|stored| !stored.is_part);
    Ok(read_all(stored, filter))
}

/// Returns what is known of each of `stored` that `filter` accepts, in the same order.
pub fn read_all(stored: Vec<Stored>, filter: &Filter) -> Vec<Session> {
    let batches: Vec<&[Stored]> = stored
        .chunk_by(|a, b| a.directory == b.directory)
        .flat_map(|directory| directory.chunks(BATCH_SESSIONS))
        .collect();
    batches
        .into_par_iter()
        .flat_map_iter(|batch| {
            let mut reader = Reader::new(&batch[0].directory);
            let sessions: Vec<Session> =
                batch.iter().filter_map(|stored| session(stored, &mut reader)).collect();
            sessions
        })
        .filter(|session| filter.accepts(session))
        .collect()
}

/// Sessions of one directory that a thread reads at a time: few enough to spread, enough to open it seldom.
const BATCH_SESSIONS: usize = 256;

/// Returns what is known of one session; `None` when neither sidecar nor archive says anything.
pub fn one(stored: &Stored) -> Option<Session> {
    session(stored, &mut Reader::new(&stored.directory))
}

fn session(stored: &Stored, reader: &mut Reader) -> Option<Session> {
    if stored.has_sidecar
        && let Some(bytes) = reader.read(stored)
    {
        // A list would pass for the facts in the order of their declaration.
        if bytes.first() == Some(&b'{')
            && let Ok(facts) = serde_json::from_slice::<Facts>(bytes)
        {
            return Some(facts.session(stored));
        }
        if let Ok(Value::Object(map)) = serde_json::from_slice(bytes) {
            return Some(Facts::of_map(&map).session(stored));
        }
    }
    stored.archive_suffix?;
    let facts = Facts::of_map(&source::metadata(&stored.archive_path())?);
    Some(facts.session(stored))
}

/// Reads the sidecars of one directory in as few calls as can be: there may be 100,000 of them.
struct Reader {
    /// `None` where the directory is a link: then by path.
    directory: Option<Dir>,
    buffer: Vec<u8>,
}

impl Reader {
    fn new(directory: &Path) -> Reader {
        Reader { directory: Dir::open(directory).ok(), buffer: vec![0; READ_BYTES] }
    }

    fn read(&mut self, stored: &Stored) -> Option<&[u8]> {
        let mut file = match &self.directory {
            Some(directory) => directory.open_file(stored.sidecar_name()),
            None => source::open_file(&stored.sidecar_path()),
        }
        .ok()?;
        let mut length = 0;
        loop {
            match file.read(&mut self.buffer[length..]) {
                Ok(count) => length += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return None,
            }
            // A regular file gives all it has, so there is no need to ask again.
            if length < self.buffer.len() {
                return Some(&self.buffer[..length]);
            }
            if length >= MAX_SIDECAR_BYTES {
                return None;
            }
            self.buffer.resize(length * 4, 0);
        }
    }
}

/// Returns everything that the sidecar says (or the archive, where it is missing), with the two paths that scripts
/// written for sessionkeep 0.4 expect.
pub fn metadata(stored: &Stored) -> Map<String, Value> {
    let sidecar = stored.sidecar_path();
    let archive = stored.archive_path();
    let read = || match serde_json::from_slice(&fs::read(&sidecar).ok()?) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    };
    let mut map = read().or_else(|| source::metadata(&archive)).unwrap_or_default();
    map.insert("_meta_path".to_owned(), Value::from(sidecar.to_string_lossy()));
    map.insert("_archive_path".to_owned(), Value::from(archive.to_string_lossy()));
    map
}

/// Sidecars have about 1 KiB.
const READ_BYTES: usize = 16 << 10;

/// Larger ones are not ours.
const MAX_SIDECAR_BYTES: usize = 16 << 20;

/// The few members of a sidecar that a table needs; what is absent or null is empty.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Facts {
    session_id: Option<String>,
    agent: Option<String>,
    project_slug: Option<String>,
    archived_at: Option<String>,
    started_at: Option<String>,
    title: Option<String>,
    line_count: Option<u64>,
    masked_lines: Option<u64>,
    archived_bytes: Option<u64>,
}

impl Facts {
    /// Takes what has the right type; the slow way for sidecars in which something has not.
    fn of_map(map: &Map<String, Value>) -> Facts {
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| map.get(name).and_then(Value::as_u64);
        Facts {
            session_id: text("session_id"),
            agent: text("agent"),
            project_slug: text("project_slug"),
            archived_at: text("archived_at"),
            started_at: text("started_at"),
            title: text("title"),
            line_count: number("line_count"),
            masked_lines: number("masked_lines"),
            archived_bytes: number("archived_bytes"),
        }
    }

    fn session(self, stored: &Stored) -> Session {
        let archived_at = self.archived_at.unwrap_or_default();
        Session {
            stored: stored.clone(),
            session_id: self.session_id.unwrap_or_default(),
            agent: self.agent,
            project_slug: self.project_slug.unwrap_or_default(),
            archived: parse_time(&archived_at),
            archived_at,
            started_at: self.started_at,
            title: self.title.filter(|title| !title.is_empty()),
            line_count: self.line_count.unwrap_or(0),
            masked_lines: self.masked_lines.unwrap_or(0),
            archived_bytes: self.archived_bytes.unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let sessions = read(root.path(), &Filter::default()).unwrap();
        let session = &sessions[0];
        assert_eq!((session.session_id.as_str(), session.agent.as_deref()), ("abc", None));
        assert_eq!((session.line_count, session.masked_lines, session.archived_bytes), (3, 1, 5));
        assert!(session.archived.is_some());
        assert!(session.stored.archive_path().ends_with("2026/06/a.jsonl.gz"));
    }

    #[test]
    fn wrong_types_are_overlooked_and_broken_files_left_out() {
        let root = store(&[
            ("a", r#"{"session_id": 7, "project_slug": "p", "line_count": -1}"#),
            ("b", "{"),
            ("c", "[]"),
        ]);
        let sessions = read(root.path(), &Filter::default()).unwrap();
        assert_eq!(sessions.len(), 1);
        assert_eq!((sessions[0].project_slug.as_str(), sessions[0].line_count), ("p", 0));
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
            let sessions = read(root.path(), &filter).unwrap();
            sessions.iter().map(|session| session.stored.stem.to_str().unwrap().to_owned()).collect()
        };
        let list = |items: &[&str]| items.iter().map(|item| item.to_string()).collect::<Vec<_>>();
        assert_eq!(stems(Filter { projects: list(&["p"]), ..Filter::default() }), ["a"]);
        assert_eq!(stems(Filter { projects: list(&["p", "q"]), ..Filter::default() }), ["a", "b", "c"]);
        assert_eq!(stems(Filter { agents: list(&["codex"]), ..Filter::default() }), ["a", "b"]);
        let since = Some("2026-06-06T12:00:00Z".parse().unwrap());
        assert_eq!(stems(Filter { since, ..Filter::default() }), ["c"]);
    }

    #[test]
    fn full_metadata_keeps_every_member_and_adds_the_paths() {
        let root = store(&[("a", r#"{"z": [1], "a": "x"}"#)]);
        let sessions = read(root.path(), &Filter::default()).unwrap();
        let map = metadata(&sessions[0].stored);
        let keys: Vec<_> = map.keys().map(String::as_str).collect();
        assert_eq!(keys, ["z", "a", "_meta_path", "_archive_path"]);
        assert!(map["_archive_path"].as_str().unwrap().ends_with("a.jsonl.gz"));
    }

    #[test]
    fn a_sidecar_larger_than_the_first_read_is_read_whole() {
        let title = "t".repeat(100_000);
        let root = store(&[("a", &format!("{{\"title\": \"{title}\"}}"))]);
        assert_eq!(read(root.path(), &Filter::default()).unwrap()[0].title.as_deref(), Some(title.as_str()));
    }
}
