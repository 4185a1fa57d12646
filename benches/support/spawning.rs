//! Starts a program and waits until it ends.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs `program` once with `input` on its standard input, in an environment of `home` alone; nothing that it says is
/// kept.
pub fn spawn(program: &Path, arguments: &[String], input: &[u8], home: &Path) {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("HOME", home).current_dir(home);
    command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program can be started");
    if let Some(mut stdin) = child.stdin.take() {
        // A program that reads nothing closes the pipe.
        let _ = stdin.write_all(input);
    }
    child.wait().expect("the program is our child");
}

/// Writes a small Claude Code session below `home`; returns the payload of the hook that names it.
pub fn session_and_payload(home: &Path) -> Vec<u8> {
    let id = "a1b2c3d4-0000-4000-8000-000000000001";
    let path = home.join(format!(".claude/projects/-home-me/{id}.jsonl"));
    std::fs::create_dir_all(path.parent().expect("it has one")).expect("there is room");
    let line = format!(
        "{{\"cwd\":\"/home/me\",\"sessionId\":\"{id}\",\"type\":\"user\",\"message\":{{\"role\":\"user\",\
         \"content\":\"hello\"}},\"timestamp\":\"2026-06-05T14:30:00.000Z\"}}\n"
    );
    std::fs::write(&path, line).expect("there is room");
    serde_json::json!({"session_id": id, "transcript_path": path, "cwd": "/home/me",
        "hook_event_name": "SessionEnd", "reason": "other"})
    .to_string()
    .into_bytes()
}
