//! System calls that fail: the right message and exit code, and the same command completes the work afterwards.

use crate::checks::*;
use crate::home::*;
use crate::needs::*;
use std::process::{Command, Stdio};

/// Imports twelve sessions while strace makes calls fail as `injects` (several, with spaces between) say; returns exit code and messages, after
/// checking that what there is is whole and that the same command, undisturbed, does the rest.
fn import_with(injects: &str) -> Option<(i32, String)> {
    if !can_trace() {
        return None;
    }
    let home = Home::new();
    let mut texts = Vec::new();
    for number in 0..12 {
        let path = home.claude_session(&id(number), &lines(&id(number), 4));
        texts.push(std::fs::read(path).unwrap());
    }
    let before = files_below(&home.path(".claude"));
    let calls: Vec<&str> = injects.split(' ').map(|inject| inject.split(':').next().unwrap()).collect();
    let mut strace =
        vec!["-o".to_owned(), "/dev/null".into(), "-e".into(), format!("trace={}", calls.join(","))];
    for inject in injects.split(' ') {
        strace.extend(["-e".into(), format!("inject={inject}")]);
    }
    let inject = injects;
    let strace: Vec<&str> = strace.iter().map(String::as_str).collect();
    let output = home.traced(&strace, &["import", "--threads", "2"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!stderr.contains("internal error"), "{inject}: {stderr}");
    let code = output.status.code().unwrap_or_else(|| panic!("{inject}: {:?} {stderr}", output.status));
    let claimed = String::from_utf8_lossy(&output.stdout).lines().count();
    assert!(check_store(&home.store()).len() >= claimed, "{inject}: what was reported is there");
    assert_eq!(files_below(&home.path(".claude")), before);
    let run = home.run(&["import"]);
    assert_eq!(run.code, 0, "after {inject}: {run:?}");
    check_holds(&home.store(), &texts);
    Some((code, stderr))
}

#[track_caller]
fn fails(inject: &str, code: i32, reason: &str) {
    let Some((actual, stderr)) = import_with(inject) else { return };
    assert_eq!(actual, code, "{inject}: {stderr}");
    assert!(stderr.contains(reason), "{inject}: {stderr}");
    let messages = stderr.lines().filter(|line| line.starts_with("sessionkeep: ")).count();
    assert_eq!(messages, 1, "{inject}: one message: {stderr}");
}

#[test]
fn a_failed_flush_is_fatal_and_nothing_is_reported_as_archived() {
    fails("syncfs:error=EIO", 1, "Input/output error");
    fails("fsync:error=EIO", 1, "Input/output error");
}

#[test]
fn what_one_failed_flush_hit_is_written_again_in_the_same_run() {
    if !can_trace() {
        return;
    }
    let home = Home::new();
    let mut texts = Vec::new();
    for number in 0..100 {
        let path = home.claude_session(&id(number), &lines(&id(number), 4));
        texts.push(std::fs::read(path).unwrap());
    }
    home.run(&["import", "--codex"]).exits(0);
    // So few open files that there are many groups, each of which is flushed at once. The calls of each thread are
    // counted: of those that flush, the first one of a run, which fails in the middle, and the one for the rest, which
    // has no second group.
    let script = "ulimit -n 86; exec strace -f -qq -o log -e trace=syncfs -e inject=syncfs:error=EIO:when=2 \
        \"$0\" import --threads 2";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_sessionkeep")]).current_dir(home.path(""));
    command.env_clear().env("HOME", home.path("")).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let log = std::fs::read_to_string(home.path("log")).unwrap();
    assert_eq!(log.matches("INJECTED").count(), 1, "{log}");
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let warning = "Input/output error (os error 5); what that hit was written again";
    assert!(stderr.contains(warning), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 100, "each is said once");
    check_holds(&home.store(), &texts);
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 0"), "{run:?}");
}

#[test]
fn a_disk_that_fills_up_at_any_write_is_one_message() {
    fails("pwrite64:error=ENOSPC", 1, "No space left on device");
    for when in [3, 6, 9, 12, 20] {
        if let Some((code, stderr)) = import_with(&format!("pwrite64:error=ENOSPC:when={when}+")) {
            assert!(code <= 1, "{when}: {stderr}");
            assert!(code == 0 || stderr.contains("No space left on device"), "{when}: {stderr}");
        }
    }
    if let Some((code, stderr)) = import_with("pwrite64:error=EDQUOT:when=4+") {
        assert!(code <= 1, "{stderr}");
    }
}

#[test]
fn file_systems_without_modern_calls_are_worked_around() {
    for inject in [
        "renameat2:error=EINVAL",
        "renameat2:error=ENOSYS",
        "renameat2:error=EPERM",
        // Names for unnamed files: no hard links, no /proc, a file system or a sandbox that knows no such call.
        "linkat:error=EPERM",
        "linkat:error=ENOENT",
        "linkat:error=EOPNOTSUPP",
        "linkat:error=ENOSYS",
        "linkat:error=EACCES",
        "linkat:error=EPERM:when=2",
        "linkat:error=EPERM renameat2:error=EINVAL",
        "linkat:error=ENOENT renameat2:error=ENOSYS copy_file_range:error=EXDEV",
        "linkat:error=EOPNOTSUPP syncfs:error=EINTR:when=1",
        "copy_file_range:error=EXDEV",
        "fdatasync:error=EIO:when=1",
        // No locks, or a signal while one is waited for.
        "flock:error=EOPNOTSUPP",
        "flock:error=ENOSYS",
        "flock:error=EINTR:when=1",
    ] {
        if let Some((code, stderr)) = import_with(inject) {
            assert_eq!(code, 0, "{inject}: {stderr}");
        }
    }
}

#[test]
fn a_name_that_cannot_be_given_is_one_message() {
    fails("linkat:error=EPERM renameat2:error=EIO", 1, "Input/output error");
    fails("linkat:error=EXDEV", 1, "Invalid cross-device link");
    fails("mkdirat:error=EACCES", 1, "Permission denied");
    fails("renameat2:error=EXDEV", 1, "Invalid cross-device link");
}

#[test]
fn running_out_of_files_or_failing_to_list_is_said_and_made_up_for() {
    for inject in [
        "openat:error=EMFILE:when=30",
        "openat:error=EMFILE:when=50",
        "openat:error=EMFILE:when=55+3",
        "openat:error=EINTR:when=40+7",
        "getdents64:error=EIO:when=1",
        "getdents64:error=EIO:when=3",
        "getdents64:error=EIO:when=5",
        "pread64:error=EIO:when=12",
        "pread64:error=EIO:when=20",
        "flock:error=ENOLCK:when=2",
    ] {
        if let Some((code, stderr)) = import_with(inject) {
            assert!([0, 1, 3].contains(&code), "{inject}: {code} {stderr}");
            assert!(code == 0 || stderr.contains("(os error "), "{inject}: {stderr}");
        }
    }
}

#[test]
fn locks_that_there_are_and_that_fail_are_not_done_without() {
    fails("flock:error=ENOLCK", 1, "No locks available");
}

#[test]
fn short_and_interrupted_writes_are_continued() {
    for inject in ["pwrite64:error=EINTR:when=2+5", "read:error=EINTR:when=12+4", "syncfs:error=EINTR:when=1"]
    {
        if let Some((code, stderr)) = import_with(inject) {
            assert!(code <= 1, "{inject}: {stderr}");
        }
    }
}

#[test]
fn unnamed_files_that_a_file_system_does_not_know_are_done_without() {
    if !can_trace() {
        return;
    }
    for error in ["EOPNOTSUPP", "EISDIR", "EINVAL"] {
        let home = Home::new();
        let mut texts = Vec::new();
        for number in 0..20 {
            let path = home.claude_session(&id(number), &lines(&id(number), 4));
            texts.push(std::fs::read(path).unwrap());
        }
        home.run(&["import"]).exits(0);
        let month = home.store().join("2026/06");
        std::fs::remove_dir_all(home.store().join(".sessionkeep")).unwrap();
        std::fs::remove_dir_all(&month).unwrap();
        std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700)
            .create(&month)
            .unwrap();
        let log = home.path("log");
        // Every other opening in the month's directory: a worker asks for an unnamed file, then makes a named one.
        let inject = format!("inject=openat:error={error}:when=1+2");
        let (log_name, month_name) = (log.to_str().unwrap(), month.to_str().unwrap());
        let strace = ["-e", "trace=openat", "-o", log_name, "-P", month_name, "-e", &inject];
        let output = home.traced(&strace, &["import", "--threads", "2"]).output().unwrap();
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.contains("O_TMPFILE") && log.contains("INJECTED"), "{log}");
        assert!(output.status.success(), "{error}: {}", String::from_utf8_lossy(&output.stderr));
        check_holds(&home.store(), &texts);
    }
}

#[test]
fn without_proc_files_have_names_from_the_start() {
    let home = Home::new();
    let path = home.claude_session(&id(1), &lines(&id(1), 4));
    let script =
        "mount -t tmpfs none /proc && \"$0\" import --threads 1; echo $?; find .sessionkeep -name '.tmp-*'";
    let Some(output) = run_with_mounts(&home, script) else { return };
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(stdout.ends_with("\n0\n"), "{output:?}");
    check_holds(&home.store(), &[std::fs::read(path).unwrap()]);
}

#[test]
fn a_file_that_a_network_server_forgot_is_opened_again() {
    for inject in
        ["pread64:error=ESTALE:when=12", "pread64:error=ESTALE:when=13", "openat:error=ESTALE:when=8"]
    {
        if let Some((code, stderr)) = import_with(inject) {
            assert!([0, 1, 3].contains(&code), "{inject}: {code} {stderr}");
            assert!(code == 0 || stderr.contains("(os error 116)"), "{inject}: {stderr}");
        }
    }
}
