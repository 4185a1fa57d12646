//! A database of hostile bytes is told in lines of JSON or is an error, for every agent that keeps one; nothing is written to
//! it or beside it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sessionkeep::testing::input::database_lines;

/// Names of databases: some agents know theirs by these.
const NAMES: [&str; 5] = ["opencode.db", "state.vscdb", "data.sqlite3", "store.db", "threads.db"];

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join(NAMES[usize::from(*first) % NAMES.len()]);
    std::fs::write(&path, data).expect("can be written");
    for line in database_lines(&path) {
        assert!(serde_json::from_slice::<serde_json::Value>(&line).is_ok(), "{}", String::from_utf8_lossy(&line));
    }
    assert_eq!(std::fs::read(&path).expect("is there"), data);
    assert_eq!(std::fs::read_dir(directory.path()).expect("is there").count(), 1);
});
