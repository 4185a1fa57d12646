//! Values: what stands between key and value, where the value ends, and whether it looks like a secret. In come raw JSONL
//! bytes and a place in them, out come the value and what can be said of it alone; how strict to be follows from the key
//! and is said by the forms.
//!
//! In the order in which they are met: [`quote`] (blanks, operators, quotes at any depth of escaping), [`value`] (read to
//! its end), [`judge`].

pub(crate) mod judge;
pub(crate) mod quote;
pub(crate) mod value;
