//! What is asked for, as it is matched with what messages say.
//!
//! In comes what was typed ([`Asked`]); out comes a [`Query`], which says where in a text it matches, and which lines are
//! worth decoding. The files in the order in which they are met: [`whole`] is all that is asked for; [`terms`] reads words
//! and phrases; [`matcher`] finds one of them, or an expression, in text that is decoded; [`literals`] says what must stand
//! in a line for that, and [`prefilter`] finds such lines, with [`any_case`] for literals in whatever case.

mod any_case;
mod literals;
mod matcher;
mod prefilter;
mod terms;
mod whole;

pub(crate) use whole::{Asked, Query};
