//! How long keys and their lines are, and so how far they are followed.

use crate::mask::window::LOOK_BEHIND;

/// A key's text is followed so far: RSA with 16384 bits has 13 kB, an OpenPGP key with subkeys up to 50 kB.
pub(crate) const LONGEST_KEY: usize = 60 << 10;

/// Of a key whose first lines are cut off so many bytes before its END line are looked at: RSA with 4096 bits has
/// 3.3 kB.
pub(crate) const LONGEST_CUT_KEY: usize = 4 << 10;

/// Lines that begin so close behind the BEGIN label are masked one by one: a window that wants them shows the label and
/// what stands before it.
pub(crate) const SPLIT_REACH: usize = LOOK_BEHIND - 512;

/// A line of base64 has at least so many bytes, but for the last.
pub(crate) const LEAST_LINE: usize = 16;

/// A line with a piece of a key in it is no longer than this, whatever stands around the piece.
pub(crate) const LONGEST_LINE: usize = 1 << 10;
