//! Runs that are killed at system calls: what there is is whole, old or new, and the next run does the rest. And all that
//! leaves the process: nothing of it is unmasked.

use super::*;
use crate::checks::check_store;
use crate::leaks::run_watched;
use crate::needs::can_trace;
use std::os::unix::process::ExitStatusExt;

/// Calls that change a file, a name or a lock, and at which of them to kill.
const KILLS: [(&str, &[u32]); 11] = [
    ("pwrite64", &[1, 2, 3, 4, 5, 6, 7, 8, 10, 12]),
    ("fsync", &[1, 2, 3, 4, 5]),
    ("fdatasync", &[1, 2]),
    ("linkat", &[1, 2]),
    ("renameat", &[1, 2, 3, 4]),
    ("renameat2", &[1]),
    ("copy_file_range", &[1, 2]),
    ("flock", &[1, 2, 3]),
    ("ftruncate", &[1]),
    ("unlinkat", &[1]),
    ("openat", &[25, 45, 60, 80, 100]),
];

fn killed(home: &Home, call: &str, when: u32) -> bool {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
    let strace = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
    let status = home.traced(&strace, &["remask", "--threads", "2"]).output().unwrap().status;
    status.signal() == Some(9) || status.code() == Some(137)
}

#[test]
fn a_run_killed_anywhere_leaves_old_or_new_and_the_next_does_the_rest() {
    if !can_trace() {
        return;
    }
    let mut kills = 0;
    for (call, numbers) in KILLS {
        for &when in numbers {
            let home = stale();
            if !killed(&home, call, when) {
                continue;
            }
            kills += 1;
            let held = check_store(&home.store());
            assert_eq!(held.len(), 2, "after a kill at {call} {when}");
            home.run(&["verify"]).exits(0);
            let run = home.run(&["remask"]);
            assert_eq!(run.code, 0, "after a kill at {call} {when}: {run:?}");
            // The part taught what stands in the transcript: it must not have been masked before.
            is_clean(&home);
        }
    }
    assert!(kills >= 12, "only {kills} kills");
}

#[test]
fn no_secret_leaves_the_process() {
    let home = stale();
    let secrets = secrets().to_vec();
    let Some(()) = run_watched(&home, &secrets, &[], &["remask", "-v"], b"") else { return };
    is_clean(&home);
}

#[test]
fn no_secret_leaves_the_process_where_the_source_is_read_again() {
    let home = stale();
    let secrets = secrets().to_vec();
    let Some(()) = run_watched(&home, &secrets, &[], &["remask", "--from-source"], b"") else { return };
    is_clean(&home);
}
