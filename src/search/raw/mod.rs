//! Searches lines as they are stored: what `search --raw` does.
//!
//! In comes a [`Search`]: a query, a filter, a store. Out go matching lines to a [`Sink`], by path and line whatever the
//! number of threads. To be met in this order: [`request`] is what is asked for and who takes what is found; [`query`]
//! becomes a searcher; [`mod@run`] gives the work to threads; a [`worker`] reads a block and finds the [`lines`] in it;
//! [`order`] passes on what all of them found.

mod lines;
mod order;
mod query;
mod request;
mod run;
mod worker;

pub use lines::Wanted;
pub use query::Query;
pub use request::{FoundLine, Hits, Search, Sink};
pub use run::run;
