//! `sessionkeep hook`: archives the session that an agent names on stdin, and never bothers the agent.

use super::common::context::Context;
use super::common::summary;
use crate::agents;
use crate::engine::Settings;
use crate::engine::hook::{self, Task};
use crate::error::{Error, Kind, Result};
use crate::platform::process;
use crate::report::Reporter;
use std::process::Command;

const EXAMPLES: &str = "\
In Claude Code's settings.json:
  {\"hooks\": {\"SessionEnd\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"sessionkeep hook\"}]}]}}

Returns at once and archives in the background. Always exits 0 and prints nothing to stdout. When the
configuration cannot be used the built-in rules stand in, and the next import masks the session again.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Archive before returning instead of in the background
    #[arg(long)]
    wait: bool,
    /// Report what would be archived without writing
    #[arg(long)]
    dry_run: bool,
    /// Do the work that hooks left pending
    #[arg(long, hide = true)]
    work: bool,
    /// With --work: archive also the sessions of this agent, or of all, whose end no hook told
    #[arg(long, hide = true, value_name = "AGENT", requires = "work")]
    catch_up: Option<String>,
}

/// Whatever happens, the agent that called must not notice: exit code 0, nothing on stdout.
pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = if args.work { Reporter::silent() } else { context.reporter() };
    let done = match args {
        Args { work: true, .. } => work(task(args), context, &reporter),
        Args { dry_run: true, .. } => dry_run(context, &reporter),
        Args { wait: true, .. } => take(context).and_then(|task| work(task, context, &reporter)),
        _ => take(context).and_then(|task| start_worker(task, context)),
    };
    if let Err(error) = done {
        reporter.error(&error);
    }
    Ok(0)
}

/// What `--catch-up` says for all agents.
const ALL: &str = "all";

/// Returns what the arguments of a worker have it do.
fn task(args: &Args) -> Task {
    match args.catch_up.as_deref() {
        None => Task::Pending,
        Some(ALL) => Task::CatchUp(None),
        Some(name) => agents::agent(name).map_or(Task::Pending, |agent| Task::CatchUp(Some(agent.id()))),
    }
}

fn take(context: &Context) -> Result<Task> {
    let payload = hook::read_payload(std::io::stdin())?;
    let (config, _) = context.config_or_builtin()?;
    hook::take(&config, &payload)
}

/// Starts this program again, in a session of its own, to archive what is pending.
fn start_worker(task: Task, context: &Context) -> Result<()> {
    let cannot = |error| Error::new(Kind::Internal, "cannot start a worker").with_source(error);
    let mut command = Command::new(std::env::current_exe().map_err(cannot)?);
    command.args(["hook", "--work"]);
    if let Task::CatchUp(agent) = task {
        command.args(["--catch-up", agent.unwrap_or(ALL)]);
    }
    // Absolute: the worker may outlive the directory that it starts in.
    let config = context.reading_config()?;
    command.arg("--out").arg(&config.store.path);
    if let Some(file) = &context.common.config {
        command.arg("--config").arg(std::path::absolute(file).map_err(cannot)?);
    }
    process::spawn_detached(command).map(drop).map_err(cannot)
}

fn work(task: Task, context: &Context, reporter: &Reporter) -> Result<()> {
    let (config, broken) = context.config_or_builtin()?;
    if let Some(error) = &broken {
        reporter.warn(format_args!("{error}; masking with the built-in rules, the next import masks again"));
    }
    let settings =
        Settings { is_hook: true, is_rule_set_incomplete: broken.is_some(), ..Settings::default() };
    let quiet = Reporter::silent();
    let totals = match task {
        Task::Pending => hook::work(&config, &settings, &quiet)?,
        Task::CatchUp(agent) => hook::catch_up(&config, &settings, agent, &quiet)?,
    };
    summary::of_files(&totals, false, reporter);
    Ok(())
}

fn dry_run(context: &Context, reporter: &Reporter) -> Result<()> {
    let (config, _) = context.config_or_builtin()?;
    let payload = hook::read_payload(std::io::stdin())?;
    let totals = hook::preview(&config, &payload, &Reporter::silent())?;
    summary::of_files(&totals, true, reporter);
    Ok(())
}
