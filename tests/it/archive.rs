//! `archive PATH`: one file, its messages and its errors.

use crate::home::*;

#[test]
fn the_summary_line_is_the_originals() {
    let home = Home::new();
    let path = home.write("session.jsonl", [user(ID, 0, "hello"), user(ID, 1, &github_token(5))].concat());
    let run = home.run(&["archive", path.to_str().unwrap()]).exits(0);
    let wanted =
        format!("[sessionkeep] archived 2 lines (1 masked) -> {}\n", home.store().join(NAME).display());
    assert_eq!((run.stderr.as_str(), run.stdout.as_str()), (wanted.as_str(), ""));
    assert_eq!(home.archives(), [NAME]);
    let again = home.run(&["archive", path.to_str().unwrap()]).exits(0);
    assert!(again.stderr.contains("already archived"), "{again:?}");
    assert_eq!(home.run(&["archive", "-q", path.to_str().unwrap()]).exits(0).stderr, "");
}

#[test]
fn project_and_store_can_be_named() {
    let home = Home::new();
    let path = home.write("session.jsonl", user(ID, 0, "hello"));
    home.run(&["archive", path.to_str().unwrap(), "--project", "other one", "--out", "elsewhere"]).exits(0);
    let archive = "elsewhere/2026/06/2026-06-05_1430_other-one_a1b2c3d4.jsonl.gz";
    assert_eq!(gunzip(&home.path(archive)), user(ID, 0, "hello").into_bytes());
    assert!(!home.store().exists());
}

#[test]
fn a_file_without_records_of_any_agent_is_named_after_its_directory_and_itself() {
    let home = Home::new();
    let path = home.write("my logs/notes.jsonl", "{\"note\":1}\n");
    home.run(&["archive", path.to_str().unwrap()]).exits(0);
    let archives = home.archives();
    assert!(archives.len() == 1 && archives[0].ends_with("_my-logs_notes.jsonl.gz"), "{archives:?}");
}

#[test]
fn what_cannot_be_archived_is_named_with_the_reason() {
    let home = Home::new();
    let missing = home.run(&["archive", "missing.jsonl"]).exits(3);
    assert!(
        missing.stderr.contains("missing.jsonl") && missing.stderr.contains("No such file"),
        "{missing:?}"
    );
    let directory = home.run(&["archive", "."]).exits(3);
    assert!(directory.stderr.contains("import --from"), "{directory:?}");
    home.write("empty.jsonl", "");
    let empty = home.run(&["archive", "empty.jsonl"]).exits(0);
    assert!(empty.stderr.contains("nothing in it"), "{empty:?}");
    assert!(home.archives().is_empty());
}

#[test]
fn one_bad_file_does_not_keep_the_others_out() {
    let home = Home::new();
    home.write("good.jsonl", user(ID, 0, "hello"));
    let run = home.run(&["archive", "missing.jsonl", "good.jsonl"]).exits(3);
    assert!(run.stderr.contains("archived 1 lines"), "{run:?}");
    assert_eq!(home.archives(), [NAME]);
}

#[test]
fn bytes_outside_of_masks_stay_as_they_are() {
    let home = Home::new();
    let mut bytes =
        b"{\"a\":\"\\ud800 lone\"}\r\n\0\0{\"b\":1}\n\xff\xfe not UTF-8\n\n   \n{\"c\":2}{\"d\":3}\n"
            .to_vec();
    bytes.extend_from_slice(b"{\"last\":\"line\"}");
    let path = home.write("odd.jsonl", &bytes);
    home.run(&["archive", path.to_str().unwrap()]).exits(0);
    let archives = home.archives();
    assert_eq!(home.text(&archives[0]), bytes);
    assert_eq!(home.sidecar(&archives[0])["nul_bytes"], 2);
}

#[test]
fn a_torn_last_line_gives_no_part_of_a_secret_away_then_or_later() {
    let home = Home::new();
    let token = github_token(6);
    let whole = [user(ID, 0, "hello"), user(ID, 1, &format!("it is {token} now"))].concat();
    let cut = whole.find(&token).unwrap() + 20;
    let path = home.write("session.jsonl", &whole[..cut]);
    home.run(&["archive", path.to_str().unwrap()]).exits(0);
    let first = String::from_utf8(home.text(NAME)).unwrap();
    assert!(!first.contains(&token[..8]) && first.ends_with("***MASKED***"), "{first}");
    home.write("session.jsonl", &whole);
    home.run(&["archive", path.to_str().unwrap()]).exits(0);
    assert_eq!(home.archives(), [NAME]);
    let second = String::from_utf8(home.text(NAME)).unwrap();
    assert_eq!(second, whole.replace(&token, "ghp_***MASKED***"));
}
