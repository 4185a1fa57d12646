//! sessionkeep keeps the sessions of AI coding agents: it masks the secrets in them, compresses them and
//! stores them in a dated tree, as fast as the machine can compress.
//!
//! One transcript's way through the program:
//!
//! ```text
//! discover -> decide -> read -> mask -> compress -> stage -> commit -> record -> report
//! agents/     engine/   input   mask/   archive/    archive/ archive/  archive/  report
//! ```
//!
//! | layer | modules | may use |
//! |---|---|---|
//! | face | `cli` | everything below |
//! | flow | `engine`, `search`, `upkeep`, `config` | stages and ground |
//! | stages | `agents`, `mask`, `archive`, `input` | ground only, never each other |
//! | ground | `report`, `error`, `platform` | nothing of ours |
//!
//! Where to edit: a secret rule is one entry in `mask/tokens/rules/`; an agent is one file in `agents/` and one line in
//! its registry; the archive format is `archive/gzip.rs` and `archive/header.rs`; a subcommand is one file in
//! `cli/`.

#![deny(unreachable_pub)]

mod agents;
mod archive;
mod cli;
mod config;
mod engine;
mod environment;
mod error;
mod identity;
mod input;
mod locator;
mod mask;
mod platform;
mod report;
mod search;
#[doc(hidden)]
pub mod testing;
mod upkeep;

pub use cli::main;
