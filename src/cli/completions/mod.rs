//! `sessionkeep completions SHELL`, and what its scripts ask while a line is typed.
//!
//! In: a line as a shell has it, with the cursor at its end. Out: what may stand there, as that shell takes it. Met in this
//! order: [`mod@scripts`] are what a [`shell`] loads once (their texts lie in `scripts/`); at each key it asks the program
//! (`complete`), where [`mod@line`] makes words of what the shell says, [`place`] finds which argument of which command is being
//! typed, [`values`] says what may stand there (each a [`mod@candidate`]), [`paths`] which files, and [`print`](mod@print) hands it over.
//!
//! What an argument takes is told by its name alone: `--project`, `--agent`, `SESSION`, `RULE`... mean the same
//! everywhere. Nothing is ever written, and whatever goes wrong there is silence: nobody wants a message while typing.

mod candidate;
mod line;
mod paths;
mod place;
mod print;
mod scripts;
mod shell;
mod values;

use super::common::output::Output;
use crate::error::Result;
use clap::Parser;
use line::Line;
use place::Place;
use shell::Shell;
use std::ffi::OsString;

const EXAMPLES: &str = "\
Examples:
  source <(sessionkeep completions bash)           now, in bash (for always: in ~/.bashrc)
  source <(sessionkeep completions zsh)            now, in zsh (for always: in ~/.zshrc, behind compinit)
  sessionkeep completions fish | source            now, in fish
  sessionkeep completions bash > ~/.local/share/bash-completion/completions/sessionkeep
  sessionkeep completions zsh > ~/.zfunc/_sessionkeep
  sessionkeep completions fish > ~/.config/fish/completions/sessionkeep.fish

The script asks the program at each TAB, so that it completes ids of sessions, projects, branches and
models of the store that the line names (--out, SESSIONKEEP_DIR), agents and rules. It stays right when
the program is upgraded.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Shell to complete for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// The word behind the program's name with which a script asks. No command: nobody types it.
const ASKED: &str = "complete";

/// What a script asks.
#[derive(Debug, Parser)]
#[command(disable_help_flag = true)]
struct Question {
    /// Shell that asks
    #[arg(value_enum)]
    shell: Shell,
    /// Which of the words is being typed, from 0
    index: usize,
    /// What bash does with the answers: its COMP_TYPE
    #[arg(long, default_value_t = 0)]
    kind: u8,
    /// What stands before the command and sets a variable for it
    #[arg(long, allow_hyphen_values = true)]
    before: Option<String>,
    /// The words of the line, the program's name first
    #[arg(last = true)]
    words: Vec<OsString>,
}

/// Prints the script.
pub(crate) fn run(args: &Args) -> Result<u8> {
    let program = std::env::current_exe().ok();
    let mut output = Output::new();
    output.write(scripts::script(args.shell, program.as_deref()))?;
    output.flush()?;
    Ok(0)
}

/// Returns whether a script asks how a line may go on.
pub(crate) fn is_asked(arguments: &[OsString]) -> bool {
    arguments.get(1).is_some_and(|word| word == ASKED)
}

/// Prints how the line may go on; nothing where nobody knows.
pub(crate) fn answer(arguments: Vec<OsString>, mut program: clap::Command) {
    let Ok(args) = Question::try_parse_from(arguments.into_iter().skip(1)) else { return };
    // Adds the common options to each command.
    program.build();
    let line = Line::new(args.shell, &args.words, args.index, args.before.as_deref());
    let place = Place::find(&program, &line);
    let found = values::of(&place, &line, &program);
    let text = print::text(args.shell, args.kind, &line, &found);
    let mut output = Output::new();
    let _ = output.write(text).and_then(|()| output.flush());
}
