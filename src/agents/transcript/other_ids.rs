//! Of which other sessions the records of a transcript say that they are.

use std::borrow::Cow;

use memchr::memmem;

use crate::agents::agent::Agent;
use crate::agents::facts::MAX_IDS;
use crate::agents::known;
use crate::agents::record::{Record, records};
use crate::identity::plain_id;

/// Returns whether the records of an agent's transcripts name their session each, so that [`find_ids`] has something to
/// find.
pub(crate) fn has_ids_in_records(agent: &str) -> bool {
    !needles(agent).is_empty()
}

/// What precedes the id in records of agents that nobody knows.
const ANY_NEEDLES: [&[u8]; 2] = [b"\"sessionId\":", b"\"session_id\":"];

fn needles(agent: &str) -> &'static [&'static [u8]] {
    known::agent(agent).map_or(&ANY_NEEDLES, |agent| agent.id_needles())
}

fn recorded_id(agent: Option<&'static dyn Agent>, record: &Record<'_>) -> Option<String> {
    match agent {
        Some(agent) => agent.recorded_id(record),
        None => ["sessionId", "session_id"].iter().find_map(|key| record.text(key)).map(Cow::into_owned),
    }
}

/// Adds to `ids` those of sessions that records in `text` (whole lines, anywhere in a transcript of `agent`) say that
/// they are of. `ids` holds the session's own as the first; of it and those found before no record need be read.
/// Nothing for agents whose records don't name their session each.
pub(crate) fn find_ids(agent: &str, text: &[u8], ids: &mut Vec<String>) {
    for needle in needles(agent) {
        find_ids_after(known::agent(agent), needle, text, ids);
    }
}

fn find_ids_after(agent: Option<&'static dyn Agent>, needle: &[u8], text: &[u8], ids: &mut Vec<String>) {
    let finder = memmem::Finder::new(needle);
    let mut at = 0;
    while ids.len() <= MAX_IDS
        && let Some(found) = finder.find(&text[at..])
    {
        at += found + needle.len();
        if is_one_of(&text[at..], ids) {
            continue;
        }
        // What was said in a session may look like it: the record tells. Each line is read once at most.
        let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1);
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
        for record in records(&text[start..end]) {
            let id = recorded_id(agent, &record).and_then(|id| plain_id(id.as_bytes()));
            if let Some(id) = id.filter(|id| !ids.contains(id) && ids.len() <= MAX_IDS) {
                ids.push(id);
            }
        }
        at = end;
    }
}

/// Returns whether `text` begins with one of `ids` as a JSON string.
fn is_one_of(text: &[u8], ids: &[String]) -> bool {
    let Some(text) = text.trim_ascii_start().strip_prefix(b"\"") else { return false };
    ids.iter().any(|id| text.strip_prefix(id.as_bytes()).is_some_and(|rest| rest.first() == Some(&b'"')))
}
