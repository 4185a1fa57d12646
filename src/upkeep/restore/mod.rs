//! Puts sessions back where their agents find them: as they are archived, masked, and never over a file that is there.
//!
//! In come a session of the store and what is asked for; out come files below the agent's own directory, or below one that
//! the user names, and what was done. To be met in this order: [`asked`] is what is asked and what was done; [`former`] is what the path that a file once had still tells;
//! [`place`] says where the transcript and each part go; [`renaming`] gives a session another id; [`text`] is what stands in
//! each file; [`base`] writes below a directory and nowhere else; [`same`] whether it is there already; [`lines`] writes what no agent takes back; [`pieces`] looks at and writes all files of a session; [`resume`] is
//! the command line that goes on with a session; and [`mod@run`] does it all for one session.
//!
//! What an archive says of itself is not believed: no path leads out of the agent's directory, not through a link either,
//! and a file lies only where the agent would take it for this session's.

mod asked;
mod base;
mod former;
mod lines;
mod pieces;
mod place;
mod renaming;
mod resume;
mod run;
mod same;
mod text;

pub(crate) use asked::{Outcome, Request, State};
pub(crate) use run::run;
