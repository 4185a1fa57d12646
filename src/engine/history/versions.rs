//! The archives that there are of one session or part, as decisions and names need them.

use crate::archive::catalog::Row;
use crate::archive::catalog::snapshot::Flags;
use crate::archive::header::Header;
use crate::archive::ledger::pruned::Known;
use crate::archive::names::Place;
use crate::archive::reader::Archive;
use crate::identity::Identity;
use std::path::Path;

/// One archive of a session or part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version {
    /// Path of the archive, relative to the store's root.
    pub archive: String,
    /// 1 for the first, 2 for the one after a rewrite, and so on.
    pub number: u32,
    /// Bytes of the source that it covers.
    pub source_bytes: u64,
    /// Keyed hash of these bytes.
    pub content_hash: [u8; 32],
    pub head_hash: [u8; 32],
    /// Which rules masked it.
    pub rules_version: String,
    /// It was masked while the configuration could not be read.
    pub is_rule_set_incomplete: bool,
    /// It was pruned: there is no such file any more.
    pub is_pruned: bool,
}

impl Version {
    /// Returns where the archive is.
    pub(crate) fn place(&self) -> Place {
        // The catalog is only a cache: a path in it that makes no sense names a place that nothing else has.
        Place::of_path(&self.archive)
            .unwrap_or_else(|| Place { directory: String::new(), stem: format!("unknown-{}", self.number) })
    }

    /// Returns the archive with this header at `place`.
    pub(crate) fn of_header(header: &Header, place: &Place) -> Version {
        Version {
            archive: place.archive_path(),
            number: header.version,
            source_bytes: header.source_bytes,
            content_hash: header.content_hash,
            head_hash: header.head_hash,
            rules_version: header.rules_version.clone(),
            is_rule_set_incomplete: header.is_rule_set_incomplete,
            is_pruned: false,
        }
    }

    /// Returns the archive that was pruned of a source with these hashes.
    pub(crate) fn of_pruned(known: &Known, content_hash: [u8; 32], head_hash: [u8; 32]) -> Version {
        Version {
            archive: known.covered.archive.clone(),
            number: known.covered.version,
            source_bytes: known.covered.source_bytes,
            content_hash,
            head_hash,
            is_pruned: true,
            ..Version::default()
        }
    }

    /// Returns the row that keeps the archive in the catalog, as one of `identity`, when no source stands for it any more.
    pub(crate) fn row(&self, identity: &Identity) -> Row {
        Row {
            source_bytes: self.source_bytes,
            clean_bytes: self.source_bytes,
            content_hash: self.content_hash,
            head_hash: self.head_hash,
            rules_version: self.rules_version.clone(),
            version: self.number,
            flags: Flags {
                is_rule_set_incomplete: self.is_rule_set_incomplete,
                has_no_hashes: false,
                is_pruned: self.is_pruned,
            },
            ..Row::without_source(identity.clone(), self.archive.clone())
        }
    }

    /// Returns the archives that the rows of one session or part speak of, oldest first. Of several rows for one
    /// archive (copies of the source) the one that covers most is the archive's own. Pruned ones are not among them.
    pub(crate) fn of_rows(rows: Vec<Row>) -> Vec<Version> {
        let mut versions: Vec<Version> = Vec::new();
        for row in rows.into_iter().filter(|row| !row.flags.has_no_hashes && !row.flags.is_pruned) {
            let version = Version {
                archive: row.archive,
                number: row.version,
                source_bytes: row.source_bytes,
                content_hash: row.content_hash,
                head_hash: row.head_hash,
                rules_version: row.rules_version,
                is_rule_set_incomplete: row.flags.is_rule_set_incomplete,
                is_pruned: false,
            };
            match versions.iter_mut().find(|known| known.archive == version.archive) {
                Some(known) if known.source_bytes < version.source_bytes => *known = version,
                Some(_) => {}
                None => versions.push(version),
            }
        }
        versions.sort_by_key(|version| version.number);
        versions
    }
}

/// What stands at the place of an archive that is about to be replaced.
#[derive(Debug)]
pub(crate) enum There {
    /// The archive that the catalog speaks of.
    AsRecorded,
    Nothing,
    /// A later archive of the same session: by a run that died, or could not reach the catalog, before recording it.
    Other(Version),
    /// Something that cannot be read, or is not this session's. It is not to be replaced: what it holds is not known.
    Damaged,
}

impl There {
    /// Looks at the place of `version` in the store at `root`.
    pub(crate) fn at(root: &Path, identity: &Identity, version: &Version) -> There {
        let path = root.join(&version.archive);
        if std::fs::symlink_metadata(&path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return There::Nothing;
        }
        let Ok(archive) = Archive::open(&path) else { return There::Damaged };
        match archive.header() {
            Some(header) if header.identity != *identity => There::Damaged,
            Some(header) => {
                let actual = Version::of_header(header, &version.place());
                let is_same = (actual.source_bytes, actual.content_hash)
                    == (version.source_bytes, version.content_hash);
                if is_same { There::AsRecorded } else { There::Other(actual) }
            }
            None => There::Damaged,
        }
    }
}
