//! What runs us on this machine. In come the configuration and what the agents have here; out come points.
//!
//! The files in the order in which they are met: [`hooks`] looks at the hooks in agents' settings, [`stopped`] for those
//! that call us no more, [`schedules`] at whatever runs an import by the clock, and [`setup`] at what
//! a setup would still do.

pub(super) mod hooks;
pub(super) mod schedules;
pub(super) mod setup;
pub(super) mod stopped;
