//! Sessions in databases, told row by row.
//!
//! In: the path of a database and the schemas that it may have. Out: which sessions are in it, and the lines of one. Met in
//! this order: `open` opens what may not be written to, by way of `vfs`; `columns` says whose it is; `sessions` lists what is
//! in it, by what `marks` say of changes; `rows` makes lines, of what `query` finds by what `numbers` knows.

pub(crate) mod columns;
pub(crate) mod marks;
pub(crate) mod numbers;
pub(crate) mod open;
pub(crate) mod query;
pub(crate) mod rows;
pub(crate) mod sessions;
#[cfg(unix)]
pub(crate) mod vfs;
