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

fn killed(home: &Home, call: &str, when: u32, arguments: &[&str]) -> bool {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
    let strace = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
    let status = home.traced(&strace, arguments).output().unwrap().status;
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
            if !killed(&home, call, when, &["remask", "--threads", "2"]) {
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
fn a_run_from_sources_killed_between_two_names_leaves_to_the_next_who_teaches_what_is_left() {
    if !can_trace() {
        return;
    }
    let homes: [(&dyn Fn() -> Home, &[&str]); 5] = [
        (&stale, &["remask"]),
        (&stale, &["remask", "--from-source"]),
        (&stale_taught_by_transcript, &["remask"]),
        (&|| sources::half_stale(true), &["remask", "--from-source"]),
        (&|| sources::half_stale(false), &["remask", "--from-source"]),
    ];
    let mut kills = 0;
    for (at, (made, next)) in homes.into_iter().enumerate() {
        for call in ["renameat", "fsync", "linkat", "pwrite64"] {
            for when in 1..7 {
                let home = made();
                if !killed(&home, call, when, &["remask", "--from-source", "--threads", "2"]) {
                    break;
                }
                kills += 1;
                home.run(next).exits(0);
                for secret in secrets() {
                    assert!(!holds(&home, &secret), "home {at}, killed at {call} {when}");
                }
                is_clean(&home);
            }
        }
    }
    assert!(kills >= 20, "only {kills} kills");
}

/// Returns a home in which all is of older rules, and the transcript teaches what the part says.
fn stale_taught_by_transcript() -> Home {
    let home = Home::new();
    home.write(".sessionkeep/config.json", OLDER);
    home.write(&sources::part_source(), user(ID, 1, &format!("it is {} after all", password())));
    home.claude_session(ID, &[user(ID, 0, &format!("DB_PASSWORD={}", password()))]);
    home.run(&["import"]).exits(0);
    todays_rules(&home);
    home
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
