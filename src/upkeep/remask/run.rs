//! The way through all sessions: a few at a time are looked through, masked and replaced, so that a run that is stopped leaves
//! done what is done, and the next one goes on with the rest.

use super::choice::{Choice, chosen};
use super::fresh;
use super::listed::{self, Listed};
use super::mask::Ready;
use super::replace::{Replaced, replace};
use super::report::Remasked;
use super::scan::{Session, Work, Workshop};
use crate::archive::catalog::Catalog;
use crate::archive::store::Store;
use crate::archive::store::lock::{IMPORT_WAIT, Lock};
use crate::config::Config;
use crate::engine::state::surroundings::Surroundings;
use crate::error::{Error, Kind, Result};
use crate::platform::sync::lock;
use crate::platform::{Stat, process, thread_pool};
use crate::report::Reporter;
use crate::view::counts::cache;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::time::Instant;

/// Sessions that are looked through before they are replaced, and bytes of their archives: enough for all threads, little
/// enough for what is learned in them to stay in memory.
const SESSIONS_AT_ONCE: usize = 256;
const BYTES_AT_ONCE: u64 = 256 << 20;

/// Archives that are made before they are replaced: each is an open file.
const ARCHIVES_AT_ONCE: usize = 192;

/// How often a session is tried that other runs go on replacing.
const TRIES: u32 = 3;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub choice: Choice,
    pub is_dry_run: bool,
    /// Archive again from the source what still has one.
    pub from_source: bool,
    /// However little room the disk has.
    pub is_forced: bool,
}

/// Masks again what is asked for.
///
/// # Errors
///
/// When nothing could be done at all; what went wrong with single sessions is in the result.
pub(crate) fn run(config: &Config, request: &Request, reporter: &Reporter) -> Result<Remasked> {
    let started = Instant::now();
    process::harden();
    process::catch_stop_signals();
    process::raise_open_file_limit();
    let masker = config.masker()?;
    let root = &config.store.path;
    let today = masker.rules_version();
    let is_all = request.choice.is_all;
    let pool = thread_pool(config.threads())?;
    let mut done = Remasked { is_dry_run: request.is_dry_run, ..Remasked::default() };
    let find = |reporter: &Reporter| -> Result<(Vec<Listed>, u64)> {
        let all = pool.install(|| listed::sessions(root, today))?;
        let count = all.len() as u64;
        let mut chosen = chosen(root, all, &request.choice, reporter)?;
        chosen.retain(|session| {
            is_all || session.is_stale() || session.heads.iter().any(|head| head.has_old_sidecar)
        });
        Ok((chosen, count))
    };
    if !root.exists() {
        return Err(Error::new(Kind::Store, "there is no store at").with_path(root));
    }
    let fresh = match request.from_source && !request.is_dry_run {
        true => from_source(config, request, &find(reporter)?.0, &mut done)?,
        false => HashSet::new(),
    };
    let store = match request.is_dry_run {
        true => None,
        false => Store::open_existing(root)?,
    };
    let mut had_gone_rows = false;
    let held: Option<(Lock, Catalog)> = match &store {
        Some(store) => {
            let lock = store.lock_import(IMPORT_WAIT)?;
            store.clean_stale();
            let (mut catalog, warning) = Catalog::open(store)?;
            warning.iter().for_each(|warning| reporter.warn(&warning.0));
            // Also where nothing is to be masked: a run that was killed may have left them.
            match catalog.forget_gone(store) {
                Ok(had_any) => had_gone_rows = had_any,
                Err(error) => reporter.warn(format_args!("{error}; it may still say what is masked now")),
            }
            Some((lock, catalog))
        }
        None => None,
    };
    // Looked at once more: nobody else archives from here on but hooks.
    let (mut sessions, count) = find(reporter)?;
    let is_left = |session: &Listed| session.heads.iter().any(|head| !fresh.contains(&head.relative));
    sessions.retain(|session| session.is_stale() || is_left(session));
    done.left_out = count.saturating_sub(sessions.len() as u64 + done.from_source);
    sessions.sort_by_key(|session| std::cmp::Reverse(session.bytes()));
    let workshop = Workshop {
        root,
        key: store.as_ref().map(Store::hash_key).transpose()?,
        masker: &masker,
        surroundings: Surroundings::new(&config.environment),
        masks_known_values: config.masks_known_values,
        level: config.level,
        is_dry_run: request.is_dry_run,
        reporter,
        benches: Mutex::default(),
    };
    if !request.is_dry_run && !sessions.is_empty() {
        cache::forget(root);
    }
    reporter.start_progress("masking again", sessions.iter().map(Listed::bytes).sum());
    let mut run = Run { workshop: &workshop, store: store.as_ref(), held, pool: &pool, done };
    let outcome = run.all(sessions);
    reporter.finish_progress();
    if let (true, Some(store), Some((_, catalog))) = (had_gone_rows, run.store, &mut run.held) {
        // Without them a list reads the sidecars.
        let _ = pool.install(|| catalog.list_missing(store));
    }
    let mut done = run.done;
    if let Err(error) = outcome {
        done.errors.push(match process::interrupted() {
            Some(signal) => Error::new(Kind::Interrupted(signal), "stopped; what is done is kept")
                .with_hint("run the same command again to go on"),
            None => error,
        });
    }
    done.elapsed = started.elapsed();
    Ok(done)
}

