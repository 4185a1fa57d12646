//! Gives a session another id: in names of files, and wherever it stands in their text.
//!
//! The id is one that is unlikely to stand for anything else, a UUID: so it is replaced as text. Records name their
//! session by it in many members, paths of files beside the transcript hold it, and all of them have to agree.

use std::path::{Path, PathBuf};

use memchr::memmem::Finder;

use crate::error::{Error, Kind, Result};
use crate::identity::is_uuid;
use crate::platform::{clock, random_bytes};

/// Characters of a session's id in the names that Gemini CLI gives its transcripts: `session-<time>-<these>.jsonl`.
const SHORT_CHARS: usize = 8;

/// A session's id, and the one that it gets.
#[derive(Debug)]
pub(super) struct Renaming {
    pub old: String,
    pub new: String,
}

impl Renaming {
    /// Returns one that gives the session `old` an id that nobody has, of the same version of UUID.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] for an id that is no UUID: it could be any word.
    pub(super) fn of(old: &str) -> Result<Renaming> {
        if !is_uuid(old.as_bytes()) {
            let error = Error::new(Kind::Usage, format!("session '{old}' cannot be given another id"));
            return Err(
                error.with_hint("its id is no UUID; leave out --as-new, or write it elsewhere with --to")
            );
        }
        let cannot = |error| Error::new(Kind::Internal, "cannot make an id").with_source(error);
        let mut bytes = [0u8; 16];
        random_bytes(&mut bytes).map_err(cannot)?;
        Ok(Renaming { old: old.to_owned(), new: uuid(bytes, old.as_bytes()[14] == b'7') })
    }

    /// Returns a path with the new id in the place of the old one.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        let name = |name: &std::ffi::OsStr| match name.to_str() {
            Some(name) => self.name(name).into(),
            None => name.to_owned(),
        };
        path.iter().map(name).collect()
    }

    /// Returns a name with the new id in the place of the old one, or of its beginning.
    pub(super) fn name(&self, name: &str) -> String {
        let short = |id: &str| format!("-{}.jsonl", &id[..SHORT_CHARS]);
        match name.strip_suffix(&short(&self.old)).filter(|_| name.starts_with("session-")) {
            Some(before) => format!("{before}{}", short(&self.new)),
            None => name.replace(&self.old, &self.new),
        }
    }
}

/// Makes a UUID of random bytes, with the time before them if `is_timed` (RFC 9562, versions 4 and 7).
fn uuid(mut bytes: [u8; 16], is_timed: bool) -> String {
    if is_timed {
        let milliseconds = clock::now().as_millisecond().unsigned_abs();
        bytes[..6].copy_from_slice(&milliseconds.to_be_bytes()[2..]);
    }
    bytes[6] = (bytes[6] & 0x0f) | if is_timed { 0x70 } else { 0x40 };
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let pieces = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    pieces.join("-")
}

/// Replaces the id in a stream of text.
pub(super) struct Renamer<'r> {
    renaming: &'r Renaming,
    finder: Finder<'r>,
    /// The end of what came, in which an id may have begun.
    held: Vec<u8>,
}

impl<'r> Renamer<'r> {
    pub(super) fn new(renaming: &'r Renaming) -> Renamer<'r> {
        Renamer { renaming, finder: Finder::new(renaming.old.as_bytes()), held: Vec::new() }
    }

    /// Takes the next piece, and returns as much of the text as is settled.
    pub(super) fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let mut out = Vec::with_capacity(self.held.len());
        let mut at = 0;
        while let Some(found) = self.finder.find(&self.held[at..]) {
            out.extend_from_slice(&self.held[at..at + found]);
            out.extend_from_slice(self.renaming.new.as_bytes());
            at += found + self.renaming.old.len();
        }
        // No id has a line break in it.
        let kept = match self.held.last() {
            Some(b'\n') | None => 0,
            Some(_) => (self.renaming.old.len() - 1).min(self.held.len() - at),
        };
        let end = self.held.len() - kept;
        out.extend_from_slice(&self.held[at..end]);
        self.held.drain(..end);
        out
    }

    /// Returns what is left.
    pub(super) fn finish(self) -> Vec<u8> {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f";

    #[test]
    fn an_id_is_replaced_wherever_the_text_is_cut() {
        let renaming = Renaming::of(OLD).unwrap();
        let text = format!("{{\"id\":\"{OLD}\"}}\n{OLD}{OLD} x {}", &OLD[..20]);
        let expected = text.replace(OLD, &renaming.new);
        for length in 1..text.len() {
            let mut renamer = Renamer::new(&renaming);
            let mut out = Vec::new();
            text.as_bytes().chunks(length).for_each(|piece| out.extend(renamer.push(piece)));
            out.extend(renamer.finish());
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{length}");
        }
    }

    #[test]
    fn new_ids_are_of_the_version_of_the_old_ones_and_differ() {
        let timed = "01a204f9-4e0b-7c61-aa63-10970996f82a";
        for (old, version) in [(OLD, "4"), (timed, "7")] {
            let [one, other] = [(); 2].map(|()| Renaming::of(old).unwrap().new);
            assert!(is_uuid(one.as_bytes()) && one != other);
            assert_eq!(&one[14..15], version);
            assert!(["8", "9", "a", "b"].contains(&&one[19..20]), "{one}");
        }
        assert_eq!(Renaming::of("session_1").unwrap_err().kind(), Kind::Usage);
    }

    #[test]
    fn names_of_files_follow_the_id() {
        let renaming =
            Renaming { old: OLD.to_owned(), new: "ffffffff-0000-4000-8000-000000000000".to_owned() };
        for (name, expected) in [
            ("p/SID.jsonl", "p/NEW.jsonl"),
            (
                "p/chats/session-2026-01-02T03-04-0a1b2c3d.jsonl",
                "p/chats/session-2026-01-02T03-04-ffffffff.jsonl",
            ),
            ("p/SID/x.txt", "p/NEW/x.txt"),
            ("p/0a1b2c3d.jsonl", "p/0a1b2c3d.jsonl"),
        ] {
            let path = renaming.path(Path::new(&name.replace("SID", OLD)));
            assert_eq!(path.to_str().unwrap(), expected.replace("NEW", &renaming.new));
        }
    }
}
