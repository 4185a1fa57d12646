//! A database of hostile bytes is told in lines of JSON or is an error, for every agent that keeps one; nothing is written to
//! it or beside it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sessionkeep::testing::input::database_lines;

/// Names of databases: some agents know theirs by these.
const NAMES: [&str; 5] = ["opencode.db", "state.vscdb", "data.sqlite3", "store.db", "threads.db"];

/// What agents write and readers may refuse: it is taken over as it is.
const REFUSED: [&str; 4] =
    ["number out of range", "lone leading surrogate", "unexpected end of hex escape", "recursion limit"];

fuzz_target!(|data: &[u8]| {
    let Some((first, data)) = data.split_first() else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join(NAMES[usize::from(*first) % NAMES.len()]);
    std::fs::write(&path, data).expect("can be written");
    for line in database_lines(&path) {
        assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1), "one line");
        if let Err(error) = serde_json::from_str::<Value>(&String::from_utf8_lossy(&line)) {
            let said = error.to_string();
            assert!(REFUSED.iter().any(|known| said.contains(known)), "{said}");
        }
    }
    assert_eq!(std::fs::read(&path).expect("is there"), data);
    assert_eq!(std::fs::read_dir(directory.path()).expect("is there").count(), 1);
});
