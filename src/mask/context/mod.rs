//! Secrets that are known by what stands around them: a key name, a URL, a header, a command line. In comes what the
//! sweep sees of a window, out come the matches of context rules in it; tokens that are known by their own form are found
//! in [`crate::mask::tokens`].
//!
//! The sweep looks for some sixty short literals, the anchors; at each a parser written by hand reads forwards over names,
//! operators, escaped quotes and the value, and judges it. Everything a parser looks at lies within a fixed distance of the
//! anchor, so the result depends on the bytes alone, not on how they are cut.
//!
//! In the order in which they are met: [`scanner`] (which parser looks at which anchor), [`assignment`] and [`forms`] (the
//! parsers), [`keys`] (names of keys), [`values`] (values and what they look like), [`names`] (values that are names),
//! [`found`] (what all parsers speak of), [`rules`] (the table).

mod assignment;
mod forms;
mod found;
mod keys;
mod names;
pub(crate) mod rules;
mod scanner;
mod values;

pub(crate) use keys::providers::is_named_by_provider;
pub(crate) use names::test_verdict::is_after_verdict;
pub(crate) use scanner::ContextScanner;
