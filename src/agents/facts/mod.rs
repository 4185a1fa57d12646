//! The words in which agents answer what is asked about a record. In comes what an agent reads in it; out comes what is
//! known of a whole transcript.
//!
//! The files in the order in which they are met: [`claim`] says whose a record is; [`notes`] collects a
//! [`description`] from one record after another, with the [`lineage`] of copies, for which [`session_name`] reads
//! how records name other sessions.

mod claim;
mod description;
mod lineage;
mod notes;
mod session_name;

pub(crate) use claim::Claim;
pub(crate) use description::{Description, title_line};
pub(crate) use lineage::{Lineage, MAX_IDS};
pub(crate) use notes::{Notes, TitleRank};
pub(crate) use session_name::session_in;
