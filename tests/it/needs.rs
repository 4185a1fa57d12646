//! What some tests need of the machine that they run on: tracing, root, mounts, other programs.
//!
//! A test that cannot run says so and passes, so that whoever lacks a tool can work. Where the environment variable `CI`
//! is set it fails: there nobody reads what was skipped.

use crate::home::*;
use std::process::{Command, Output};
use std::sync::LazyLock;

/// A user that no machine has.
pub const OTHER_USER: u32 = 54_321;

/// Says on stderr that a test, or the rest of it, cannot run here, and why; fails it where `CI` is set.
#[track_caller]
pub fn skip(why: &str) {
    let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!is_ci, "CI is set, and this test cannot run: {why}");
    eprintln!("skipped: {why}");
}

/// Returns whether programs can be run under strace; if not, the test is skipped.
#[track_caller]
pub fn can_trace() -> bool {
    static CAN_TRACE: LazyLock<bool> = LazyLock::new(|| {
        let mut probe = Command::new("strace");
        probe
            .args(["-f", "-qq", "-o", "/dev/null", "true"])
            .output()
            .is_ok_and(|output| output.status.success())
    });
    if !*CAN_TRACE {
        skip("strace is not installed here or may not trace");
    }
    *CAN_TRACE
}

/// Returns whether a program is there to be run; if not, the test is skipped.
#[track_caller]
pub fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has_program = std::env::split_paths(&path).any(|directory| directory.join(name).is_file());
    if !has_program {
        skip(&format!("there is no `{name}` here"));
    }
    has_program
}

/// Returns whether this process is root, who reads everything.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Returns whether files can be given to other users; if not, the test is skipped.
#[track_caller]
pub fn can_give_files_away() -> bool {
    if !is_root() {
        skip("only root can give files to others");
    }
    is_root()
}

/// Runs a shell script with mounts of its own, as root there; `None` if that is forbidden here, and the test is skipped.
/// In the script `$0` is the program.
#[track_caller]
pub fn run_with_mounts(home: &Home, script: &str) -> Option<Output> {
    for flags in ["-m", "-rm"] {
        let probe = Command::new("unshare").args([flags, "mount", "-t", "tmpfs", "none", "/mnt"]).output();
        if probe.is_ok_and(|output| output.status.success()) {
            let mut command = Command::new("unshare");
            command.args([flags, "sh", "-c", script, PROGRAM]);
            return Some(command.env("HOME", home.path("")).current_dir(home.path("")).output().unwrap());
        }
    }
    skip("mounting is not allowed here");
    None
}
