//! A setup that is killed, at any system call that changes something: settings are whole, and can be taken back.

use super::*;
use crate::needs::can_trace;
use std::os::unix::process::ExitStatusExt;

/// Calls that change a file or a name.
const CALLS: [&str; 9] =
    ["pwrite64", "write", "fsync", "renameat", "renameat2", "fchmod", "openat", "unlinkat", "mkdirat"];

/// Runs setup, killed at a system call; returns whether it was.
fn killed(home: &Home, arguments: &[&str], call: &str, when: u32) -> bool {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
    let strace = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
    let status = home.traced(&strace, &[&["setup"], arguments].concat()).output().unwrap().status;
    status.signal() == Some(9) || status.code() == Some(137)
}

#[test]
fn settings_are_whole_wherever_a_setup_is_killed() {
    if !can_trace() {
        return;
    }
    let arguments = ["--yes", "--no-schedule", "--no-import", "--agent", "claude-code"];
    let complete = {
        let home = home();
        home.run(&[&["setup"], &arguments[..]].concat()).exits(0);
        text(&home, ".claude/settings.json")
    };
    let mut kills = 0;
    for call in CALLS {
        // What opens files does so a hundred times before the first is written.
        let step = if call == "openat" { 7 } else { 1 };
        for when in (1..).step_by(step) {
            let home = home();
            if !killed(&home, &arguments, call, when) {
                break;
            }
            kills += 1;
            let left = text(&home, ".claude/settings.json");
            assert!(left == settings("\n") || left == complete, "{call} {when}: {left}");
            home.run(&[&["setup"], &arguments[..]].concat()).exits(0);
            assert_eq!(text(&home, ".claude/settings.json"), complete, "{call} {when}");
            let beside: Vec<PathBuf> = files_below(&home.path(".claude"));
            assert_eq!(beside, [home.path(".claude/settings.json")], "{call} {when}");
            home.run(&["setup", "--undo", "--no-schedule"]).exits(0);
            assert_eq!(text(&home, ".claude/settings.json"), settings("\n"), "{call} {when}");
        }
    }
    assert!(kills > 20, "{kills}");
}

#[test]
fn settings_are_whole_wherever_an_undo_is_killed() {
    if !can_trace() {
        return;
    }
    let mut kills = 0;
    for call in ["pwrite64", "fsync", "renameat", "unlinkat", "fchmod"] {
        for when in 1.. {
            let home = home();
            home.run(&["setup", "--yes", "--no-schedule", "--no-import", "--agent", "claude-code"]).exits(0);
            let complete = text(&home, ".claude/settings.json");
            if !killed(&home, &["--undo", "--no-schedule"], call, when) {
                break;
            }
            kills += 1;
            let left = text(&home, ".claude/settings.json");
            assert!(left == settings("\n") || left == complete, "{call} {when}: {left}");
            home.run(&["setup", "--undo", "--no-schedule"]).exits(0);
            assert_eq!(text(&home, ".claude/settings.json"), settings("\n"), "{call} {when}");
        }
    }
    assert!(kills > 3, "{kills}");
}
