//! Forms other than a key with its value in which secrets stand: one file each. In comes the place of an anchor, out comes
//! the value's place with its rule.
//!
//! In the order in which they are met: [`query`] (also asked by [`super::assignment`] before anything else), [`url`], [`header`], [`cookie`],
//! [`command_line`], [`credential_files`], [`password_hash`], [`provider_word`].

pub(crate) mod command_line;
pub(crate) mod cookie;
pub(crate) mod credential_files;
pub(crate) mod header;
pub(crate) mod password_hash;
pub(crate) mod provider_word;
pub(crate) mod query;
pub(crate) mod url;
