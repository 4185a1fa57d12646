//! Where a session is written to: a pager on a terminal, standard output elsewhere.

use std::ffi::OsStr;
use std::io::{BufWriter, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::cli::common::output::{Output, failure};
use crate::environment::Environment;
use crate::error::Result;
use crate::platform::process;

/// Fewer, larger writes when messages are many.
const BUFFER_BYTES: usize = 64 << 10;

/// The variables that name a pager, the first that is set counts.
const VARIABLES: [&str; 2] = ["SESSIONKEEP_PAGER", "PAGER"];

/// What a session is written to.
pub(super) enum Page {
    Stdout(Output),
    Pager { pager: Child, input: BufWriter<ChildStdin> },
}

impl Page {
    /// Returns the pager that the user has chosen, or `less`, if `is_paged` and standard output is a terminal; else, and
    /// where no pager can be started, standard output.
    pub(super) fn open(is_paged: bool, environment: &Environment) -> Page {
        let output = Output::new();
        if !is_paged || !output.is_terminal() {
            return Page::Stdout(output);
        }
        let Some(mut pager) = command(environment) else { return Page::Stdout(output) };
        let Ok(mut pager) = pager.stdin(Stdio::piped()).spawn() else { return Page::Stdout(output) };
        let Some(input) = pager.stdin.take() else { return Page::Stdout(output) };
        // An interrupt is for the pager, which the terminal belongs to now.
        process::catch_stop_signals();
        Page::Pager { pager, input: BufWriter::with_capacity(BUFFER_BYTES, input) }
    }

    /// Writes `bytes` as they are; whoever calls has made them harmless.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Page::Stdout(output) => output.write(bytes),
            Page::Pager { input, .. } => input.write_all(bytes).map_err(failure),
        }
    }

    /// Hands everything to the reader.
    pub(super) fn flush(&mut self) -> Result<()> {
        match self {
            Page::Stdout(output) => output.flush(),
            Page::Pager { input, .. } => input.flush().map_err(failure),
        }
    }

    /// Hands everything to the reader, and waits until a pager has ended.
    pub(super) fn close(mut self) -> Result<()> {
        let flushed = self.flush();
        if let Page::Pager { mut pager, input } = self {
            // What it did not want to read is not written once more.
            let (input, _) = input.into_parts();
            drop(input);
            let _ = pager.wait();
        }
        flushed
    }
}

/// Returns the command of the pager; `None` where the user wants none, or there is none.
fn command(environment: &Environment) -> Option<Command> {
    let set = VARIABLES.iter().find_map(|name| environment.variable(name));
    let mut command = match set {
        Some(set) => {
            let text = set.to_string_lossy();
            if matches!(text.trim(), "" | "cat") || !is_there(&text, environment) {
                return None;
            }
            shell(set)
        }
        None => {
            let path = environment.variable("PATH")?;
            std::env::split_paths(path)
                .map(|directory| directory.join("less"))
                .find(|less| less.is_file())?;
            let mut less = Command::new("less");
            less.arg("-R");
            less
        }
    };
    if environment.variable("LESS").is_none() {
        // Ends at once where all fits the screen; obeys colours alone; leaves the screen as it is.
        command.env("LESS", "FRX");
    }
    Some(command)
}

/// Returns whether the program that a command begins with is there. What only a shell understands is left to it.
fn is_there(command: &str, environment: &Environment) -> bool {
    let program = command.split_whitespace().next().unwrap_or_default();
    if cfg!(windows) || program.contains(['/', '=', '$', '"', '\'', '~', '(', '{']) {
        return true;
    }
    let Some(path) = environment.variable("PATH") else { return false };
    std::env::split_paths(path).any(|directory| directory.join(program).is_file())
}

/// Returns the command that runs what a user wrote, which may have options in it.
fn shell(written: &OsStr) -> Command {
    let (program, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut command = Command::new(program);
    command.arg(option).arg(written);
    command
}
