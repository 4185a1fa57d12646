//! The table of token rules: secrets that are recognised by their own bytes, wherever they stand. Rules that need a key
//! name or a header are in [`crate::mask::context::rules`].
//!
//! Nothing comes in; out go entries, which the scanner reads. One file a family of providers; they know nothing of each
//! other, and the table has them in the order in which they stand here.
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
use crate::mask::tokens::vocabulary::{GLANCES, RunFunction, Shape, Token};

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

/// How many functions one glance asks for at most.
pub(crate) const MOST_FUNCTIONS: usize = 4;

/// A function that looks at runs, and the rule that it is of.
pub(crate) type RunShape = (TokenRule, RunFunction);

/// The functions that look at runs, by what is seen of these. Known when the program is built, so that the scanner calls
/// them by name where it can: a call by address costs as much as most of them.
pub(crate) static RUN_SHAPES: [[Option<RunShape>; MOST_FUNCTIONS]; GLANCES] = {
    let mut shapes = [[None; MOST_FUNCTIONS]; GLANCES];
    let mut counts = [0; GLANCES];
    let (mut rule, mut family) = (0, 0);
    while family < FAMILIES.len() {
        let mut at = 0;
        while at < FAMILIES[family].len() {
            if let Some(Shape::Run(glance, function)) = FAMILIES[family][at].shape {
                let glance = glance as usize;
                shapes[glance][counts[glance]] = Some((TokenRule(rule), function));
                counts[glance] += 1;
            }
            (at, rule) = (at + 1, rule + 1);
        }
        family += 1;
    }
    shapes
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
