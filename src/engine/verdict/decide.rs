//! What is to be done with one source, given what is archived of its session already. Pure: reads nothing.

use crate::engine::history::versions::Version;

/// What a source turned out to be, compared with the archives of the same session or part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing of it is archived.
    New,
    /// Its bytes are archived already (touched, moved, copied, rolled back to an archived state).
    Same { version: usize },
    /// It holds all bytes of that version as a prefix, and more.
    Grown { version: usize },
    /// It is neither: the old version stays, this becomes the next.
    Rewritten { version: usize },
    /// Another source of this run has its bytes and is being archived: the next run sees that it is the same.
    Copy,
    /// What it holds was archived, and that archive was pruned: it stays away.
    Pruned { archive: Box<Version> },
}

/// The hashes of a source that a decision needs.
pub(crate) trait Hashes {
    /// Returns the keyed hash of the first `bytes` bytes; `None` when the source is shorter or cannot be read.
    fn prefix(&mut self, bytes: u64) -> Option<[u8; 32]>;
}

/// Decides about a source of `source_bytes` bytes; `versions` are the archives of its session or part, oldest first.
pub(crate) fn decide(versions: &[Version], source_bytes: u64, hashes: &mut dyn Hashes) -> Decision {
    let Some(newest) = versions.len().checked_sub(1) else { return Decision::New };
    for (index, version) in versions.iter().enumerate().rev() {
        if version.source_bytes == source_bytes && hashes.prefix(source_bytes) == Some(version.content_hash) {
            return Decision::Same { version: index };
        }
    }
    for (index, version) in versions.iter().enumerate().rev() {
        if version.source_bytes < source_bytes
            && hashes.prefix(version.source_bytes) == Some(version.content_hash)
        {
            return Decision::Grown { version: index };
        }
    }
    Decision::Rewritten { version: newest }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Text(&'static [u8]);

    fn hash(bytes: &[u8]) -> [u8; 32] {
        blake3::hash(bytes).into()
    }

    impl Hashes for Text {
        fn prefix(&mut self, bytes: u64) -> Option<[u8; 32]> {
            self.0.get(..bytes as usize).map(hash)
        }
    }

    fn version(text: &[u8]) -> Version {
        Version { source_bytes: text.len() as u64, content_hash: hash(text), ..Version::default() }
    }

    fn decided(versions: &[&[u8]], text: &'static [u8]) -> Decision {
        let versions: Vec<Version> = versions.iter().map(|text| version(text)).collect();
        decide(&versions, text.len() as u64, &mut Text(text))
    }

    #[test]
    fn the_five_ways_a_source_can_stand_to_its_archives_are_told_apart() {
        assert_eq!(decided(&[], b"a\n"), Decision::New);
        assert_eq!(decided(&[b"a\n"], b"a\n"), Decision::Same { version: 0 });
        assert_eq!(decided(&[b"a\n"], b"a\nb\n"), Decision::Grown { version: 0 });
        assert_eq!(decided(&[b"a\n"], b"b\n"), Decision::Rewritten { version: 0 });
        assert_eq!(decided(&[b"a\nb\n"], b"a\n"), Decision::Rewritten { version: 0 });
    }

    #[test]
    fn a_source_rolled_back_to_an_archived_state_makes_no_new_version() {
        assert_eq!(decided(&[b"a\n", b"b\n"], b"a\n"), Decision::Same { version: 0 });
    }

    #[test]
    fn an_older_version_that_grew_takes_its_growth_so_that_no_byte_is_kept_twice() {
        assert_eq!(decided(&[b"a\n", b"b\n"], b"a\nc\n"), Decision::Grown { version: 0 });
        assert_eq!(decided(&[b"a\n", b"b\n"], b"b\nc\n"), Decision::Grown { version: 1 });
        assert_eq!(decided(&[b"a\n", b"b\n"], b"c\n"), Decision::Rewritten { version: 1 });
    }
}
