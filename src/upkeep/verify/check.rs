//! Checks a store: every byte of every archive, and that sidecars, catalog, names and permissions agree with them.
//! Changes nothing.

use super::finding::{Finding, FindingKind};
use super::inventory::Inventory;
use super::ledger;
use super::recheck::{self, Bench, Counts};
use super::sidecars::{self, Fault};
use crate::archive::catalog::{CATALOG_FILE, Catalog};
use crate::archive::header::Header;
use crate::archive::names::{DAMAGED_MARK, Place, split_version};
use crate::archive::reader::problems::Problem;
use crate::archive::reader::{Archive, Format};
use crate::archive::store::PRIVATE_DIRECTORY;
use crate::archive::store::lock::is_import_running;
use crate::archive::tree::archives_of_sidecar;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::mask::Masker;
use crate::platform::sync::lock;
use crate::platform::{process, thread_pool};
use crate::report::laps::Laps;
use crate::report::{Reporter, units};
use crate::upkeep::command::{own_command, shell_word};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

/// Text that is decompressed and masked again in one go: large enough that reading the blocks beside costs little.
const DEEP_BYTES: u64 = 8 << 20;

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    pub archives: u64,
    /// Bytes of the archives' files.
    pub archived_bytes: u64,
    /// Bytes of text in the archives that tell.
    pub text_bytes: u64,
    /// Sorted by kind and path.
    pub findings: Vec<Finding>,
    /// An import was running: what disagrees may agree a moment later.
    pub is_import_running: bool,
}

impl Verified {
    /// Returns how many findings are of this kind.
    pub(crate) fn count(&self, kind: FindingKind) -> usize {
        self.findings.iter().filter(|finding| finding.kind == kind).count()
    }

    /// Returns the exit code: 4 for damage, 3 if something could not be checked, else 0.
    pub(crate) fn exit_code(&self) -> u8 {
        match (self.count(FindingKind::Damaged), self.count(FindingKind::Unreadable)) {
            (0, 0) => 0,
            (0, _) => Kind::Source.exit_code(),
            _ => Kind::Damaged.exit_code(),
        }
    }
}

/// Checks the store. If `is_deep`, archived text is masked again and what that would catch is counted; without a masker
/// nothing is, and the masked paths in sidecars are not compared.
///
/// # Errors
///
/// [`Kind::Store`] when there is no store to look at, [`Kind::Interrupted`] when told to stop.
pub(crate) fn run(
    config: &Config,
    masker: Option<&Masker>,
    is_deep: bool,
    reporter: &Reporter,
) -> Result<Verified> {
    process::catch_stop_signals();
    let mut laps = Laps::start(reporter);
    let root = &config.store.path;
    let mut inventory = Inventory::take(root)?;
    laps.step("listing the store");
    let mut findings = std::mem::take(&mut inventory.findings);
    let deep = masker.filter(|_| is_deep);
    let inventory = &inventory;
    let check = Check { config, root, inventory, masker, deep, reporter, benches: Mutex::default() };
    let pool = thread_pool(config.threads())?;
    let archived_bytes = inventory.archives.values().sum();
    reporter.start_progress("verifying", archived_bytes);
    // Largest first, so that no thread is left alone with a large one at the end.
    let mut archives: Vec<(&str, u64)> =
        inventory.archives.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
    archives.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let checked: Vec<Checked> = pool.install(|| {
        let each =
            archives.par_iter().with_max_len(1).map(|(relative, bytes)| check.archive(relative, *bytes));
        each.collect()
    });
    reporter.finish_progress();
    let of_archives = units::count(checked.len() as u64, "archive");
    laps.step(format_args!("reading {of_archives} on {}", units::count(config.threads() as u64, "thread")));
    if let Some(signal) = process::interrupted() {
        return Err(Error::new(Kind::Interrupted(signal), "stopped before all was checked"));
    }
    let unnamed: HashSet<&str> =
        checked.iter().filter(|one| !one.is_in_catalog).map(|one| one.relative.as_str()).collect();
    findings.extend(check.lone_sidecars());
    findings.extend(check.catalog(&unnamed));
    findings.extend(ledger::check(config));
    laps.step("checking sidecars and catalog");
    laps.end("verify");
    let text_bytes = checked.iter().map(|one| one.text_bytes).sum();
    findings.extend(checked.into_iter().flat_map(|one| one.findings));
    findings
        .sort_by(|one, other| (one.kind, &one.path, &one.what).cmp(&(other.kind, &other.path, &other.what)));
    Ok(Verified {
        archives: inventory.archives.len() as u64,
        archived_bytes,
        text_bytes,
        findings,
        is_import_running: is_import_running(root),
    })
}

