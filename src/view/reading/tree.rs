//! Where the user went back: of records that say which one they answer, those that lie on no way from the last one back to
//! the first were left behind.

use std::collections::{HashMap, HashSet};

use crate::message::{Kind, Mark, Marks, Message, Role, number_of};

/// A record of a conversation: its number, the one that it answers, and whether the user typed it.
struct Record {
    id: u64,
    parent: Option<u64>,
    is_prompt: bool,
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
            records.push(Record { id, parent, is_prompt: false, first: at });
            records.len() - 1
        });
        records[place].is_prompt |= is_prompt(message);
        record_of.push(Some(place));
    }
    let left = left_records(&records, &known);
    let is_left = |place: &Option<usize>| place.is_some_and(|place| left.contains(&place));
    record_of.iter().enumerate().filter(|(_, place)| is_left(place)).map(|(at, _)| at).collect()
}

fn is_prompt(message: &Message) -> bool {
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
        let replaced = next.get(&records[parent].id).map(|next| &records[*next]);
        let is_replaced = on_way.contains(&parent)
            && replaced.is_some_and(|replaced| replaced.is_prompt && replaced.first > record.first);
        if is_below || is_replaced {
            left.insert(place);
        }
    }
    left
}
