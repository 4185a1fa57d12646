//! What became of sources: counted, reported, or put up for another try.

use super::totals::{Outcome, Totals};
use crate::engine::plan::{Plan, Planned};
use crate::error::Error;
use crate::platform::process;
use crate::platform::sync::lock;
use crate::report::Reporter;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

/// How often a session is tried again at once that changed, or was overtaken by another run, while it was archived.
pub(crate) const TRIES: u32 = 3;

/// The outcomes of one run.
pub(crate) struct Outcomes<'a> {
    reporter: &'a Reporter,
    totals: Mutex<Totals>,
    /// What comes again when all else of this round is archived.
    pub retries: Mutex<Vec<Plan>>,
    /// Something fatal happened: finish what is in flight, start nothing new.
    stop: AtomicBool,
    /// The first failure to flush after which sessions were put up for another try.
    pub failed_flush: Mutex<Option<Error>>,
    /// Sources of which only a part can be read, as far as they are reported.
    cut: Mutex<HashSet<PathBuf>>,
}

impl<'a> Outcomes<'a> {
    pub(crate) fn new(reporter: &'a Reporter) -> Outcomes<'a> {
        Outcomes {
            reporter,
            totals: Mutex::default(),
            retries: Mutex::default(),
            stop: AtomicBool::new(false),
            failed_flush: Mutex::default(),
            cut: Mutex::default(),
        }
    }

    /// Returns whether to start nothing new: something fatal happened, or the user asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || process::interrupted().is_some()
    }

    /// Puts a source up for the next round of this run.
    pub(crate) fn try_later(&self, planned: Planned, tries: u32) {
        let bytes = planned.found.stamp.bytes();
        lock(&self.retries).push(Plan {
            sources: vec![planned],
            bytes,
            tries: tries + 1,
            refuses_growth: false,
        });
    }

    /// Puts a session up for the next round of this run, when all others of this one are archived.
    pub(crate) fn put_off(&self, mut plan: Plan) {
        plan.tries += 1;
        lock(&self.retries).push(plan);
    }

    pub(crate) fn totals(&self) -> MutexGuard<'_, Totals> {
        lock(&self.totals)
    }

    /// Counts what became of a source.
    pub(crate) fn count(&self, group: &str, outcome: Outcome) {
        self.totals().count(group, outcome);
    }

    /// Reports and counts a source that could not be archived; a fatal failure stops the run.
    pub(crate) fn report_failure(&self, planned: &Planned, error: Error) {
        if error.kind().is_fatal() {
            // Whatever the cause is, it would fail all that follow in the same way: one message is enough.
            if self.stop.swap(true, Ordering::SeqCst) {
                return self.count(&planned.group, Outcome::NotTried);
            }
        } else {
            self.reporter.error(&error);
        }
        self.count(&planned.group, Outcome::Failed(error));
    }

    /// Ends the run: nothing new is started, what is in flight is given up.
    pub(crate) fn give_up(&self, error: Error) {
        if !self.stop.swap(true, Ordering::SeqCst) {
            self.totals().errors.push(error);
        }
    }

    /// Reports a source of which only a part can be read, once a run: that part is archived, and counted as such.
    pub(crate) fn report_cut(&self, planned: &Planned, error: Error) {
        if lock(&self.cut).insert(planned.found.locator.path().to_path_buf()) {
            self.reporter.error(&error);
            self.count(&planned.group, Outcome::Cut(error));
        }
    }

    /// Puts a session up for another try, or reports that it failed.
    pub(crate) fn retry_or_report(&self, mut plan: Plan, source: usize, error: Error, is_retried: bool) {
        if is_retried && plan.tries < TRIES {
            plan.tries += 1;
            lock(&self.retries).push(plan);
            return;
        }
        for (index, planned) in plan.sources.iter().enumerate() {
            if index != source && !planned.is_unchanged {
                self.count(&planned.group, Outcome::NotTried);
            }
        }
        if let Some(planned) = plan.sources.get(source) {
            self.report_failure(planned, error);
        }
    }
}
