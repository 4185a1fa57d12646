//! Whose copy a session is.

pub(crate) mod family;
pub(crate) mod owner;
