//! What is written: in come a window and its findings, out comes the masked text, which is valid where the text was and
//! which masking would not change again.
//!
//! In the order in which they are met: [`replacement`] (what stands for a span), [`second_look`] (what a changed line looks
//! like), [`rewrite`] (a window, line by line), [`whole`] (a text that is in memory), [`names`] (paths, ids, titles),
//! [`cutter`] and [`stream`] (a stream of unknown length).

mod cutter;
mod names;
mod replacement;
mod rewrite;
mod second_look;
mod stream;
mod whole;

#[cfg(test)]
pub(crate) use cutter::Cutter;
#[cfg(test)]
pub(crate) use stream::STEP_BYTES;
pub use stream::StreamMasker;
pub use whole::mask_whole;
