//! What can happen to a run: signals, closed streams, strange clocks, a configuration that cannot be read.

use crate::checks::*;
use crate::home::*;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

#[test]
fn a_signal_ends_the_run_early_and_keeps_what_is_finished() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let home = Home::new();
        let mut texts = Vec::new();
        for number in 0..24 {
            let long: Vec<String> =
                (0..1500).map(|line| user(&id(number), line % 600, &format!("{line} ").repeat(60))).collect();
            home.claude_session(&id(number), &long);
            texts.push(long.concat().into_bytes());
        }
        let mut command = home.command(&["import", "--threads", "1"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(150));
        assert!(
            Command::new("kill")
                .args([&format!("-{signal}"), &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
        let _ = child.wait();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(0) {
            assert_eq!((output.status.code(), output.status.signal()), (Some(code), None), "{stderr}");
            assert!(stderr.contains("what is archived is kept"), "{stderr}");
        }
        let held = check_store(&home.store());
        assert_eq!(
            held.len(),
            String::from_utf8_lossy(&output.stdout).lines().count(),
            "what is kept is what was said"
        );
        assert!(files_below(&home.store()).iter().all(|path| !path.to_string_lossy().contains(".tmp-")));
        home.run(&["import"]).exits(0);
        check_holds(&home.store(), &texts);
    }
}

#[test]
fn closed_streams_stop_nothing() {
    let home = Home::new();
    home.claude_session(&id(1), &lines(&id(1), 2));
    let shell = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_sessionkeep")]).env("HOME", home.path(""));
        command.output().unwrap().status.code()
    };
    assert!(shell("exec \"$0\" import >&-").is_some_and(|code| code <= 1));
    assert_eq!(check_store(&home.store()).len(), 1, "archived whoever listens");
    home.claude_session(&id(2), &lines(&id(2), 2));
    assert!(shell("exec \"$0\" import 2>&- <&-").is_some_and(|code| code <= 1));
    home.claude_session(&id(3), &lines(&id(3), 2));
    assert!(shell("exec \"$0\" import >/dev/full").is_some_and(|code| code <= 1));
    home.claude_session(&id(4), &lines(&id(4), 2));
    assert!(shell("exec \"$0\" import 0<&- 1>&- 2>&-").is_some_and(|code| code <= 1));
    assert_eq!(check_store(&home.store()).len(), 4);
    assert!(shell("exec \"$0\" list >&-").is_some_and(|code| code <= 1));
}

#[test]
fn a_fifo_or_a_directory_as_configuration_is_an_error_and_not_a_wait() {
    let home = Home::new();
    home.claude_session(&id(1), &lines(&id(1), 2));
    fs::create_dir_all(home.path(".sessionkeep")).unwrap();
    let config = home.path(".sessionkeep/config.json");
    assert!(Command::new("mkfifo").arg(&config).status().unwrap().success());
    let run = home.run(&["import"]).exits(2);
    assert!(run.stderr.contains("config.json"), "{run:?}");
    fs::remove_file(&config).unwrap();
    fs::create_dir(&config).unwrap();
    home.run(&["import"]).exits(2);
    assert_eq!(home.archives().len(), 0, "nothing is archived with rules that cannot be read");
    let payload = serde_json::json!({"session_id": id(1), "transcript_path": home.path(".claude/projects/-home-me-my-project").join(format!("{}.jsonl", id(1)))});
    let run = home.run_with_input(&["hook", "--wait"], payload.to_string().as_bytes());
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert_eq!(home.archives().len(), 1, "a hook has the built-in rules: {run:?}");
}

#[test]
fn an_edit_that_keeps_the_modification_time_is_seen() {
    let home = Home::new();
    let path = home.claude_session(&id(1), &lines(&id(1), 3));
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    home.run(&["import"]).exits(0);
    settle_sources(&home);
    let mut edited = lines(&id(1), 3).concat();
    edited = edited.replace("line 1", "lime 1");
    fs::write(&path, &edited).unwrap();
    fs::File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
    home.run(&["import"]).exits(0);
    let held = check_store(&home.store());
    assert_eq!(held.len(), 2);
    assert!(held.iter().any(|(_, text)| text == edited.as_bytes()));
}

#[test]
fn a_clock_that_was_ahead_and_times_in_the_future_hide_no_growth() {
    let home = Home::new();
    let path = home.claude_session(&id(1), &lines(&id(1), 3));
    let future = SystemTime::now() + Duration::from_secs(400 * 86_400);
    fs::File::options().append(true).open(&path).unwrap().set_modified(future).unwrap();
    home.run(&["import"]).exits(0);
    assert_eq!(check_store(&home.store()).len(), 1);
    // As if the last run's clock had been years ahead.
    let catalog = rusqlite::Connection::open(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    catalog.execute("UPDATE source SET observed_at_ns = observed_at_ns + 300000000000000000", []).unwrap();
    drop(catalog);
    fs::write(&path, lines(&id(1), 5).concat()).unwrap();
    fs::File::options().append(true).open(&path).unwrap().set_modified(future).unwrap();
    home.run(&["import"]).exits(0);
    check_holds(&home.store(), &[lines(&id(1), 5).concat().into_bytes()]);
    let run = home.run(&["import", "--min-age", "5"]).exits(0);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
}

#[test]
fn a_hook_never_fails_whatever_it_is_given() {
    let home = Home::new();
    home.claude_session(&id(1), &lines(&id(1), 2));
    let payloads: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"\0\xff\xfe".to_vec(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"{\"transcript_path\": 5, \"session_id\": {}}".to_vec(),
        "[".repeat(100_000).into_bytes(),
        vec![b'x'; 5 << 20],
        b"{\"transcript_path\": \"/etc/passwd\"}".to_vec(),
        b"{\"transcript_path\": \"/dev/zero\", \"session_id\": \"a\"}".to_vec(),
        b"{\"session_id\": \"../../../../etc/passwd\"}".to_vec(),
    ];
    for payload in payloads {
        let run = home.run_with_input(&["hook", "--wait"], &payload);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
        assert_eq!(live_characters(&run.stderr), []);
    }
    assert_eq!(home.archives().len(), 0);
    for (variable, value) in
        [("HOME", "/nonexistent"), ("SESSIONKEEP_DIR", "/proc/nope"), ("SESSIONKEEP_DIR", "/dev/null")]
    {
        let mut command = home.command(&["hook"]);
        command.env(variable, value).stdin(Stdio::null());
        let output = command.output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0), "{output:?}");
    }
    // Standard input that nobody ever writes to or closes.
    let mut child = home
        .command(&["hook"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let input = child.stdin.take();
    let started = std::time::Instant::now();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    drop(input);
}
