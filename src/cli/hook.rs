//! `sessionkeep hook`: archives the session that an agent names on stdin, and never bothers the agent.

use super::common::context::Context;
use super::common::summary;
use crate::engine::{Settings, hook};
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
}

/// Whatever happens, the agent that called must not notice: exit code 0, nothing on stdout.
pub(crate) fn run(args: &Args, context: &Context) -> Result<u8> {
    let reporter = if args.work { Reporter::silent() } else { context.reporter() };
    let done = match args {
        Args { work: true, .. } => work(context, &reporter),
        Args { dry_run: true, .. } => dry_run(context, &reporter),
        Args { wait: true, .. } => leave_marker(context).and_then(|()| work(context, &reporter)),
        _ => leave_marker(context).and_then(|()| start_worker(context)),
    };
    if let Err(error) = done {
        reporter.error(&error);
    }
    Ok(0)
}

fn leave_marker(context: &Context) -> Result<()> {
    let payload = hook::read_payload(std::io::stdin())?;
    let (config, _) = context.config_or_builtin()?;
    hook::leave_marker(&config, &payload)
}

/// Starts this program again, in a session of its own, to archive what is pending.
fn start_worker(context: &Context) -> Result<()> {
    let cannot = |error| Error::new(Kind::Internal, "cannot start a worker").with_source(error);
    let mut command = Command::new(std::env::current_exe().map_err(cannot)?);
    command.args(["hook", "--work"]);
    // Absolute: the worker may outlive the directory that it starts in.
    let config = context.reading_config()?;
    command.arg("--out").arg(&config.store.path);
    if let Some(file) = &context.common.config {
        command.arg("--config").arg(std::path::absolute(file).map_err(cannot)?);
    }
    process::spawn_detached(command).map(drop).map_err(cannot)
}

fn work(context: &Context, reporter: &Reporter) -> Result<()> {
    let (config, broken) = context.config_or_builtin()?;
    if let Some(error) = &broken {
        reporter.warn(format_args!("{error}; masking with the built-in rules, the next import masks again"));
    }
    let settings =
        Settings { is_hook: true, is_rule_set_incomplete: broken.is_some(), ..Settings::default() };
    let quiet = Reporter::silent();
    let totals = hook::work(&config, &settings, &quiet)?;
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
