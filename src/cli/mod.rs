//! The command line: parses, resolves, calls the flow, and turns outcomes into exit codes.
//!
//! In come a command line, an environment and standard input; out go text, messages and an exit code. Met in this order:
//! here is the top parser, and the last line of defence (panics, closed pipes); `common` has what subcommands share; then
//! each has one file or folder, with its `Args` and `run`, that knows no other. But `help` gives all of them their help, and
//! `completions` tells a shell how a line with any of them may go on.

mod agents;
mod archive;
mod audit;
mod common;
mod completions;
mod config;
mod doctor;
mod export;
mod help;
mod hook;
mod import;
mod list;
mod man;
mod mask;
mod pin;
mod prune;
mod redact;
mod remask;
mod repair;
mod restore;
mod rules;
mod search;
mod setup;
mod show;
mod stats;
mod verify;

use crate::error::{Error, Result};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use common::context::{CommonArgs, Context};
use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::ExitCode;

/// Keep AI coding agent sessions: mask the secrets, compress, never lose one.
#[derive(Debug, Parser)]
#[command(name = "sessionkeep", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(propagate_version = false, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Archive transcripts by path
    Archive(archive::Args),
    /// Archive all sessions of the agents on this machine, or of a directory, that are not archived yet
    Import(import::Args),
    /// Archive the session that an agent's hook names on stdin; never fails, never prints to stdout
    Hook(hook::Args),
    /// List archived sessions, newest first, or the parts of one
    List(list::Args),
    /// Search archived transcripts
    Search(search::Args),
    /// Show what was said in a session
    Show(show::Args),
    /// Say how much there is of what: messages, tool calls, tokens, bytes, masked secrets
    Stats(stats::Args),
    /// Write sessions as pages, documents or tables
    Export(export::Args),
    /// List the agents that are known, and what each has on this machine
    Agents(agents::Args),
    /// Mask secrets in a stream: stdin to stdout
    Mask(mask::Args),
    /// Mask transcripts: a copy of one, or those of agents where they lie
    Redact(redact::Args),
    /// Say which kinds of secret are in transcripts, how many, and where to rotate them
    Audit(audit::Args),
    /// Remove sessions from the store by rules that say what is kept
    Prune(prune::Args),
    /// Keep sessions from being pruned, for ever
    Pin(pin::Args),
    /// Let pinned sessions be pruned again
    Unpin(pin::UnpinArgs),
    /// Check every archive of the store, and all that belongs to it
    Verify(verify::Args),
    /// Mask what is archived again with today's rules
    Remask(remask::Args),
    /// Make sidecars and catalog anew from the archives, and set damaged archives aside
    Repair(repair::Args),
    /// Set this machine up: hooks, a schedule, the first import; --undo takes it back
    Setup(setup::Args),
    /// Put archived sessions back where their agents find them
    Restore(restore::Args),
    /// Say whether archiving is set up and keeps up, and what to do where it does not
    Doctor(doctor::Args),
    /// Check and show the configuration
    Config(config::Args),
    /// List the masking rules, or try them on a file
    Rules(rules::Args),
    /// Print a script that lets a shell complete commands, sessions, projects, agents and rules
    Completions(completions::Args),
    /// Print the manual page to stdout
    Man(man::Args),
    /// Explain a command, the exit codes, or what --json prints
    Help(help::Args),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if completions::is_asked(&arguments) {
        // Whatever happens: while a line is typed, a message would stand in the middle of it.
        panic::set_hook(Box::new(|_| {}));
        let _ = panic::catch_unwind(|| completions::answer(arguments, program()));
        return ExitCode::SUCCESS;
    }
    let is_hook = is_hook(&arguments);
    panic::set_hook(Box::new(|info| report_panic(info.location())));
    let code = panic::catch_unwind(AssertUnwindSafe(|| run(arguments))).unwrap_or(1);
    // An agent must not be bothered by whatever happened to its hook.
    ExitCode::from(if is_hook { 0 } else { code })
}

/// Returns the parser with all its help.
fn program() -> clap::Command {
    help::program(Cli::command())
}

/// Reads the command line. The help of all commands takes longer to put together than a hook to do its work, so the
/// parser gets it only where it is shown: where a first reading comes to nothing.
fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut matches = match Cli::command().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(_) => program().try_get_matches_from(arguments)?,
    };
    Cli::from_arg_matches_mut(&mut matches)
}

fn run(arguments: Vec<OsString>) -> u8 {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout, all else to stderr; if that is closed there is nobody to tell.
            let _ = error.print();
            return error.exit_code().try_into().unwrap_or(2);
        }
    };
    let context = Context::new(cli.common);
    match dispatch(&cli.command, &context) {
        Ok(code) => code,
        Err(error) if is_closed_pipe(&error) => 0,
        Err(error) => {
            context.reporter().error(&error);
            error.kind().exit_code()
        }
    }
}

fn dispatch(command: &Command, context: &Context) -> Result<u8> {
    match command {
        Command::Archive(args) => archive::run(args, context),
        Command::Import(args) => import::run(args, context),
        Command::Hook(args) => hook::run(args, context),
        Command::List(args) => list::run(args, context),
        Command::Search(args) => search::run(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Stats(args) => stats::run(args, context),
        Command::Export(args) => export::run(args, context),
        Command::Agents(args) => agents::run(args, context),
        Command::Mask(args) => mask::run(args, context),
        Command::Redact(args) => redact::run(args, context),
        Command::Audit(args) => audit::run(args, context),
        Command::Prune(args) => prune::run(args, context),
        Command::Pin(args) => pin::run(args, context),
        Command::Unpin(args) => pin::run_unpin(args, context),
        Command::Verify(args) => verify::run(args, context),
        Command::Remask(args) => remask::run(args, context),
        Command::Repair(args) => repair::run(args, context),
        Command::Setup(args) => setup::run(args, context),
        Command::Restore(args) => restore::run(args, context),
        Command::Doctor(args) => doctor::run(args, context),
        Command::Config(args) => config::run(args, context),
        Command::Rules(args) => rules::run(args, context),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args, Cli::command()),
        Command::Help(args) => help::run(args, program()),
    }
}

/// Returns whether `error` only says that the reader of our output has gone: `sessionkeep list | head`.
fn is_closed_pipe(error: &Error) -> bool {
    error.io_error().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// Says where a panic happened and never why: the reason could hold bytes of a transcript.
fn report_panic(location: Option<&panic::Location>) {
    let place = match location {
        Some(location) => {
            let file = Path::new(location.file()).file_name().and_then(OsStr::to_str).unwrap_or("?");
            format!("{file}:{}", location.line())
        }
        None => "an unknown place".to_owned(),
    };
    let _ = writeln!(
        std::io::stderr(),
        "sessionkeep: internal error at {place}\nhint: this is a bug; please report it with the command line used"
    );
}

/// Returns whether the command line, valid or not, is the hook's.
fn is_hook(arguments: &[OsString]) -> bool {
    let mut arguments = arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--out" | "--config" | "--threads" | "--color") => {
                arguments.next();
            }
            Some(flag) if flag.starts_with('-') => {}
            command => return command == Some("hook"),
        }
    }
    false
}

#[cfg(test)]
mod tests;
