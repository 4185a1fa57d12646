//! Says whether archiving is set up on this machine and keeps up, point by point, and what to do where it does not. In
//! comes the configuration; out comes a [`Checkup`]. Changes nothing.
//!
//! The files in the order in which they are met: [`checkup`] goes through all that there is to look at and gathers
//! [`point`]s. [`store`] looks at what is ours; [`unarchived`] at the agents' sessions, with [`left_alone`] for what is no
//! session; [`never_quiet`] at those that are always written to; [`callers`] at what runs us; [`sessions`] says what was
//! found of each agent, and [`mains`] which sessions have parts alone; [`growth`] says how large the store becomes.

mod callers;
mod checkup;
mod growth;
mod left_alone;
mod mains;
mod never_quiet;
mod point;
mod sessions;
mod store;
mod unarchived;

pub(crate) use checkup::{Checkup, Scope, run};
pub(crate) use growth::Growth;
pub(crate) use left_alone::Item;
pub(crate) use never_quiet::Waiting;
pub(crate) use point::{Mend, Point};
pub(crate) use unarchived::Sessions;
