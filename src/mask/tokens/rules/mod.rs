//! The table of token rules: secrets that are recognised by their own bytes, wherever they stand. One file a family of
//! providers. Rules that need a key name or a header are in [`crate::mask::context::rules`].
//!
//! To add a rule, add one entry to the file of its family: what its tokens begin with, what follows, recipes of texts
//! that must be masked and of near-misses that must not. Tests walk the table.

mod ai;
mod chat;
mod cloud;
mod data;
mod observability;
mod payment;
mod saas;
mod source_control;
mod structure;

use crate::mask::rule::TokenRule;
use crate::mask::tokens::vocabulary::Token;

/// The families, in the order of the rule indices.
const FAMILIES: [&[Token]; 9] = [
    ai::TOKENS,
    cloud::TOKENS,
    source_control::TOKENS,
    data::TOKENS,
    observability::TOKENS,
    chat::TOKENS,
    saas::TOKENS,
    payment::TOKENS,
    structure::TOKENS,
];

/// How many token rules there are.
pub(crate) const COUNT: usize = {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
};

/// Returns all entries, in the order of their indices.
pub(crate) fn all() -> impl Iterator<Item = (TokenRule, &'static Token)> {
    FAMILIES
        .iter()
        .flat_map(|family| family.iter())
        .enumerate()
        .map(|(at, token)| (TokenRule(at as u16), token))
}

/// Returns the literal of a rule whose placeholder keeps it that `matched` begins with.
pub(crate) fn kept_literal(rule: TokenRule, matched: &[u8]) -> &'static str {
    let Some((_, token)) = all().nth(usize::from(rule.0)) else { return "" };
    let literals = token.patterns.iter().flat_map(|pattern| pattern.literals.iter());
    literals
        .filter(|literal| matched.starts_with(literal.as_bytes()))
        .max_by_key(|literal| literal.len())
        .unwrap_or(&"")
}
