//! Kill -9 at system calls while transcripts are masked where they lie: each is whole, as it was or masked, its archive is
//! there, and the next run does the rest.

use super::in_place::{agents_files, holds_secret, open_code};
use crate::checks::check_store;
use crate::home::*;
use crate::needs::can_trace;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

/// Calls that change a file or a name, and at which of them to kill.
const KILLS: [(&str, &[u32]); 12] = [
    ("write", &[1, 2, 3, 4, 6]),
    ("pwrite64", &[1, 4, 9, 15, 22, 30, 40, 55, 70, 90]),
    ("fsync", &[2, 4, 6, 8, 10, 12]),
    ("fdatasync", &[1, 2, 4, 6, 8]),
    ("rename", &[1, 2, 3]),
    ("fchmod", &[1, 3, 5, 7]),
    ("utimensat", &[1, 2, 3]),
    ("unlink", &[1, 2, 3, 4]),
    ("ftruncate", &[1, 2, 3]),
    ("fcntl", &[5, 10, 20, 40, 60]),
    ("flock", &[2, 4]),
    ("openat", &[40, 80, 120, 160, 200, 240]),
];

/// Two transcripts, one of several blocks, and a database.
fn home() -> Home {
    let home = Home::new();
    let mut small = lines(&id(1), 5);
    small[3] = user(&id(1), 3, &format!("push with {}", github_token(1)));
    home.claude_session(&id(1), &small);
    let mut large: Vec<String> =
        (0..3000).map(|line| user(&id(2), line % 60, &"lorem ipsum ".repeat(50))).collect();
    large[2000] = user(&id(2), 4, &format!("push with {}", github_token(2)));
    home.claude_session(&id(2), &large);
    open_code(&home, "WAL");
    home
}

fn state(home: &Home) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = agents_files(home).into_iter();
    let is_text = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jsonl");
    let relative = |path: &PathBuf| path.strip_prefix(home.path("")).unwrap().to_path_buf();
    files.filter(is_text).map(|path| (relative(&path), fs::read(path).unwrap())).collect()
}

#[test]
fn each_file_is_whole_and_archived_wherever_it_is_killed() {
    if !can_trace() {
        return;
    }
    let masked = {
        let home = home();
        home.run(&["redact", "--in-place", "--yes"]).exits(0);
        state(&home)
    };
    let (mut kills, mut halfway) = (0, 0);
    for (call, numbers) in KILLS {
        for &when in numbers {
            let home = home();
            let before = state(&home);
            let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={when}"));
            let strace = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
            let command = ["redact", "--in-place", "--yes", "--threads", "2"];
            let status = home.traced(&strace, &command).output().unwrap().status;
            if status.signal() != Some(9) && status.code() != Some(137) {
                continue;
            }
            kills += 1;
            let what = format!("after a kill at {call} {when}");
            for (path, bytes) in state(&home) {
                let is_masked = masked.get(&path) == Some(&bytes);
                assert!(is_masked || before.get(&path) == Some(&bytes), "{what}: {}", path.display());
                halfway += u32::from(is_masked);
            }
            check_store(&home.store());
            let connection = Connection::open(home.path(super::in_place::DATABASE)).unwrap();
            let check = connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
            assert_eq!(check.unwrap(), "ok", "{what}");
            let count = connection.query_row("SELECT count(*) FROM part", [], |row| row.get::<_, u32>(0));
            assert_eq!(count.unwrap(), 199, "{what}");
            drop(connection);
            let run = home.run(&["redact", "--in-place", "--yes", "--min-age", "0"]);
            assert_eq!(run.code, 0, "{what}: {run:?}");
            assert_eq!(state(&home), masked, "{what}");
            for path in files_below(&home.path("")) {
                assert!(!holds_secret(&fs::read(&path).unwrap()), "{what}: {}", path.display());
            }
            let is_temporary = |path: &&PathBuf| path.to_string_lossy().contains("/.tmp-");
            // The directory of a home of these tests has such a name itself.
            let left = agents_files(&home)
                .into_iter()
                .map(|path| path.strip_prefix(home.path("")).unwrap().to_path_buf());
            assert_eq!(left.filter(|path| is_temporary(&path)).count(), 0, "{what}");
            assert_eq!(home.archives().len(), 3, "{what}: {:?}", home.archives());
            let again = home.run(&["import"]).exits(0);
            assert!(!again.stderr.contains("archived 1"), "{what}: {again:?}");
        }
    }
    assert!(kills >= 25 && halfway >= 5, "{kills} kills, {halfway} files masked by then");
}
