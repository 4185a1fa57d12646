//! The last stage: finished archives become durable, get names, and are recorded.
//!
//! In: sessions whose archives are complete, in a `queue`, as `ready` has them. Out: names in the store, `sidecars`, `rows` of
//! the catalog, counts. Met in this order: `group` commits several sessions at once, `overtaken` asks whether another run
//! came first, `publish` gives the names, `counting` says what was done.

pub(crate) mod counting;
pub(crate) mod group;
pub(crate) mod overtaken;
pub(crate) mod publish;
pub(crate) mod queue;
pub(crate) mod ready;
pub(crate) mod rows;
pub(crate) mod sidecars;
