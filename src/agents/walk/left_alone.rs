//! What a walk leaves alone, for a good reason, and what that reason is called.

use std::fmt;
use std::path::Path;

use crate::agents::names::is_transcript_name;

/// Is told each file that is left alone, and why; from several threads, in no order.
pub(crate) type Tell<'a> = &'a (dyn Fn(&Path, LeftAlone) + Sync);

/// Why a file of an agent's is not archived, where that is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum LeftAlone {
    /// The agent keeps it for itself under a transcript's name.
    Bookkeeping,
    /// It lies in a directory that holds no sessions.
    Notes,
    /// A temporary, lock or editor's file.
    Temporary,
    Database,
    /// `.json` and the like: metadata, settings, an index.
    Metadata,
    /// Packed in a way in which no agent leaves transcripts.
    Packed,
    /// Its name is no transcript's.
    OtherName,
    /// A socket, FIFO or device.
    NotRegular,
    /// A symlink to what is looked at where it lies, or by another link.
    LookedAtElsewhere,
    /// Text that was pasted or edited, and no session names it.
    Unnamed,
    /// A packed transcript that is there as a plain file, too.
    PlainBeside,
    Empty,
    /// Modified too recently (`--min-age`).
    TooYoung,
}

/// Endings of the names of files that agents and editors have open or forgot.
const TEMPORARY: [&[u8]; 7] = [b".tmp", b".lock", b".swp", b"~", b".bak", b".part", b".pid"];

const DATABASES: [&[u8]; 8] =
    [b".sqlite", b".sqlite3", b".db", b".db3", b".vscdb", b"-wal", b"-shm", b"-journal"];

const METADATA: [&[u8]; 5] = [b".json", b".yaml", b".yml", b".toml", b".ini"];

const PACKED: [&[u8]; 7] = [b".gz", b".zst", b".zstd", b".xz", b".bz2", b".zip", b".7z"];

impl LeftAlone {
    /// Returns why a regular file of this name, which the agent's rules do not take, is left alone.
    pub(crate) fn by_name(name: &[u8]) -> LeftAlone {
        let ends = |endings: &[&[u8]]| endings.iter().any(|ending| name.ends_with(ending));
        let has_temporary_part = memchr::memmem::find(name, b".tmp.").is_some();
        match () {
            () if ends(&TEMPORARY) || has_temporary_part || name.starts_with(b".#") => LeftAlone::Temporary,
            () if is_transcript_name(name) => LeftAlone::Bookkeeping,
            () if ends(&DATABASES) => LeftAlone::Database,
            () if ends(&METADATA) => LeftAlone::Metadata,
            () if ends(&PACKED) => LeftAlone::Packed,
            () => LeftAlone::OtherName,
        }
    }
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LeftAlone::Bookkeeping => "the agent's own bookkeeping",
            LeftAlone::Notes => "in a directory of notes, which holds no sessions",
            LeftAlone::Temporary => "a temporary or lock file",
            LeftAlone::Database => "a database",
            LeftAlone::Metadata => "metadata or settings",
            LeftAlone::Packed => "packed, and not as the agent packs its sessions",
            LeftAlone::OtherName => "not named like a transcript",
            LeftAlone::NotRegular => "a socket, FIFO or device",
            LeftAlone::Unnamed => "pasted or edited text that no session names",
            LeftAlone::LookedAtElsewhere => "a symlink to what is looked at elsewhere",
            LeftAlone::PlainBeside => "packed, and there unpacked too",
            LeftAlone::Empty => "empty",
            LeftAlone::TooYoung => "too young for --min-age",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_why_a_file_is_left_alone() {
        let cases: [(&str, LeftAlone); 12] = [
            ("agent-a1.meta.json", LeftAlone::Metadata),
            ("settings.json", LeftAlone::Metadata),
            ("state.sqlite", LeftAlone::Database),
            ("state.sqlite-wal", LeftAlone::Database),
            ("a.lock", LeftAlone::Temporary),
            ("a.jsonl.compact.tmp.1", LeftAlone::Temporary),
            (".#a.jsonl", LeftAlone::Temporary),
            ("resume-head.jsonl", LeftAlone::Bookkeeping),
            ("a.jsonl.gz", LeftAlone::Packed),
            ("notes.txt", LeftAlone::OtherName),
            ("", LeftAlone::OtherName),
            ("1.cast", LeftAlone::OtherName),
        ];
        for (name, expected) in cases {
            assert_eq!(LeftAlone::by_name(name.as_bytes()), expected, "{name}");
        }
    }
}
