//! Removes sessions, some at a time: under their locks, after a last look at their archives, with a tombstone for each.

use super::policy::Fate;
use super::units::Unit;
use crate::archive::catalog::{Catalog, key_mark};
use crate::archive::content_hash::HashKey;
use crate::archive::ledger::tombstone::{Covered, Tombstone};
use crate::archive::ledger::{pins, pruned, removal, texts};
use crate::archive::names::Place;
use crate::archive::reader::{Archive, Format};
use crate::archive::sidecar::{Sidecar, time_text};
use crate::archive::store::Store;
use crate::error::{Error, Kind, Result};
use crate::identity::{FILES, Identity, safe_id};
use crate::platform::{clock, process};
use crate::report::Reporter;
use rayon::prelude::*;
use std::path::Path;
use std::time::Duration;

/// Sessions that go together: their directories are flushed once, and workers of hooks wait no longer than that.
const GROUP: usize = 512;

/// How long a session's lock is waited for.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// Removes sessions of one store. The caller holds the lock that keeps imports apart.
pub(super) struct Remover<'a> {
    store: &'a Store,
    catalog: Catalog,
    /// The key that the archives' hashes were made with.
    key: HashKey,
    errors: Vec<Error>,
    /// Not even one tombstone fits on the disk.
    is_full: bool,
    reporter: &'a Reporter,
}

impl<'a> Remover<'a> {
    /// Opens the store's catalog, and finishes what a killed run began.
    pub(super) fn open(store: &'a Store, reporter: &'a Reporter) -> Result<Remover<'a>> {
        let (mut catalog, warning) = Catalog::open(store)?;
        if let Some(warning) = warning {
            reporter.warn(warning.0);
        }
        removal::finish(store, &mut catalog)?;
        let key = store.hash_key()?;
        Ok(Remover { store, catalog, key, errors: Vec::new(), is_full: false, reporter })
    }

    /// Removes sessions; returns of each, in their order, why it is still there, if it is.
    pub(super) fn remove(&mut self, units: Vec<(&Unit, &Fate)>) -> Vec<Result<(), String>> {
        self.reporter.start_progress("pruning", units.iter().map(|(unit, _)| unit.files.bytes).sum());
        let mut results = Vec::with_capacity(units.len());
        for group in units.chunks(GROUP) {
            if process::interrupted().is_some() {
                results.extend(group.iter().map(|_| Err("stopped before".to_owned())));
                continue;
            }
            self.remove_as_fits(group, &mut results);
            self.reporter.advance(group.iter().map(|(unit, _)| unit.files.bytes).sum());
        }
        self.reporter.finish_progress();
        if let Some(signal) = process::interrupted() {
            self.errors.push(
                Error::new(Kind::Interrupted(signal), "stopped; what was pruned is whole")
                    .with_hint("run the same command again to go on"),
            );
        }
        results
    }

    /// Removes a group; on a disk that is full a part of it first, whose tombstones need less room and whose archives make
    /// some.
    fn remove_as_fits(&mut self, group: &[(&Unit, &Fate)], results: &mut Vec<Result<(), String>>) {
        let failed = |_: &(&Unit, &Fate)| Err("could not be removed".to_owned());
        if self.is_full {
            return results.extend(group.iter().map(failed));
        }
        let before = pruned::length(self.store.path());
        match self.remove_group(group) {
            Ok(removed) => results.extend(removed),
            Err(error) if error.kind() == Kind::NoSpace && pruned::length(self.store.path()) == before => {
                if group.len() > 1 {
                    let (first, others) = group.split_at(group.len() / 2);
                    self.remove_as_fits(first, results);
                    return self.remove_as_fits(others, results);
                }
                self.is_full = true;
                results.extend(group.iter().map(failed));
                self.errors.push(error.with_hint(
                    "make room for some KiB: what is pruned is written down before anything of it is removed",
                ));
            }
            Err(error) => {
                results.extend(group.iter().map(failed));
                self.errors.push(error);
            }
        }
    }

    fn remove_group(&mut self, group: &[(&Unit, &Fate)]) -> Result<Vec<Result<(), String>>> {
        let identities: Vec<Identity> = group.iter().map(|(unit, _)| identity(unit)).collect();
        let _locks = self.store.lock_sessions(&identities, LOCK_WAIT)?;
        // Pinned while others were removed, perhaps.
        let pins = pins::read(self.store.path())?;
        let (store, key) = (self.store, &self.key);
        let looked: Vec<Result<Tombstone, String>> = group
            .par_iter()
            .map(|(unit, fate)| match pins.iter().any(|pin| pin.is_of(&unit.agent, &unit.session_id)) {
                true => Err("pinned".to_owned()),
                false => tombstone(store, unit, fate, key),
            })
            .collect();
        let mut tombstones: Vec<Tombstone> = looked.iter().flatten().cloned().collect();
        for tombstone in &mut tombstones {
            self.add_sources(tombstone);
        }
        removal::prune(self.store, &mut self.catalog, &tombstones)?;
        Ok(looked.into_iter().map(|looked| looked.map(|_| ())).collect())
    }

    /// Adds what the catalog knows of the sources: one that was masked where it lies, a copy that ends earlier, and what was
    /// hashed with another key have other hashes than their archive says.
    fn add_sources(&self, tombstone: &mut Tombstone) {
        let mut identities: Vec<Identity> = tombstone.identities().collect();
        identities.sort();
        identities.dedup();
        for identity in identities {
            // What cannot be asked is known by its archive alone.
            for row in self.catalog.rows_of(&identity).unwrap_or_default() {
                let is_known = |covered: &Covered| covered.content_hash == Some(row.content_hash);
                if row.flags.has_no_hashes || tombstone.archives.iter().any(is_known) {
                    continue;
                }
                let archive = tombstone.archives.iter().find(|covered| covered.archive == row.archive);
                if let Some(covered) = archive.cloned() {
                    tombstone.archives.push(Covered {
                        source_bytes: row.source_bytes,
                        content_hash: Some(row.content_hash),
                        ..covered
                    });
                }
            }
        }
    }

    /// Returns what went wrong.
    pub(super) fn errors(self) -> Vec<Error> {
        self.errors
    }
}

