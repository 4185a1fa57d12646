//! Whether a session would come out as it did last time: by its archives' sizes and times, else by what they say they hold.

use std::path::Path;

use crate::archive::names::split_version;
use crate::archive::reader::Archive;
use crate::platform::Stat;
use crate::search::sessions::{Session, in_parts};

/// The archive of a session, and those of its parts.
pub(super) struct Files {
    /// Name, size and time of each, in order.
    stats: Vec<(String, u64, i64)>,
    /// What a list of all sessions knows of it beside its archive, such as what its sidecar says.
    told: String,
    paths: Vec<std::path::PathBuf>,
}

impl Files {
    /// Looks at the files of `session`, and opens none.
    pub(super) fn of(session: &Session<'_>) -> Files {
        let stored = &session.stored;
        let mut paths = Vec::new();
        if stored.archive_suffix.is_some() {
            paths.push(stored.archive_path());
        }
        // Parts are counted with the first version of a session alone, and are those of all.
        if stored.part_count > 0 || stored.is_orphaned() || split_version(&stored.stem).1 > 1 {
            let parts = in_parts(&stored.parts_path()).unwrap_or_default();
            paths.extend(
                parts.iter().filter(|part| part.archive_suffix.is_some()).map(|part| part.archive_path()),
            );
        }
        let stats = paths.iter().map(|path| {
            let stat = path.symlink_metadata().map(|metadata| Stat::of(&metadata)).ok();
            let (bytes, time) = stat.map_or((0, 0), |stat| (stat.bytes, stat.mtime_ns));
            (name(path), bytes, time)
        });
        let stats = stats.collect();
        let told = [
            session.title.as_deref(),
            session.model.as_deref(),
            session.git_branch.as_deref(),
            session.ended_at.as_deref(),
            session.agent.as_deref(),
            Some(&*session.project_slug),
        ];
        Files { stats, told: told.map(|text| text.unwrap_or("")).join("\n"), paths }
    }

    /// Returns the bytes of all of them.
    pub(super) fn bytes(&self) -> u64 {
        self.stats.iter().map(|(_, bytes, _)| bytes).sum()
    }

    /// Returns what is the same as long as no file changes, nor the `recipe` by which they are rendered.
    pub(super) fn of_stats(&self, recipe: &str) -> String {
        let stats = self.stats.iter().map(|(name, bytes, time)| format!("{name}\0{bytes}\0{time}"));
        hash(recipe, &self.told, stats)
    }

    /// Returns what is the same as long as the text of no archive changes: opens each to read what it says it holds. Of
    /// another program's archives, it is time and size.
    pub(super) fn of_contents(&self, recipe: &str) -> String {
        let contents = self.stats.iter().zip(&self.paths).map(|((name, bytes, time), path)| {
            let archive = Archive::open(path).ok();
            match archive.as_ref().and_then(Archive::header) {
                Some(header) => {
                    let hash: String = header.content_hash.iter().map(|byte| format!("{byte:02x}")).collect();
                    format!("{name}\0{bytes}\0{hash}\0{}", header.rules_version)
                }
                None => format!("{name}\0{bytes}\0{time}"),
            }
        });
        hash(recipe, &self.told, contents)
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn hash(recipe: &str, told: &str, files: impl Iterator<Item = String>) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in [recipe.to_owned(), told.to_owned()].into_iter().chain(files) {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}
