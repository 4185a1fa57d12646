//! What happens to a session, phase after phase: open, scan, decide, compress, hand over for commit.

use super::{compress, finish, news, scan};
use crate::engine::plan::Plan;
use crate::engine::session::open;
use crate::engine::session::work::{Session, Stop};
use crate::engine::state::tickets::Ticket;
use crate::engine::state::workers::Worker;
use crate::engine::verdict::settle;
use crate::engine::{Engine, Step};

/// Where a session stands between opening and commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Hash, find, learn.
    Scan,
    /// Mask, compress, write.
    Compress,
}

/// Takes a small session through all phases on this thread.
pub(crate) fn archive_whole(engine: &Engine, plan: Plan) {
    let Some(session) = open(engine, plan) else { return };
    let mut worker = engine.workers.mine();
    let mut phase = Some(Phase::Scan);
    while let Some(now) = phase {
        for (work, block) in blocks(&session, now) {
            if session.has_failed() {
                break;
            }
            if let Err(stop) = run_block(engine, &session, now, work, block, &mut worker, None) {
                session.fail(work, stop);
            }
        }
        phase = end(engine, &session, now);
    }
}

/// Opens the sources of a session; those that cannot be are reported and left out. `None` when nothing is left to do.
pub(crate) fn open(engine: &Engine, plan: Plan) -> Option<Session> {
    let started = engine.times.start();
    let session = open::open_session(engine, plan);
    engine.times.add(Step::Read, started);
    session
}

/// Returns the blocks that a phase has to work on, as indices of source and block, in order.
pub(crate) fn blocks(session: &Session, phase: Phase) -> Vec<(usize, usize)> {
    let mut blocks = Vec::new();
    for (index, work) in session.works.iter().enumerate() {
        if phase == Phase::Scan || work.is_to_archive() {
            blocks.extend((0..work.scanned.len()).map(|block| (index, block)));
        }
    }
    blocks
}

/// Works on one block.
pub(crate) fn run_block(
    engine: &Engine,
    session: &Session,
    phase: Phase,
    work: usize,
    block: usize,
    worker: &mut Worker,
    ticket: Option<Ticket>,
) -> Result<(), Stop> {
    let started = engine.times.start();
    let work = &session.works[work];
    match phase {
        Phase::Scan => {
            scan::scan_block(engine, session, work, block, worker)?;
            engine.times.add(Step::Scan, started);
        }
        Phase::Compress => {
            match work.log.get() {
                Some(log) => news::compress_news(engine, session, (work, log), block, worker, ticket)?,
                None => compress::compress_block(engine, session, work, block, worker, ticket)?,
            }
            engine.times.add(Step::Compress, started);
        }
    }
    Ok(())
}

/// Ends a phase when all its blocks are done; returns the next one, if there is any.
pub(crate) fn end(engine: &Engine, session: &Session, phase: Phase) -> Option<Phase> {
    if session.has_failed() {
        finish::report_failed(engine, session);
        return None;
    }
    match phase {
        Phase::Scan => match settle::decide_session(engine, session) {
            Ok(true) => Some(Phase::Compress),
            Ok(false) => {
                finish::count_unchanged(engine, session);
                None
            }
            Err((work, stop)) => {
                session.fail(work, stop);
                finish::report_failed(engine, session);
                None
            }
        },
        Phase::Compress => {
            finish::hand_over(engine, session);
            None
        }
    }
}
