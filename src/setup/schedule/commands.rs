//! Runs the programs that switch schedules on and off: found in the `PATH` of the environment that was handed down, and
//! run with its variables and no others, so that tests bring programs of their own.

use crate::environment::Environment;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The programs of an environment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commands<'a> {
    environment: &'a Environment,
}

/// What a program did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran {
    pub is_done: bool,
    pub stdout: Vec<u8>,
    /// What it said of a failure: its first line, or why it could not be run.
    pub says: String,
}

impl<'a> Commands<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Commands<'a> {
        Commands { environment }
    }

    /// Returns the path of a program; `None` if there is none of that name.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        let path = self.environment.variable("PATH")?;
        std::env::split_paths(path)
            .filter(|directory| directory.is_absolute())
            .flat_map(|directory| [directory.join(program), directory.join(format!("{program}.exe"))])
            .find(|file| is_program(file))
    }

    /// Runs a program with `input` on its standard input.
    pub(crate) fn run(&self, words: &[String], input: &[u8]) -> Ran {
        let Some((program, arguments)) = words.split_first() else { return Ran::default() };
        let Some(path) = self.find(program) else {
            return Ran { says: format!("there is no {program}"), ..Ran::default() };
        };
        match self.run_at(&path, arguments, input) {
            Ok(ran) => ran,
            Err(error) => Ran { says: format!("cannot run {program}: {error}"), ..Ran::default() },
        }
    }

    fn run_at(&self, program: &Path, arguments: &[String], input: &[u8]) -> io::Result<Ran> {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.environment.variables()).env("LC_ALL", "C");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // These programs read all before they write, or nothing; one that has gone says why.
            let _ = stdin.write_all(input);
        }
        let output = child.wait_with_output()?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let says = errors.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
        Ok(Ran { is_done: output.status.success(), stdout: output.stdout, says })
    }
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}
