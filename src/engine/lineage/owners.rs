//! What was looked up for copies, once a run.

use super::family::Families;
use crate::agents::{Imports, Lineage};
use crate::platform::sync::lock;
use std::collections::HashMap;
use std::hash::Hash;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// What is known of so many places is kept at once.
const PLACES: usize = 16;

/// Sessions, with their files and what these say, by the id of their first record. Those that are marked as copies are
/// left out: of two that begin alike nothing tells which was copied from the other.
pub(crate) type Beginnings = HashMap<String, Vec<(String, PathBuf, Lineage)>>;

/// Ids of sessions, and of those that they were copied from, by the second since 1970 in which they began.
pub(crate) type Starts = HashMap<i64, Vec<(String, Option<String>)>>;

/// What was looked up for copies, once a run.
#[derive(Default)]
pub(crate) struct Owners {
    /// Of the transcripts in a directory.
    pub beginnings: Mutex<HashMap<PathBuf, Arc<Beginnings>>>,
    /// Of archived sessions of an agent, in each round of the run.
    pub archived: Mutex<HashMap<(String, u32), Arc<Starts>>>,
    pub imports: Mutex<HashMap<PathBuf, Arc<Imports>>>,
    pub families: Families,
}

/// Returns what is kept for `place`, found out now if it is not.
pub(crate) fn kept<P: Clone + Eq + Hash, T>(
    places: &Mutex<HashMap<P, Arc<T>>>,
    place: P,
    find: impl FnOnce(&P) -> T,
) -> Arc<T> {
    let mut places = lock(places);
    if let Some(known) = places.get(&place) {
        return Arc::clone(known);
    }
    let found = Arc::new(find(&place));
    if places.len() >= PLACES {
        places.clear();
    }
    places.insert(place, Arc::clone(&found));
    found
}
