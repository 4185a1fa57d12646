//! Where each agent keeps its sessions and how its records read. Lists and parses; opens nothing for writing.
//!
//! | question | answered by |
//! |---|---|
//! | which files are there? | [`walk()`], [`walk_directory`]: one `stat` a file, nothing opened |
//! | which are left alone, and why? | [`walk_telling`] |
//! | what outlives the transcripts? | [`prompt_histories`] |
//! | what did users paste and edit? | [`attachments()`], [`pastes`] |
//! | whose is this file, as far as its path tells? | [`guess_path`] |
//! | whose is it? | [`identify()`], from the first records |
//! | when, where, what about? | [`describe()`], from the first and last records; [`describe_with_beside`] |
//! | what is said in it? | [`tell_line`] |
//! | whose copy is it, what else is it called? | [`Lineage`], [`find_ids`], [`imports`] |
//! | where is a session put back, and how is it resumed? | [`Agent::session_path`], [`Agent::resume`], [`is_place`] |
//! | what did a hook tell us? | [`hook`] |
//! | does an agent call us, when does it delete? | [`Agent::settings`], [`Agent::cleanup_days`] |
//!
//! In come an environment, paths and the ends of files; out come [`Found`] files, identities and descriptions. The rooms
//! in the order in which they are met: [`mod@agent`] is what every agent answers, in terms of [`found`] files, [`stray`]
//! ones, [`lost`] ones that are put back ([`returning`]), [`names`], [`record`]s, [`facts`] and [`settings`]; [`mod@said`] turns lines into messages, and [`known`] holds the
//! agents and what they say together; [`mod@walk`] goes through their trees, [`elsewhere`] through what lies outside of
//! these, [`transcript`] asks about what was found, and [`hook`] about what an agent hands over.
//!
//! An agent is one file or folder in [`known`] that implements [`Agent`], and one line in its [`registry`]; one that writes
//! what another does is a line in a table of forks, or the user's own ([`add_own`]). Nothing outside knows its name. Most
//! append to files of JSON Lines, which are copied; of the others [`Agent::form`] says how what they keep in databases and
//! documents becomes lines.

mod agent;
mod elsewhere;
mod facts;
mod found;
pub(crate) mod hook;
mod known;
mod lost;
mod names;
mod record;
mod returning;
mod said;
pub(crate) mod settings;
mod stray;
mod transcript;
mod walk;

pub(crate) use agent::{Agent, Form};
pub(crate) use elsewhere::{
    DEFAULT_PATTERN, Imports, Look, attachments, imports, pastes, prompt_histories, take_by_content,
    take_for, walk_anywhere, walk_directory,
};
pub(crate) use facts::{Description, Lineage, title_line};
pub(crate) use found::{Found, Guess};
pub(crate) use known::{OwnAgent, add_own, family_names, is_taken};
pub(crate) use known::{
    agent, form, former_part_id, id_in_document, imports_file, is_given_name, is_named_by_path, project_name,
    stands_alone, tells_of_session,
};
pub use known::{guess_path, registry};
pub(crate) use lost::{Lost, Resume, whole_document};
pub(crate) use names::{HISTORY_ID, is_history_id, is_packed, is_transcript_name, unpacked_path};
pub(crate) use returning::{is_place, marked_copy};
#[cfg(test)]
pub(crate) use said::testing::line_of;
pub(crate) use said::{GONE, tell_line};
pub(crate) use transcript::{
    END_BYTES, IdFrom, Identified, Own, Step, add_told, describe_all, describe_beginning,
    describe_with_beside, find_ids, has_ids_in_records, is_own_text, parting, steps,
};
pub use transcript::{describe, identify};
pub(crate) use walk::{LeftAlone, Located, Tell, WalkProblem, WalkReason, locate, walk, walk_telling};
