//! `sessionkeep rules`: the table of rules, and a way to try them on a file.
use super::Context;

#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args, _context: &Context) -> crate::error::Result<u8> {
    Err(crate::error::Error::new(crate::error::Kind::Internal, "not connected"))
}
