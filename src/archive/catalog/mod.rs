//! The catalog: one row a source file, in SQLite, so that most sources need not be opened.
//!
//! In come the rows of what was archived, and the archives of a store where there is no catalog yet. Out come the
//! entries that decisions are made from, single rows, and the facts of sessions that are listed. It is a cache of what
//! the archives say, and disposable: damaged, it is set aside and made again from them; if it cannot be opened at all,
//! the run has one in memory.
//!
//! To be met in this order: [`snapshot`] (what decisions are made from) and [`facts`] (what a table of sessions shows)
//! are the two answers; [`rows`] is the table behind the first, with [`parts`] for the questions about parts, and
//! [`listing`] the one behind the second; [`rebuild`] makes rows from archives; [`open`] opens the file for a run,
//! [`read_only`] for commands that change nothing; [`mend`] adds and removes single rows; [`holders`] knows files that hold
//! many sessions.

pub(crate) mod facts;
pub(crate) mod holders;
pub(crate) mod listing;
pub(crate) mod mend;
mod open;
pub(crate) mod parts;
pub(crate) mod read_only;
mod rebuild;
mod rows;
pub(crate) mod snapshot;
#[cfg(test)]
mod tests;

pub(crate) use open::key_mark;
pub(crate) use rows::{CATALOG_FILE, Catalog, Row};
