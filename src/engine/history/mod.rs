//! What the store has of sessions.

pub(crate) mod versions;
