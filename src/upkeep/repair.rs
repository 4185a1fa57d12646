//! Mends a store from what its archives say of themselves: the catalog, sidecars, and what became of damaged archives.
//!
//! Nothing is deleted and nothing is overwritten but sidecars and rows of the catalog, which are copies. A damaged
//! archive is renamed; its session is archived again if its source still exists.

use super::verify::finding::{Finding, FindingKind};
use super::verify::inventory::Inventory;
use super::verify::{self, sidecars};
use crate::archive::catalog::Catalog;
use crate::archive::ledger::removal;
use crate::archive::names::{DAMAGED_MARK, Place};
use crate::archive::reader::Archive;
use crate::archive::sidecar::Sidecar;
use crate::archive::store::Store;
use crate::archive::store::lock::IMPORT_WAIT;
use crate::archive::tree::sidecar_of_archive;
use crate::config::Config;
use crate::engine::{self, Settings};
use crate::error::{Error, Kind, Result};
use crate::identity::Identity;
use crate::mask::Masker;
use crate::platform::clock;
use crate::report::Reporter;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a session's lock is waited for: a hook's worker holds one for as long as a flush takes.
const SESSION_WAIT: Duration = Duration::from_secs(30);

/// A damaged archive, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Damaged {
    /// Where the archive was.
    pub archive: PathBuf,
    /// Where it is now, or would be.
    pub aside: PathBuf,
    /// What is wrong with it; none for one that an earlier repair set aside.
    pub what: Option<String>,
    /// A source that still exists.
    pub source: Option<PathBuf>,
    /// Its session is archived again.
    pub is_archived_again: bool,
}

/// What was done, or would be.
#[derive(Debug, Default)]
pub(crate) struct Mended {
    pub archives: u64,
    pub damaged: Vec<Damaged>,
    /// Archives whose sidecars were written anew.
    pub sidecars: Vec<PathBuf>,
    /// What was wrong with the catalog; it was made anew, or single rows of it were.
    pub catalog: Vec<String>,
    /// Sessions that a killed run had pruned, and whose files were left.
    pub removed: usize,
    /// What could not be done.
    pub errors: Vec<Error>,
    pub is_dry_run: bool,
}

impl Mended {
    /// Returns the exit code: that of the first failure, else 4 if a damaged archive could not be made again.
    pub(crate) fn exit_code(&self) -> u8 {
        let is_lost = |damaged: &&Damaged| damaged.what.is_some() && !damaged.is_archived_again;
        match (self.errors.first(), self.damaged.iter().find(is_lost)) {
            (Some(error), _) => error.kind().exit_code(),
            (None, Some(_)) if !self.is_dry_run => Kind::Damaged.exit_code(),
            _ => 0,
        }
    }
}

/// Repairs the store; in a dry run only says what it would do.
///
/// # Errors
///
/// [`Kind::Store`] when the store cannot be used, [`Kind::Busy`] when an import is running.
pub(crate) fn run(config: &Config, is_dry_run: bool, reporter: &Reporter) -> Result<Mended> {
    let masker = config.masker()?;
    let mut mended = Mended { is_dry_run, ..Mended::default() };
    if is_dry_run {
        let checked = verify::run(config, Some(&masker), false, reporter)?;
        mended.archives = checked.archives;
        plan(config, &checked.findings, &mut mended)?;
        return Ok(mended);
    }
    let store = Store::open(&config.store.path)?;
    let lock = store.lock_import(IMPORT_WAIT)?;
    let (mut catalog, warning) = Catalog::open(&store)?;
    mended.catalog.extend(warning.map(|warning| warning.0));
    mended.removed = removal::finish(&store, &mut catalog)?;
    drop(catalog);
    let checked = verify::run(config, Some(&masker), false, reporter)?;
    mended.archives = checked.archives;
    plan(config, &checked.findings, &mut mended)?;
    set_aside(&store, &mut mended)?;
    mend_catalog(&store, &checked.findings, &mut mended)?;
    mend_sidecars(&store, &checked.findings, &masker, &mut mended)?;
    // In a store that was copied, too, no row is about the files that there are now.
    let _ = Catalog::open(&store).and_then(|(mut catalog, _)| catalog.list_anew(&store));
    // The engine takes the lock itself.
    drop(lock);
    archive_again(config, &mut mended)?;
    Ok(mended)
}

/// Notes what is to be done about archives, and what is wrong with the rest.
fn plan(config: &Config, findings: &[Finding], mended: &mut Mended) -> Result<()> {
    let root = &config.store.path;
    // Asked before anything is forgotten. Without a catalog, headers and sidecars tell most sources.
    let catalog = Catalog::open_to_read(root).ok().flatten();
    let now = clock::seconds();
    for finding in findings {
        match finding.kind {
            FindingKind::Damaged => {
                let Some(relative) = relative(root, &finding.path) else { continue };
                mended.damaged.push(Damaged {
                    archive: finding.path.clone(),
                    aside: with_suffix(&finding.path, &format!("{DAMAGED_MARK}{now}")),
                    what: Some(finding.what.clone()),
                    source: source_of(root, &relative, &relative, catalog.as_ref()),
                    is_archived_again: false,
                });
            }
            FindingKind::Catalog => mended.catalog.push(format!("the catalog {}", finding.what)),
            FindingKind::CatalogRow => {
                mended.catalog.push(format!("{} {}", finding.path.display(), finding.what));
            }
            FindingKind::SidecarMissing | FindingKind::SidecarInvalid | FindingKind::SidecarStale
                if mended.is_dry_run =>
            {
                mended.sidecars.push(finding.path.clone());
            }
            _ => {}
        }
    }
    earlier(root, catalog.as_ref(), mended)
}

