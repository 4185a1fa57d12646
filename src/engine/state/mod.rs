//! What the threads of one run share, piece by piece. Nothing here knows the run itself.
//!
//! In: what threads put there. Out: what others take. Met in this order: `limits` (how much may be open at once), `workers`
//! (what each thread reuses), `buffers` (memory that sources are read into), `tickets` (work in flight), `surroundings`
//! (values known from outside of sessions), `places` (where sessions are), `holders` (files that hold many of
//! them), `dry_copies` (what a dry run need not hash),
//! `outcomes` (what became of sources), `times` and `totals` (what the run cost and did).

pub(crate) mod buffers;
pub(crate) mod dry_copies;
pub(crate) mod holders;
pub(crate) mod limits;
pub(crate) mod outcomes;
pub(crate) mod places;
pub(crate) mod surroundings;
pub(crate) mod tickets;
pub(crate) mod times;
pub(crate) mod totals;
pub(crate) mod workers;
