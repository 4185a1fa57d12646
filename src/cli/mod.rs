//! The command line: parses, resolves, calls the flow, and turns outcomes into exit codes.
//!
//! One file a subcommand, each with its `Args` and `run`. Here: the top parser, what all commands share, and the
//! last line of defence (panics, closed pipes).

mod archive;
mod audit;
mod completions;
mod config;
mod doctor;
mod hook;
mod import;
mod list;
mod mask;
mod output;
mod read_ahead;
mod repair;
mod rules;
mod search;
mod select;
mod summary;
mod verify;

use crate::config::{ColorChoice, Config, Flags};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::mask::{Masker, Options};
use crate::report::{Reporter, Verbosity};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

/// Keep AI coding agent sessions: mask the secrets, compress, never lose one.
#[derive(Debug, Parser)]
#[command(name = "sessionkeep", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(propagate_version = false, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: CommonArgs,
}

const EXAMPLES: &str = "\
Examples:
  sessionkeep import                       archive the sessions of every agent found here
  sessionkeep import --codex --min-age 30  from a scheduler: leave active sessions alone
  sessionkeep archive session.jsonl        archive one transcript
  sessionkeep list --since 7d              what was archived this week
  sessionkeep search TypeError             search everything that was archived
  some-command | sessionkeep mask          mask secrets in any text

Exit codes:
  0 done   1 nothing found, or the store cannot be used   2 usage or configuration
  3 done, but some files could not be read   4 damaged archive   75 another run is busy";

#[derive(Debug, Subcommand)]
enum Command {
    /// Archive transcripts by path
    Archive(archive::Args),
    /// Archive all sessions of the agents on this machine, or of a directory, that are not archived yet
    Import(import::Args),
    /// Archive the session that an agent's hook names on stdin; never fails, never prints to stdout
    Hook(hook::Args),
    /// List archived sessions, newest first
    List(list::Args),
    /// Search archived transcripts
    Search(search::Args),
    /// Mask secrets in a stream: stdin to stdout
    Mask(mask::Args),
    /// Say which kinds of secret are in transcripts, how many, and where to rotate them
    Audit(audit::Args),
    /// Check every archive of the store, and all that belongs to it
    Verify(verify::Args),
    /// Make sidecars and catalog anew from the archives, and set damaged archives aside
    Repair(repair::Args),
    /// Say whether archiving is set up and keeps up, and what to do where it does not
    Doctor(doctor::Args),
    /// Check and show the configuration
    Config(config::Args),
    /// List the masking rules, or try them on a file
    Rules(rules::Args),
    /// Print shell completions to stdout
    Completions(completions::Args),
    /// Print the manual page to stdout
    Man(completions::ManArgs),
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
struct CommonArgs {
    /// Store to use [default: $SESSIONKEEP_DIR or ~/.sessionkeep/sessions]
    #[arg(long, global = true, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Configuration file [default: $SESSIONKEEP_CONFIG or ~/.sessionkeep/config.json]
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Print only results, warnings and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more about what is done and why
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Threads to work with; 0 for one for each processor
    #[arg(long, global = true, value_name = "N", default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Colour the output
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    color: When,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// How transcripts are masked and compressed; for the commands that archive.
#[derive(Debug, Args)]
struct ArchivingArgs {
    /// Compression level [default: 6]; 1 takes 2/3 of the time for 8 % more bytes, 9 takes 1.8 times as long for 1 % less
    #[arg(long, value_name = "1..12", value_parser = clap::value_parser!(u8).range(1..=12))]
    level: Option<u8>,
    /// Do not mask values known from outside (environment files, credentials on disk)
    #[arg(long)]
    no_known_values: bool,
    /// Start, and go on, even where the disk may become full
    #[arg(long)]
    force: bool,
}

/// What a command runs in: the options that all share, and the environment.
struct Context {
    common: CommonArgs,
    environment: Environment,
}

impl Context {
    fn new(common: CommonArgs) -> Context {
        Context { common, environment: Environment::of_process() }
    }

    fn reporter(&self) -> Reporter {
        let reporter = Reporter::new(Verbosity::from_flags(self.common.quiet, self.common.verbose));
        let (flags, environment) = (self.flags(), self.environment.clone());
        // A message names files, and a file's name may hold anything. Built for the first message, as most runs have
        // none; where the configuration is what is wrong, the built-in rules stand in.
        let masker = LazyLock::new(move || {
            let configured =
                Config::resolve(&flags, &environment).and_then(|config| Masker::new(&config.masking));
            configured.or_else(|_| Masker::new(&Options::default()))
        });
        reporter.with_veil(Box::new(move |message| match &*masker {
            Ok(masker) => masker.mask_name(message),
            Err(_) => "a message that could not be masked".to_owned(),
        }))
    }

    fn flags(&self) -> Flags {
        Flags {
            store: self.common.out.clone(),
            file: self.common.config.clone(),
            threads: Some(self.common.threads),
            level: None,
            color: match self.common.color {
                When::Auto => ColorChoice::Auto,
                When::Always => ColorChoice::Always,
                When::Never => ColorChoice::Never,
            },
            no_known_values: false,
        }
    }

    fn archiving_flags(&self, args: &ArchivingArgs) -> Flags {
        Flags { level: args.level, no_known_values: args.no_known_values, ..self.flags() }
    }

    /// Returns the configuration of a command that masks, after saying what is odd about its file.
    fn config(&self, flags: &Flags, reporter: &Reporter) -> Result<Config> {
        let config = Config::resolve(flags, &self.environment)?;
        for warning in &config.warnings {
            reporter.warn(warning);
        }
        Ok(config)
    }

    /// Returns the configuration of a command that only reads the store; the file is left alone.
    fn reading_config(&self) -> Result<Config> {
        Config::resolve_without_file(&self.flags(), &self.environment)
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let is_hook = is_hook(&arguments);
    panic::set_hook(Box::new(|info| report_panic(info.location())));
    let code = panic::catch_unwind(AssertUnwindSafe(|| run(arguments))).unwrap_or(1);
    // An agent must not be bothered by whatever happened to its hook.
    ExitCode::from(if is_hook { 0 } else { code })
}

fn run(arguments: Vec<OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
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
        Command::Mask(args) => mask::run(args, context),
        Command::Audit(args) => audit::run(args, context),
        Command::Verify(args) => verify::run(args, context),
        Command::Repair(args) => repair::run(args, context),
        Command::Doctor(args) => doctor::run(args, context),
        Command::Config(args) => config::run(args, context),
        Command::Rules(args) => rules::run(args, context),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => completions::run_man(args),
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
