//! What hooks leave for later: markers in the store that name sessions.
//!
//! In: a hook's payload. Out: the paths of transcripts to archive. Met in this order: `sealed` hides paths in a marker,
//! `marker` leaves and finds them.

pub(crate) mod marker;
pub(crate) mod sealed;