/// Notes what was set aside before and has no archive in its place, but a source.
fn earlier(root: &Path, catalog: Option<&Catalog>, mended: &mut Mended) -> Result<()> {
    let inventory = Inventory::take(root)?;
    let set_aside = inventory.findings.iter().filter(|finding| finding.kind == FindingKind::SetAside);
    for finding in set_aside {
        let Some(aside) = relative(root, &finding.path) else { continue };
        let Some((archive, _)) = aside.split_once(DAMAGED_MARK) else { continue };
        if inventory.archives.contains_key(archive) || Place::of_path(archive).is_none() {
            continue;
        }
        let source = source_of(root, archive, &aside, catalog);
        let identity = identity_of(&root.join(&aside));
        let is_elsewhere = identity.zip(catalog).is_some_and(|(identity, catalog)| {
            let rows = catalog.rows_of(&identity).unwrap_or_default();
            rows.iter().any(|row| row.archive != archive && inventory.archives.contains_key(&row.archive))
        });
        if source.is_some() && !is_elsewhere {
            mended.damaged.push(Damaged {
                archive: root.join(archive),
                aside: finding.path.clone(),
                what: None,
                source,
                is_archived_again: false,
            });
        }
    }
    Ok(())
}

/// Returns the source of the archive at `archive`, which lies at `file`, if it still exists: as the catalog, its header
/// or its sidecar name it.
fn source_of(root: &Path, archive: &str, file: &str, catalog: Option<&Catalog>) -> Option<PathBuf> {
    let known = catalog.and_then(|catalog| catalog.sources_of(archive).ok()).unwrap_or_default();
    let header = Archive::open(&root.join(file)).ok();
    let header = header.as_ref().and_then(|archive| archive.header()).map(|header| header.source.clone());
    let sidecar = Place::of_path(archive).and_then(|place| sidecars::read(root, &place).ok());
    known
        .into_iter()
        .filter_map(path_of)
        .chain(header.into_iter().flat_map(|source| files_of(&source)))
        .chain(sidecar.into_iter().flat_map(|sidecar| files_of(&sidecar.source)))
        .find(|source| source.is_absolute() && source.is_file())
}

/// Returns the files that a source may be or lie in, as archives name it: behind a `#` stands what of the file it is.
fn files_of(source: &str) -> Vec<PathBuf> {
    let holder = source.rsplit_once('#').map(|(file, _)| PathBuf::from(file));
    std::iter::once(PathBuf::from(source)).chain(holder).collect()
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

fn identity_of(archive: &Path) -> Option<Identity> {
    Archive::open(archive).ok()?.header().map(|header| header.identity.clone())
}

/// Renames damaged archives and their sidecars. What is whole by now (a hook's worker replaced it) stays.
fn set_aside(store: &Store, mended: &mut Mended) -> Result<()> {
    for damaged in mended.damaged.iter_mut().filter(|damaged| damaged.what.is_some()) {
        let Some(archive) = relative(store.path(), &damaged.archive) else { continue };
        let (directory, name) = archive.rsplit_once('/').unwrap_or(("", &archive));
        let sidecar_name = sidecar_of_archive(name);
        let identity = identity_of(&damaged.archive);
        let _locks = store.lock_sessions(identity.as_ref(), SESSION_WAIT)?;
        let is_whole = Archive::open(&damaged.archive)
            .is_ok_and(|archive| !archive.verify(true).iter().any(|problem| problem.is_damage()));
        if is_whole {
            damaged.is_archived_again = true;
            continue;
        }
        let directory = store.directory(directory)?;
        let renamed = rename_aside(&directory, name, &damaged.aside);
        match renamed {
            Ok(aside) => damaged.aside = damaged.archive.with_file_name(aside),
            Err(error) => {
                mended.errors.push(Error::io(Kind::Store, "cannot rename", &damaged.archive, error));
                continue;
            }
        }
        // Its own name for whatever is archived in its place.
        let sidecar_aside = damaged.aside.to_string_lossy().into_owned();
        let mark = sidecar_aside.find(DAMAGED_MARK).map_or("", |at| &sidecar_aside[at..]);
        let aside = with_suffix(&damaged.archive.with_file_name(&sidecar_name), mark);
        match rename_aside(&directory, &sidecar_name, &aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                mended.errors.push(Error::io(Kind::Store, "cannot rename", &aside, error));
            }
            _ => {}
        }
        directory.sync().map_err(|error| Error::io(Kind::Store, "cannot flush", directory.path(), error))?;
    }
    Ok(())
}

