//! Whose transcript is this? Joins what the path tells with what the first records tell.
//!
//! The same bytes must get the same identity wherever they lie and whoever found them: a walk of an agent's own
//! root, a directory named by the user, a hook. So records decide where they speak, and the path where they don't:
//!
//! - The agent is the one whose records these are. Only then the one whose tree the file lies in.
//! - The session is the id in the file's name if the records know that id too, or know none. If they only know
//!   others, the file was copied or renamed, and the first recorded id is the session.
//! - A part keeps the id that its path gives; a part that was moved out of its tree says in its records what it is.

use std::path::Path;

use super::json::{Record, records};
use super::names::{self, clean_id};
use super::{Agent, FILES, Guess, registry};

/// Records that are looked at for ids. The first one nearly always answers; a few agents begin with some that say
/// nothing, and a resumed session of old may begin with those of another.
const MAX_RECORDS: usize = 1000;

/// What a record says of the transcript that it is in.
#[derive(Debug, Default)]
pub(super) struct Claim {
    /// The session's id as recorded, not cleaned.
    pub session_id: Option<String>,
    /// The part's id, if the record says that it is in a part.
    pub part_id: Option<String>,
}

impl Claim {
    /// A record that is of this agent's making and tells no more.
    pub fn agent_only() -> Claim {
        Claim::default()
    }

    /// A record of the session `id`.
    pub fn session(id: impl Into<String>) -> Claim {
        Claim { session_id: Some(id.into()), part_id: None }
    }
}

/// Where a session's id comes from, and so how far it can be trusted to be unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The records say it (and the name, if it has an id, agrees or is overruled).
    Records,
    /// The path says it: a UUID in the file's name, or the directory that an agent gives to a session.
    Name,
    /// The file's stem: nothing better was found. Two unrelated files may well share it.
    Stem,
}

/// The identity of one file; ids are `[A-Za-z0-9_-]{1,128}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// An [`Agent::id`](super::Agent::id), or [`FILES`].
    pub agent: &'static str,
    pub session_id: String,
    pub part_id: Option<String>,
    pub origin: Origin,
}

/// Returns whose transcript the file at `path` is. `guess` is what its walk gave or
/// [`guess_path`](super::guess_path); `head` the first bytes of its (decompressed) content, at most
/// [`END_BYTES`](super::END_BYTES), possibly cut inside a record, possibly empty or no text at all.
pub fn identify(path: &Path, guess: &Guess, head: &[u8]) -> Identified {
    let name = path.file_name().map_or(&b""[..], |name| name.as_encoded_bytes());
    let recorded =
        if records_may_speak(name, guess) { read_claims(guess, head) } else { Recorded::default() };
    let agent = recorded.agent.map(|agent| agent.id()).or(guess.agent).unwrap_or(FILES);
    let (session_id, origin) = match (&guess.session_id, recorded.session_ids.first()) {
        (Some(named), Some(_)) if recorded.session_ids.contains(named) => (named.clone(), Origin::Records),
        (_, Some(first)) => (first.clone(), Origin::Records),
        (Some(named), None) => (named.clone(), Origin::Name),
        (None, None) => (clean_id(names::stem(name)), Origin::Stem),
    };
    let is_named_main = guess.part_id.is_none() && guess.session_id.as_ref() == Some(&session_id);
    let part_id = match &guess.part_id {
        // A part of nobody knows what is kept as a session of its own, under its own name.
        Some(_) if origin == Origin::Stem => None,
        Some(part) => Some(part.clone()),
        None if is_named_main => None,
        None => recorded.part_id,
    };
    Identified { agent, session_id, part_id, origin }
}

/// Returns whether records can say more than the path does. A tool's saved output is text that may well look like
/// somebody's transcript; it belongs where it lies.
fn records_may_speak(name: &[u8], guess: &Guess) -> bool {
    guess.part_id.is_none() || name.ends_with(b".jsonl")
}

/// What all records in the head say together.
#[derive(Default)]
struct Recorded {
    agent: Option<&'static dyn Agent>,
    /// In order of appearance, clean, each once.
    session_ids: Vec<String>,
    part_id: Option<String>,
}

/// Asks the agents about the records in `head`; stops at the id that the name gives.
fn read_claims(guess: &Guess, head: &[u8]) -> Recorded {
    let mut recorded = Recorded::default();
    for record in records(head).take(MAX_RECORDS) {
        let claim = match recorded.agent {
            Some(agent) => agent.claim(&record),
            None => first_claim(guess, &record).map(|(agent, claim)| {
                recorded.agent = Some(agent);
                claim
            }),
        };
        let Some(claim) = claim else { continue };
        if recorded.session_ids.is_empty() {
            recorded.part_id = claim.part_id.map(|part| clean_id(part.as_bytes()));
        }
        if let Some(id) = claim.session_id.map(|id| clean_id(id.as_bytes()))
            && !recorded.session_ids.contains(&id)
        {
            recorded.session_ids.push(id);
        }
        if guess.session_id.as_ref().is_some_and(|named| recorded.session_ids.contains(named)) {
            break;
        }
    }
    recorded
}

/// Returns the agent that `record` is of: the guessed one if it claims the record, else the first that does. The
/// place of a part names its agent for good.
fn first_claim(guess: &Guess, record: &Record<'_>) -> Option<(&'static dyn Agent, Claim)> {
    let ask = |agent: &'static dyn Agent| agent.claim(record).map(|claim| (agent, claim));
    let guessed = guess.agent.and_then(super::agent);
    if let Some(answer) = guessed.and_then(ask) {
        return Some(answer);
    }
    if guess.part_id.is_some() {
        return None;
    }
    registry().iter().copied().find_map(ask)
}
