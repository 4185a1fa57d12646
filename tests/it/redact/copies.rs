//! Masked copies of files; what is copied stays as it is.

use super::in_place::{DATABASE, holds_secret, open_code};
use crate::home::*;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn transcript() -> String {
    let mut lines = lines(ID, 5);
    lines[3] = user(ID, 3, &format!("push with {}", github_token(1)));
    lines.concat()
}

#[test]
fn a_copy_goes_to_standard_output_or_to_a_new_private_file() {
    let home = Home::new();
    let path = home.write("session.jsonl", transcript());
    let run = home.run(&["redact", "session.jsonl"]).exits(0);
    assert_eq!(run.stdout, transcript().replace(&github_token(1), "ghp_***MASKED***"));
    home.run(&["redact", "session.jsonl", "-o", "copy.jsonl"]).exits(0);
    assert_eq!(fs::read_to_string(home.path("copy.jsonl")).unwrap(), run.stdout);
    assert_eq!(fs::metadata(home.path("copy.jsonl")).unwrap().permissions().mode() & 0o777, 0o600);
    let again = home.run(&["redact", "session.jsonl", "-o", "session.jsonl"]);
    assert_ne!(again.code, 0);
    assert!(again.stderr.contains("--in-place"), "{again:?}");
    assert_eq!(fs::read_to_string(path).unwrap(), transcript());
    assert!(!home.store().exists());
}

#[test]
fn several_copies_go_to_a_directory_unpacked() {
    let home = Home::new();
    home.write("a.jsonl", transcript());
    home.write("b.jsonl.gz", gzip(&transcript()));
    home.run(&["redact", "a.jsonl", "b.jsonl.gz"]).exits(2);
    home.run(&["redact", "a.jsonl", "b.jsonl.gz", "--to", "masked"]).exits(0);
    for name in ["a.jsonl", "b.jsonl"] {
        let copy = fs::read_to_string(home.path("masked").join(name)).unwrap();
        assert_eq!(copy, transcript().replace(&github_token(1), "ghp_***MASKED***"), "{name}");
    }
    let run = home.run(&["redact", "a.jsonl", "b.jsonl.gz", "gone.jsonl", "--to", "masked"]).exits(3);
    assert_eq!(run.stderr.matches("sessionkeep: ").count(), 3, "{run:?}");
}

#[test]
fn a_document_stays_json_and_a_database_is_refused_with_the_way_out() {
    let home = Home::new();
    let content = serde_json::json!({"messages": [{"id": "m0", "role": "user", "content": format!("use {}", github_token(1))}]});
    let name = ".cline/data/sessions/s1/s1.messages.json";
    home.write(name, content.to_string());
    let run = home.run(&["redact", name]).exits(0);
    let copy: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(copy["messages"][0]["content"], "use ghp_***MASKED***");
    open_code(&home, "DELETE");
    let run = home.run(&["redact", DATABASE]).exits(3);
    assert!(run.stderr.contains("sessionkeep export"), "{run:?}");
    assert!(!holds_secret(run.stdout.as_bytes()));
}
