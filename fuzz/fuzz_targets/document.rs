//! Hostile bytes that are told as a document are lines of JSON, each whole, and what was JSON is all there.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use sessionkeep::testing::input::document_lines;

fuzz_target!(|data: &[u8]| {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("a.json");
    std::fs::write(&path, data).expect("can be written");
    let lines = document_lines(&path).expect("can be read");
    let mut elements = 0;
    for line in &lines {
        assert_eq!(memchr_newline(line), Some(line.len() - 1), "one line");
        let line: Value = serde_json::from_slice(line).expect("JSON");
        elements += usize::from(line["id"].is_string());
    }
    if let Ok(Value::Array(list)) = serde_json::from_slice(data) {
        assert_eq!(elements, list.len(), "each element is a line");
    }
});

fn memchr_newline(line: &[u8]) -> Option<usize> {
    line.iter().position(|byte| *byte == b'\n')
}