/// What all threads of one check share.
struct Check<'a> {
    config: &'a Config,
    root: &'a Path,
    inventory: &'a Inventory,
    masker: Option<&'a Masker>,
    deep: Option<&'a Masker>,
    reporter: &'a Reporter,
    /// Those that no thread is using.
    benches: Mutex<Vec<Bench>>,
}

/// What was found about one archive.
struct Checked {
    relative: String,
    text_bytes: u64,
    /// Whether the catalog should name it.
    is_in_catalog: bool,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn archive(&self, relative: &str, bytes: u64) -> Checked {
        let path = self.root.join(relative);
        let mut checked = Checked {
            relative: relative.to_owned(),
            text_bytes: 0,
            is_in_catalog: false,
            findings: Vec::new(),
        };
        if process::interrupted().is_some() {
            return checked;
        }
        let archive = match Archive::open(&path) {
            Ok(archive) => archive,
            // Gone, or replaced by something else, since the store was listed.
            Err(_) if !path.exists() => return checked,
            Err(error) => {
                let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                let mend = format!("chmod u+r {}", shell_word(&path));
                checked.findings.push(Finding::new(
                    FindingKind::Unreadable,
                    &path,
                    format!("cannot be read: {why}"),
                    mend,
                ));
                return checked;
            }
        };
        let (problems, counts) = match archive.header() {
            Some(header) => {
                checked.text_bytes = header.blocks.iter().map(|block| u64::from(block.masked_bytes)).sum();
                self.check_blocks(&archive, header)
            }
            None => {
                let found = self.check_stream(&archive);
                self.reporter.advance(bytes);
                found
            }
        };
        let place = Place::of_path(relative);
        checked.is_in_catalog = matches!(archive.format(), Format::Ours(_)) && place.is_some();
        checked.findings.extend(self.problems(&path, &problems));
        if let Some(masker) = self.deep.filter(|_| !counts.is_empty()) {
            checked.findings.push(self.unmasked(&path, masker, &counts));
        }
        if let (Format::Ours(_) | Format::Plain, Some(place)) = (archive.format(), place) {
            checked.findings.extend(self.sidecar(&archive, &place));
        }
        checked
    }

    /// Checks all blocks, on several threads if there are many; counts what is unmasked, if wanted.
    fn check_blocks(&self, archive: &Archive, header: &Header) -> (Vec<Problem>, Counts) {
        // Frames and lengths; cheap, and the only check of the bytes between the blocks' data.
        let mut problems = archive.verify(false);
        let framed: BTreeSet<usize> = problems
            .iter()
            .filter_map(|problem| match problem {
                Problem::Block { index, .. } => Some(*index),
                _ => None,
            })
            .collect();
        let ranges = self.ranges(header);
        let found: Vec<(Vec<Problem>, Counts)> =
            ranges.into_par_iter().map(|range| self.check_range(archive, range)).collect();
        let mut counts = Counts::new();
        for (range_problems, range_counts) in found {
            problems.extend(range_problems.into_iter().filter(
                |problem| !matches!(problem, Problem::Block { index, .. } if framed.contains(index)),
            ));
            range_counts.into_iter().for_each(|(rule, count)| *counts.entry(rule).or_default() += count);
        }
        (problems, counts)
    }

