//! Kill -9 at system calls of a prune: every session is whole or gone, and what comes next finishes it.

use super::*;
use crate::checks::*;
use crate::needs::can_trace;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;

/// Calls that change something, and from which to which of them to kill, in which steps.
const KILLS: [(&str, u32, usize); 9] = [
    ("unlinkat", 40, 1),
    ("renameat", 8, 1),
    ("fsync", 12, 1),
    ("fdatasync", 8, 1),
    ("pwrite64", 24, 2),
    ("ftruncate", 4, 1),
    ("unlink", 3, 1),
    ("flock", 6, 2),
    ("openat", 140, 9),
];

/// Sessions with parts, with versions, and with neither, of which the first three go.
fn home() -> Home {
    let home = Home::new();
    for number in 0..4 {
        session(&home, number, "one", &format!("2026-06-0{}", number + 1));
        for part in 0..2 {
            let name = format!("agent-0123456789abcde{part:02x}");
            let path = format!(".claude/projects/-home-me-one/{}/subagents/{name}.jsonl", id(number));
            if number % 2 == 0 {
                home.write(
                    &path,
                    said(&id(number), "one", "2026-06-01", &format!("part {part} of {number}")),
                );
            }
        }
    }
    home.run(&["import"]).exits(0);
    let path = format!(".claude/projects/-home-me-one/{}.jsonl", id(1));
    home.write(&path, said(&id(1), "one", "2026-06-02", "written anew"));
    home.run(&["import"]).exits(0);
    home
}

/// Archives of each session that there are in the store, by its number.
fn archives(home: &Home) -> BTreeMap<u32, usize> {
    let mut counts = BTreeMap::new();
    for archive in home.archives() {
        let number = (0..4).find(|number| archive.contains(&id(*number)[..8])).unwrap();
        *counts.entry(number).or_default() += 1;
    }
    counts
}

/// Runs a prune that is killed at a system call; returns whether it was.
fn killed(home: &Home, call: &str, when: u32) -> bool {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
    let strace = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
    let status = home.traced(&strace, &["prune", "--keep-last", "1", "--yes"]).output().unwrap().status;
    status.signal() == Some(9) || status.code() == Some(137)
}

#[test]
fn a_prune_killed_anywhere_leaves_whole_sessions_and_the_next_run_finishes_it() {
    if !can_trace() {
        return;
    }
    let (mut kills, mut half_done) = (0, 0);
    let whole = archives(&home());
    assert_eq!(whole.values().sum::<usize>(), 9);
    for (call, last, step) in KILLS {
        for when in (1..=last).step_by(step) {
            let home = home();
            let at = format!("at {call} {when}");
            if !killed(&home, call, when) {
                break;
            }
            kills += 1;
            // Readers see whole sessions, and none of those that are named as pruned.
            let mut listed = numbers(&home, &[]);
            // One has two versions.
            listed.dedup();
            let gone = numbers(&home, &["--pruned"]);
            assert!(listed.contains(&3) && listed.iter().all(|number| !gone.contains(number)), "{at}");
            assert_eq!(listed.len() + gone.len(), 4, "{at}: {listed:?} {gone:?}");
            let there = archives(&home);
            for number in &listed {
                assert_eq!(there[number], whole[number], "{at}");
                home.run(&["show", &id(*number)]).exits(0);
            }
            half_done += usize::from(there.keys().any(|number| gone.contains(number)));
            let verified = home.run(&["verify"]).exits(0);
            assert!(!verified.stdout.contains("damaged"), "{at}: {verified:?}");
            // Each of these finishes it.
            let next = [&["import"][..], &["repair"], &["prune", "--keep-last", "4", "--yes"]][kills % 3];
            home.run(next).exits(0);
            let left = archives(&home);
            assert_eq!(left.keys().copied().collect::<Vec<_>>(), listed, "{at}, after {next:?}");
            assert!(left.iter().all(|(number, count)| whole[number] == *count), "{at}");
            home.run(&["import"]).exits(0);
            assert_eq!(archives(&home), left, "{at}: nothing comes back");
            check_store(&home.store());
            let is_litter = |path: &PathBuf| path.to_string_lossy().contains(".removed-");
            assert!(!files_below(&home.store()).iter().any(is_litter), "{at}");
            is_well(&home);
        }
    }
    assert!(kills >= 40 && half_done >= 5, "only {kills} kills, {half_done} of them half-way");
}

#[test]
fn on_a_full_disk_fewer_sessions_go_at_a_time_and_what_cannot_be_written_down_stays() {
    if !can_trace() {
        return;
    }
    // What fails is the write of all three, and then nothing more; or every write.
    for (when, left) in [("1", 1), ("1+", 4)] {
        let home = home();
        let ledger = home.store().join("pruned.jsonl");
        std::fs::write(&ledger, "").unwrap();
        let inject = format!("inject=pwrite64:error=ENOSPC:when={when}");
        let strace =
            ["-o", "/dev/null", "-P", ledger.to_str().unwrap(), "-e", "trace=pwrite64", "-e", &inject];
        let run = home.traced(&strace, &["prune", "--keep-last", "1", "--yes"]).output().unwrap();
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert_eq!(run.status.code(), Some(i32::from(left == 4)), "{said}");
        assert_eq!(said.contains("make room for some KiB"), left == 4, "{said}");
        let mut listed = numbers(&home, &[]);
        listed.dedup();
        assert_eq!(listed.len(), left, "{said}");
        assert_eq!(numbers(&home, &["--pruned"]).len(), 4 - left);
        imports(&home, 0, if left == 1 { 7 } else { 0 });
    }
}
