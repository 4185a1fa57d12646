//! What a store holds, session by session.
//!
//! In comes the root of a store, out come its sessions with their files and what is known of each. To be met in this
//! order: [`stored`] puts the files of each session together; [`session`] is what a table shows of one; [`read`] finds
//! that out, from sidecars or the catalog's copy of them, or from what archives have [`told`] of themselves, and for
//! parts without a transcript from their archives ([`orphans`]); [`filter`] says which sessions are asked for, in terms of
//! a [`project`] and of moments ([`when`]); [`naming`] says how much of an id names one of them; [`glance`](mod@glance) is
//! the quick look for what is typed. Those that are no more are told by what was kept of them ([`mod@pruned`]).

mod filter;
mod glance;
mod naming;
mod orphans;
mod project;
mod pruned;
mod read;
mod session;
pub(super) mod stored;
pub(super) mod told;
mod when;

pub use filter::Filter;
pub(crate) use glance::{Glimpse, glance, nearest_sessions};
pub(crate) use naming::name_lengths;
pub(crate) use project::Project;
pub(crate) use pruned::pruned;
pub(crate) use read::{MetadataReader, of_store, one, parts_of, read_all};
pub(crate) use session::{Session, parse_time};
pub(crate) use stored::{Stored, all as all_stored, in_parts};
pub(crate) use when::{parse_since, parse_until};
