//! What every agent that is known has on this machine: where it was looked for, what is there, and how much of it the
//! store holds. A walk, the catalog and what the store lists; no transcript is opened.

use crate::agents::{self, Agent, Form, Found};
use crate::archive::catalog::Catalog;
use crate::archive::content_hash::HashKey;
use crate::archive::store::Store;
use crate::config::Config;
use crate::engine::plan::waiting;
use crate::error::Result;
use crate::search::sessions::{self, Filter};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// A place where an agent's sessions are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub path: PathBuf,
    pub exists: bool,
}

/// One agent, and what there is of it.
#[derive(Clone, Debug)]
pub(crate) struct KnownAgent {
    pub id: &'static str,
    pub label: &'static str,
    pub places: Vec<Place>,
    /// Sessions in these places. A database counts as one, and so does a file that is a place of its own.
    pub sessions: u64,
    /// Subagents' transcripts, tools' results and whatever else belongs to sessions.
    pub parts: u64,
    /// Of all files of sessions and parts; of packed ones, as they lie there.
    pub bytes: u64,
    /// Those of the sessions here of which there is an archive, perhaps of an earlier state.
    pub archived: u64,
    /// The agent's sessions in the store, those among them that are not here any more.
    pub in_store: u64,
    /// When one of these was last archived.
    pub last_archived: Option<Timestamp>,
    /// Days after which the agent deletes a session; `None` for never.
    pub cleanup_days: Option<u64>,
    /// Directories, links and files that could not be followed or read.
    pub not_read: u64,
}

/// Returns every agent that is known, in the order of the registry.
///
/// # Errors
///
/// [`crate::error::Kind::Store`] when the store cannot be listed. One that is not there holds nothing.
pub(crate) fn all(config: &Config) -> Result<Vec<KnownAgent>> {
    let root = &config.store.path;
    // Without a catalog the store's own list tells what is archived, by the ids that paths tell.
    let snapshot =
        Catalog::open_to_read(root).ok().flatten().and_then(|catalog| catalog.read_snapshot().ok());
    let snapshot = snapshot.unwrap_or_default();
    let key = Store::key_of(root).unwrap_or(HashKey::new([0; 32]));
    let held = held(config)?;
    let nothing = Held::default();
    let known = agents::registry().iter().map(|agent| {
        let held = held.get(agent.id()).unwrap_or(&nothing);
        look(*agent, config, held, |found| waiting::entry_of(found, &snapshot, &key).is_some())
    });
    Ok(known.collect())
}

/// What the store holds of one agent.
#[derive(Default)]
struct Held {
    ids: HashSet<String>,
    last_archived: Option<Timestamp>,
}

/// Returns what the store holds of each agent, by its short name.
fn held(config: &Config) -> Result<HashMap<String, Held>> {
    let (stored, listing) = sessions::of_store(&config.store.path)?;
    let mut held: HashMap<String, Held> = HashMap::new();
    for session in sessions::read_all(stored, &listing, &Filter::default()) {
        let Some(agent) = session.agent.as_deref() else { continue };
        let archived = session.archived();
        if !held.contains_key(agent) {
            held.insert(agent.to_owned(), Held::default());
        }
        let Some(of_agent) = held.get_mut(agent) else { continue };
        of_agent.last_archived = of_agent.last_archived.max(archived);
        of_agent.ids.insert(session.session_id.into_owned());
    }
    Ok(held)
}

/// Looks at what one agent has on this machine; `is_known` says whether the catalog knows a file.
fn look(agent: &dyn Agent, config: &Config, held: &Held, is_known: impl Fn(&Found) -> bool) -> KnownAgent {
    let environment = &config.environment;
    let roots = agent.roots(environment);
    let mut known = KnownAgent {
        id: agent.id(),
        label: agent.label(),
        places: Vec::new(),
        sessions: 0,
        parts: 0,
        bytes: 0,
        archived: 0,
        in_store: held.ids.len() as u64,
        last_archived: held.last_archived,
        cleanup_days: agent.cleanup_days(environment),
        not_read: 0,
    };
    let mut directories = Vec::new();
    for path in roots {
        let metadata = path.metadata().ok();
        match &metadata {
            Some(metadata) if metadata.is_file() => {
                known.sessions += 1;
                known.archived += u64::from(!held.ids.is_empty());
                known.bytes += metadata.len();
            }
            _ => directories.push(path.clone()),
        }
        known.places.push(Place { path, exists: metadata.is_some() });
    }
    // A session may lie in several files: plain and packed, or continued.
    let mut ids: HashMap<String, bool> = HashMap::new();
    let problems = agents::walk(agent, &directories, &mut |found: Found| {
        if found.stamp.bytes() == 0 {
            return;
        }
        known.bytes += found.stamp.bytes();
        if found.guess.part_id.is_some() {
            known.parts += 1;
            return;
        }
        let is_archived =
            |id: Option<&String>| id.is_some_and(|id| held.ids.contains(id)) || is_known(&found);
        match &found.guess.session_id {
            Some(id) => {
                let archived = ids.entry(id.clone()).or_default();
                *archived = *archived || is_archived(Some(id));
            }
            None => {
                known.sessions += 1;
                // What is in a database is not known without opening it: something of it is archived, or nothing.
                let holds_many = matches!(agent.form(found.locator.path()), Form::Database(_) | Form::Chat);
                let archived = is_archived(None) || (holds_many && !held.ids.is_empty());
                known.archived += u64::from(archived);
            }
        }
    });
    known.sessions += ids.len() as u64;
    known.archived += ids.values().filter(|&&archived| archived).count() as u64;
    known.not_read = problems.len() as u64;
    known
}
