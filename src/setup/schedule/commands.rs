//! Runs the programs that switch schedules on and off: found in the `PATH` of the environment that was handed down, and
//! run with its variables and no others, so that tests bring programs of their own. One that hangs is not waited for, and
//! one that writes without end is not listened to.

use crate::environment::Environment;
use crate::error::{Error, Kind};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take that only tells something: a shell's prompt may wait for it.
const LOOK_TIME: Duration = Duration::from_secs(5);

/// How long one may take that changes something, on a machine that has much else to do.
const CHANGE_TIME: Duration = Duration::from_secs(60);

/// How long is slept between two looks at whether a program has ended.
const PAUSE: Duration = Duration::from_millis(2);

/// Bytes of a program's output that are taken in; no table of jobs comes near.
const MAX_BYTES: u64 = 4 << 20;

/// The programs of an environment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commands<'a> {
    environment: &'a Environment,
}

/// What a program did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ran {
    pub is_done: bool,
    /// Whole, or nothing: of one that was not waited for, half a table must not be taken for the table.
    pub stdout: Vec<u8>,
    /// What it said of a failure: its first line, or why it could not be run.
    pub says: String,
}

impl<'a> Commands<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Commands<'a> {
        Commands { environment }
    }

    /// Returns the environment that was handed down.
    pub(super) fn environment(&self) -> &'a Environment {
        self.environment
    }

    /// Returns the path of a program; `None` if there is none of that name.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        let path = self.environment.variable("PATH")?;
        std::env::split_paths(path)
            .filter(|directory| directory.is_absolute())
            .flat_map(|directory| [directory.join(program), directory.join(format!("{program}.exe"))])
            .find(|file| is_program(file))
    }

    /// Runs a program that only tells something.
    pub(crate) fn look(&self, words: &[impl AsRef<OsStr>]) -> Ran {
        self.run_for(LOOK_TIME, words)
    }

    /// Runs a program that changes something.
    pub(crate) fn run(&self, words: &[impl AsRef<OsStr>]) -> Ran {
        self.run_for(CHANGE_TIME, words)
    }

    fn run_for(&self, most: Duration, words: &[impl AsRef<OsStr>]) -> Ran {
        let Some((program, arguments)) = words.split_first() else { return Ran::default() };
        let program = &*program.as_ref().to_string_lossy();
        let Some(path) = self.find(program) else {
            return Ran { says: format!("there is no {program}"), ..Ran::default() };
        };
        match self.run_at(&path, arguments, most) {
            Ok(ran) => ran,
            Err(error) => Ran { says: format!("cannot run {program}: {error}"), ..Ran::default() },
        }
    }

    fn run_at(&self, program: &Path, arguments: &[impl AsRef<OsStr>], most: Duration) -> io::Result<Ran> {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.environment.variables()).env("LC_ALL", "C");
        // None gets what it is to use through a pipe: the end of a pipe whose writer was killed looks like the end of the text.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let until = Instant::now() + most;
        let (stdout, stderr) = (read_aside(child.stdout.take()), read_aside(child.stderr.take()));
        let left = || until.saturating_duration_since(Instant::now());
        let output =
            stdout.recv_timeout(left()).and_then(|stdout| Ok((stdout, stderr.recv_timeout(left())?)));
        let ended = match &output {
            Ok((stdout, _)) if stdout.len() as u64 > MAX_BYTES => None,
            Ok(_) => wait(&mut child, until)?,
            Err(_) => None,
        };
        let (Ok((stdout, stderr)), Some(status)) = (output, ended) else {
            // Its own children may hold the pipes: the threads that read them are left behind.
            let _ = child.kill();
            let _ = child.wait();
            let says = format!("it hung for {} seconds, or wrote without end", most.as_secs());
            return Ok(Ran { says, ..Ran::default() });
        };
        let errors = String::from_utf8_lossy(&stderr).into_owned();
        let says = errors.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
        Ok(Ran { is_done: status.success(), stdout, says })
    }
}

/// Returns the error of a program that did not do what it was run for.
pub(super) fn cannot_run(words: &[impl AsRef<OsStr>], ran: &Ran) -> Error {
    let says = if ran.says.is_empty() { "it failed and did not say why" } else { &*ran.says };
    let words: Vec<_> = words.iter().map(|word| word.as_ref().to_string_lossy()).collect();
    Error::new(Kind::Config, format!("cannot run {}: {says}", words.join(" ")))
        .with_hint("mend that and run sessionkeep setup again; nothing is lost meanwhile")
}

/// Reads a pipe to its end, or to one byte more than is taken in, on a thread of its own.
fn read_aside(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.map(|pipe| pipe.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        let _ = sender.send(bytes);
    });
    receiver
}

/// Waits for a program that has closed its output; `None` if it has not ended by then.
fn wait(child: &mut Child, until: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        let ended = child.try_wait()?;
        if ended.is_some() || Instant::now() >= until {
            return Ok(ended);
        }
        thread::sleep(PAUSE);
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Returns what comes of a shell's commands.
    fn ran(script: &str, most: Duration) -> Ran {
        let environment = Environment::new([("PATH".into(), "/usr/bin:/bin".into())]);
        let words = ["sh", "-c", script].map(str::to_owned);
        Commands::new(&environment).run_for(most, &words)
    }

    #[test]
    fn a_program_that_hangs_or_writes_without_end_is_not_waited_for_and_nothing_of_it_is_used() {
        for (script, most) in [
            ("echo half; exec sleep 1000", Duration::from_millis(300)),
            // What it starts holds its output open.
            ("echo half; sleep 5", Duration::from_millis(300)),
            ("exec >&- 2>&-; exec sleep 1000", Duration::from_millis(300)),
            ("while :; do echo 0123456789012345678901234567890123456789; done", Duration::from_secs(100)),
        ] {
            let ran = ran(script, most);
            assert!(!ran.is_done && ran.stdout.is_empty() && ran.says.contains("hung"), "{script}: {ran:?}");
        }
    }

    #[test]
    fn a_program_that_ends_is_heard_to_its_end() {
        let most = Duration::from_secs(100);
        let done = ran("head -c 1048576 /dev/zero; echo no use >&2", most);
        assert!(done.is_done && done.stdout == vec![0; 1 << 20] && done.says == "no use");
        // It does not wait for input that never comes.
        assert!(ran("cat", most).is_done);
        let failed = ran("echo so; echo >&2; echo ' why ' >&2; exit 3", most);
        assert!(!failed.is_done && failed.stdout == b"so\n" && failed.says == "why", "{failed:?}");
    }
}
