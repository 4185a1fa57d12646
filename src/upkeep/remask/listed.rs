//! What a store holds, session by session, and which of it was masked with other rules than today's. In: the root of a
//! store. Out: sessions, each with all its archives: transcript, parts, all versions. Reads headers and sidecars only.

use crate::archive::header::Header;
use crate::archive::names::{Place, split_version};
use crate::archive::reader::{Archive, Format};
use crate::archive::sidecar::Sidecar;
use crate::archive::tree::{Item, Walk, sidecar_of_archive};
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::identity::{FILES, Identity, safe_id};
use crate::platform::{Stat, open_at_once};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// An archive, as far as it says itself what is to be done.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// Path relative to the store.
    pub relative: String,
    /// Bytes of the file.
    pub bytes: u64,
    pub identity: Identity,
    /// It is of ours, and its header can be read.
    pub is_ours: bool,
    /// It was masked with other rules than today's, or nobody can tell.
    pub is_stale: bool,
    /// Its sidecar does not say what it says.
    pub has_old_sidecar: bool,
}

/// All archives of one session.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub heads: Vec<Head>,
}

impl Listed {
    /// Returns whether anything of the session was masked with other rules than today's.
    pub(super) fn is_stale(&self) -> bool {
        self.heads.iter().any(|head| head.is_stale)
    }

    /// Returns the bytes of all its archives.
    pub(super) fn bytes(&self) -> u64 {
        self.heads.iter().map(|head| head.bytes).sum()
    }
}

/// Returns the directory and the stem by which the files of one session are known, of whatever version or part the archive
/// at `relative` is.
pub(super) fn base(relative: &str) -> (String, String) {
    let place = Place::of_session_of(relative).or_else(|| Place::of_path(relative));
    match place {
        Some(place) => {
            let stem = split_version(&place.stem).0.to_owned();
            (place.directory, stem)
        }
        None => (String::new(), relative.to_owned()),
    }
}

/// Returns all sessions in the store at `root`, those that `today` is the version of the rules of among them.
///
/// # Errors
///
/// [`Kind::Store`] when the store cannot be listed.
pub(super) fn sessions(root: &Path, today: &str) -> Result<Vec<Listed>> {
    let mut found = Vec::new();
    let mut walk = Walk::of(root);
    while let Some(listed) = walk.next(&mut |directory, name, item| {
        if let Item::Archive { .. } = item {
            found.push(directory.below(name));
        }
    }) {
        if let Err(unlisted) = listed {
            return Err(Error::io(
                Kind::Store,
                "cannot list",
                &root.join(&unlisted.relative),
                unlisted.error,
            ));
        }
    }
    found.sort();
    let heads: Vec<Head> = found.into_par_iter().filter_map(|relative| head(root, relative, today)).collect();
    let mut sessions: Vec<Listed> = Vec::new();
    let mut by_base: HashMap<(String, String), usize> = HashMap::new();
    let mut by_identity: BTreeMap<Identity, usize> = BTreeMap::new();
    for head in heads {
        let base = base(&head.relative);
        // A session's parts may lie elsewhere: they are known by what they say.
        let known = head.is_ours.then(|| by_identity.get(&head.identity.session())).flatten();
        let known = known.or_else(|| by_base.get(&base)).copied();
        let at = known.unwrap_or(sessions.len());
        if at == sessions.len() {
            sessions.push(Listed::default());
        }
        by_base.entry(base).or_insert(at);
        if head.is_ours {
            by_identity.entry(head.identity.session()).or_insert(at);
        }
        sessions[at].heads.push(head);
    }
    Ok(sessions)
}

/// Returns what an archive says of itself; `None` when it is gone.
fn head(root: &Path, relative: String, today: &str) -> Option<Head> {
    let path = root.join(&relative);
    let archive = match Archive::open(&path) {
        Ok(archive) => archive,
        // What cannot be read is said when it is to be masked.
        Err(_) if path.exists() => return Some(unknown(relative, None)),
        Err(_) => return None,
    };
    let bytes = archive.stat().bytes;
    let sidecar = || sidecar(root, &relative);
    match archive.format() {
        Format::Ours(header) => {
            let is_stale = is_stale(header, today);
            let is_old = |sidecar: Option<Sidecar>| {
                sidecar.is_none_or(|sidecar| {
                    sidecar.rules_version.as_ref() != Some(&header.rules_version)
                        || sidecar.archived_bytes != bytes
                })
            };
            let is_named = Place::of_path(&relative).is_some();
            Some(Head {
                bytes,
                identity: header.identity.clone(),
                is_ours: true,
                is_stale,
                has_old_sidecar: !is_stale && is_named && is_old(sidecar()),
                relative,
            })
        }
        Format::Plain => {
            let sidecar = sidecar();
            let is_stale =
                sidecar.as_ref().is_none_or(|sidecar| sidecar.rules_version.as_deref() != Some(today));
            let head = unknown(relative, sidecar);
            Some(Head { bytes, is_stale, ..head })
        }
        Format::Newer(_) | Format::DamagedHeader(_) => Some(Head { bytes, ..unknown(relative, None) }),
    }
}

/// Returns whether an archive with this header was masked with other rules than today's.
fn is_stale(header: &Header, today: &str) -> bool {
    header.rules_version != today || header.is_rule_set_incomplete
}

fn unknown(relative: String, sidecar: Option<Sidecar>) -> Head {
    let agent = sidecar.as_ref().and_then(|sidecar| sidecar.agent.clone());
    let session_id = match sidecar {
        Some(sidecar) => safe_id(&sidecar.session_id),
        None => safe_id(&base(&relative).1),
    };
    let identity = Identity { agent: agent.unwrap_or_else(|| FILES.to_owned()), session_id, part_id: None };
    Head { relative, bytes: 0, identity, is_ours: false, is_stale: true, has_old_sidecar: false }
}

/// Returns what the file system says of the archive at `relative`; `None` if it is gone.
pub(super) fn stat(root: &Path, relative: &str) -> Option<Stat> {
    std::fs::symlink_metadata(root.join(relative)).ok().map(|metadata| Stat::of(&metadata))
}

/// Reads the sidecar of the archive at `relative`; `None` where there is none that makes sense.
pub(super) fn sidecar(root: &Path, relative: &str) -> Option<Sidecar> {
    let path = root.join(sidecar_of_archive(relative));
    if !std::fs::symlink_metadata(&path).ok()?.is_file() {
        return None;
    }
    Sidecar::read(open_at_once(&path).ok()?).ok()?
}

/// How much of a store was masked with other rules than today's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stale {
    pub sessions: u64,
    pub archives: u64,
}

/// Returns how many archives in the store were masked with other rules than today's, and of how many sessions they are.
///
/// # Errors
///
/// [`Kind::Config`] when a rule does not compile, [`Kind::Store`] when the store cannot be listed.
pub(crate) fn stale(config: &Config) -> Result<Stale> {
    let (root, masker) = (&config.store.path, config.masker()?);
    let mut stale = Stale::default();
    for session in sessions(root, masker.rules_version())? {
        let archives = session.heads.iter().filter(|head| head.is_stale && head.is_ours).count() as u64;
        stale.archives += archives;
        stale.sessions += u64::from(archives > 0);
    }
    Ok(stale)
}
