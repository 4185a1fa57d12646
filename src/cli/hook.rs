//! `sessionkeep hook`: archives the session that an agent names on stdin, and never bothers the agent.

use super::Context;
use super::engine_interface::{self as engine, HookRequest};
use crate::config::Config;
use crate::error::Result;

const EXAMPLES: &str = "\
In Claude Code's settings.json:
  {\"hooks\": {\"SessionEnd\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"sessionkeep hook\"}]}]}}

Returns at once and archives in the background. Always exits 0 and prints nothing to stdout. When the
configuration cannot be used the built-in rules stand in, and the next import masks the session again.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Archive before returning instead of in the background
    #[arg(long)]
    wait: bool,
    /// Report what would be archived without writing
    #[arg(long)]
    dry_run: bool,
}

pub fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let (config, broken_config) = Config::resolve_or_builtin(&context.flags(), &context.environment)?;
    let request = HookRequest { waits: args.wait, is_dry_run: args.dry_run };
    engine::hook(&config, &request, broken_config, &reporter).map(|outcome| outcome.exit_code)
}
