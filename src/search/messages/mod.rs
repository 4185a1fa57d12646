//! Searches what was said: messages, decoded.
//!
//! In comes a [`Search`]: a [`query`], which messages and sessions are meant, a store. Out go [`Hit`]s to a [`Sink`], the
//! newest session first, the same ones in the same order whatever the number of threads, and none twice that an agent wrote
//! twice.
//!
//! To be met in this order: [`request`] is what is asked for and who takes what is found; [`query`] becomes what finds lines
//! and matches text; [`targets`] are the archives in their order; [`mod@run`] gives the work to threads; a [`worker`] unpacks
//! blocks of an [`archive`] and puts lines together; [`lines`] finds messages in them, and makes a [`snippet`] of each; a
//! [`long_line`] is searched as it is stored; [`order`] passes on what all of them found.
//!
//! What makes it as fast as a search of stored lines: only lines in which the rarest piece of the query stands, in one of the
//! forms that JSON has for it, are decoded.

mod archive;
mod lines;
mod long_line;
mod order;
pub(crate) mod query;
mod request;
mod run;
mod snippet;
mod targets;
mod worker;

pub(crate) use query::{Asked, Query};
pub(crate) use request::{Around, Chosen, Hit, Neighbour, Place, Search, Sink, Sort, Wanted};
pub(crate) use run::run;
pub(crate) use snippet::Snippet;
