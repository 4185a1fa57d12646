//! Turns blocks into archives in a store: gzip members, names, sidecars, the catalog, and the way back.

//C
//C
pub mod commit;
pub mod content_hash;
pub mod gzip;
pub mod header;
pub mod header_codec;
pub mod lock;
pub mod names;
//M reader
//M sidecar
//M snapshot
pub mod stage;
pub mod store;
//V
