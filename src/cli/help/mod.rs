//! `sessionkeep help`, and what is said of every command in the same way.
//!
//! In: the program's parser. Out: the parser with its help, or a text. Met in this order: here the parser gets one screen
//! of help for the program, and for each command a short one (`-h`) and a long one (`--help`); [`groups`] puts commands in
//! order, [`notes`] says what they read and write, [`exit_codes`] and [`json`] are topics for all of them.

mod exit_codes;
mod groups;
mod json;
mod notes;

use super::common::output::Output;
use crate::error::{Error, Kind, Result};
use crate::report::nearest::nearest;
use crate::report::text::columns;

const EXAMPLES: &str = "\
Examples:
  sessionkeep help import
  sessionkeep help config show
  sessionkeep help commands                        every command in one line
  sessionkeep help exit-codes                      what the program ends with, and when
  sessionkeep help json                            what --json prints, command by command";

/// Widest line of the program's help.
const COLUMNS: usize = 80;

/// What can be explained that is no command.
pub(crate) const TOPICS: [(&str, &str); 3] = [
    ("commands", "Every command in one line"),
    ("exit-codes", "What the program ends with, and when"),
    ("json", "What --json prints, command by command"),
];

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Command, or one of: commands, exit-codes, json [default: the program]
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
}

/// Returns the parser with the help that its commands have in common.
pub(crate) fn program(program: clap::Command) -> clap::Command {
    let names: Vec<String> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let overview = overview(&program);
    let mut program = program
        .help_template("{about-with-newline}\n{usage-heading} {usage}{after-help}")
        .after_help(overview);
    for name in &names {
        let related = |other: &&&str| names.iter().any(|name| name == **other);
        let others: Vec<&str> = notes::of(name)
            .map(|note| note.see_also.iter().filter(related).copied().collect())
            .unwrap_or_default();
        program = program.mut_subcommand(name, |command| explained(command, &others));
    }
    program
}

/// Returns the parser as its manual page tells of it.
pub(crate) fn manual(program: clap::Command) -> clap::Command {
    let topics = format!("{EXAMPLES_OF_ALL}\n\n{}\n\n{}", exit_codes::text(), ENVIRONMENT);
    self::program(program).after_long_help(topics)
}

/// Prints what is asked for: the help of a command, or a topic.
pub(crate) fn run(args: &Args, mut program: clap::Command) -> Result<u8> {
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    let text = match words[..] {
        ["commands"] => commands(&program),
        ["exit-codes"] => exit_codes::text(),
        ["json"] => json::text(),
        _ => {
            // Adds what is only known when a command is parsed: its full name, the common options.
            program.build();
            let mut command = &mut program;
            for word in &words {
                command = below(command, word)?;
            }
            command.render_long_help().to_string()
        }
    };
    let mut output = Output::new();
    output.line(text.trim_end())?;
    output.flush()?;
    Ok(0)
}

/// Returns the command of `command` that is called `name`.
fn below<'a>(command: &'a mut clap::Command, name: &str) -> Result<&'a mut clap::Command> {
    if command.find_subcommand(name).is_none() {
        return Err(unknown(command, name));
    }
    command.find_subcommand_mut(name).ok_or_else(|| Error::new(Kind::Internal, "a command is gone"))
}

/// Returns the error for a name that no command has.
pub(crate) fn unknown(command: &clap::Command, name: &str) -> Error {
    let error = Error::new(Kind::Usage, format!("there is no command '{name}'"));
    let topics = TOPICS.iter().map(|(topic, _)| *topic);
    let commands = command.get_subcommands().filter(|command| !command.is_hide_set());
    let known: Vec<&str> = commands.map(clap::Command::get_name).chain(topics).collect();
    error.with_hint(match nearest(name, known) {
        Some(near) => format!("did you mean '{near}'? \"sessionkeep help commands\" lists them all"),
        None => "\"sessionkeep help commands\" lists the commands".to_owned(),
    })
}

const EXAMPLES_OF_ALL: &str = "\
Examples:
  sessionkeep setup                hooks, a schedule, the first import: once
  sessionkeep import               archive every agent's sessions
  sessionkeep list --since 7d      the sessions of this week
  sessionkeep show @last           what was said in the latest one
  sessionkeep search TypeError     search everything that was archived
  some-command | sessionkeep mask  mask secrets in any text";

const COMMON: &str = "\
Options of every command:
  --out DIR      the store          -q, --quiet    results and errors only
  --config PATH  the configuration  -v, -vv        say more, with times
  --threads N    0: all processors  --color WHEN   auto, always, never";

const ENVIRONMENT: &str = "\
Environment:
  SESSIONKEEP_DIR     the store, as --out names it [default: ~/.sessionkeep/sessions]
  SESSIONKEEP_CONFIG  the configuration, as --config names it [default: ~/.sessionkeep/config.json]
  SESSIONKEEP_PAGER   what show is read with, instead of PAGER
  NO_COLOR            no colours, if it is set";

const MORE: &str = "\
More: sessionkeep COMMAND -h (short), sessionkeep help COMMAND (long),
      sessionkeep help commands | exit-codes | json";

/// Returns one screen about the program.
fn overview(program: &clap::Command) -> String {
    let groups = groups::of(program);
    let width = groups.iter().map(|(task, _)| task.len()).max().unwrap_or(0) + 2;
    let mut text = String::new();
    for (task, commands) in groups {
        let mut line = format!("{:<width$}", format!("{task}:"));
        for (index, command) in commands.iter().enumerate() {
            let name = command.get_name();
            if columns(&line) + name.len() + 2 > COLUMNS {
                text.push_str(line.trim_end());
                line = format!("\n{:<width$}", "");
            }
            line.push_str(name);
            line.push_str(if index + 1 < commands.len() { ", " } else { "" });
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    format!("{text}\n{EXAMPLES_OF_ALL}\n\n{COMMON}\n\n{MORE}")
}

/// Returns every command in one line, by task.
fn commands(program: &clap::Command) -> String {
    let mut text = String::new();
    for (task, commands) in groups::of(program) {
        text.push_str(&format!("{task}:\n"));
        for command in commands {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            text.push_str(&format!("  {:<12} {about}\n", command.get_name()));
        }
        text.push('\n');
    }
    text.push_str("Topics:\n");
    for (topic, about) in TOPICS {
        text.push_str(&format!("  {topic:<12} {about}\n"));
    }
    text
}

/// Returns a command whose `-h` is its options alone, and whose `--help` tells all.
fn explained(command: clap::Command, see_also: &[&str]) -> clap::Command {
    let name = command.get_name().to_owned();
    let own = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let mut paragraphs: Vec<String> = own.into_iter().collect();
    if let Some(note) = notes::of(&name) {
        paragraphs.push(format!("Reads: {}\nWrites: {}", note.reads, note.writes));
    }
    if !paragraphs.iter().any(|text| text.contains("Exit codes:") || text.contains("xits 0")) {
        paragraphs.push("Exit codes: 0 done; others as in \"sessionkeep help exit-codes\".".to_owned());
    }
    if !see_also.is_empty() {
        paragraphs.push(format!("See also: sessionkeep {}", see_also.join(", ")));
    }
    command
        .after_help(format!("Examples and more: sessionkeep help {name}"))
        .after_long_help(paragraphs.join("\n\n"))
}
