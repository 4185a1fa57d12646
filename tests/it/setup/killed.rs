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

#[test]
fn the_cron_table_is_whole_wherever_a_setup_or_its_undo_is_killed() {
    if !can_trace() {
        return;
    }
    const MINE: &str = "0 5 * * * backup\n";
    let arguments = ["--yes", "--no-import", "--no-hooks", "--agent", "claude-code"];
    let undo = ["--undo", "--yes"];
    let begun = |is_undo: bool| {
        let home = home();
        schedule::fake_crontab(&home);
        home.write("table", MINE);
        // Nothing of the settings is changed, so that the first write is the table's.
        home.write(".claude/settings.json", "{\"cleanupPeriodDays\": 99999}");
        if is_undo {
            setup(&home, &arguments).exits(0);
        }
        home
    };
    let mut kills = 0;
    for is_undo in [false, true] {
        let killed = if is_undo { &undo[..] } else { &arguments[..] };
        for call in ["write", "pwrite64", "fsync", "renameat", "unlinkat", "mkdirat"] {
            for when in 1.. {
                let home = begun(is_undo);
                let (trace, inject) =
                    (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
                let path = format!("PATH={}", home.path("bin").display());
                let strace = ["-o", "/dev/null", "-E", &path, "-e", &trace, "-e", &inject];
                let run = home.traced(&strace, &[&["setup"], killed].concat()).output().unwrap();
                let is_killed = run.status.signal() == Some(9) || run.status.code() == Some(137);
                let left = text(&home, "table");
                assert!(left.starts_with(MINE), "{is_undo} {call} {when}: {left:?}");
                assert!(left == MINE || left.ends_with('\n'), "{is_undo} {call} {when}: {left:?}");
                if !is_undo {
                    setup(&home, &arguments).exits(0);
                    assert!(text(&home, "table").contains("import --min-age"), "{call} {when}");
                }
                setup(&home, &undo).exits(0);
                assert_eq!(text(&home, "table"), MINE, "{is_undo} {call} {when}");
                assert!(!home.path(".sessionkeep/setup").exists(), "{is_undo} {call} {when}");
                kills += u32::from(is_killed);
                // A child of it may have been killed in its stead.
                if !is_killed && !String::from_utf8_lossy(&run.stdout).contains("cannot run crontab") {
                    break;
                }
            }
        }
    }
    assert!(kills > 20, "{kills}");
}

#[test]
fn what_a_killed_run_left_goes_with_the_next_also_where_that_changes_nothing() {
    let left = ".sessionkeep-setup.tmp-1-0000000000000001";
    let home = home();
    set_up(&home).exits(0);
    for arguments in
        [&["--yes", "--no-schedule", "--no-import"][..], &["--undo", "--no-schedule", "--agent", "goose"]]
    {
        let files = [".claude", ".codex", ".gemini"].map(|directory| format!("{directory}/{left}"));
        for file in &files {
            home.write(file, "theirs");
        }
        home.write(".sessionkeep/setup/.tmp-1-2", "theirs");
        let before = text(&home, ".claude/settings.json");
        setup(&home, &[arguments, &["--dry-run"]].concat()).exits(0);
        assert!(files.iter().all(|file| home.path(file).exists()), "a dry run changes nothing");
        setup(&home, arguments).exits(0);
        for file in &files {
            assert!(!home.path(file).exists(), "{file} {arguments:?}");
        }
        assert!(!home.path(".sessionkeep/setup/.tmp-1-2").exists(), "{arguments:?}");
        assert_eq!(text(&home, ".claude/settings.json"), before);
    }
    // Without a record, the files that are planned are known all the same.
    setup(&home, &["--undo", "--no-schedule"]).exits(0);
    home.write(&format!(".codex/{left}"), "theirs");
    setup(&home, &["--yes", "--no-schedule", "--no-import", "--agent", "codex"]).exits(0);
    assert!(!home.path(&format!(".codex/{left}")).exists());
}
