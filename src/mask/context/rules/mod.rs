//! The table of context rules: what each is called, what it is about, and examples.
//!
//! Nothing comes in; out go entries, which the parsers refer to by the constants in [`labels`], their indices. Met in this
//! order: how an entry is written is said in [`entry`]; then come the entries, [`key_names`] first, then [`structures`], then
//! [`providers`].

mod entry;
mod key_names;
mod labels;
mod providers;
mod structures;

use crate::mask::rule::Rule;

pub(crate) use labels::*;

/// How many context rules there are.
pub(crate) const COUNT: usize = key_names::RULES.len() + structures::RULES.len() + providers::RULES.len();

/// Returns all context rules, in the order of their indices.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    key_names::RULES.iter().chain(structures::RULES).chain(providers::RULES)
}
