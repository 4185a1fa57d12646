//! The scan: in comes a window, out come findings, the spans of the stream that are to be masked. By rules alone, by known
//! values too, and what a window teaches about its session.
//!
//! In the order in which they are met: [`scratch`], [`union`] (matches that overlap become one span with one label),
//! [`by_rule`], [`by_value`] (known values), [`learn`] (what is found teaches).

mod by_rule;
mod by_value;
mod learn;
mod scratch;
mod union;

pub use scratch::Scratch;
pub(crate) use union::LABEL_REACH;
