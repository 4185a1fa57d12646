//! `sessionkeep mask`: a filter, byte for byte apart from what is masked.

use super::Context;

const EXAMPLES: &str = "\
Examples:
  some-command 2>&1 | sessionkeep mask
  sessionkeep mask < session.jsonl > masked.jsonl
  sessionkeep mask --stats < server.log > /dev/null

Reads stdin to its end and writes the same bytes with secrets masked. Whole lines come out as they come
in, so it may stand in the middle of a live pipe.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Do not mask values known from outside (environment files, credentials on disk)
    #[arg(long)]
    no_known_values: bool,
    /// Print to stderr how many secrets each rule found
    #[arg(long)]
    stats: bool,
}

pub fn run(_args: &Args, _context: &Context) -> crate::error::Result<u8> {
    Err(crate::error::Error::new(crate::error::Kind::Internal, "not connected"))
}