/// Archives again what has a source; returns the archives that were made anew.
fn from_source(
    config: &Config,
    request: &Request,
    sessions: &[Listed],
    done: &mut Remasked,
) -> Result<HashSet<String>> {
    let (root, is_all) = (&config.store.path, request.choice.is_all);
    let heads = || sessions.iter().flat_map(|session| &session.heads).map(|head| &head.relative);
    let before: Vec<_> = heads().map(|relative| listed::stat(root, relative)).collect();
    let sources = fresh::sources(root, sessions, is_all);
    if sources.is_empty() {
        return Ok(HashSet::new());
    }
    // What is said is this command's; the engine's paths would only stand in between.
    let errors = fresh::archive(config, &sources, is_all, request.is_forced, &Reporter::silent())?;
    done.errors.extend(errors);
    let is_new = |(relative, before): &(&String, Option<Stat>)| listed::stat(root, relative) != *before;
    let fresh: HashSet<String> =
        heads().zip(before).filter(is_new).map(|(relative, _)| relative.clone()).collect();
    let has_fresh = |session: &&Listed| session.heads.iter().any(|head| fresh.contains(&head.relative));
    done.from_source = sessions.iter().filter(has_fresh).count() as u64;
    Ok(fresh)
}

/// What a run is made of.
struct Run<'a> {
    workshop: &'a Workshop<'a>,
    store: Option<&'a Store>,
    held: Option<(Lock, Catalog)>,
    pool: &'a rayon::ThreadPool,
    done: Remasked,
}

/// What became of a session.
#[derive(Default)]
struct Sum {
    found: BTreeMap<String, u64>,
    is_changed: bool,
    is_overtaken: bool,
}

