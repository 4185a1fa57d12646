//! The last stage: finished archives become durable, get names, and are recorded.

pub(crate) mod counting;
pub(crate) mod group;
pub(crate) mod overtaken;
pub(crate) mod publish;
pub(crate) mod queue;
pub(crate) mod ready;
pub(crate) mod rows;
pub(crate) mod sidecars;
