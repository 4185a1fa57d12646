//! The names of archives: `2026/06/2026-06-05_1430_my-project_a1b2c3d4.jsonl.gz` and what belongs beside it.
//!
//! A name is made of what never changes (start, project, session id), so that whoever archives a session, and however
//! often it grows, it gets the same one. Owns no files: whether a name is taken is for `store` to find out.
//!
//! In: what is known of a session. Out: its places. `slug` makes the name of a project, `reserved` knows the names that are
//! devices somewhere, and here they are put together.

mod reserved;
mod slug;

use crate::identity::safe_id;
use jiff::civil::DateTime;
use reserved::is_reserved;

pub(crate) use slug::{UNKNOWN, slug};

/// What an archive's file name ends with.
pub(crate) const ARCHIVE_SUFFIX: &str = ".jsonl.gz";

/// What a sidecar's file name ends with.
pub(crate) const SIDECAR_SUFFIX: &str = ".meta.json";

/// What a session's directory of parts ends with.
pub(crate) const PARTS_SUFFIX: &str = ".parts";

/// What the name of a part's archive ends with where another program made it: sessionkeep 0.4 and users compress results
/// of tools that are no JSON Lines.
pub(crate) const PACKED_SUFFIX: &str = ".gz";

/// What follows the name of a damaged archive, or of its sidecar, that was set aside; behind it stands the time of that,
/// in seconds since 1970.
pub(crate) const DAMAGED_MARK: &str = ".damaged-";

/// The store's private directory: catalog, pending work, log, key and locks. Disposable, the key included.
pub(crate) const PRIVATE_DIRECTORY: &str = ".sessionkeep";

/// The sessions that were pruned, in the store's root. Unlike what is in [`PRIVATE_DIRECTORY`] it cannot be made anew.
pub(crate) const PRUNED_FILE: &str = "pruned.jsonl";

/// The sessions that are kept for ever, in the store's root.
pub(crate) const PINNED_FILE: &str = "pinned.jsonl";

/// What the name of a directory of parts begins with while it is removed.
pub(crate) const REMOVED_PREFIX: &str = ".removed-";

/// Where an archive and what belongs to it are, relative to the store, with `/` between components.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// `2026/06`, or `2026/06/<stem>.parts` for a part.
    pub directory: String,
    /// The file name without its suffixes, version included.
    pub stem: String,
}

impl Place {
    /// Returns the place of a session's archive. `short_id` is one of [`short_ids`].
    pub(crate) fn of_session(started: DateTime, project_slug: &str, short_id: &str, version: u32) -> Place {
        Place { directory: directory(started), stem: stem(started, project_slug, short_id, version) }
    }

    /// Returns the place of a part of the session whose first version is here.
    pub(crate) fn of_part(&self, part_id: &str, version: u32) -> Place {
        Place { directory: self.parts_directory(), stem: with_version(part_stem(part_id), version) }
    }

    /// Returns the place of an archive from its path relative to the store; `None` if that is not an archive's name.
    pub(crate) fn of_path(relative: &str) -> Option<Place> {
        let (directory, name) = relative.rsplit_once('/').unwrap_or(("", relative));
        let stem = name.strip_suffix(ARCHIVE_SUFFIX).filter(|stem| !stem.is_empty())?;
        Some(Place { directory: directory.to_owned(), stem: stem.to_owned() })
    }

    /// Returns the place of the first version of the session that the archive at `relative` holds a part of; `None` if
    /// it lies in no directory of parts.
    pub(crate) fn of_session_of(relative: &str) -> Option<Place> {
        let mut from = 0;
        for component in relative.split('/') {
            if let Some(stem) = component.strip_suffix(PARTS_SUFFIX).filter(|stem| !stem.is_empty()) {
                let directory = relative[..from].trim_end_matches('/').to_owned();
                return Some(Place { directory, stem: stem.to_owned() });
            }
            from += component.len() + 1;
        }
        None
    }

    /// Returns the directory of the parts of the session whose archive, of any version, is here, relative to the store.
    pub(crate) fn parts_directory(&self) -> String {
        let (stem, _) = split_version(&self.stem);
        join(&self.directory, &format!("{stem}{PARTS_SUFFIX}"))
    }

    /// Returns the same place for another version.
    pub(crate) fn with_version(&self, version: u32) -> Place {
        let (stem, _) = split_version(&self.stem);
        Place { directory: self.directory.clone(), stem: with_version(stem.to_owned(), version) }
    }

    /// Returns the archive's file name.
    pub(crate) fn archive_name(&self) -> String {
        format!("{}{ARCHIVE_SUFFIX}", self.stem)
    }

    /// Returns the sidecar's file name.
    pub(crate) fn sidecar_name(&self) -> String {
        format!("{}{SIDECAR_SUFFIX}", self.stem)
    }

    /// Returns the archive's path relative to the store.
    pub(crate) fn archive_path(&self) -> String {
        join(&self.directory, &self.archive_name())
    }

    /// Returns the sidecar's path relative to the store.
    pub(crate) fn sidecar_path(&self) -> String {
        join(&self.directory, &self.sidecar_name())
    }
}

/// Returns the path of a name in a directory, both relative to the store, whose own path is empty.
pub(super) fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

