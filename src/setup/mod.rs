//! Sets the program up on a machine. Met so far: [`schedule`], which has the system run an import every half hour.

#[allow(dead_code, unused_imports, reason = "for the command that sets up")]
pub(crate) mod schedule;
