//! Directory handles: every name in a store is looked up through one.
//!
//! In come a path, then names in that directory; out go open files, facts, and changes on the disk. On Unix (`unix`) by
//! descriptor, so that no link can be put in the way; elsewhere (`std_only`) by path, as far as std goes. Both offer the same
//! methods, and each system has one of them.

#[cfg(not(unix))]
mod std_only;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use std_only::Dir;
#[cfg(unix)]
pub(crate) use unix::Dir;
