//! Looks after what is archived and what is to be: checks the store, mends it, says what is missing on this machine,
//! counts the secrets in transcripts, and lists the agents. Only `repair` writes.
//!
//! | question | answered by |
//! |---|---|
//! | is every archive whole, and does everything beside it agree? | [`verify`] |
//! | what has to be mended, and can it be? | [`repair`] |
//! | is archiving set up, and does it keep up? | [`doctor`] |
//! | which secrets are in transcripts? | [`audit`] |
//! | which agents are known, and what do they have here? | [`agents`] |

pub(crate) mod agents;
pub(crate) mod audit;
pub(crate) mod command;
pub(crate) mod doctor;
pub(crate) mod repair;
pub(crate) mod verify;
