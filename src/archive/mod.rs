//! Turns blocks into archives in a store: gzip members, names, sidecars, the catalog, and the way back.

pub mod catalog;
pub mod gzip;
pub mod header;
pub mod names;
pub mod reader;
pub mod sidecar;
pub mod store;