impl Run<'_> {
    fn all(&mut self, sessions: Vec<Listed>) -> Result<()> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let mut sessions = sessions.into_iter().peekable();
        while let Some(session) = sessions.next() {
            bytes += session.bytes();
            batch.push(session);
            let is_full = batch.len() >= SESSIONS_AT_ONCE || bytes >= BYTES_AT_ONCE;
            if is_full || sessions.peek().is_none() {
                self.batch(std::mem::take(&mut batch))?;
                bytes = 0;
            }
        }
        Ok(())
    }

    /// Masks some sessions, and again those that another run replaced meanwhile.
    fn batch(&mut self, mut batch: Vec<Listed>) -> Result<()> {
        for tries in 1.. {
            let again = self.try_batch(batch)?;
            if again.is_empty() {
                return Ok(());
            }
            if tries == TRIES {
                for relative in &again {
                    let error = Error::new(Kind::Source, "another run goes on replacing");
                    let error = error.with_path(self.workshop.root.join(relative));
                    self.done.errors.push(error.with_hint("run the same command again"));
                }
                return Ok(());
            }
            let all = listed::sessions(self.workshop.root, self.workshop.masker.rules_version())?;
            let is_again = |session: &Listed| session.heads.iter().any(|head| again.contains(&head.relative));
            batch = all.into_iter().filter(is_again).collect();
        }
        Ok(())
    }

    /// Masks some sessions; returns the first archive of each that another run replaced meanwhile.
    fn try_batch(&mut self, batch: Vec<Listed>) -> Result<HashSet<String>> {
        let workshop = self.workshop;
        let scanned: Vec<Session> = self
            .pool
            .install(|| batch.into_par_iter().map(|listed| workshop.scan(listed)).collect::<Result<_>>())?;
        let mut order: Vec<(usize, &Work)> = scanned
            .iter()
            .enumerate()
            .flat_map(|(index, session)| session.works.iter().map(move |work| (index, work)))
            .collect();
        order.sort_by_key(|(_, work)| work.rank);
        let mut sums: Vec<Sum> = Vec::new();
        sums.resize_with(scanned.len(), Sum::default);
        let of_one_rank = order.chunk_by(|one, other| one.1.rank == other.1.rank);
        for group in of_one_rank.flat_map(|ranked| ranked.chunks(ARCHIVES_AT_ONCE)) {
            if let Some(signal) = process::interrupted() {
                return Err(Error::new(Kind::Interrupted(signal), "stopped"));
            }
            self.group(group, &scanned, &mut sums)?;
        }
        let mut again = HashSet::new();
        for (session, sum) in scanned.into_iter().zip(sums) {
            if sum.is_overtaken {
                again.extend(session.works.first().map(|work| work.head.relative.clone()));
                continue;
            }
            self.done.text_bytes += session.text_bytes;
            self.done.add_found(&sum.found);
            self.done.errors.extend(session.errors);
            match (sum.is_changed, session.works.is_empty()) {
                (true, _) => self.done.changed += 1,
                (false, false) => self.done.unchanged += 1,
                // Nothing of it could be read: nobody knows.
                (false, true) => {}
            }
        }
        Ok(again)
    }

    /// Makes and replaces some archives, of any sessions.
    fn group(&mut self, group: &[(usize, &Work)], scanned: &[Session], sums: &mut [Sum]) -> Result<()> {
        let (workshop, store) = (self.workshop, self.store);
        let fatal = Mutex::new(None);
        let made: Vec<Result<Option<Ready>>> = self.pool.install(|| {
            let make = |(session, work): &(usize, &Work)| workshop.make(store, &scanned[*session], work);
            group.par_iter().map(make).collect()
        });
        let mut ready: Vec<(usize, &Work, Ready)> = Vec::new();
        for ((session, work), made) in group.iter().zip(made) {
            match made {
                Ok(Some(made)) => ready.push((*session, work, made)),
                Ok(None) => sums[*session].is_overtaken = true,
                Err(error) if matches!(error.kind(), Kind::NoSpace | Kind::Interrupted(_)) => {
                    lock(&fatal).get_or_insert(error);
                }
                Err(error) => self.done.errors.push(error),
            }
        }
        let outcomes = match (store, &mut self.held) {
            (Some(store), Some((_, catalog))) => {
                let taken = ready.iter_mut().map(|(_, work, ready)| (*work, ready));
                self.pool.install(|| replace(workshop, store, catalog, taken.collect()))?
            }
            _ => ready.iter().map(|_| Replaced::Done).collect(),
        };
        for ((session, work, ready), outcome) in ready.into_iter().zip(outcomes) {
            self.count(work, &ready, outcome, &mut sums[session]);
        }
        match fatal.into_inner() {
            Ok(Some(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn count(&mut self, work: &Work, ready: &Ready, outcome: Replaced, sum: &mut Sum) {
        match outcome {
            Replaced::Overtaken => sum.is_overtaken = true,
            Replaced::Failed(error) => self.done.errors.push(error),
            Replaced::Done => {
                for (rule, count) in &ready.found {
                    *sum.found.entry(rule.clone()).or_insert(0) += count;
                }
                sum.is_changed |= ready.is_changed;
                self.done.lines += ready.lines;
                self.done.changed_archives += u64::from(ready.is_changed);
                self.done.sidecars += u64::from(ready.has_sidecar_alone);
                if let Some(bytes) = ready.bytes {
                    self.done.archives += 1;
                    self.done.bytes_before += work.stat.bytes;
                    self.done.bytes_after += bytes;
                }
                self.name(work);
            }
        }
    }

    /// Notes an archive whose name holds something that is masked today.
    fn name(&mut self, work: &Work) {
        let relative = &work.head.relative;
        let shown: Vec<String> =
            relative.split('/').map(|component| self.workshop.masker.mask_name(component)).collect();
        let shown = shown.join("/");
        if shown != *relative {
            self.done.names.push(shown);
        }
    }
}
