//! x
mod edit;
#[allow(dead_code, unused_imports, reason = "for the command that sets up")]
pub(crate) mod schedule;
