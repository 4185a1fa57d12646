//! Masks what is archived again with today's rules. In: sessions of a store. Out: archives in place of those in which more is
//! masked now, and counts. It only ever masks more.
//!
//! Met in this order: `run` is the way through all of it; `listed` says what there is and what is stale, `choice` what is asked
//! for, `fresh` archives again what still has its source; then, for one session after another, `scan` looks through it (by
//! the `text` of its archives), `mask` makes new archives (`lines` compares their text, `told` masks what they say of
//! themselves), and `replace` puts them in place. `report` counts.
//!
//! A session is masked as a whole, with its parts and older versions: what is learned in one place is masked in all. What
//! was masked stays as it is. Hashes, lengths and identity are the source's, and stay, so that it goes on to grow.

mod choice;
mod fresh;
mod lines;
mod listed;
mod mask;
mod replace;
mod report;
mod run;
mod scan;
mod text;
mod told;

pub(crate) use choice::Choice;
pub(crate) use listed::stale;
pub(crate) use report::{Found, Remasked};
pub(crate) use run::{Request, run};