/// Returns the directory of sessions that started then: `2026/06`.
pub(crate) fn directory(started: DateTime) -> String {
    format!("{:04}/{:02}", started.year(), started.month())
}

/// Returns an archive's file name without suffixes: `2026-06-05_1430_my-project_a1b2c3d4`, and `.v2` from the second
/// version on. `started` is local time.
pub(crate) fn stem(started: DateTime, project_slug: &str, short_id: &str, version: u32) -> String {
    let (date, time) = (started.date(), started.time());
    let stem = format!(
        "{:04}-{:02}-{:02}_{:02}{:02}_{project_slug}_{short_id}",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute()
    );
    with_version(stem, version)
}

fn with_version(stem: String, version: u32) -> String {
    if version > 1 { format!("{stem}.v{version}") } else { stem }
}

/// Splits a stem into the part that all versions share and the version.
pub(crate) fn split_version(stem: &str) -> (&str, u32) {
    if let Some((base, digits)) = stem.rsplit_once(".v")
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(version @ 2..) = digits.parse()
    {
        return (base, version);
    }
    (stem, 1)
}

/// Returns what may stand for a session in its archive's name, in order: the first 8 characters of its id, 12, all of
/// them, and a hash of agent and id. The next one is used only when another session has the name.
pub(crate) fn short_ids(agent: &str, session_id: &str) -> Vec<String> {
    let id = safe_id(session_id);
    let hash = blake3::hash(format!("{agent}\0{session_id}").as_bytes()).to_hex();
    let mut ids: Vec<String> = Vec::with_capacity(4);
    for candidate in [&id[..id.len().min(8)], &id[..id.len().min(12)], &id, &hash[..32]] {
        if ids.iter().all(|known| known != candidate) {
            ids.push(candidate.to_owned());
        }
    }
    ids
}

/// Returns a part's file name without suffixes. A name that Windows keeps for a device gets a `_` in front.
fn part_stem(part_id: &str) -> String {
    let id = safe_id(part_id);
    if is_reserved(&id) { format!("_{id}") } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_session_has_the_name_that_the_readme_shows() {
        let place = Place::of_session(date(2026, 6, 5).at(14, 30, 59, 0), "my-project", "a1b2c3d4", 1);
        assert_eq!(place.archive_path(), "2026/06/2026-06-05_1430_my-project_a1b2c3d4.jsonl.gz");
        assert_eq!(place.sidecar_path(), "2026/06/2026-06-05_1430_my-project_a1b2c3d4.meta.json");
        let second = place.with_version(2);
        assert_eq!(second.archive_name(), "2026-06-05_1430_my-project_a1b2c3d4.v2.jsonl.gz");
        assert_eq!(second.with_version(1), place);
        assert_eq!(Place::of_path(&second.archive_path()), Some(second.clone()));
        assert_eq!(
            second.of_part("agent-1", 1).archive_path(),
            "2026/06/2026-06-05_1430_my-project_a1b2c3d4.parts/agent-1.jsonl.gz"
        );
        assert_eq!(Place::of_session_of(&second.of_part("agent-1", 2).archive_path()), Some(place));
        assert_eq!(Place::of_session_of("2026/06/x.jsonl.gz"), None);
    }

    #[test]
    fn the_longest_name_of_a_project_leaves_room_for_all_that_stands_around_it() {
        let id = safe_id(&"i".repeat(128));
        for cwd in ["x".repeat(300), "日".repeat(300), "क्ष".repeat(300), "𐐀".repeat(300)] {
            let place = Place::of_session(date(2026, 6, 5).at(14, 30, 0, 0), &slug(&cwd), &id, 999);
            let damaged = format!("{}{DAMAGED_MARK}1780669800", place.sidecar_name());
            assert!(damaged.len() <= 255, "{} bytes", damaged.len());
            assert_eq!(Place::of_path(&place.archive_path()), Some(place));
        }
    }

    #[test]
    fn a_session_whose_name_is_taken_has_longer_ones() {
        let ids = short_ids("codex", "0198c2a4-7a3e-7d90");
        assert_eq!(ids[..3], ["0198c2a4", "0198c2a4-7a3", "0198c2a4-7a3e-7d90"]);
        assert_eq!(ids[3].len(), 32);
        assert_eq!(short_ids("codex", "abc").len(), 2);
        assert_ne!(short_ids("codex", "abc")[1], short_ids("claude-code", "abc")[1]);
    }

    #[test]
    fn a_part_named_like_a_device_gets_another_name() {
        let place = Place { directory: "2026/06".into(), stem: "s".into() };
        for (id, name) in
            [("con", "_con"), ("COM1", "_COM1"), ("com", "com"), ("console", "console"), ("nul", "_nul")]
        {
            assert_eq!(place.of_part(id, 1).stem, name);
        }
        assert_eq!(place.of_part("a", 3).stem, "a.v3");
    }

    #[test]
    fn only_a_real_version_is_split_off() {
        assert_eq!(split_version("a.v2"), ("a", 2));
        assert_eq!(split_version("a.v12"), ("a", 12));
        for stem in ["a.v1", "a.v02", "a.v", "a.vx", "a", "a.v99999999999"] {
            assert_eq!(split_version(stem), (stem, 1));
        }
    }
}
