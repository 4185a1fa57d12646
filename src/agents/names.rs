//! File names and ids: UUIDs in names, ids made safe for file names, the last components of a path.

use crate::identity::{id_of_name, uuid_in};
use std::path::{Path, PathBuf};

use super::found::Guess;

/// Returns a part's id made of the components of its path below the session's directory.
pub(crate) fn part_id(components: &[&[u8]]) -> String {
    id_of_name(&components.join(&b'-'))
}

/// Returns whether the name is that of a transcript.
pub(crate) fn is_transcript_name(name: &[u8]) -> bool {
    name.ends_with(b".jsonl") || name.ends_with(b".jsonl.zst") || name.ends_with(b".jsonl.zstd")
}

/// What stands after `.jsonl` in the name of a transcript that its agent set aside: before a time.
const SET_ASIDE: [&[u8]; 2] = [b".jsonl.reset.", b".jsonl.deleted."];

/// Returns what the transcript was called, without `.jsonl`, if the name is that of one that its agent set aside when the
/// session was reset or deleted.
pub(crate) fn set_aside_stem(name: &[u8]) -> Option<&[u8]> {
    let at = SET_ASIDE.iter().find_map(|mark| {
        let at = memchr::memmem::find(name, mark)?;
        (at + mark.len() < name.len()).then_some(at)
    })?;
    Some(&name[..at]).filter(|stem| !stem.is_empty())
}

/// Returns whether the name may be that of a file that belongs to a transcript.
pub(crate) fn is_companion_name(name: &[u8]) -> bool {
    name.ends_with(b".txt")
        || name.ends_with(b".json")
        || name.ends_with(b".jsonl.meta")
        || set_aside_stem(name).is_some()
        || memchr::memmem::find(name, b".jsonl.superseded-").is_some()
        || is_holder_name(name)
}

/// Returns whether the name may be that of a file that holds many sessions: a database, or a chat.
pub(crate) fn is_holder_name(name: &[u8]) -> bool {
    const DATABASES: [&[u8]; 4] = [b".db", b".vscdb", b".sqlite3", b".sqlite"];
    DATABASES.iter().any(|suffix| name.ends_with(suffix)) || name == b".aider.chat.history.md"
}

/// What the name of a transcript ends with that was packed, after `.jsonl`.
const PACKED_SUFFIXES: [&[u8]; 3] = [b".zst", b".zstd", b".gz"];

/// Returns the name without what it has for being packed, if it is that of a packed transcript.
pub(crate) fn unpacked_name(name: &[u8]) -> Option<&[u8]> {
    let plain = PACKED_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(*suffix))?;
    plain.ends_with(b".jsonl").then_some(plain)
}

/// Returns whether the file is a packed transcript, by its name alone.
pub(crate) fn is_packed(path: &Path) -> bool {
    unpacked_name(path.as_os_str().as_encoded_bytes()).is_some()
}

/// Returns the path of a packed transcript before it was packed.
pub(crate) fn unpacked_path(path: &Path) -> Option<PathBuf> {
    // What follows `.jsonl` is the extension.
    is_packed(path).then(|| path.with_extension(""))
}

/// Returns the name without `.jsonl` (and what a packed one has after that), or else its last extension.
pub(crate) fn stem(name: &[u8]) -> &[u8] {
    let plain = unpacked_name(name).unwrap_or(name);
    if let Some(stem) = plain.strip_suffix(b".jsonl")
        && !stem.is_empty()
    {
        return stem;
    }
    match memchr::memrchr(b'.', name) {
        Some(dot) if dot > 0 => &name[..dot],
        _ => name,
    }
}

/// Names that agents give to the transcript of every session, so that the directory's name is what tells them apart.
const NAMES_OF_ALL: [&[u8]; 7] = [
    b"audit",
    b"messages",
    b"transcript",
    b"chat_history",
    b"conversation",
    b"session",
    b"api_conversation_history",
];

/// Names of what agents write beside the transcript of a session, in the same directory: the session's screen (Grok), its
/// steps at full length (Antigravity).
const NAMES_OF_PARTS: [&[u8]; 2] = [b"updates", b"transcript_full"];

/// Directories that stand between a session's own and its transcript.
const DIRECTORIES_BETWEEN: [&[u8]; 3] = [b"logs", b".system_generated", b"transcripts"];

/// Returns what a file's path tells whoever wrote it: a UUID in its stem; or, where the name is one that all sessions
/// of some agent share, the UUID of the session's directory. That of a directory further up (a workspace's) is not the
/// session's: two sessions must not get one id.
pub(crate) fn guess_name(path: &Path) -> Guess {
    guess_tail(&PathTail::new(path))
}

/// Returns what [`guess_name`] does.
pub(crate) fn guess_tail(path: &PathTail<'_>) -> Guess {
    let stem = stem(path.name());
    // `session.v3`: the version of a format.
    let plain = stem.split(|byte| *byte == b'.').next().unwrap_or(stem);
    if !is_common_name(stem) {
        return Guess { agent: None, session_id: uuid_in(stem), part_id: None };
    }
    let directories = path.components().iter().rev().skip(1);
    let session_id = directories.copied().find(|name| !is_between(name)).and_then(uuid_in);
    // Beside each other they are two records of one session, not versions of one record.
    let is_part = NAMES_OF_PARTS.contains(&plain) || plain.len() != stem.len();
    let part_id = session_id.as_ref().filter(|_| is_part).map(|_| id_of_name(stem));
    Guess { agent: None, session_id, part_id }
}

