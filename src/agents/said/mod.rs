//! What is said in a session: turns each line of a transcript into messages.
//!
//! In comes one line, in the bytes around it, and whose it is; out come its [`Message`](crate::message::Message)s. What an
//! agent's record says, its [`Agent::messages`](crate::agents::Agent::messages) tells to a [`Telling`]; nothing here looks
//! at two lines at once, so that lines may be read in any order and on any thread. What several lines mean together, such
//! as a row that is told again, is left as numbers in the messages' [`Joints`](crate::message::Joints) to whoever reads the
//! lines in order.
//!
//! The files in the order in which they are met: [`mod@line`] finds the records in a line, behind damage too; [`telling`] takes
//! what is told of one, with [`envelope`] for what agents put around a user's words; [`content`] reads the lists of blocks that most agents keep what was said in, with [`blocks`] for each
//! of them, [`around`] for what holds for all of a list, and [`tool`] for calls and results; [`outcome`] reads how a command ended, [`usage`] tokens; and [`any`] tells a record of which no agent knows more
//! than that somebody speaks in it.
//!
//! # Adding an agent
//!
//! 1. In its file, `fn messages(&self, record, told)`: say what holds for the whole record ([`Telling::time`],
//!    [`Telling::id`], [`Telling::model`]...), then each thing that was said ([`Telling::content`] for blocks,
//!    [`Telling::say`] for one text). A record that is told elsewhere: [`Telling::nothing`]. A record of which nothing was
//!    told becomes an event by itself.
//! 2. Where the agent writes the same thing twice, give both the same number: [`Telling::once`] for copies,
//!    [`Telling::twin`] for two wordings.
//! 3. A test of its own records, and one of what a real session says in all.

mod any;
mod around;
mod blocks;
mod content;
mod envelope;
mod line;
mod outcome;
mod telling;
#[cfg(test)]
pub(crate) mod testing;
mod tool;
mod usage;

pub(crate) use any::{role_named, tell as tell_any};
pub(crate) use line::{GONE, tell_line};
pub(crate) use outcome::{exit_code, exit_code_at_start};
pub(crate) use telling::Telling;
pub(crate) use usage::{Cached, google_tokens, tokens};
