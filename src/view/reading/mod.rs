//! Reads one transcript's messages, in order.
//!
//! In comes an open [`Archive`](crate::archive::reader::Archive) and whose it is; out go [`Told`] messages to whoever asks.
//! Blocks are unpacked and their lines told on all threads, and joined in order.
//!
//! The files in the order in which they are met: [`lines`] cuts a stream of blocks into [`mod@unit`]s of whole lines; [`joiner`]
//! goes through messages in order and joins what belongs together; [`rows`] knows of which lines something newer is told,
//! [`rewinds`] and [`tree`] where the user went back; and [`transcript`] does all of it. A transcript of up to
//! [`HELD_BYTES`] is held as a whole while it is read, so that each message is known by all that follows it; of a larger one
//! messages are told as they come, and who went back is not known before it happens.

#[cfg(test)]
mod agents_tests;
mod joiner;
mod lines;
mod rewinds;
mod rows;
#[cfg(test)]
mod tests;
mod transcript;
mod tree;
mod unit;

pub(crate) use crate::message::told::Told;
pub(crate) use transcript::{HELD_BYTES, read, read_end, read_from};
