//! A key and its value, wherever they stand together. In comes the place of a piece of a key name, out comes the value's.
//!
//! In the order in which they are met: [`join`] (from the name to the start of the value), [`strictness`] (what a value
//! must look like behind this key, in this form), [`pair`] (all of it put together).

mod join;
mod pair;
mod strictness;

pub(crate) use pair::{find, find_in_list};
