//! Secrets that are recognised by their own bytes, wherever they stand. In comes what the sweep sees of a window, out come
//! the matches of token rules in it.
//!
//! In the order in which they are met: [`parts`] and [`checks`] (what a pattern is made of), [`pattern`] (bytes compared
//! with one), [`search`] (the window and what was found), [`starts`] (where a token may begin), [`shapes`] (tokens that are
//! known otherwise), [`vocabulary`] (how an entry is written), [`rules`] (the table), [`stems`] and [`scanner`] (which
//! entries are tried where).

pub(crate) mod checks;
mod parts;
mod pattern;
pub(crate) mod rules;
mod scanner;
mod search;
mod shapes;
mod starts;
mod stems;
pub(crate) mod vocabulary;

pub(crate) use scanner::{TokenScanner, TokenScratch};
