//! How much there is of what: messages, calls, tokens, bytes, masks; by agent, project, month, model, tool and rule.
//!
//! In comes a store and which of its sessions are asked for; out go sums. The files in the order in which they are met:
//! [`tally`] counts what one transcript holds; [`cache`] remembers that from run to run, so that an archive is read once
//! for all; [`gather`] goes through a store; [`groups`] adds up.

pub(crate) mod cache;
pub(crate) mod gather;
pub(crate) mod groups;
pub(crate) mod tally;
