//! Hostile bytes that are told as a document are lines of JSON, each whole, and each element of a list is one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sessionkeep::testing::input::document_lines;

/// What agents write and readers may refuse: it is taken over as it is.
const REFUSED: [&str; 4] =
    ["number out of range", "lone leading surrogate", "unexpected end of hex escape", "recursion limit"];

fuzz_target!(|data: &[u8]| {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("a.json");
    std::fs::write(&path, data).expect("can be written");
    let lines = document_lines(&path).expect("can be read");
    let (mut elements, mut refused) = (0, 0);
    for line in &lines {
        assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1), "one line");
        match serde_json::from_str::<Value>(&String::from_utf8_lossy(line)) {
            Ok(line) => elements += usize::from(line["id"].is_string()),
            Err(error) => {
                let said = error.to_string();
                assert!(REFUSED.iter().any(|known| said.contains(known)), "{said}");
                refused += 1;
            }
        }
    }
    if let Ok(Value::Array(list)) = serde_json::from_slice(data) {
        assert!(elements == list.len() || refused > 0, "each element is a line");
    }
});
