//! Private keys that are laid out in lines: PEM, OpenPGP, PuTTY, minisign. In come raw JSONL bytes and the place of a
//! label, out come the ranges to be masked. A line ends with a newline or with an escaped one of any depth, and viewers,
//! searches, logs and diffs put things around lines. Those are learned from the line of the BEGIN or END label
//! ([`layout`]) and stay; where nothing can be learned, the lines are followed by what is known to stand there
//! ([`lines`]), and the key is masked as one. A key never reaches over a quote, so it never leaves the JSON string that
//! it stands in.
//!
//! In the order in which they are met: [`limits`], [`label`] (BEGIN and END), [`lines`] (the lines whatever stands around
//! them), [`breaks`], [`surroundings`] and [`layout`] (the lines as a viewer lays them out), [`block`] (a key in such a
//! layout), [`middle`] (lines of a key without its labels), [`keys`] (all of it put together), [`tail`] (what a stream
//! holds back).

mod block;
mod breaks;
mod keys;
mod label;
mod layout;
mod limits;
mod lines;
mod middle;
mod surroundings;
mod tail;

pub(crate) use keys::{lines_after, lines_go_on, private_key};
pub(crate) use limits::{LONGEST_CUT_KEY, SPLIT_REACH};
pub(crate) use middle::middle_lines;
pub(crate) use tail::open_tail;
