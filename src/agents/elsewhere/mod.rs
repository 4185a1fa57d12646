//! What lies outside of the agents' own trees of transcripts: where the user says, and beside the sessions. In comes an
//! agent or a directory; out come files, as a walk finds them.
//!
//! The files in the order in which they are met: [`directory`] walks what the user named by a pattern, and
//! [`anywhere`] whatever lies there; [`histories`] finds the
//! prompts of all sessions, [`mod@attachments`] what was pasted into them and edited in them; [`mod@imports`] reads which
//! sessions an agent took over from another.

mod anywhere;
mod attachments;
mod directory;
mod histories;
mod imports;

pub(crate) use anywhere::{Look, take_by_content, take_for, walk_anywhere};
pub(crate) use attachments::{attachments, pastes};
pub(crate) use directory::{DEFAULT_PATTERN, walk_directory};
pub(crate) use histories::prompt_histories;
pub(crate) use imports::{Imports, imports};
