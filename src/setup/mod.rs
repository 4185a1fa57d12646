//! Sets this machine up so that sessions are archived without anybody thinking of it: hooks in the settings of agents, days
//! for which they keep sessions, a schedule. In come a choice and an environment; out comes what was done, and a journal
//! by which it is taken back.
//!
//! The files in the order in which they are met: [`program`] says how this program is called; [`mod@plan`] finds the agents and
//! says what becomes of each settings file, which [`edit`] changes as text and [`settings_file`] on disk; [`mod@apply`] does what
//! was planned, with a record in [`journal`], and [`mod@undo`] takes it back; both remove what is [`left_behind`] by runs that were killed. [`schedule`] has the system run an import every half
//! hour.
//!
//! What agents want in their settings they say themselves: [`Wanted`](crate::agents::settings::Wanted). What is said to the
//! user, and the questions, are the command's.

mod apply;
mod edit;
mod journal;
mod left_behind;
mod plan;
mod program;
pub(crate) mod schedule;
mod settings_file;
mod undo;

pub(crate) use apply::apply;
pub(crate) use edit::veiled;
pub(crate) use plan::{Choice, Outcome, PlannedFile, PresentAgent, files_that_call, plan, present_agents};
pub(crate) use program::{find as find_program, hook_call, words};
pub(crate) use undo::{Undone, UndoneFile, undo, would_undo};
