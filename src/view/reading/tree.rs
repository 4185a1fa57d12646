//! Where the user went back: of records that say which one they answer, those that lie on no way from the last one back to
//! the first were left behind.

use std::collections::{HashMap, HashSet};

use crate::message::{Kind, Mark, Marks, Message, Rewind, Role, number_of};

/// Records of nobody that may stand between what the user went back to and what was said there.
const MOST_BETWEEN: usize = 16;

/// A record of a conversation: its number, the one that it answers, whether the user typed it or went back with it, and
/// whether anybody speaks in it.
struct Record {
    id: u64,
    parent: Option<u64>,
    is_prompt: bool,
    is_spoken: bool,
    /// Whether all of it was put there by the agent.
    is_injected: bool,
    first: usize,
}

/// Returns the places of those of `messages` that were left behind. Their texts stand in the bytes that go with them.
///
/// A record off the way counts only where what took its place is a prompt: results of calls that ran side by side have a
/// place of their own in such trees, too, and nobody went back.
pub(crate) fn left_behind<'a>(messages: impl Iterator<Item = (&'a Message, &'a [u8])>) -> HashSet<usize> {
    let mut records: Vec<Record> = Vec::new();
    let mut record_of = Vec::new();
    let mut known: HashMap<u64, usize> = HashMap::new();
    for (at, (message, bytes)) in messages.enumerate() {
        let (id, parent) = (message.id.raw(bytes), message.parent.raw(bytes));
        if id.is_empty() || message.marks.has(Mark::Sidechain) {
            record_of.push(None);
            continue;
        }
        let id = number_of(&[id]);
        let place = *known.entry(id).or_insert_with(|| {
            let parent = (!parent.is_empty()).then(|| number_of(&[parent]));
            records.push(Record {
                id,
                parent,
                is_prompt: false,
                is_spoken: false,
                is_injected: true,
                first: at,
            });
            records.len() - 1
        });
        records[place].is_prompt |= is_prompt(message);
        records[place].is_injected &= message.marks.has(Mark::Injected);
        records[place].is_spoken |= message.role != Role::System;
        record_of.push(Some(place));
    }
    let left = left_records(&records, &known);
    let is_left = |place: &Option<usize>| place.is_some_and(|place| left.contains(&place));
    record_of.iter().enumerate().filter(|(_, place)| is_left(place)).map(|(at, _)| at).collect()
}

fn is_prompt(message: &Message) -> bool {
    if message.joints.rewind == Some(Rewind::Branch) {
        return true;
    }
    let is_said = message.role == Role::User && matches!(message.kind, Kind::Text | Kind::Image);
    is_said && message.marks == Marks::default()
}

fn left_records(records: &[Record], known: &HashMap<u64, usize>) -> HashSet<usize> {
    let parent_of = |place: usize| records[place].parent.and_then(|parent| known.get(&parent).copied());
    let mut on_way = HashSet::new();
    let mut at = records.iter().rposition(|record| record.parent.is_some());
    while let Some(place) = at {
        if !on_way.insert(place) {
            break;
        }
        at = parent_of(place);
    }
    // What stands on the way behind a record: one child each.
    let mut next: HashMap<u64, usize> = HashMap::new();
    for place in &on_way {
        if let Some(parent) = records[*place].parent {
            next.insert(parent, *place);
        }
    }
    let mut left = HashSet::new();
    for (place, record) in records.iter().enumerate() {
        if on_way.contains(&place) {
            continue;
        }
        let Some(parent) = parent_of(place) else { continue };
        let is_below = left.contains(&parent);
        // Claude Code hangs each command of the user's on one and the same note before the first.
        if records[parent].is_injected && !is_below {
            continue;
        }
        // Settings and times may stand between the place that the user went back to and what the user then said.
        let behind = std::iter::successors(next.get(&records[parent].id), |at| next.get(&records[**at].id));
        let replaced =
            behind.take(MOST_BETWEEN).find(|at| records[**at].is_prompt || records[**at].is_spoken);
        let replaced = replaced.map(|at| &records[*at]).filter(|_| on_way.contains(&parent));
        let is_replaced =
            replaced.is_some_and(|replaced| replaced.is_prompt && replaced.first > record.first);
        if is_below || is_replaced {
            left.insert(place);
        }
    }
    left
}
