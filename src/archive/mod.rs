//! Turns blocks into archives in a store: gzip members, names, sidecars, the catalog, and the way back.

pub mod catalog;
pub mod catalog_listing;
pub mod catalog_look;
pub mod catalog_mend;
mod catalog_open;
pub mod catalog_parts;
pub mod catalog_rebuild;
pub mod commit;
pub mod content_hash;
pub mod facts;
pub mod gzip;
mod gzip_stream;
pub mod header;
pub mod header_codec;
mod header_fields;
pub mod lock;
pub mod names;
pub mod naming;
pub mod reader;
pub mod sidecar;
pub mod snapshot;
pub mod stage;
pub mod store;
mod varint;
pub mod verify;
