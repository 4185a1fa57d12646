//! `sessionkeep search QUERY`: finds what was said in everything that was archived.
//!
//! In: the query and the options that choose messages and sessions. Out: messages, and an exit code that says whether there
//! were any. The files in the order in which they are met: [`arguments`] is what can be asked for; [`messages`] asks for
//! messages, which [`mod@print`] writes, in the order that [`around`] gives them with what stands around them, or as [`json`];
//! [`raw`] asks for lines as they are stored, which [`raw_print`] writes.

mod arguments;
mod around;
mod json;
mod messages;
mod print;
mod raw;
mod raw_print;

pub(crate) use arguments::Args;

use super::common::context::Context;
use crate::error::Result;

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    if args.raw { raw::run(args, context) } else { messages::run(args, context) }
}
