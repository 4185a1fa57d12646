//! What is left as it is, and named: files in use, young ones, those with several names; and that nothing that is added
//! meanwhile is lost.

use super::in_place::{DATABASE, holds_secret, open_code};
use crate::home::*;
use crate::needs::can_trace;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn secret(home: &Home) -> PathBuf {
    let mut lines = lines(ID, 5);
    lines[3] = user(ID, 3, &format!("push with {}", github_token(1)));
    home.claude_session(ID, &lines)
}

const MASK: [&str; 3] = ["redact", "--in-place", "--yes"];

#[test]
fn a_file_that_a_process_has_open_is_left_alone_and_the_process_is_named() {
    let home = Home::new();
    let path = secret(&home);
    let file = File::open(&path).unwrap();
    let mut child = Command::new("sleep").arg("60").stdin(Stdio::from(file)).spawn().unwrap();
    let run = home.run(&MASK).exits(3);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(run.stdout.contains(&format!("open in process {}", child.id())), "{run:?}");
    assert!(holds_secret(&fs::read(&path).unwrap()));
    home.run(&MASK).exits(0);
    assert!(!holds_secret(&fs::read(&path).unwrap()));
}

#[test]
fn a_database_that_is_in_use_is_left_alone() {
    let home = Home::new();
    open_code(&home, "DELETE");
    let held = File::open(home.path(DATABASE)).unwrap();
    let run = home.run(&MASK).exits(3);
    drop(held);
    assert!(run.stdout.contains("open in process"), "{run:?}");
    assert!(holds_secret(&fs::read(home.path(DATABASE)).unwrap()));
}

#[test]
fn what_was_written_a_short_time_ago_is_left_alone() {
    let home = Home::new();
    let path = secret(&home);
    set_age(&path, Duration::from_secs(20 * 60));
    let run = home.run(&MASK).exits(0);
    assert!(run.stderr.contains("left 1 file alone, modified a short time ago"), "{run:?}");
    home.run(&["redact", "--in-place", "--yes", path.to_str().unwrap()]).exits(3);
    assert!(holds_secret(&fs::read(&path).unwrap()));
    home.run(&["redact", "--in-place", "--yes", "--min-age", "10"]).exits(0);
    assert!(!holds_secret(&fs::read(&path).unwrap()));
}

#[test]
fn a_file_with_two_names_is_left_alone_and_a_link_stays_one() {
    let home = Home::new();
    let path = secret(&home);
    fs::hard_link(&path, home.path("another-name")).unwrap();
    let run = home.run(&MASK).exits(3);
    assert!(run.stdout.contains("it has 2 names"), "{run:?}");
    assert!(holds_secret(&fs::read(&path).unwrap()));
    fs::remove_file(home.path("another-name")).unwrap();
    let elsewhere = home.path("elsewhere");
    fs::rename(home.path(".claude/projects/-home-me-my-project"), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, home.path(".claude/projects/-home-me-my-project")).unwrap();
    home.run(&MASK).exits(0);
    assert!(home.path(".claude/projects/-home-me-my-project").is_symlink());
    assert!(!holds_secret(&fs::read(elsewhere.join(format!("{ID}.jsonl"))).unwrap()));
    let link = home.path("link.jsonl");
    let target = home.write("target.jsonl", user(ID, 1, &format!("push with {}", github_token(2))));
    std::os::unix::fs::symlink(&target, &link).unwrap();
    home.run(&["redact", "--in-place", "--yes", "link.jsonl"]).exits(0);
    assert!(link.is_symlink() && !holds_secret(&fs::read(&target).unwrap()));
}

#[test]
fn what_cannot_be_archived_is_not_masked() {
    let home = Home::new();
    let path = secret(&home);
    // Where the store is to be, there is a file.
    home.write("store", "");
    let run = home.run(&["redact", "--in-place", "--yes", "--out", "store"]);
    assert_ne!(run.code, 0, "{run:?}");
    assert!(holds_secret(&fs::read(&path).unwrap()));
}

/// Returns whether something below the home has the name of a temporary file.
fn has_temporary(home: &Home) -> bool {
    files_below(&home.path(".claude")).iter().any(|path| path.to_string_lossy().contains("/.tmp-"))
}

#[test]
fn what_is_added_at_any_moment_is_not_lost() {
    if !can_trace() {
        return;
    }
    // Just before the file is looked at for the last time, and just before the new one takes its name.
    for call in ["fchmod", "rename"] {
        let home = Home::new();
        let path = secret(&home);
        home.run(&["import"]).exits(0);
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:delay_enter=1500000"));
        let mut command = home.traced(&["-o", "/dev/null", "-e", &trace, "-e", &inject], &MASK);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let started = Instant::now();
        while !has_temporary(&home) && started.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(300));
        let added = user(ID, 30, &format!("added with {}", github_token(2)));
        append(&path, &added);
        let status = child.wait().unwrap();
        assert!(matches!(status.code(), Some(0 | 3)), "{call}: {status}");
        let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        assert_eq!(text.lines().count(), 6, "{call}: {text}");
        assert!(text.lines().last().unwrap().contains("added with"), "{call}");
        assert!(!has_temporary(&home));
        home.run(&["redact", "--in-place", "--yes", "--min-age", "0"]).exits(0);
        assert!(!holds_secret(&fs::read(&path).unwrap()), "{call}");
        assert_eq!(home.archives(), [NAME], "{call}");
        assert_eq!(home.sidecar(NAME)["line_count"], 6, "{call}");
    }
}
