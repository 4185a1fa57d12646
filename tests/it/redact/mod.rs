//! `redact`: masked copies of transcripts, and agents' own transcripts masked where they lie.
//!
//! `held` is what the engine makes of a source that holds what its archive holds.

mod held;
