//! A home directory of its own for each test, with agents' sessions in it, and the program run in it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

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

    pub fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    /// Returns the default store.
    pub fn store(&self) -> PathBuf {
        self.path(".sessionkeep/sessions")
    }

    /// Returns a command of the program with nothing of this process's environment that could change what it does.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sessionkeep"));
        command.args(arguments).env_clear().env("HOME", self.directory.path()).env("TZ", "UTC");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs the program with `input` on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Run {
        use std::io::Write;
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
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

/// Sets a file's modification time to `age` ago.
pub fn set_age(path: &Path, age: Duration) {
    fs::File::options().append(true).open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

/// Returns a Claude Code user record that says `text`.
pub fn user(session: &str, second: u32, text: &str) -> String {
    let record = serde_json::json!({
        "parentUuid": null, "isSidechain": false, "userType": "external", "cwd": "/home/me/my-project",
        "sessionId": session, "version": "2.1.330", "gitBranch": "main", "type": "user",
        "message": {"role": "user", "content": text},
        "uuid": format!("00000000-0000-4000-8000-{second:012}"),
        "timestamp": format!("2026-06-05T14:{:02}:{:02}.000Z", 30 + second / 60, second % 60),
    });
    format!("{record}\n")
}

/// Returns a token of GitHub's shape that never was one, made from pieces.
pub fn github_token(seed: u64) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut body = String::from("a1");
    while body.len() < 36 {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        body.push(alphabet[(state >> 33) as usize % alphabet.len()] as char);
    }
    ["gh", "p_", &body].concat()
}
