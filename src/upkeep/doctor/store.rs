//! What is ours on this machine: the configuration, the store's directory, the catalog and what hooks left to be done.

use super::point::{Mend, Point, Points, modified, when};
use crate::archive::catalog::Catalog;
use crate::archive::catalog::snapshot::Snapshot;
use crate::archive::store::lock::import_lock_path;
use crate::archive::store::{PENDING_DIRECTORY, PRIVATE_DIRECTORY};
use crate::config::{Config, FileState};
use crate::engine::pending::marker;
use crate::error::Error;
use crate::mask::Masker;
use crate::platform::{self, EntryKind, Stat, process};
use crate::report::units;
use crate::upkeep::command::{own_command, shell_word};
use std::time::SystemTime;

/// Free space below which archiving is about to stop: a gigabyte of transcripts takes about a tenth of it.
const LOW_SPACE_BYTES: u64 = 200 << 20;

/// A session that a hook asked for is archived within seconds; this old, its worker was killed.
const PENDING_SECONDS: u64 = 600;

/// Looks at the configuration in use, or says why it cannot be used.
pub(crate) fn configuration(config: &Config, broken: Option<&Error>, points: &mut Points) {
    let version = env!("CARGO_PKG_VERSION");
    if let Some(error) = broken {
        let advice = error.hint().map_or_else(|| "sessionkeep config check".to_owned(), str::to_owned);
        return points.act("config", format!("{error}; only hooks archive, with the built-in rules"), advice);
    }
    let masker = match Masker::new(&config.masking) {
        Ok(masker) => masker,
        Err(error) => {
            let advice = error.hint().map_or_else(|| "sessionkeep config check".to_owned(), str::to_owned);
            return points.act("config", format!("{error}; nothing can be archived"), advice);
        }
    };
    let rules = masker.rules_version();
    let file = match &config.file {
        FileState::Read(place) => format!("configuration {}", place.path.display()),
        _ => "no configuration file".to_owned(),
    };
    points.ok("config", format!("sessionkeep {version}, rules {rules}, {file}"));
}

/// Looks at the store's directory; returns whether there is one.
pub(crate) fn directory(config: &Config, points: &mut Points) -> bool {
    let root = &config.store.path;
    let import = own_command(config, "import");
    let stat = match std::fs::symlink_metadata(root) {
        Ok(metadata) => Stat::of(&metadata),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            points.mend(
                "store",
                format!("nothing is archived yet: there is no {}", root.display()),
                Mend::Import,
                import,
            );
            return false;
        }
        Err(error) => {
            let says = format!("cannot look at {}: {error}", root.display());
            points.act("store", says, format!("ls -ld {}", shell_word(root)));
            return false;
        }
    };
    if stat.kind != EntryKind::Directory {
        let says = format!("{} is not a directory", root.display());
        points.act("store", says, format!("ls -ld {}", shell_word(root)));
        return false;
    }
    let (user, word) = (process::effective_user(), shell_word(root));
    if stat.owner != user && user != 0 {
        let says = format!("{} belongs to another user", root.display());
        points.act("store", says, format!("sudo chown -R \"$(id -u)\" {word}"));
    } else if stat.mode & 0o077 != 0 {
        let says = format!("{} is open to other users (mode {:04o})", root.display(), stat.mode);
        // What else lies in the user's home may be meant for others.
        let has_home = config.environment.home().is_some_and(|home| home.starts_with(root));
        let below = if has_home { "" } else { "-R " };
        points.act("store", says, format!("chmod {below}go= {word}"));
    } else {
        points.ok("store", format!("{}, private", root.display()));
    }
    match platform::space(root).map(|space| space.free_bytes) {
        Some(free) if free < LOW_SPACE_BYTES => {
            let says = format!("only {} free on its disk", units::size(free));
            points.act("space", says, format!("df -h {word}"));
        }
        Some(free) => points.ok("space", format!("{} free", units::size(free))),
        None => {}
    }
    true
}

/// Takes back that there is no store, where nobody has anything that could be in one.
pub(crate) fn not_needed(points: &mut Points) {
    if let Some(point) = points.0.iter_mut().find(|point| point.topic == "store") {
        *point = Point::new("store", "none yet, and no agent has sessions here");
    }
}

/// Looks at the catalog and at when it was last added to.
pub(crate) fn catalog(config: &Config, points: &mut Points) -> Snapshot {
    let root = &config.store.path;
    let looked = match Catalog::open_to_read(root) {
        Ok(None) => {
            points.mend("catalog", "there is none yet", Mend::Import, own_command(config, "import"));
            return Snapshot::default();
        }
        Ok(Some(catalog)) => catalog.read_snapshot(),
        Err(error) => Err(error),
    };
    match looked {
        Ok(snapshot) => {
            let last = modified(&import_lock_path(root));
            let last = last.map_or("no import yet".to_owned(), |time| format!("last import {}", when(time)));
            points.ok("catalog", format!("{} known, {last}", units::count(snapshot.len() as u64, "file")));
            snapshot
        }
        Err(error) => {
            let says = format!("cannot be used: {error}");
            points.mend("catalog", says, Mend::Repair, own_command(config, "repair"));
            Snapshot::default()
        }
    }
}

/// Looks at what hooks asked for and nobody archived since.
pub(crate) fn pending_work(config: &Config, points: &mut Points) {
    let folder = config.store.path.join(PRIVATE_DIRECTORY).join(PENDING_DIRECTORY);
    let markers = marker::list(&folder, None);
    let age = |left: SystemTime| left.elapsed().unwrap_or_default().as_secs();
    let oldest = markers.iter().filter_map(|marker| marker.left).map(age).max();
    match oldest {
        None => points.ok("pending", "no hook's work is left undone"),
        Some(age) if age < PENDING_SECONDS => {
            points.ok(
                "pending",
                format!("{} being archived for hooks", units::count(markers.len() as u64, "session")),
            );
        }
        Some(age) => {
            let sessions = units::count(markers.len() as u64, "session");
            let age = units::duration(std::time::Duration::from_secs(age));
            let says = format!("{sessions} left to be archived by hooks, the oldest {age} ago");
            points.mend("pending", says, Mend::Import, own_command(config, "import"));
        }
    }
}
