//! The one pass over a window's bytes, for token rules and context rules alike: each pass over memory costs as much as its
//! arithmetic. In comes a window, out come sights: runs of word bytes, `~`, and the literals that some rule needs; and what
//! is counted on the way. What a sight means is the scanners' business.
//!
//! In the order in which they are met: [`literals`] and [`anchor`] (the list of literals, and whose each is), [`nibbles`]
//! (whether three bytes may be of one), [`masks`] (64 bytes become bits, and bits become runs), [`simd`] (the same with
//! vectors), [`runs`] (the search over a part of a text), [`pass`] (over a window).

mod anchor;
mod literals;
mod masks;
mod nibbles;
mod pass;
mod runs;
mod simd;
#[cfg(test)]
mod tests;

pub(crate) use anchor::{Anchor, AnchorKind};
pub(crate) use literals::Meaning;
#[cfg(test)]
pub(crate) use literals::{BUCKETS, Literal};
pub(crate) use masks::Runs;
pub(crate) use pass::{MOST_AFTER, MOST_BEFORE, RUN_SEEN, Sight, Sweep};
pub(crate) use simd::{parts_before, parts_before_plain};
