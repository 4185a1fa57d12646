//! The list of many sessions as a page of static HTML: a table, a calendar of days, and totals.
//!
//! In come sessions, with what was counted in them and where their pages are; out goes `index.html`. To be met in this order:
//! [`mod@index`] puts it together; [`calendar`] is the days with something in them, and [`charts`] the bars of agents and projects.

mod calendar;
mod charts;
mod index;

pub(crate) use index::{Entry, index};
