//! `redact`: masked copies of transcripts, and agents' own transcripts masked where they lie.
//!
//! `held` is what the engine makes of a source that holds what its archive holds; `in_place` masks what agents have, `spared`
//! is what is left alone, `remasked` what follows where `remask` masks the archive again, `kills` ends it at system calls,
//! `retold` masks what databases say once more, and `copies` makes copies.

mod copies;
mod held;
mod in_place;
mod kills;
mod remasked;
mod retold;
mod spared;
