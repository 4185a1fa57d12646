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
pub mod reader;
pub mod sidecar;
//M snapshot
pub mod stage;
pub mod store;
pub mod verify;