    /// Returns the blocks that are checked in one go: each for itself, or several where they are masked again.
    fn ranges(&self, header: &Header) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut bytes = u64::MAX;
        for (index, block) in header.blocks.iter().enumerate() {
            match ranges.last_mut() {
                Some(range) if self.deep.is_some() && bytes < DEEP_BYTES => range.end = index + 1,
                _ => {
                    bytes = 0;
                    ranges.push(index..index + 1);
                }
            }
            bytes = bytes.saturating_add(u64::from(block.masked_bytes));
        }
        ranges
    }

    fn check_range(&self, archive: &Archive, range: Range<usize>) -> (Vec<Problem>, Counts) {
        let mut problems = Vec::new();
        let mut counts = Counts::new();
        if process::interrupted().is_some() {
            return (problems, counts);
        }
        let mut bench = lock(&self.benches).pop().unwrap_or_default();
        bench.text.clear();
        let mut is_cut_off = false;
        for index in range.clone() {
            let lies_within =
                archive.block_range(index..index + 1).is_some_and(|bytes| bytes.end <= archive.stat().bytes);
            // What lies behind a file's end is named once, as a truncation.
            if lies_within {
                problems.extend(archive.verify_block(index, &mut bench.reader, &mut bench.text));
            } else {
                is_cut_off = true;
            }
            if self.deep.is_none() {
                bench.text.clear();
            }
            self.reporter.advance(u64::from(archive.blocks()[index].compressed_bytes));
        }
        // Text with a hole in it is not masked again: what is damaged has to be archived anew anyway.
        if let Some(masker) = self.deep.filter(|_| problems.is_empty() && !is_cut_off) {
            counts = recheck::blocks(masker, archive, range, &mut bench).unwrap_or_default();
        }
        lock(&self.benches).push(bench);
        (problems, counts)
    }

    fn check_stream(&self, archive: &Archive) -> (Vec<Problem>, Counts) {
        let problems = archive.verify(true);
        let is_whole = problems.iter().all(|problem| !problem.is_damage());
        let mut counts = Counts::new();
        if let Some(masker) = self.deep.filter(|_| is_whole) {
            let mut bench = lock(&self.benches).pop().unwrap_or_default();
            counts = recheck::stream(masker, archive, &mut bench).unwrap_or_default();
            lock(&self.benches).push(bench);
        }
        (problems, counts)
    }

    /// Returns the findings for what is wrong with one archive: the first problem, and how many more there are.
    fn problems(&self, path: &Path, problems: &[Problem]) -> Option<Finding> {
        let more = |what: String| match problems.len() {
            0 | 1 => what,
            count => format!("{what} (and {} more)", count - 1),
        };
        match problems.iter().find(|problem| problem.is_damage()) {
            Some(Problem::Unreadable { why }) => {
                let mend = format!("cp {} /dev/null", shell_word(path));
                Some(Finding::new(FindingKind::Unreadable, path, format!("cannot be read: {why}"), mend))
            }
            Some(damage) => {
                let mend = own_command(self.config, "repair");
                Some(Finding::new(FindingKind::Damaged, path, more(damage.to_string()), mend))
            }
            None => problems.first().map(|newer| {
                let mend = "sessionkeep --version".to_owned();
                Finding::new(FindingKind::NewerFormat, path, newer.to_string(), mend)
            }),
        }
    }

    fn unmasked(&self, path: &Path, masker: &Masker, counts: &Counts) -> Finding {
        let mut rules: BTreeMap<String, u64> = BTreeMap::new();
        for (rule, count) in counts {
            *rules.entry(masker.rule_id(*rule).to_owned()).or_default() += count;
        }
        let list: Vec<String> = rules.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
        let what = format!("holds what today's rules would mask (rotate them): {}", list.join(", "));
        // Out of the way, its session is archived again by the repair, if the source is still there.
        let mut aside = path.as_os_str().to_owned();
        aside.push(format!("{DAMAGED_MARK}0"));
        let repair = own_command(self.config, "repair");
        let mend = format!("mv -n {} {} && {repair}", shell_word(path), shell_word(Path::new(&aside)));
        Finding { rules, ..Finding::new(FindingKind::Unmasked, path, what, mend) }
    }

    /// Returns what is wrong with the sidecar of an archive.
    fn sidecar(&self, archive: &Archive, place: &Place) -> Option<Finding> {
        let fault = match (sidecars::read(self.root, place), archive.header()) {
            (Err(fault), _) => Some(fault),
            (Ok(sidecar), Some(header)) => {
                let path = self.root.join(place.archive_path());
                let shown = self.masker.map(|masker| masker.mask_name(&path.to_string_lossy()));
                sidecars::compare(&sidecar, header, archive.stat().bytes, shown.as_deref()).or_else(|| {
                    if header.identity.part_id.is_some() || !self.is_newest(place) {
                        return None;
                    }
                    let parts = sidecars::list_parts(self.root, self.inventory.parts_of(place));
                    sidecars::compare_parts(&sidecar, &parts, self.inventory.has_part(place))
                })
            }
            // sessionkeep 0.4's archives say nothing of themselves that could be compared.
            (Ok(_), None) => None,
        }?;
        let kind = match fault {
            Fault::Missing => FindingKind::SidecarMissing,
            Fault::Invalid => FindingKind::SidecarInvalid,
            Fault::Unreadable(_) => FindingKind::Unreadable,
            Fault::Stale(_) | Fault::Parts { .. } => FindingKind::SidecarStale,
        };
        let path = self.root.join(place.archive_path());
        Some(Finding::new(kind, &path, fault.to_string(), own_command(self.config, "repair")))
    }

    /// Returns whether no later version of the session is there.
    fn is_newest(&self, place: &Place) -> bool {
        let (_, version) = split_version(&place.stem);
        !self.inventory.archives.contains_key(&place.with_version(version + 1).archive_path())
    }

    fn lone_sidecars(&self) -> Vec<Finding> {
        let is_alone = |sidecar: &&String| {
            !archives_of_sidecar(sidecar).any(|archive| self.inventory.archives.contains_key(&archive))
        };
        let alone = self.inventory.sidecars.iter().filter(is_alone).map(|sidecar| {
            let path = self.root.join(sidecar);
            let mend = own_command(self.config, "import");
            Finding::new(FindingKind::SidecarAlone, &path, "has no archive beside it".to_owned(), mend)
        });
        alone.collect()
    }

    /// Compares the catalog with the archives; `unnamed` are those that it need not know.
    fn catalog(&self, unnamed: &HashSet<&str>) -> Vec<Finding> {
        let path = self.root.join(PRIVATE_DIRECTORY).join(CATALOG_FILE);
        let mend = own_command(self.config, "repair");
        let one = |what: String| vec![Finding::new(FindingKind::Catalog, &path, what, mend.clone())];
        let rows = match Catalog::open_to_read(self.root) {
            Ok(None) if self.inventory.archives.is_empty() => return Vec::new(),
            Ok(None) => return one("is missing".to_owned()),
            Ok(Some(catalog)) => catalog.check(),
            Err(error) => Err(error),
        };
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => return one(format!("cannot be used: {error}")),
        };
        let mut findings = Vec::new();
        // Made since the store was listed, if it is there after all.
        let is_gone = |row: &&String| {
            !self.inventory.archives.contains_key(*row)
                && !self.inventory.pending.contains(*row)
                && !self.root.join(row).exists()
        };
        for row in rows.iter().filter(is_gone) {
            let what = "is named by the catalog but is not there".to_owned();
            findings.push(Finding::new(FindingKind::CatalogRow, &self.root.join(row), what, mend.clone()));
        }
        let is_unknown = |archive: &&String| !rows.contains(*archive) && !unnamed.contains(archive.as_str());
        for archive in self.inventory.archives.keys().filter(is_unknown) {
            let what = "is not in the catalog".to_owned();
            findings.push(Finding::new(
                FindingKind::CatalogRow,
                &self.root.join(archive),
                what,
                mend.clone(),
            ));
        }
        findings
    }
}
