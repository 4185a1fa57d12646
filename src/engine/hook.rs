//! What a hook does before it returns, and what its worker does afterwards.
//!
//! The hook itself reads one JSON value, leaves a marker and starts a worker: some milliseconds, whatever the size
//! of the transcript. An agent gives its hooks one to three seconds at its end and then kills them with all their
//! children, so the worker is in a session of its own; if it is killed all the same, the marker stays.

use super::pending::marker::{self, Marker};
use super::pending::sealed::Sealer;
use super::plan::marked;
use super::plan::waiting::Patience;
use super::request;
use super::settings::{Settings, Where};
use super::stamps;
use super::state::totals::Totals;
use crate::agents;
use crate::agents::hook::{Event, HookInput, Payload, parse_payload};
use crate::archive::store::{PENDING_DIRECTORY, Store};
use crate::config::Config;
use crate::error::Result;
use crate::platform::clock;
use crate::report::Reporter;
use std::io::Read;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime};

/// How long the agent may take to hand over its payload. Agents write it at once; one that keeps the pipe open
/// must not make us wait.
const INPUT_TIME: Duration = Duration::from_millis(200);

/// A transcript that was written to within this time may have more to come: agents end their files right before or
/// after they call hooks.
const QUIET: Duration = Duration::from_millis(300);

/// How long a worker waits for a transcript to be quiet; then it archives what is there.
const QUIET_WAIT: Duration = Duration::from_secs(5);

/// Reads a payload from `input`, without waiting for the input's end. What came within the time counts, and all of it is
/// taken from the pipe: an agent must not be told that nobody reads.
///
/// # Errors
///
/// When what came within the time names no session.
pub(crate) fn read_payload(input: impl Read + Send + 'static) -> Result<Payload> {
    // Bounded: a flood on stdin fills the pipe and not the memory.
    let (sender, receiver) = mpsc::sync_channel(16);
    // Left behind, blocked in its read, when the time is over; it ends with the process.
    std::thread::spawn(move || {
        let mut input = input;
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = input.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    let deadline = Instant::now() + INPUT_TIME;
    let mut payload = HookInput::default();
    while let Ok(piece) = receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if payload.push(&piece) || Instant::now() >= deadline {
            break;
        }
    }
    parse_payload(payload.kept())
}

/// Written to within this time, a session whose end no hook told is left alone when another one begins: it may be going
/// on beside that.
const CATCH_UP_AGE: Duration = Duration::from_secs(600);

/// What a hook's worker has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Archive what hooks left pending.
    Pending,
    /// Archive what is pending, and the sessions whose end no hook told: of this agent, or of all.
    CatchUp(Option<&'static str>),
}

/// Takes in a payload; returns what the worker has to do. A session that begins leaves no marker: mostly there is no
/// transcript of it yet, and there may never be one.
pub(crate) fn take(config: &Config, payload: &Payload) -> Result<Task> {
    if payload.event != Event::SessionStart {
        leave_marker(config, payload)?;
        return Ok(Task::Pending);
    }
    stamps::hook_fired(&Store::open(&config.store.path)?, agent_of(payload));
    Ok(Task::CatchUp(agent_of(payload)))
}

/// Leaves a marker for a payload's session in the store.
fn leave_marker(config: &Config, payload: &Payload) -> Result<()> {
    let store = Store::open(&config.store.path)?;
    // For those who ask whether hooks are called at all; a hook has better to do than to fail over it.
    stamps::hook_fired(&store, agent_of(payload));
    let sealer = Sealer::new(store.hash_key()?, config.environment.home().map(Path::to_path_buf));
    marker::leave(&store.private_dir(PENDING_DIRECTORY)?, payload, &sealer)
}

/// Returns the agent that a payload comes from, as it says itself or as the transcript's place tells.
fn agent_of(payload: &Payload) -> Option<&'static str> {
    let path = || payload.transcript_path.as_deref().and_then(|path| agents::guess_path(path).agent);
    payload.agent.or_else(path)
}

/// Archives what hooks left pending: the work of a hook's worker, or of `hook --wait`.
///
/// Of several workers one does all the work; the others leave at once, for their markers are there to be seen.
pub(crate) fn work(config: &Config, settings: &Settings, reporter: &Reporter) -> Result<Totals> {
    let store = Store::open(&config.store.path)?;
    let folder = store.private_path(PENDING_DIRECTORY);
    let key = store.hash_key()?;
    let environment = &config.environment;
    let mut totals = Totals::default();
    loop {
        let Some(lock) = store.try_lock_worker()? else { break };
        let markers = marker::list(&folder, Some(&key));
        for marker in &markers {
            marked::files(&marker.asked, environment).iter().for_each(|path| wait_until_quiet(path));
        }
        if !markers.is_empty() {
            totals = request::import(config, settings, &[], None, reporter)?;
        }
        drop(lock);
        // A marker left before the release, the same one left anew included, has a worker that found the lock held and
        // is gone; so look once more. What was there all along and still is, waits for the next import.
        let is_known = |marker: &Marker| {
            markers.iter().any(|known| (&known.path, known.left) == (&marker.path, marker.left))
        };
        if marker::list(&folder, None).iter().all(is_known) {
            break;
        }
    }
    Ok(totals)
}

/// Archives what is pending, and the sessions of an agent, or of all, that are quiet and were not archived: one stat a
/// file. Leaves at once where another worker is at it: the next session that begins comes again.
pub(crate) fn catch_up(
    config: &Config,
    settings: &Settings,
    agent: Option<&'static str>,
    reporter: &Reporter,
) -> Result<Totals> {
    let store = Store::open(&config.store.path)?;
    let Some(_lock) = store.try_lock_worker()? else { return Ok(Totals::default()) };
    let all = agents::registry().iter().map(|known| known.id());
    let origins: Vec<Where> =
        all.filter(|id| agent.is_none_or(|agent| agent == *id)).map(Where::Agent).collect();
    // What is never quiet is left to imports, which come when no session begins.
    let patience = Patience { min_age: CATCH_UP_AGE, max_wait: Duration::MAX };
    request::import(config, settings, &origins, Some(patience), reporter)
}

/// Says what a hook with this payload would archive; writes nothing.
pub(crate) fn preview(config: &Config, payload: &Payload, reporter: &Reporter) -> Result<Totals> {
    let settings = Settings { is_dry_run: true, is_hook: true, ..Settings::default() };
    request::of_payload(config, &settings, payload, reporter)
}

fn wait_until_quiet(path: &Path) {
    let started = Instant::now();
    while started.elapsed() < QUIET_WAIT {
        let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified());
        let age =
            modified.map(|modified| SystemTime::from(clock::now()).duration_since(modified).unwrap_or(QUIET));
        match age {
            Ok(age) if age < QUIET => std::thread::sleep(QUIET - age),
            _ => return,
        }
    }
}
