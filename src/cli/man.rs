//! `sessionkeep man`: the manual page, made from the parser, to stdout.

use super::common::output::{Output, failure};
use super::help;
use crate::error::Result;

const EXAMPLES: &str = "\
Examples:
  sessionkeep man > ~/.local/share/man/man1/sessionkeep.1
  sessionkeep man import | man -l -";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Command to describe [default: the whole program]
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints the manual page of `program`, or of one of its commands.
pub(crate) fn run(args: &Args, program: clap::Command) -> Result<u8> {
    let mut program = help::manual(program);
    // Adds what is only known when a command is parsed: its full name, the common options.
    program.build();
    let command = match &args.command {
        Some(name) => {
            let found = program.find_subcommand(name).filter(|command| !command.is_hide_set());
            found.cloned().ok_or_else(|| help::unknown(&program, name))?
        }
        None => program,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page).map_err(failure)?;
    let mut output = Output::new();
    output.write(page)?;
    output.flush()?;
    Ok(0)
}
