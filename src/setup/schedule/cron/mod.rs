//! A schedule of cron. In come a job and what `crontab` says; out comes the user's table with a line for the job, or without.
//!
//! [`lines`] is the table as text: ours in it, found, put in and taken out; [`table`] reads it from the system and replaces it
//! there.

mod lines;
pub(super) mod table;

pub(super) use lines::{line, made_on, with, without};
