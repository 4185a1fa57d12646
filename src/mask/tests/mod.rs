//! Tests of the masker as a whole: properties that hold for any input, and the cases that are easy to get wrong.

mod custom_rules;
mod known_values;
pub(crate) mod learner;
mod lines;
mod private_keys;
mod promises;
pub(crate) mod random;
mod revision;
mod sessions;
pub(crate) mod windows;
