//! Looks after what is archived and what is to be: checks the store, mends it, says what is missing on this machine,
//! counts the secrets in transcripts, and lists the agents. Only `repair`, `prune`, `restore` and `redact` write, and
//! only `redact` to what agents wrote.
//!
//! | question | answered by |
//! |---|---|
//! | is every archive whole, and does everything beside it agree? | [`verify`] |
//! | what has to be mended, and can it be? | [`repair`] |
//! | what may go, and what stays? | [`prune`] |
//! | is archiving set up, and does it keep up? | [`doctor`] |
//! | which secrets are in transcripts? | [`audit`] |
//! | how do sessions come back to their agents? | [`restore`] |
//! | what is masked in them where they lie? | [`redact`] |
//! | which agents are known, and what do they have here? | [`agents`] |
//!
//! In comes the configuration, with what is asked; out come findings, which commands print. The rooms do not build on each
//! other, but for [`repair`], which mends what [`verify`] finds; `command` writes the command lines that they advise.

pub(crate) mod agents;
pub(crate) mod audit;
pub(crate) mod command;
pub(crate) mod doctor;
pub(crate) mod prune;
pub(crate) mod redact;
pub(crate) mod repair;
pub(crate) mod restore;
pub(crate) mod verify;
