//! Spreads sessions over the threads: small ones whole, large ones block by block, all by the same work-stealing
//! pool, with a bounded amount of work in flight.
//!
//! One thread (the caller's) hands out work and waits for tickets; the pool's threads never wait for each other.

use super::phases::{self, Phase};
use crate::engine::Engine;
use crate::engine::plan::{Plan, space};
use crate::engine::session::work::Session;
use crate::engine::state::limits::OPEN_SESSIONS;
use crate::engine::state::tickets::{Ticket, Tickets};
use crate::engine::state::totals::Outcome;
use crate::error::{Error, Kind};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A session of at most so many bytes is worked on by one thread from end to end: it is over in some milliseconds,
/// and handing its blocks around would cost more than it gains.
const WHOLE_BYTES: u64 = 3 << 20;

/// Small sessions that make up so many bytes are handed out together: a thread is woken for some milliseconds of work.
const BATCH_BYTES: u64 = 1 << 20;

/// What a session costs beside its bytes, in bytes that take as long: its files are opened, made and named.
const SESSION_BYTES: u64 = 16 << 10;

/// Blocks in flight for each thread. Two would keep every thread busy if all blocks cost the same; the third covers
/// a block that has to wait in its archive's writer for a slower one before it.
const TICKETS_A_THREAD: usize = 3;

/// A large session between two phases.
struct Passing {
    session: Arc<Session>,
    /// Blocks of the current phase that are not done.
    left: AtomicUsize,
    phase: Phase,
}

/// One block's worth of work.
struct Task {
    passing: Arc<Passing>,
    work: usize,
    block: usize,
}

/// Works on all `plans`, in their order, on the engine's pool. Outcomes go to the engine's committer.
pub(crate) fn run(engine: &Engine, plans: Vec<Plan>) {
    let tickets = Tickets::new(engine.limits.threads * TICKETS_A_THREAD);
    let (passed, arrivals) = unbounded();
    engine.pool.in_place_scope_fifo(|scope| {
        let mut plans = VecDeque::from(plans);
        let mut tasks: VecDeque<Task> = VecDeque::new();
        let mut open = 0;
        while let Some(step) = next_step(engine, &mut plans, &mut tasks, &mut open, &arrivals, &passed) {
            let ticket = tickets.take();
            // What other programs write to the disk meanwhile is no part of any forecast.
            if let Some(error) = space::exhausted(engine) {
                engine.outcomes.give_up(error);
            }
            let passed = passed.clone();
            scope.spawn_fifo(move |_| {
                match step {
                    Step::Whole(plans) => archive_small(engine, plans),
                    Step::Open(plan) => open_large(engine, plan, &passed),
                    Step::Block(task) => return run_block(engine, task, ticket, &passed),
                }
                drop(ticket);
            });
        }
    });
}

enum Step {
    Whole(VecDeque<Plan>),
    Open(Plan),
    Block(Task),
}

/// Returns the next thing to do: blocks of open sessions first, then new sessions; waits where open sessions have
/// to pass to their next phase first; `None` when all is done.
fn next_step(
    engine: &Engine,
    plans: &mut VecDeque<Plan>,
    tasks: &mut VecDeque<Task>,
    open: &mut usize,
    arrivals: &Receiver<Option<Arc<Passing>>>,
    passed: &Sender<Option<Arc<Passing>>>,
) -> Option<Step> {
    loop {
        while let Ok(arrival) = arrivals.try_recv() {
            admit(engine, arrival, tasks, open, passed);
        }
        if let Some(task) = tasks.pop_front() {
            return Some(Step::Block(task));
        }
        match plans.front() {
            _ if engine.outcomes.is_stopped() => leave_rest(engine, plans),
            Some(plan) if plan.bytes <= WHOLE_BYTES => return Some(Step::Whole(batch(plans))),
            Some(_) if *open < OPEN_SESSIONS => {
                *open += 1;
                return plans.pop_front().map(Step::Open);
            }
            _ => {}
        }
        if *open == 0 && plans.is_empty() {
            return None;
        }
        match arrivals.recv() {
            Ok(arrival) => admit(engine, arrival, tasks, open, passed),
            Err(_) => return None,
        }
    }
}