/// Returns whether agents call the transcript of every session so, or what they write beside it.
pub(crate) fn is_common_name(stem: &[u8]) -> bool {
    let plain = stem.split(|byte| *byte == b'.').next().unwrap_or(stem);
    NAMES_OF_ALL.contains(&plain) || NAMES_OF_PARTS.contains(&plain)
}

/// Returns the name of the directory that a transcript's session has to itself, as far as can be told.
fn session_directory(path: &Path) -> Option<&[u8]> {
    let directories = path.ancestors().skip(1).filter_map(Path::file_name);
    let mut names = directories.map(|name| name.as_encoded_bytes());
    names.find(|name| !is_between(name))
}

/// Returns whether a directory of this name stands between a session's own and its transcript.
fn is_between(directory: &[u8]) -> bool {
    DIRECTORIES_BETWEEN.contains(&directory)
}

/// Returns what a file without any id is called: its stem, or, where that says nothing, its directory.
pub(crate) fn telling_stem(path: &Path) -> &[u8] {
    let stem = stem(path.file_name().map_or(&b""[..], |name| name.as_encoded_bytes()));
    if NAMES_OF_ALL.contains(&stem) { session_directory(path).unwrap_or(stem) } else { stem }
}

/// The session id that an agent's prompt history is kept under; where there are several, that of one of them.
pub(crate) const HISTORY_ID: &str = "history";

/// Digits by which one history's id differs from another's.
const NAMESAKE_DIGITS: usize = 8;

/// Returns whether a session id is that of a prompt history: [`HISTORY_ID`], or that with what tells it from others.
pub(crate) fn is_history_id(id: &str) -> bool {
    let Some(rest) = id.strip_prefix(HISTORY_ID) else { return false };
    rest.is_empty()
        || rest.strip_prefix('-').is_some_and(|hash| {
            hash.len() == NAMESAKE_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// Components that an agent may look at: deep enough for `<session>/subagents/workflows/<run>/<file>` with its
/// project, and a few more.
const TAIL_COMPONENTS: usize = 10;

/// The last components of a path as bytes, the file's name last.
pub(crate) struct PathTail<'a> {
    /// Filled from the end: the last entry is the name.
    components: [&'a [u8]; TAIL_COMPONENTS],
    count: usize,
}

impl<'a> PathTail<'a> {
    pub(crate) fn new(path: &'a Path) -> PathTail<'a> {
        let mut tail = PathTail { components: [b""; TAIL_COMPONENTS], count: 0 };
        for component in path.components().rev() {
            if tail.count == TAIL_COMPONENTS {
                break;
            }
            tail.count += 1;
            tail.components[TAIL_COMPONENTS - tail.count] = component.as_os_str().as_encoded_bytes();
        }
        tail
    }

    /// Returns the components, the name last; the first ones of a long path are missing.
    pub(crate) fn components(&self) -> &[&'a [u8]] {
        &self.components[TAIL_COMPONENTS - self.count..]
    }

    /// Returns the file's name.
    pub(crate) fn name(&self) -> &'a [u8] {
        self.above(0)
    }

    /// Returns the component `levels` above the name, or nothing: 1 is the directory.
    pub(crate) fn above(&self, levels: usize) -> &'a [u8] {
        if levels < self.count { self.components[TAIL_COMPONENTS - 1 - levels] } else { b"" }
    }

    /// Returns the name without `.jsonl`, if it ends so and something is left.
    pub(crate) fn jsonl_stem(&self) -> Option<&'a [u8]> {
        self.name().strip_suffix(b".jsonl").filter(|stem| !stem.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_the_name_without_its_transcript_extension() {
        assert_eq!(stem(b"a.b.jsonl"), b"a.b");
        assert_eq!(stem(b"a.jsonl.zst"), b"a");
        assert_eq!(stem(b"a.v3.jsonl.zstd"), b"a.v3");
        assert_eq!(stem(b"a.jsonl.gz"), b"a");
        assert_eq!(stem(b"a.log"), b"a");
        assert_eq!(stem(b".jsonl"), b".jsonl");
        assert_eq!(stem(b"a"), b"a");
    }

    #[test]
    fn a_path_tail_counts_from_the_name() {
        let path = Path::new("/1/2/3/4/5/6/7/8/9/10/11/a.jsonl");
        let tail = PathTail::new(path);
        assert_eq!(tail.name(), b"a.jsonl");
        assert_eq!(tail.jsonl_stem(), Some(&b"a"[..]));
        assert_eq!(tail.above(1), b"11");
        assert_eq!(tail.above(9), b"3");
        assert_eq!(tail.above(10), b"");
    }

    #[test]
    fn ids_of_histories_are_known_from_others() {
        for id in ["history", "history-0a1b2c3d"] {
            assert!(is_history_id(id), "{id}");
        }
        for id in [
            "",
            "histories",
            "history-",
            "history-0a1b2c3",
            "history-0a1b2c3g",
            "my-history",
            "history-0a1b2c3d4",
        ] {
            assert!(!is_history_id(id), "{id}");
        }
    }
}
