//! Names of keys. In comes a place at which a piece of a key name stands, out come the name, what it says that its value
//! is, and how surely.
//!
//! In the order in which they are met: [`name_words`] (a name cut into words), [`key_words`] (what may stand before and after `key`,
//! `token` and the like), [`key_name`], [`providers`] (names that make a key of any value).

pub(crate) mod key_name;
mod key_words;
mod name_words;
pub(crate) mod providers;
