//! Checks a store and changes nothing. In comes the configuration; out comes a report of findings.
//!
//! The files in the order in which they are met: [`check`] asks [`inventory`] what lies in the store, reads each
//! archive (with [`recheck`], also what today's rules find in it), compares [`sidecars`] and the catalog with the
//! archives, looks through the [`ledger`], and says each thing that is wrong as a [`finding`].

mod check;
pub(crate) mod finding;
pub(crate) mod inventory;
mod ledger;
mod recheck;
pub(crate) mod sidecars;

pub(crate) use check::{Verified, run};
