//! Directory handles: every name in a store is looked up through one. On Unix (`unix.rs`) by descriptor, so that no link
//! can be put in the way; elsewhere (`std_only.rs`) by path, as far as std goes. Both offer the same methods.

#[cfg(not(unix))]
mod std_only;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use std_only::Dir;
#[cfg(unix)]
pub(crate) use unix::Dir;
