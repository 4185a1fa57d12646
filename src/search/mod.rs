//! Searches and lists a store.
//!
//! In comes a [`Search`]: a query, a filter, a store. Out go matching lines to a [`Sink`], by path and line whatever the
//! number of threads. Reads archives and sidecars, writes nothing, and shows nothing.
//!
//! To be met in this order: [`request`] is what is asked for and who takes what is found; [`query`] becomes a searcher;
//! [`sessions`] says which archives there are and what is known of each session, for a list as well; [`mod@run`] gives the
//! work to threads by way of the [`board`]; a [`worker`] reads a block of an archive that was [`opened`] and finds
//! the [`lines`] in it; [`order`] passes on what all of them found.

mod board;
mod lines;
mod opened;
mod order;
mod query;
mod request;
mod run;
pub(crate) mod sessions;
mod worker;

pub use lines::Wanted;
pub use query::Query;
pub use request::{FoundLine, Hits, Search, Sink};
pub use run::run;
pub use sessions::Filter;
