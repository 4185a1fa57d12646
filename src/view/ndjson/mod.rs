//! Sessions as tables that DuckDB, Polars, Spark and ClickHouse read as they are: one object of JSON a line, all with the same
//! members.
//!
//! In come archives; out go rows. [`messages`] makes one of each message, [`sessions`] one of each session.

pub(crate) mod messages;
pub(crate) mod sessions;
