//! Kill -9 at every call that changes something: no file is ever there in part, the transcript never before its parts, and
//! the next restore does the rest.

use super::*;
use crate::needs::can_trace;
use std::os::unix::process::ExitStatusExt;

/// Calls that change a file or a name.
const CALLS: [&str; 10] = [
    "pwrite64",
    "write",
    "fsync",
    "fdatasync",
    "linkat",
    "renameat2",
    "mkdirat",
    "mkdir",
    "fchmod",
    "openat",
];

#[test]
fn a_restore_killed_anywhere_leaves_whole_files_and_the_next_one_does_the_rest() {
    if !can_trace() {
        return;
    }
    let (home, files) = archived();
    let archives = texts(&home);
    let mut kills = 0;
    for call in CALLS {
        for when in 1..40 {
            forget(&home);
            let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
            let strace = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
            let status = home.traced(&strace, &["restore", ID, "--threads", "1"]).output().unwrap().status;
            if status.signal() != Some(9) && status.code() != Some(137) {
                break;
            }
            kills += 1;
            let left = files_of(&home);
            let named: Vec<&String> = left.iter().filter(|path| !path.contains("/.tmp-")).collect();
            for path in &named {
                let text = fs::read(home.path(path)).unwrap();
                assert!(files.contains(path) && archives.contains(&text), "{call} {when}: {path}");
            }
            let has_transcript = named.contains(&&files[0]);
            assert!(!has_transcript || named.len() == 3, "{call} {when}: {named:?}");
            home.run(&["restore", ID]).exits(0);
            assert_eq!(files.iter().filter(|path| home.path(path).is_file()).count(), 3, "{call} {when}");
        }
    }
    assert!(kills > 20, "only {kills} kills");
}
