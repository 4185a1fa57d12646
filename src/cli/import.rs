//! `sessionkeep import`: archives whatever is not archived yet, of all agents, some, or a directory.

use super::common::context::{ArchivingArgs, Context};
use super::common::json;
use super::common::output::Output;
use super::common::summary;
use crate::agents;
use crate::engine::plan::waiting::{DEFAULT_MAX_WAIT, Patience};
use crate::engine::{self, Settings, Where};
use crate::error::{Error, Kind, Result};
use crate::mask::Masker;
use crate::report::nearest::nearest;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  sessionkeep import                                every agent found on this machine
  sessionkeep import --codex --claude
  sessionkeep import --agent gemini --dry-run
  sessionkeep import --from ./logs --pattern '*.jsonl'
  sessionkeep import --min-age 30 -q                from a scheduler: leave active sessions alone
  sessionkeep import --json | jq '.total, .failures'
  sessionkeep import -v 2>&1 | grep 'left alone:'   every file in the agents' directories that is no transcript, and why

Symlinks directly in an agent's directory (a project kept elsewhere) are followed once, to what is your own; others
are named, with exit 3. In a directory named with --from, links that lead out of it are not followed.

A session that is never quiet (a loop, a remote control) is archived as it stands, with its parts, when
--max-wait is over, and again when its archive is that old: the grown session takes the archive's place.
Without --min-age nothing waits.

Safe to run as often as you like: what is archived and unchanged is skipped without being opened.
The paths of new archives go to stdout, the summary to stderr.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Codex CLI sessions ($CODEX_HOME or ~/.codex)
    #[arg(long, conflicts_with = "from")]
    codex: bool,
    /// Claude Code sessions ($CLAUDE_CONFIG_DIR or ~/.claude)
    #[arg(long, conflicts_with = "from")]
    claude: bool,
    /// Sessions of this agent; may be repeated. With --from: whose sessions lie there
    #[arg(long, value_name = "NAME")]
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
    /// Archive also what --min-age leaves alone if it was not archived for MIN minutes; 0: in any case
    #[arg(long, value_name = "MIN", default_value_t = DEFAULT_MAX_WAIT.as_secs() / 60)]
    max_wait: u64,
    /// Project name for everything imported [default: from each session's working directory]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// Report what would be archived without writing
    #[arg(long)]
    dry_run: bool,
    /// Print what was done as one JSON object, instead of paths
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    archiving: ArchivingArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = context.reporter();
    let config = context.config(&context.archiving_flags(&args.archiving), &reporter)?;
    let settings = Settings {
        is_dry_run: args.dry_run,
        is_forced: args.archiving.force,
        project: args.project.clone(),
        lists_archives: !args.json,
        ..Settings::default()
    };
    let minutes = |minutes: u64| Duration::from_secs(minutes.saturating_mul(60));
    let patience = (args.min_age > 0 && args.max_wait > 0)
        .then(|| Patience { min_age: minutes(args.min_age), max_wait: minutes(args.max_wait) });
    let origins = origins(args)?;
    let totals = engine::import(&config, &settings, &origins, patience, &reporter)?;
    if args.json {
        let masker = Masker::new(&config.masking)?;
        let mut output = Output::new();
        let object = summary::to_json(&totals, &config.store.path, args.dry_run, &masker);
        json::print("import", object, &mut output)?;
        output.flush()?;
    }
    summary::of_import(&totals, &origins, patience, args.dry_run, &reporter);
    Ok(summary::exit_code(&totals, &reporter))
}

/// Returns where to look: the directory or the agents that were named, else every agent.
fn origins(args: &Args) -> Result<Vec<Where>> {
    let flags = [(args.codex, "codex"), (args.claude, "claude-code")];
    let flags = flags.iter().filter(|(is_asked_for, _)| *is_asked_for).map(|(_, name)| *name);
    let named: Vec<&str> = flags.chain(args.agent.iter().map(|name| id_of(name))).collect();
    let mut origins = Vec::new();
    for agent in agents::registry() {
        if named.is_empty() || named.contains(&agent.id()) {
            origins.push(Where::Agent(agent.id()));
        }
    }
    if let Some(unknown) = named.iter().find(|name| agents::agent(name).is_none()) {
        let known: Vec<&str> = agents::registry().iter().map(|agent| agent.id()).collect();
        let error = Error::new(Kind::Usage, format!("there is no agent \"{unknown}\""));
        let meant = nearest(unknown, known.iter().copied());
        let meant = meant.map(|name| format!("did you mean {name}? ")).unwrap_or_default();
        return Err(error.with_hint(format!("{meant}known agents: {}", known.join(", "))));
    }
    let Some(path) = &args.from else { return Ok(origins) };
    let agent = match &*named {
        [] => None,
        [name] => agents::agent(name).map(|agent| agent.id()),
        _ => {
            let error = Error::new(Kind::Usage, "--from takes one --agent");
            return Err(error.with_hint("import the sessions of one agent after those of the other"));
        }
    };
    Ok(vec![Where::Directory { path: path.clone(), pattern: args.pattern.clone(), agent }])
}

/// Returns the id of the agent that is called so, by its id or its label, in whatever case; the name itself if none is.
fn id_of(name: &str) -> &str {
    let is_called = |agent: &&&dyn agents::Agent| {
        agent.id().eq_ignore_ascii_case(name) || agent.label().eq_ignore_ascii_case(name)
    };
    match agents::registry().iter().find(is_called) {
        Some(agent) => agent.id(),
        None if name.eq_ignore_ascii_case("claude") => "claude-code",
        None => name,
    }
}
