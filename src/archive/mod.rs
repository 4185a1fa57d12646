//! Turns blocks into archives in a store: gzip members, names, sidecars, the catalog, and the way back.

pub(crate) mod catalog;
pub(crate) mod catalog_listing;
pub(crate) mod catalog_look;
pub(crate) mod catalog_mend;
mod catalog_open;
pub(crate) mod catalog_parts;
pub(crate) mod catalog_rebuild;
pub(crate) mod commit;
pub(crate) mod content_hash;
pub(crate) mod facts;
pub(crate) mod gzip;
mod gzip_stream;
pub(crate) mod header;
pub mod header_codec;
mod header_fields;
pub(crate) mod lock;
pub(crate) mod names;
pub(crate) mod naming;
pub(crate) mod reader;
pub(crate) mod sidecar;
pub(crate) mod snapshot;
pub(crate) mod stage;
pub(crate) mod store;
mod varint;
pub(crate) mod verify;
