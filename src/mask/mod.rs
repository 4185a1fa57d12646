//! Finds secrets in bytes and replaces them. In come windows of a stream, out come the masked bytes and what was counted.
//! Never touches the filesystem (but for [`outside`], which gathers known values), never logs, and keeps no byte of a
//! secret longer than a session is worked on.
//!
//! One window's way, room by room:
//!
//! ```text
//! window -> sweep -> tokens, context -> built_in -> scan -> findings -> output -> tally
//!                    (their rules)      custom   ----^  ^---- values, pieces
//! ```
//!
//! | room | what it is about | rests on |
//! |---|---|---|
//! | [`rule`], [`window`], [`findings`], [`tally`] | what all rooms speak of | `text` |
//! | `text` | bytes, escapes, JSON, UTF-16 in disguise | nothing |
//! | `name_shape` | whether a text looks like a name | nothing |
//! | `pem` | private keys in lines | `text` |
//! | `sweep` | the one pass over the bytes | `text`, `pem` |
//! | `context` | secrets known by what stands around them | `sweep`, `name_shape` |
//! | `tokens` | secrets known by their own bytes | `sweep`, `pem`, `context` (names of providers) |
//! | `built_in` | both scanners as one | `tokens`, `context` |
//! | `placeholder` | what stands in place of a secret | `text` |
//! | `custom` | what the user adds and allows | `placeholder` |
//! | `values` | secrets known from outside or learned | `name_shape`, `text` |
//! | `masker` | the table of all rules, and its version | `built_in`, `custom` |
//! | `pieces` | messages recorded piece by piece | `masker`, `values` |
//! | `scan` | from a window to findings | all of the above |
//! | `output` | from findings to masked bytes | `scan` |
//!
//! `recipe` makes the texts of the rules' examples, `tests` holds what must be true of all rooms together.

mod built_in;
mod context;
mod custom;
mod findings;
mod masker;
mod name_shape;
mod output;
mod pem;
mod pieces;
mod placeholder;
#[doc(hidden)]
pub mod recipe;
pub(crate) mod rule;
mod scan;
mod sweep;
mod tally;
mod text;
mod tokens;
mod values;
mod window;

#[cfg(test)]
pub(crate) mod tests;

pub use findings::Findings;
pub(crate) use findings::Span;
pub use masker::Masker;
pub use masker::options::Options;
pub(crate) use masker::table::{RuleInfo, built_in as built_in_rules};
pub use output::{StreamMasker, mask_whole};
pub(crate) use pieces::SHOWN;
pub(crate) use rule::RuleIndex;
pub use scan::Scratch;
pub use tally::Tally;
#[cfg(test)]
pub(crate) use tests::learner::StreamLearner;
pub use values::Learned;
pub(crate) use values::{HitCounts, KnownValues, outside};
pub use window::Window;
pub(crate) use window::{Counts, LONG_LINE};
