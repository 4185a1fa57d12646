//! `hook`: never felt, never failing, and what it leaves is archived.

use crate::home::*;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn payload(home: &Home, event: &str) -> Vec<u8> {
    let path = home.path(&format!(".claude/projects/-home-me-my-project/{ID}.jsonl"));
    serde_json::json!({"session_id": ID, "transcript_path": path, "cwd": "/home/me/my-project",
        "hook_event_name": event, "reason": "other"})
    .to_string()
    .into_bytes()
}

fn session(home: &Home) {
    home.claude_session(ID, &[user(ID, 0, "hello"), user(ID, 1, &format!("use {}", github_token(3)))]);
}

/// Waits until the store holds so many archives, and its pending folder is empty.
fn wait_for_archives(home: &Home, count: usize) {
    let started = Instant::now();
    let pending = home.store().join(".sessionkeep/pending");
    while home.archives().len() < count || !files_below(&pending).is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{:?} {:?}",
            home.archives(),
            files_below(&pending)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_hook_returns_at_once_and_its_worker_archives() {
    let home = Home::new();
    session(&home);
    let run = home.run_with_input(&["hook"], &payload(&home, "SessionEnd")).exits(0);
    assert_eq!(run.stdout, "");
    wait_for_archives(&home, 1);
    assert_eq!(home.archives(), [NAME]);
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(text.contains("ghp_***MASKED***") && !text.contains(&github_token(3)), "{text}");
}

#[test]
fn wait_archives_in_the_foreground_and_says_so_on_stderr() {
    let home = Home::new();
    session(&home);
    let run = home.run_with_input(&["hook", "--wait"], &payload(&home, "Stop")).exits(0);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("[sessionkeep] archived 2 lines (1 masked) -> "), "{run:?}");
    assert_eq!(home.archives(), [NAME]);
}

#[test]
fn an_import_afterwards_has_nothing_left_to_do() {
    let home = Home::new();
    session(&home);
    home.run_with_input(&["hook", "--wait"], &payload(&home, "SessionEnd")).exits(0);
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("Claude Code: archived 0, skipped 1 already-archived"), "{run:?}");
}

#[test]
fn a_pipe_that_stays_open_does_not_hold_the_hook_up() {
    let home = Home::new();
    session(&home);
    let mut command = home.command(&["hook"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&payload(&home, "SessionEnd")).unwrap();
    let started = Instant::now();
    let status = child.wait().unwrap();
    // Generous, for a busy machine: the point is that it does not wait for the end of the input.
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(status.code(), Some(0));
    wait_for_archives(&home, 1);
    drop(stdin);
}

/// Returns a payload that begins with `first`, then repeats a message of so many bytes, and ends with `last`.
fn long_payload(first: &[u8], message_bytes: usize, last: &[u8]) -> Vec<u8> {
    let first = first.strip_suffix(b"}").unwrap_or(first);
    let message = "x".repeat(message_bytes);
    [first, b",\"last_assistant_message\":\"", message.as_bytes(), b"\"", last].concat()
}

#[test]
fn a_payload_of_many_megabytes_is_read_to_its_end_wherever_it_names_the_session() {
    for is_named_last in [false, true] {
        let home = Home::new();
        session(&home);
        let named = payload(&home, "Stop");
        let input = match is_named_last {
            false => long_payload(&named, 5 << 20, b"}"),
            true => {
                let last = [b",", &named[1..]].concat();
                long_payload(b"{\"stop_hook_active\":false}", 5 << 20, &last)
            }
        };
        let mut command = home.command(&["hook"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // The agent's own write must not fail either.
        stdin.write_all(&input).unwrap();
        drop(stdin);
        let run = Run::of(child.wait_with_output().unwrap()).exits(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
        wait_for_archives(&home, 1);
        assert_eq!(home.archives(), [NAME]);
    }
}

#[test]
fn a_payload_that_never_ends_leaves_its_marker_from_what_came_before_the_deadline() {
    let home = Home::new();
    session(&home);
    let mut command = home.command(&["hook"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&long_payload(&payload(&home, "Stop"), 100_000, b"")).unwrap();
    let run = Run::of(child.wait_with_output().unwrap()).exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    wait_for_archives(&home, 1);
    drop(stdin);
}

#[test]
fn rubbish_on_stdin_is_no_reason_to_fail() {
    let home = Home::new();
    let deep = "[".repeat(200_000);
    for input in [
        "",
        "{",
        "not json",
        "{}",
        "[]",
        "{\"session_id\":7}",
        "{\"transcript_path\":\"/etc/shadow\"}",
        &deep,
    ] {
        let run = home.run_with_input(&["hook"], input.as_bytes()).exits(0);
        assert_eq!(run.stdout, "", "{input:.40}");
    }
    assert!(home.archives().is_empty());
}

#[test]
fn a_marker_of_a_killed_worker_is_made_up_for_by_the_next_import() {
    let home = Home::new();
    // Outside of every agent's own directories, so that only the marker leads to it.
    let path = home.write(&format!("elsewhere/{ID}.jsonl"), [user(ID, 0, "hello")].concat());
    let marker = serde_json::json!({"session_id": ID, "transcript_path": path}).to_string();
    home.run(&["import"]).exits(0);
    let pending = home.store().join(".sessionkeep/pending");
    std::fs::write(pending.join("0123.json"), marker).unwrap();
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [NAME]);
    assert!(files_below(&pending).is_empty());
}

#[test]
fn a_broken_configuration_falls_back_to_the_built_in_rules_and_is_made_good_later() {
    let home = Home::new();
    let token = github_token(4);
    home.claude_session(ID, &[user(ID, 0, &format!("{token} and ACME-123456"))]);
    home.write(".sessionkeep/config.json", "{ this is no JSON");
    let run = home.run_with_input(&["hook", "--wait"], &payload(&home, "SessionEnd")).exits(0);
    assert!(run.stderr.contains("built-in rules"), "{run:?}");
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(!text.contains(&token) && text.contains("ACME-123456"), "{text}");
    home.run(&["import"]).exits(2);
    home.write(".sessionkeep/config.json", r#"{"mask_patterns": ["ACME-[0-9]{6}"]}"#);
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [NAME]);
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(!text.contains("ACME-123456"), "{text}");
}

#[test]
fn twenty_hooks_at_once_make_one_archive() {
    let home = Home::new();
    session(&home);
    let input = payload(&home, "SessionEnd");
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| home.run_with_input(&["hook"], &input).exits(0));
        }
    });
    wait_for_archives(&home, 1);
    assert_eq!(home.archives(), [NAME]);
}

