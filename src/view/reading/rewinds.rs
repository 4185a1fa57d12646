//! What the user took back in so many words: a record that says up to which other one, or how many prompts.

use std::collections::HashMap;

use super::unit::Unit;
use crate::message::{Kind, Mark, Message, Rewind, Role, number_of};

/// Marks those of `messages` that a later one takes back. Each comes with the number of its unit among `units`.
pub(super) fn mark(messages: &mut [(usize, Message)], units: &[Unit]) {
    let is_rewind = |(_, message): &(usize, Message)| message.joints.rewind.is_some();
    if !messages.iter().any(is_rewind) {
        return;
    }
    let mut first_of: HashMap<u64, usize> = HashMap::new();
    for at in 0..messages.len() {
        let (unit, message) = &messages[at];
        let id = message.id.raw(&units[*unit].bytes);
        if !id.is_empty() {
            first_of.entry(number_of(&[id])).or_insert(at);
        }
        let from = match message.joints.rewind {
            Some(Rewind::From(id)) => first_of.get(&id).copied(),
            Some(Rewind::Prompts(count)) => prompt_before(&messages[..at], count),
            Some(Rewind::Branch) | None => None,
        };
        for (_, message) in messages[from.unwrap_or(at)..at].iter_mut() {
            message.marks.set(Mark::Rewound);
        }
    }
}

/// Returns where the first of the last `count` prompts is that were not taken back before.
fn prompt_before(messages: &[(usize, Message)], count: u64) -> Option<usize> {
    let is_prompt = |(_, message): &(usize, Message)| {
        let is_bare = message.marks.iter().next().is_none();
        message.role == Role::User && message.kind == Kind::Text && is_bare
    };
    let mut prompts = (0..messages.len()).rev().filter(|at| is_prompt(&messages[*at]));
    let most = usize::try_from(count.checked_sub(1)?).ok()?;
    prompts.by_ref().take(most + 1).last()
}
