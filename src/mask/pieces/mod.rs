//! Secrets in pieces: messages that were recorded as they streamed, a few letters a record, so that no record holds a
//! secret and all together do. In comes a window, out come matches where the pieces stand; what is a secret is decided by
//! the scanners.
//!
//! In the order in which they are met: [`record`] (which records hold pieces), [`joined`] (pieces joined to texts),
//! [`masking`] (what is found in these).

mod joined;
mod masking;
mod record;

pub(crate) use joined::{SHOWN, first_record};
pub(crate) use masking::{collect, each_taught, find_known};
#[cfg(test)]
pub(crate) use record::SIGNS;