fn identity(unit: &Unit) -> Identity {
    Identity { agent: unit.agent.clone(), session_id: unit.session_id.clone(), part_id: None }
}

/// Returns what is to be kept of a session, by a last look at its archives; else why it stays.
fn tombstone(store: &Store, unit: &Unit, fate: &Fate, key: &HashKey) -> Result<Tombstone, String> {
    let mut archives = Vec::with_capacity(unit.files.archives.len());
    for archive in &unit.files.archives {
        archives.extend(covered(store, unit, archive, key)?);
    }
    Ok(Tombstone {
        agent: unit.agent.clone(),
        session_id: unit.session_id.clone(),
        project_slug: unit.project.clone(),
        title: unit.title.clone(),
        started_at: unit.started_at.clone(),
        ended_at: unit.ended_at.clone(),
        pruned_at: time_text(clock::now()),
        why: fate.reasons.join(", "),
        bytes: unit.files.bytes,
        key: key_mark(key),
        parts: unit.files.parts.clone(),
        archives,
    })
}

/// Returns what an archive covers: what it was made of, and the masked text, which its source may hold by now.
fn covered(store: &Store, unit: &Unit, archive: &str, key: &HashKey) -> Result<Vec<Covered>, String> {
    let opened = store.open_file(archive).map_err(|error| format!("{archive} cannot be read: {error}"))?;
    let opened = Archive::from_file(opened, Path::new(archive)).map_err(|error| error.to_string())?;
    match opened.format() {
        Format::Ours(header) if header.identity.session() != identity(unit) => {
            Err(format!("{archive} is another session's"))
        }
        Format::Ours(header) => {
            let own = Covered {
                part_id: header.identity.part_id.clone(),
                archive: archive.to_owned(),
                version: header.version,
                source_bytes: header.source_bytes,
                content_hash: Some(header.content_hash),
                archived_at: Some(header.archived_at.clone()),
            };
            // What cannot be read is known by what it was made of.
            let texts = texts::masked_texts(&opened, key).unwrap_or_default().into_iter();
            let of_text =
                |(source_bytes, hash)| Covered { source_bytes, content_hash: Some(hash), ..own.clone() };
            Ok([own.clone()].into_iter().chain(texts.map(of_text)).collect())
        }
        Format::Newer(_) => Err(format!("{archive} is of a newer program")),
        Format::DamagedHeader(_) => Err(format!("{archive} is damaged; sessionkeep repair sets it aside")),
        // It may be one of ours whose beginning was written over.
        Format::Plain if opened.verify(true).iter().any(|problem| problem.is_damage()) => {
            Err(format!("{archive} is damaged; sessionkeep repair sets it aside"))
        }
        Format::Plain => plain(store, unit, archive).map(|covered| vec![covered]),
    }
}

/// Returns what the sidecar says of another program's archive, which says nothing itself.
fn plain(store: &Store, unit: &Unit, archive: &str) -> Result<Covered, String> {
    let of_part = Covered {
        part_id: Place::of_session_of(archive)
            .map(|_| archive.rsplit('/').next().unwrap_or_default().to_owned()),
        archive: archive.to_owned(),
        version: 1,
        ..Covered::default()
    };
    if of_part.part_id.is_some() {
        return Ok(of_part);
    }
    let sidecar = Place::of_path(archive).and_then(|place| store.open_file(&place.sidecar_path()).ok());
    let sidecar = sidecar.and_then(|file| Sidecar::read(file).ok().flatten());
    let sidecar = sidecar.ok_or_else(|| format!("{archive} does not say whose it is"))?;
    let is_it = sidecar.agent.as_deref().unwrap_or(FILES) == unit.agent
        && safe_id(&sidecar.session_id) == unit.session_id;
    match is_it {
        true => Ok(Covered { source_bytes: sidecar.source_bytes, ..of_part }),
        false => Err(format!("{archive} is another session's")),
    }
}
