//! Values that are names and no secrets, told by where they stand. In come the bytes, the key, how the two are joined and
//! the value, out comes yes or no. What a name looks like is [`crate::mask::name_shape`]'s business.
//!
//! In the order in which they are met: [`mod@line`] (what stands before the key), [`in_code`] (types and expressions),
//! [`test_verdict`] (what a test's verdict is about).

pub(crate) mod in_code;
mod line;
pub(crate) mod test_verdict;
