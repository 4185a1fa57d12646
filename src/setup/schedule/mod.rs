//! Has the system run an import every half hour, so that whatever hooks miss is archived before it is deleted. In come the
//! words of a command line and an environment; out come files that schedulers read, or what would be written.
//!
//! The files in the order in which they are met: [`mod@choose`] says what kind of schedule there is here; [`job`] is what it
//! runs, and [`mod@plan`] what it consists of, with the texts of `systemd`, `cron`, `launchd` and `windows` (`xml` escapes for
//! the last two); [`mod@install`] puts it in place and takes it away, by `files`, `cron::table` and [`commands`]. [`found`] finds schedules,
//! whoever made them.
//!
//! A setup does this:
//!
//! ```text
//! let commands = Commands::new(environment);
//! match choose(System::here(), environment, &commands) {
//!     Choice::Make(kind) => {
//!         let plan = plan(kind, &Job::new(words, environment)?, environment)?;
//!         would_install(&plan, &commands)?                    // for a dry run
//!         install(&plan, &commands)?                          // remove(environment, &commands)? undoes it
//!     }
//!     Choice::IsElsewhere(place) => ...                       // leave it alone
//!     Choice::Nothing => ...                                  // say by_hand(...)
//! }
//! ```

mod choose;
mod commands;
mod cron;
mod files;
mod found;
mod install;
mod job;
mod launchd;
mod plan;
mod systemd;
mod windows;
mod xml;

pub(crate) use choose::{Choice, System, by_hand, choose};
pub(crate) use commands::Commands;
pub(crate) use found::{FoundSchedule, find};
pub(crate) use install::{Step, install, remove, would_install, would_remove};
pub(crate) use job::Job;
pub(crate) use plan::plan;

#[cfg(all(test, unix))]
mod tests;
