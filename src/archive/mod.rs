//! Turns blocks into archives in a store: gzip members, names, sidecars, the catalog, and the way back.
//!
//! In come masked text, block by block, and what is known of its source; out come files that every gzip reader accepts,
//! and, on the way back, their text and what they say of themselves. To be met in this order: [`gzip`] makes members,
//! [`header`] is what the first of them carries, written with [`varint`]s, and holds the keyed hashes of [`content_hash`];
//! [`names`] says what an archive is called, [`sidecar`] what lies beside it; [`store`] publishes both; [`reader`] reads
//! them again and names what is wrong with them; [`rewrite`] makes one anew out of one that there is; [`tree`] lists all that
//! a store holds; [`catalog`] remembers it; [`ledger`] remembers what no archive says: which sessions were pruned, and which
//! are pinned.
//!
//! What follows is the specification of the format.
//!

#![doc = include_str!("FORMAT.md")]

pub(crate) mod catalog;
pub(crate) mod content_hash;
pub(crate) mod gzip;
pub(crate) mod header;
pub(crate) mod ledger;
pub(crate) mod names;
pub(crate) mod reader;
pub(crate) mod rewrite;
pub(crate) mod sidecar;
pub(crate) mod store;
pub(crate) mod tree;
mod varint;