/// Takes the next small sessions: the first, and those after it that fit into a batch with it.
fn batch(plans: &mut VecDeque<Plan>) -> VecDeque<Plan> {
    let mut cost = 0;
    let mut is_within = |plan: &Plan| {
        let fits = cost == 0 || cost + plan.bytes + SESSION_BYTES <= BATCH_BYTES;
        cost += plan.bytes + SESSION_BYTES;
        fits
    };
    let count = plans.iter().map_while(|plan| is_within(plan).then_some(())).count();
    plans.drain(..count).collect()
}

fn archive_small(engine: &Engine, mut plans: VecDeque<Plan>) {
    while let Some(plan) = plans.pop_front() {
        guarded(engine, &plan, || phases::archive_whole(engine, plan.clone()));
        if engine.outcomes.is_stopped() {
            return leave_rest(engine, &mut plans);
        }
    }
}

/// Counts what is left when a run stops early.
fn leave_rest(engine: &Engine, plans: &mut VecDeque<Plan>) {
    for planned in plans.drain(..).flat_map(|plan| plan.sources).filter(|planned| !planned.is_unchanged) {
        engine.outcomes.count(&planned.group, Outcome::NotTried);
    }
}

/// Takes in a session that is ready for its phase (or `None`: one that is finished) and queues its blocks.
fn admit(
    engine: &Engine,
    arrival: Option<Arc<Passing>>,
    tasks: &mut VecDeque<Task>,
    open: &mut usize,
    passed: &Sender<Option<Arc<Passing>>>,
) {
    let Some(passing) = arrival else {
        *open -= 1;
        return;
    };
    let blocks = phases::blocks(&passing.session, passing.phase);
    if blocks.is_empty() {
        pass_on(engine, passing, passed);
        return;
    }
    passing.left.store(blocks.len(), Ordering::Release);
    for (work, block) in blocks {
        tasks.push_back(Task { passing: Arc::clone(&passing), work, block });
    }
}

fn open_large(engine: &Engine, plan: Plan, passed: &Sender<Option<Arc<Passing>>>) {
    let mut opened = None;
    guarded(engine, &plan, || opened = phases::open(engine, plan.clone()));
    let arrival = opened.map(|session| {
        Arc::new(Passing { session: Arc::new(session), left: AtomicUsize::new(0), phase: Phase::Scan })
    });
    // The receiver lives as long as the scope in which this runs.
    let _ = passed.send(arrival);
}

fn run_block(engine: &Engine, task: Task, ticket: Ticket, passed: &Sender<Option<Arc<Passing>>>) {
    let Task { passing, work, block } = task;
    let session = &passing.session;
    if !session.has_failed() && !engine.outcomes.is_stopped() {
        let result = catch_unwind(AssertUnwindSafe(|| {
            let mut worker = engine.workers.mine();
            phases::run_block(engine, session, passing.phase, work, block, &mut worker, Some(ticket))
        }));
        match result {
            Ok(Ok(())) => {}
            Ok(Err(error)) => session.fail(work, error),
            Err(_) => session.fail(work, panicked(session.works[work].planned.found.locator.path())),
        }
    }
    if passing.left.fetch_sub(1, Ordering::AcqRel) == 1 {
        pass_on(engine, passing, passed);
    }
}

/// Ends a phase on the thread that did its last block: decides, and sends the session to its next phase.
fn pass_on(engine: &Engine, passing: Arc<Passing>, passed: &Sender<Option<Arc<Passing>>>) {
    let plan = passing.session.plan.clone();
    let mut next = None;
    guarded(engine, &plan, || next = phases::end(engine, &passing.session, passing.phase));
    let arrival = next.map(|phase| {
        Arc::new(Passing { session: Arc::clone(&passing.session), left: AtomicUsize::new(0), phase })
    });
    let _ = passed.send(arrival);
}

/// Runs `work`; a panic in it fails the session of `plan` and nothing else.
fn guarded(engine: &Engine, plan: &Plan, work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        for planned in &plan.sources {
            engine.outcomes.report_failure(planned, panicked(planned.found.locator.path()));
        }
    }
}

/// Returns the error for a panic of ours while a source was worked on. The panic's message is not in it: it may hold
/// bytes of the transcript.
fn panicked(path: &Path) -> Error {
    Error::new(Kind::Source, "cannot archive")
        .with_path(path)
        .with_source("a mistake of sessionkeep's own; nothing of it was written")
}
