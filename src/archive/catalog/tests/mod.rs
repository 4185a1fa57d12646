//! The catalog's tests: the table of sources, and the listing beside it.

mod listing;
mod sources;
