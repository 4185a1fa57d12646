//! Turns blocks into archives in a store: gzip members, names, sidecars, the catalog, and the way back.

//C
//C
//M commit
pub mod content_hash;
pub mod gzip;
pub mod header;
pub mod header_codec;
//M lock
pub mod names;
//M reader
//M sidecar
//M snapshot
//M stage
//M store
//V
