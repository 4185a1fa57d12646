//! A home directory of its own for each test, with agents' sessions in it, and the program run in it.

use crate::needs::{OTHER_USER, is_root};
pub use crate::texts::*;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

/// The program's path.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_sessionkeep");

/// A fresh home directory; removed when dropped.
pub struct Home {
    directory: tempfile::TempDir,
}

/// What a run of the program did.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    pub fn new() -> Home {
        Home { directory: tempfile::tempdir().unwrap() }
    }

    /// Returns a home with the default store that `import` makes of a session [`ID`] of 40 lines and one part of it.
    pub fn archived() -> Home {
        let home = Home::new();
        home.claude_session(ID, &lines(ID, 40));
        let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
        home.write(&part, user(ID, 1, "by a subagent"));
        home.run(&["import"]).exits(0);
        home
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    /// Returns the default store.
    pub fn store(&self) -> PathBuf {
        self.path(".sessionkeep/sessions")
    }

    /// Returns a command of the program with nothing of this process's environment that could change what it does.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command_of(PROGRAM.as_ref());
        command.args(arguments);
        command
    }

    /// Returns a command of the program under strace, with these arguments of strace's own; threads and children are
    /// traced, too.
    pub fn traced(&self, strace: &[&str], arguments: &[&str]) -> Command {
        let mut command = self.command_of("strace".as_ref());
        command.args(["-f", "-qq"]).args(strace).arg(PROGRAM).args(arguments);
        command
    }

    /// Returns a command of the program as another user runs it; only root can. The program is copied to this home, as
    /// the directory that it was built in may be closed to others.
    #[cfg(unix)]
    pub fn command_as(&self, user: u32, arguments: &[&str]) -> Command {
        use std::os::unix::process::CommandExt;
        let program = self.path("program");
        // By another process: a file that this one has open for writing is also open in whatever another test starts
        // meanwhile, and cannot be run until that has begun.
        assert!(Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap().success());
        let mut command = self.command_of(&program);
        command.args(arguments).uid(user).gid(user);
        command
    }

    /// Returns a command of the program that is not run as root, who reads everything: where root runs the tests, another
    /// user is given all that this home holds, and runs it.
    #[cfg(unix)]
    pub fn command_of_no_root(&self, arguments: &[&str]) -> Command {
        if !is_root() {
            return self.command(arguments);
        }
        let command = self.command_as(OTHER_USER, arguments);
        for entry in walkdir::WalkDir::new(self.path("")).into_iter().flatten() {
            std::os::unix::fs::lchown(entry.path(), Some(OTHER_USER), Some(OTHER_USER)).unwrap();
        }
        command
    }

    pub fn command_of(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.directory.path()).env("TZ", "UTC");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs the program with `input` on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            // The program may refuse before it has read everything.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Run::of(output)
    }

    /// Writes a file below the home directory, and says that it was last written to two hours ago.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        set_age(&path, Duration::from_secs(7200));
        path
    }

    /// Writes a Claude Code session; returns its path.
    pub fn claude_session(&self, id: &str, lines: &[String]) -> PathBuf {
        self.write(&format!(".claude/projects/-home-me-my-project/{id}.jsonl"), lines.concat())
    }

    /// Returns the metadata of the sessions that `list --json` shows, with these arguments more.
    #[track_caller]
    pub fn listed(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        let run = self.run(&[&["list", "--json"], arguments].concat()).exits(0);
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// Returns the archives of the default store, relative to it, sorted.
    pub fn archives(&self) -> Vec<String> {
        files_below(&self.store())
            .into_iter()
            .map(|path| path.strip_prefix(self.store()).unwrap().to_string_lossy().into_owned())
            .filter(|path| path.ends_with(".gz"))
            .collect()
    }

    /// Returns the text of an archive of the default store.
    pub fn text(&self, archive: &str) -> Vec<u8> {
        gunzip(&self.store().join(archive))
    }

    /// Returns the sidecar of an archive of the default store.
    pub fn sidecar(&self, archive: &str) -> serde_json::Value {
        let path = self.store().join(archive.replace(".jsonl.gz", ".meta.json"));
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }
}

impl Run {
    pub fn of(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts the exit code, showing what was printed if it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }
}

/// Returns all regular files below a directory, sorted; none if it does not exist.
pub fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(directory)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.into_path())
        .collect();
    files.sort();
    files
}

/// Reads a gzip file with a reader that is not ours.
pub fn gunzip(path: &Path) -> Vec<u8> {
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut text).unwrap();
    text
}

/// Writes text behind what a file holds.
pub fn append(path: &Path, text: &str) {
    fs::File::options().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// Sets a file's modification time to `age` ago.
pub fn set_age(path: &Path, age: Duration) {
    fs::File::options().append(true).open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
}
