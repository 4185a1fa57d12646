//! A store: the directory that archives live in.
//!
//! In come masked bytes, written to files that nobody sees yet; out come archives and sidecars under their names, whole
//! and durable. To be met in this order: [`root`] says what may be a store, and makes one; [`handle`] is the open store
//! with its directories, [`key`] the key of its hashes; [`lock`] keeps runs apart, [`run_mark`] remembers what a run
//! that dies has named; [`stage`] makes the files that [`commit`] publishes.

pub(crate) mod commit;
mod handle;
mod key;
pub(crate) mod lock;
mod root;
pub(crate) mod run_mark;
pub(crate) mod stage;
#[cfg(test)]
mod tests;

pub(crate) use super::names::PRIVATE_DIRECTORY;
pub(crate) use handle::Store;
pub(crate) use root::PENDING_DIRECTORY;