/// Renames `name` to the last component of `aside`, with a number behind it if that is taken; returns the new name.
fn rename_aside(directory: &crate::platform::Dir, name: &str, aside: &Path) -> io::Result<String> {
    let wanted = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for number in 0..1000 {
        let candidate = if number == 0 { wanted.clone() } else { format!("{wanted}.{number}") };
        match directory.rename_new(name, &candidate) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(candidate),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Makes the catalog anew, or single rows of it: the other rows know what archives do not.
fn mend_catalog(store: &Store, findings: &[Finding], mended: &mut Mended) -> Result<()> {
    let (mut catalog, warning) = Catalog::open(store)?;
    mended.catalog.extend(warning.map(|warning| warning.0));
    let root = store.path();
    let rows = findings.iter().filter(|finding| finding.kind == FindingKind::CatalogRow);
    let (there, gone): (Vec<String>, Vec<String>) =
        rows.filter_map(|finding| relative(root, &finding.path)).partition(|path| root.join(path).is_file());
    let set_aside = mended.damaged.iter().filter(|damaged| !damaged.archive.exists());
    let set_aside = set_aside.filter_map(|damaged| relative(root, &damaged.archive));
    catalog.forget(&gone.into_iter().chain(set_aside).collect::<Vec<_>>())?;
    catalog.take_in(store, &there)?;
    Ok(())
}

/// Writes sidecars anew that are missing, make no sense or say otherwise than their archives.
fn mend_sidecars(store: &Store, findings: &[Finding], masker: &Masker, mended: &mut Mended) -> Result<()> {
    let inventory = Inventory::take(store.path())?;
    for finding in findings {
        let is_ours = matches!(
            finding.kind,
            FindingKind::SidecarMissing | FindingKind::SidecarInvalid | FindingKind::SidecarStale
        );
        let place = relative(store.path(), &finding.path).and_then(|path| Place::of_path(&path));
        let Some(place) = place.filter(|_| is_ours) else { continue };
        match write_sidecar(store, &inventory, &place, masker) {
            Ok(true) => mended.sidecars.push(finding.path.clone()),
            Ok(false) => {}
            Err(error) => mended.errors.push(error),
        }
    }
    Ok(())
}

/// Writes the sidecar of the archive at `place`; returns whether it has a header to write it from.
fn write_sidecar(store: &Store, inventory: &Inventory, place: &Place, masker: &Masker) -> Result<bool> {
    let path = store.path().join(place.archive_path());
    let Some(identity) = identity_of(&path) else { return Ok(false) };
    let _locks = store.lock_sessions([&identity], SESSION_WAIT)?;
    let archive = Archive::open(&path)?;
    let Some(header) = archive.header() else { return Ok(false) };
    let mut parts = Vec::new();
    if header.identity.part_id.is_none() {
        parts = sidecars::list_parts(store.path(), inventory.parts_of(place));
        let older = sidecars::read(store.path(), place).unwrap_or_default();
        sidecars::keep_listed(&mut parts, older, inventory.has_part(place));
    }
    let shown = masker.mask_name(&path.to_string_lossy());
    let sidecar = Sidecar::of_header(header, archive.stat().bytes, &shown, parts);
    let directory = store.directory(&place.directory)?;
    store.write_sidecar(&directory, &place.sidecar_name(), &sidecar.to_bytes()).map_err(|error| {
        Error::io(Kind::Store, "cannot write", &directory.path().join(place.sidecar_name()), error)
    })?;
    Ok(true)
}

/// Archives the sources that still exist of what was set aside.
fn archive_again(config: &Config, mended: &mut Mended) -> Result<()> {
    let mut sources: Vec<PathBuf> = mended
        .damaged
        .iter()
        .filter(|damaged| !damaged.is_archived_again)
        .filter_map(|damaged| damaged.source.clone())
        .collect();
    sources.sort();
    sources.dedup();
    if sources.is_empty() {
        return Ok(());
    }
    // What is said is the mended's; the engine's paths would only stand in between.
    let totals = engine::archive(config, &Settings::default(), &sources, &Reporter::silent())?;
    mended.errors.extend(totals.errors);
    let archived: Vec<&Path> = totals.archives.iter().map(|archived| archived.archive.as_path()).collect();
    for damaged in &mut mended.damaged {
        // Under its old name as a rule; under another one if the project's name is made otherwise by now.
        let is_there = damaged.archive.exists()
            || damaged.source.as_deref().is_some_and(|source| is_source_of(source, &archived));
        damaged.is_archived_again |= is_there;
    }
    Ok(())
}

fn is_source_of(source: &Path, archives: &[&Path]) -> bool {
    let header_source = |archive: &&Path| {
        Archive::open(archive).ok().and_then(|archive| archive.header().map(|header| header.source.clone()))
    };
    archives.iter().filter_map(header_source).any(|known| Path::new(&known) == source)
}

fn relative(root: &Path, path: &Path) -> Option<String> {
    path.strip_prefix(root).ok()?.to_str().map(str::to_owned)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
