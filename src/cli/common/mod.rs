//! What commands share: in, the options that all of them take; out, what they print.
//!
//! In this order: `context` is what a command runs in, `select` the options that choose sessions, `read_ahead` reads standard input,
//! `output` writes standard output, [`json`](mod@json) what `--json` prints there, `summary` says in a line what an import did.

pub(crate) mod context;
pub(crate) mod json;
pub(crate) mod output;
pub(crate) mod read_ahead;
pub(crate) mod select;
pub(crate) mod summary;
