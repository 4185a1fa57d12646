//! Compares sidecars with what their archives say of themselves, and makes them anew.
//!
//! Only what a header is sure to hold in full is compared: long texts are cut in a header, not in a sidecar.

use crate::archive::header::Header;
use crate::archive::names::{Place, split_version};
use crate::archive::reader::Archive;
use crate::archive::sidecar::{Part, Sidecar};
use crate::platform::open_at_once;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What is wrong with a sidecar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Missing,
    /// No JSON object.
    Invalid,
    /// It cannot be read.
    Unreadable(String),
    /// It names other values than the archive's header, in these fields.
    Stale(Vec<&'static str>),
    /// It does not list the parts that there are: how many it lacks, how many it lists that are gone.
    Parts {
        lacking: usize,
        gone: usize,
    },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Missing => f.write_str("has no sidecar"),
            Fault::Invalid => f.write_str("has a sidecar that is not valid"),
            Fault::Unreadable(why) => write!(f, "has a sidecar that cannot be read: {why}"),
            Fault::Stale(fields) => {
                write!(f, "has a sidecar that says otherwise than the archive: {}", fields.join(", "))
            }
            Fault::Parts { lacking, gone } => {
                write!(f, "has a sidecar that lacks {lacking} of its parts and lists {gone} that are gone")
            }
        }
    }
}

/// Reads the sidecar of the archive at `place` in the store at `root`. Links are not followed.
pub(crate) fn read(root: &Path, place: &Place) -> Result<Sidecar, Fault> {
    let path = root.join(place.sidecar_path());
    let bytes = open(&path).and_then(|file| {
        let mut bytes = Vec::new();
        file.take(crate::archive::sidecar::MAX_SIDECAR_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    match bytes {
        Ok(bytes) => Sidecar::parse(&bytes).ok_or(Fault::Invalid),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Fault::Missing),
        Err(error) => Err(Fault::Unreadable(error.to_string())),
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let other = || std::io::Error::other("not a regular file");
    // A link may lead anywhere.
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Err(other());
    }
    // Another one may have come in its place.
    let file = open_at_once(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(other()) }
}

/// Returns what is wrong with a sidecar, given the header of its archive, the file's bytes and, if known, its masked
/// path. Tagged placeholders in a path are not compared: the tags' key is the store's.
pub(crate) fn compare(
    sidecar: &Sidecar,
    header: &Header,
    archived_bytes: u64,
    archive_path: Option<&str>,
) -> Option<Fault> {
    let expected = Sidecar::of_header(header, archived_bytes, "", Vec::new());
    let is_moved = archive_path
        .is_some_and(|path| path != sidecar.archive_path && !sidecar.archive_path.contains("***"));
    let fields = [
        ("session_id", sidecar.session_id != expected.session_id),
        ("archived_at", sidecar.archived_at != expected.archived_at),
        ("project_slug", sidecar.project_slug != expected.project_slug),
        ("source_bytes", sidecar.source_bytes != expected.source_bytes),
        ("archived_bytes", sidecar.archived_bytes != expected.archived_bytes),
        ("line_count", sidecar.line_count != expected.line_count),
        ("masked_lines", sidecar.masked_lines != expected.masked_lines),
        ("archive_path", is_moved),
        ("agent", sidecar.agent != expected.agent),
        ("started_at", sidecar.started_at != expected.started_at),
        ("rules_version", sidecar.rules_version != expected.rules_version),
        ("version", sidecar.version != expected.version),
        ("supersedes", sidecar.supersedes != expected.supersedes),
        ("forked_from", sidecar.forked_from != expected.forked_from),
        ("other_ids", sidecar.other_ids != expected.other_ids),
    ];
    let differing: Vec<&str> = fields.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    (!differing.is_empty()).then_some(Fault::Stale(differing))
}

/// Returns what is wrong with a sidecar's list of parts. `parts` are those in the session's own directory of parts;
/// the sidecar may list others, as long as their archives are there, which `is_there` tells from the listed path.
pub(crate) fn compare_parts(
    sidecar: &Sidecar,
    parts: &[Part],
    is_there: impl Fn(&str) -> bool,
) -> Option<Fault> {
    let listed: BTreeSet<&str> = sidecar.parts.iter().map(|part| part.part_id.as_str()).collect();
    let lacking = parts.iter().filter(|part| !listed.contains(part.part_id.as_str())).count();
    let gone = sidecar.parts.iter().filter(|part| !is_there(&part.archive)).count();
    (lacking + gone > 0).then_some(Fault::Parts { lacking, gone })
}

/// Adds to `parts` what an older sidecar lists beside them and is still there.
pub(crate) fn keep_listed(parts: &mut Vec<Part>, older: Sidecar, is_there: impl Fn(&str) -> bool) {
    for part in older.parts {
        let is_known = parts.iter().any(|known| known.part_id == part.part_id);
        if !is_known && is_there(&part.archive) {
            parts.push(part);
        }
    }
}

/// Returns the parts of a session from the paths, relative to the store, of the archives in its directory of parts, as
/// its sidecar lists them: the newest version of each, those left out that do not say which part they are.
pub(crate) fn list_parts<'a>(root: &Path, archives: impl Iterator<Item = &'a str>) -> Vec<Part> {
    let mut newest: std::collections::BTreeMap<String, (u32, String)> = Default::default();
    for relative in archives {
        let Some(place) = Place::of_path(relative) else { continue };
        let Ok(archive) = Archive::open(&root.join(relative)) else { continue };
        let Some(part_id) = archive.header().and_then(|header| header.identity.part_id.clone()) else {
            continue;
        };
        let (_, version) = split_version(&place.stem);
        let known = newest.get(&part_id).map_or(0, |(version, _)| *version);
        if version > known {
            // Year and month are the session's, too.
            let archive = relative.splitn(3, '/').nth(2).unwrap_or(relative).to_owned();
            newest.insert(part_id, (version, archive));
        }
    }
    newest.into_iter().map(|(part_id, (_, archive))| Part { part_id, archive }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(part_id: &str, archive: &str) -> Part {
        Part { part_id: part_id.to_owned(), archive: archive.to_owned() }
    }

    #[test]
    fn parts_that_lie_elsewhere_count_as_long_as_they_are_there() {
        let own = [part("a", "s.parts/a.jsonl.gz")];
        let mut sidecar =
            Sidecar { parts: vec![own[0].clone(), part("b", "t.parts/b.jsonl.gz")], ..Sidecar::default() };
        assert_eq!(compare_parts(&sidecar, &own, |_| true), None);
        let gone = compare_parts(&sidecar, &own, |archive| archive.starts_with("s."));
        assert_eq!(gone, Some(Fault::Parts { lacking: 0, gone: 1 }));
        let mut anew = own.to_vec();
        keep_listed(&mut anew, sidecar.clone(), |_| true);
        assert_eq!(anew, sidecar.parts);
        sidecar.parts.clear();
        assert_eq!(compare_parts(&sidecar, &own, |_| true), Some(Fault::Parts { lacking: 1, gone: 0 }));
    }

    #[test]
    fn a_sidecar_that_cannot_be_one_is_told_from_one_that_is_missing() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::of_path("x.jsonl.gz").unwrap();
        assert_eq!(read(root.path(), &place), Err(Fault::Missing));
        std::fs::write(root.path().join("x.meta.json"), "[]").unwrap();
        assert_eq!(read(root.path(), &place), Err(Fault::Invalid));
    }
}
