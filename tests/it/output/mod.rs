//! What each command prints, whole: text, JSON and errors, with exit codes, as snapshots in `tests/it/snapshots/`.
//!
//! Comes in: a home with fixed content. Goes out: one snapshot a command, which holds several runs of it. What differs
//! from run to run or from machine to machine (times, sizes, paths, speeds) is replaced in [`redact`]; content is of
//! [`DAY`], so that every other time is the run's.

mod archiving;
mod reading;
mod redact;
mod settings;
mod upkeep;

use crate::home::*;
use crate::snapshot::snapshot;
use std::fmt::Write;
use std::process::{Command, Stdio};

/// The day of all that these tests archive: long ago, so that it is no run's.
const DAY: &str = "2020-01-02";

/// The archive of the session [`ID`] of that day.
const ARCHIVE: &str = "2020/01/2020-01-02_1430_my-project_a1b2c3d4.jsonl.gz";

/// Returns a record of [`DAY`] that says `text`.
fn said(second: u32, text: &str) -> String {
    user(ID, second, text).replace("2026-06-05", DAY)
}

/// Writes the session [`ID`]: four lines, one with a token.
fn session(home: &Home) -> std::path::PathBuf {
    let push = said(1, &format!("push with {}", github_token(1)));
    let lines = [said(0, "Where does the TypeError come from?"), push, said(2, "thanks"), said(3, "bye")];
    home.claude_session(ID, &lines)
}

/// Returns a home with that session, a part of it, and a store that holds both.
fn archived() -> Home {
    let home = Home::new();
    session(&home);
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    home.write(&part, said(60, "looked for the TypeError"));
    home.run(&["import"]).exits(0);
    home
}

/// Runs of the program in one home, and what each of them did, as text.
struct Runs {
    home: Home,
    text: String,
}

impl Runs {
    fn in_home(home: Home) -> Runs {
        Runs { home, text: String::new() }
    }

    /// Begins runs in a home that is another from here on, or in another state.
    fn when(&mut self, what: &str) -> &mut Runs {
        writeln!(self.text, "## {what}\n").unwrap();
        self
    }

    fn run(&mut self, arguments: &[&str]) -> &mut Runs {
        self.run_with_input(arguments, b"")
    }

    fn run_with_input(&mut self, arguments: &[&str], input: &[u8]) -> &mut Runs {
        let command = self.command(arguments);
        self.run_command(arguments, command, input)
    }

    /// Runs with a variable of the environment more.
    fn run_with_variable(&mut self, name: &str, value: &str, arguments: &[&str]) -> &mut Runs {
        let mut command = self.command(arguments);
        command.env(name, value);
        writeln!(self.text, "$ export {name}={value}").unwrap();
        self.run_command(arguments, command, b"")
    }

    /// Returns a command that meets none of the machine's programs, a user's `crontab` for one.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.home.command(arguments);
        command.env("PATH", self.home.path("bin")).env("COLUMNS", "100");
        command
    }

    fn run_command(&mut self, arguments: &[&str], mut command: Command, input: &[u8]) -> &mut Runs {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Less than a pipe holds; the program may refuse before it reads.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input);
        let run = Run::of(child.wait_with_output().unwrap());
        let quoted: Vec<String> = arguments.iter().map(|argument| quoted(argument)).collect();
        writeln!(self.text, "$ {}", [&["sessionkeep".to_owned()], &quoted[..]].concat().join(" ")).unwrap();
        writeln!(self.text, "exit {}", run.code).unwrap();
        for (name, printed) in [("stdout", run.stdout), ("stderr", run.stderr)] {
            let printed = redact::redacted(&printed, &self.home.path(""));
            if !printed.is_empty() {
                writeln!(self.text, "{name}:").unwrap();
            }
            for line in printed.lines() {
                writeln!(self.text, "{}", format!("  {line}").trim_end()).unwrap();
            }
            if !printed.is_empty() && !printed.ends_with('\n') {
                self.text.push_str("  (no newline at the end)\n");
            }
        }
        self.text.push('\n');
        self
    }

    /// Asserts that all that was said is as in the snapshot of this name.
    #[track_caller]
    fn are(&self, name: &str) {
        snapshot(name, &self.text);
    }
}

fn quoted(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,=[]".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{argument}'")
}
