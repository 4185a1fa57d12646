//! Removes sessions from a store by rules that the user names, and keeps them from coming back.
//!
//! In comes a policy and which sessions it is about; out comes what is kept and what goes, each with the reason, and, if
//! that is wanted, a store without the latter. Met in this order: an [`amount`] is an age or a size as users write it;
//! [`units`] finds the sessions of a store, each with all its versions and parts; [`policy`] decides, and touches nothing;
//! [`run`] puts them together; [`remove`] does it; [`forget`] lets what was pruned come back.

pub(crate) mod amount;
pub(crate) mod forget;
pub(crate) mod policy;
pub(crate) mod remove;
pub(crate) mod run;
pub(crate) mod units;