/// Leaves a marker that no worker takes up; returns the marker's folder.
#[cfg(target_os = "linux")]
fn leave_marker(home: &Home) -> std::path::PathBuf {
    home.run_with_input(&["hook", "--wait"], b"{\"session_id\":\"none\"}");
    let private = home.store().join(".sessionkeep");
    let lock = std::fs::File::create(private.join("locks/worker")).unwrap();
    lock.lock().unwrap();
    home.run_with_input(&["hook", "--wait"], &payload(home, "SessionEnd")).exits(0);
    private.join("pending")
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_without_memory_leaves_its_marker_and_no_litter() {
    use crate::checks::*;
    for kilobytes in [12_000, 20_000, 30_000, 60_000, 120_000] {
        let home = Home::new();
        let text = [user(ID, 0, "hello")].concat();
        home.claude_session(ID, std::slice::from_ref(&text));
        let pending = leave_marker(&home);
        assert!(!files_below(&pending).is_empty() && home.archives().is_empty());
        // Memory runs out somewhere between the start and the work; what stops then, panics or is stopped, differs.
        let script = format!("ulimit -v {kilobytes}; exec \"$0\" hook --work");
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_sessionkeep")]).env("HOME", home.path(""));
        let output = command.output().unwrap();
        assert!(output.stdout.is_empty(), "{output:?}");
        let is_archived = !check_store(&home.store()).is_empty();
        assert!(is_archived || !files_below(&pending).is_empty(), "{kilobytes}: {output:?}");
        // The hook itself, as short of memory, fails no agent. With less the system cannot load a program of this size.
        let script = format!("ulimit -v {}; exec \"$0\" hook", kilobytes.max(48_000));
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_sessionkeep")]).env("HOME", home.path(""));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), &payload(&home, "Stop")).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && output.stdout.is_empty(), "{kilobytes}: {output:?}");
        home.run(&["import"]).exits(0);
        check_holds(&home.store(), &[text.into_bytes()]);
    }
}

#[test]
fn a_dry_run_shows_what_the_hook_would_archive_and_reads_no_other_file() {
    let home = Home::new();
    session(&home);
    let by_id = serde_json::json!({"session_id": ID, "hook_event_name": "SessionEnd"}).to_string();
    for payload in [payload(&home, "SessionEnd"), by_id.into_bytes()] {
        let run = home.run_with_input(&["hook", "--dry-run"], &payload).exits(0);
        assert!(run.stderr.contains("dry-run: 2 lines, 1 with secrets"), "{run:?}");
    }
    let other = home.write("notes.txt", "a line\n");
    let link = home.path("link.jsonl");
    std::os::unix::fs::symlink(home.path(&format!(".claude/projects/-home-me-my-project/{ID}.jsonl")), &link)
        .unwrap();
    for path in [other, link] {
        let payload = serde_json::json!({"session_id": ID, "transcript_path": path}).to_string();
        let run = home.run_with_input(&["hook", "--dry-run"], payload.as_bytes()).exits(0);
        assert!(!run.stderr.contains(" lines "), "{run:?}");
    }
    assert!(home.archives().is_empty());
}

#[test]
fn a_session_that_begins_has_those_archived_whose_end_no_hook_told() {
    let home = Home::new();
    // Ended unseen, and quiet since; and one that goes on beside it.
    home.claude_session(&id(1), &lines(&id(1), 3));
    let young = home.claude_session(&id(2), &lines(&id(2), 3));
    set_age(&young, Duration::from_secs(60));
    home.write(&format!(".codex/sessions/2026/01/02/rollout-2026-01-02T03-04-05-{}.jsonl", id(3)), "{}\n");
    let start = payload(&home, "SessionStart");
    let run = home.run_with_input(&["hook"], &start).exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    wait_for_archives(&home, 1);
    assert_eq!(home.archives().len(), 1, "{:?}", home.archives());
    assert_eq!(home.listed(&[])[0]["session_id"], id(1));
    // Nothing waits for a transcript that may never come.
    assert!(files_below(&home.store().join(".sessionkeep/pending")).is_empty());
    let run = home.run_with_input(&["hook", "--wait"], &start).exits(0);
    assert_eq!(run.stdout, "");
    assert_eq!(home.archives().len(), 1, "{:?}", home.archives());
}
