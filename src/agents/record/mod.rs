//! Reads JSON records without parsing them whole. In come bytes, which may be cut anywhere; out come members as spans of
//! raw text, and times.
//!
//! The files in the order in which they are met: [`json`] lists the members of an object, [`from_end`] those at the end
//! of one whose beginning is out of reach, and [`time`] reads the times among them.

mod from_end;
mod json;
mod time;

pub(crate) use json::{Record, Records, Value, next_whole, records};
pub(crate) use time::timestamp;
