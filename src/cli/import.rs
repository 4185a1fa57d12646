//! `sessionkeep import`: archives whatever is not archived yet, of all agents, some, or a directory.

use super::engine_interface::{self as engine, ImportRequest};
use super::{ArchivingArgs, Context};
use crate::error::Result;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  sessionkeep import                                every agent found on this machine
  sessionkeep import --codex --claude
  sessionkeep import --agent gemini-cli --dry-run
  sessionkeep import --from ./logs --pattern '*.jsonl'
  sessionkeep import --min-age 30 -q                from a scheduler: leave active sessions alone

Safe to run as often as you like: what is archived and unchanged is skipped without being opened.
The paths of new archives go to stdout, the summary to stderr.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Codex CLI sessions ($CODEX_HOME or ~/.codex)
    #[arg(long, conflicts_with = "from")]
    codex: bool,
    /// Claude Code sessions ($CLAUDE_CONFIG_DIR or ~/.claude)
    #[arg(long, conflicts_with = "from")]
    claude: bool,
    /// Sessions of this agent; may be repeated
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    agent: Vec<String>,
    /// Sessions of every agent found (the default)
    #[arg(long, conflicts_with_all = ["from", "codex", "claude", "agent"])]
    all: bool,
    /// All transcripts in a directory and below
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Which files of --from are transcripts
    #[arg(long, value_name = "GLOB", default_value = "*.jsonl", requires = "from")]
    pattern: String,
    /// Leave alone transcripts modified in the last MIN minutes
    #[arg(long, value_name = "MIN", default_value_t = 0, hide_default_value = true)]
    min_age: u64,
    /// Project name for everything imported [default: from each session's working directory]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Report what would be archived without writing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    archiving: ArchivingArgs,
}

pub fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.archiving_flags(&args.archiving), &reporter)?;
    let named = [(args.codex, "codex"), (args.claude, "claude-code")];
    let named = named.iter().filter(|(is_asked_for, _)| *is_asked_for).map(|(_, name)| name.to_string());
    let request = ImportRequest {
        agents: named.chain(args.agent.iter().cloned()).collect(),
        directory: args.from.clone().map(|directory| (directory, args.pattern.clone())),
        project: args.project.clone(),
        min_age_minutes: args.min_age,
        is_dry_run: args.dry_run,
    };
    engine::import(&config, &request, &reporter).map(|outcome| outcome.exit_code)
}
