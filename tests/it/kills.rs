//! Kill -9 at system calls: whatever had been done by then is whole, and the next import does the rest.
//!
//! strace counts the calls of each thread; a kill at the N-th call of one name may be anywhere in the run, so every
//! name that changes something is gone through. `tests/kill_sweep.sh` tries them all; here are some of each.

use crate::checks::*;
use crate::home::*;
use crate::needs::*;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;

/// Calls that change a file, a name or a lock, and at which of them to kill.
const KILLS: [(&str, &[u32]); 17] = [
    ("pwrite64", &[1, 2, 3, 5, 9, 14]),
    ("write", &[1, 2]),
    ("fsync", &[1, 2, 3, 4]),
    ("fdatasync", &[1, 2]),
    ("syncfs", &[1]),
    ("linkat", &[1, 2, 4, 8]),
    ("renameat2", &[1]),
    ("renameat", &[1, 2, 5, 8]),
    ("rename", &[1]),
    ("mkdirat", &[1, 2, 3, 4, 5]),
    ("mkdir", &[1]),
    ("fchmod", &[1, 3, 5]),
    ("ftruncate", &[1, 2]),
    ("unlink", &[1]),
    ("copy_file_range", &[1]),
    ("flock", &[1, 2, 4]),
    ("openat", &[25, 45, 60, 80, 100]),
];

/// Sessions of every size that takes another way: small ones, one of several blocks, one with a part.
fn sessions(grown: u32) -> (Home, Vec<Vec<u8>>) {
    let home = Home::new();
    let mut texts = Vec::new();
    for number in 0..8 {
        let lines = lines(&id(number), 4 + grown * (number % 2));
        home.claude_session(&id(number), &lines);
        texts.push(lines.concat().into_bytes());
    }
    let large: Vec<String> =
        (0..6_000 + grown).map(|line| user(&id(20), line % 1000, &"lorem ipsum ".repeat(50))).collect();
    home.claude_session(&id(20), &large);
    texts.push(large.concat().into_bytes());
    let part = user(&id(20), 3, "from an agent below");
    home.write(
        &format!(".claude/projects/-home-me-my-project/{}/subagents/agent-0123456789abcdef0.jsonl", id(20)),
        &part,
    );
    texts.push(part.into_bytes());
    (home, texts)
}

/// Runs an import that is killed at a system call; returns whether it was.
pub fn killed(home: &Home, call: &str, when: u32) -> bool {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
    let strace = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
    let status = home.traced(&strace, &["import", "--threads", "2"]).output().unwrap().status;
    status.signal() == Some(9) || status.code() == Some(137)
}

fn go_through(prepare: impl Fn() -> (Home, Vec<Vec<u8>>)) -> u32 {
    let mut kills = 0;
    for (call, numbers) in KILLS {
        for &when in numbers {
            let (home, texts) = prepare();
            if !killed(&home, call, when) {
                continue;
            }
            kills += 1;
            check_store(&home.store());
            let run = home.run(&["import"]);
            assert_eq!(run.code, 0, "after a kill at {call} {when}: {run:?}");
            let held = check_store(&home.store());
            assert_eq!(held.len(), texts.len(), "after a kill at {call} {when}");
            check_holds(&home.store(), &texts);
            let again = home.run(&["import"]).exits(0);
            assert!(again.stderr.contains("archived 0"), "after a kill at {call} {when}: {again:?}");
        }
    }
    kills
}

#[test]
fn an_import_killed_anywhere_is_completed_by_the_next() {
    if can_trace() {
        let kills = go_through(|| sessions(0));
        assert!(kills >= 25, "only {kills} kills");
    }
}

#[test]
fn growth_killed_anywhere_is_completed_by_the_next() {
    if can_trace() {
        let kills = go_through(|| {
            let (home, _) = sessions(0);
            home.run(&["import"]).exits(0);
            let (grown, texts) = sessions(3);
            let status =
                Command::new("cp").arg("-a").args([grown.path(".claude/."), home.path(".claude/")]).status();
            assert!(status.unwrap().success());
            (home, texts)
        });
        assert!(kills >= 15, "only {kills} kills");
    }
}

#[test]
fn what_a_killed_run_named_and_did_not_record_is_not_archived_again_under_another_name() {
    if !can_trace() {
        return;
    }
    // Flushes of the thread that gives names: its mark in the store, then, of the month's directory and those above,
    // the new names, then what it records. (Nobody else flushes in a store that is there already.)
    for when in [2, 3, 4, 5] {
        let home = Home::new();
        home.claude_session(&id(0), &lines(&id(0), 2));
        home.run(&["import"]).exits(0);
        // No record tells when it was written: such sessions are named after their file's time.
        let text = "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"hello\"}}\n".to_owned();
        let path = home.claude_session(&id(1), std::slice::from_ref(&text));
        assert!(killed(&home, "fsync", when), "at {when}");
        assert_eq!(check_store(&home.store()).len(), 2, "named before the kill at {when}");
        let catalog = rusqlite::Connection::open(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
        let count = catalog.query_row("SELECT count(*) FROM source", [], |row| row.get::<_, u32>(0));
        assert_eq!(count.unwrap(), 1, "not recorded before the kill at {when}");
        drop(catalog);
        set_age(&path, Duration::from_secs(3 * 86_400));
        let run = home.run(&["import"]).exits(0);
        assert!(run.stderr.contains("archived 0"), "after a kill at {when}: {run:?}");
        check_holds(&home.store(), &[lines(&id(0), 2).concat().into_bytes(), text.into_bytes()]);
    }
}
