//! Searches and lists a store. Reads archives and sidecars, writes nothing, and shows nothing.
//!
//! To be met in this order: [`sessions`] says which archives there are and what is known of each session, for a list as
//! well; the [`board`] hands out the blocks of archives to threads, and an archive is [`opened`] once for all of them;
//! [`raw`] finds lines as they are stored, and [`messages`] what was said.

mod board;
pub(crate) mod messages;
mod opened;
pub(crate) mod raw;
pub(crate) mod sessions;

pub use raw::{FoundLine, Hits, Query, Search, Sink, Wanted, run};
pub use sessions::Filter;
