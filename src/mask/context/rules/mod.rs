//! The table of context rules: what each is called, what it is about, and examples. The parsers refer to the rules by the
//! constants in [`labels`], which are their indices: [`key_names`] first, then [`structures`], then [`providers`]. How an
//! entry is written is said in [`entry`].

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
