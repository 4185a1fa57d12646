//! `sessionkeep completions SHELL` and `sessionkeep man`: generated from the parser, to stdout.

use super::common::output::Output;
use crate::error::Result;
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  sessionkeep completions bash > ~/.local/share/bash-completion/completions/sessionkeep
  sessionkeep completions zsh > ~/.zfunc/_sessionkeep
  sessionkeep completions fish > ~/.config/fish/completions/sessionkeep.fish";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Shell to complete for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  sessionkeep man > ~/.local/share/man/man1/sessionkeep.1")]
pub(crate) struct ManArgs {
    /// Command to describe [default: the whole program]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints completions for `program`.
pub(crate) fn run(args: &Args, mut program: clap::Command) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "sessionkeep", &mut script);
    print(&script)
}

/// Prints the manual page of `program`, or of one of its commands.
pub(crate) fn run_man(args: &ManArgs, mut program: clap::Command) -> Result<u8> {
    // Adds what is only known when a command is parsed: its full name, the common options.
    program.build();
    let command = match &args.command {
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            crate::error::Error::new(crate::error::Kind::Usage, format!("there is no command '{name}'"))
                .with_hint("\"sessionkeep --help\" lists the commands")
        })?,
        None => program,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(super::common::output::failure)?;
    print(&page)
}

fn print(bytes: &[u8]) -> Result<u8> {
    let mut output = Output::new();
    output.write(bytes)?;
    output.flush()?;
    Ok(0)
}
