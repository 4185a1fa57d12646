//! Values that are secrets wherever they stand: known from outside, or learned from a session. In come values, out come
//! those worth searching for, ready to be searched for in all their spellings. What to do with what is found is the scan's
//! business.
//!
//! In the order in which they are met: [`worth`] (which values are worth it), [`learned`] (the collection), [`outside`]
//! (the environment and files of secrets), [`spelling`] and [`name_use`] (how a value may stand, and when it is a name
//! after all), [`known`] (the search).

mod known;
mod learned;
mod name_use;
pub(crate) mod outside;
mod spelling;
mod worth;

pub(crate) use known::{HitCounts, KnownValues};
pub use learned::Learned;
pub(crate) use worth::MAX_VALUE_BYTES;
