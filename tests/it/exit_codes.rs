//! The exit codes: each of them happens, and the table in the help names it.

use crate::home::*;
use std::fs;

/// Returns the codes that `help exit-codes` lists.
fn told(home: &Home) -> Vec<i32> {
    let text = home.run(&["help", "exit-codes"]).exits(0).stdout;
    text.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect()
}

#[test]
fn the_table_names_what_can_happen_and_the_readme_has_it() {
    let home = Home::new();
    assert_eq!(told(&home), [0, 1, 2, 3, 4, 75, 130, 143]);
    let text = home.run(&["help", "exit-codes"]).stdout;
    let readme = include_str!("../../README.md");
    for line in text.lines() {
        assert!(readme.contains(line), "the README lacks: {line}");
    }
    assert!(home.run(&["man"]).stdout.contains("another run has the store"));
}

#[test]
fn nothing_found_and_an_unusable_store_exit_1() {
    let home = Home::archived();
    home.run(&["search", "1"]).exits(0);
    for arguments in [
        &["search", "nobody-said-this"][..],
        &["show", "zzzz"],
        &["stats", "--project", "none"],
        &["export", "--html", "--project", "none", "-o", "out"],
        &["doctor"],
        &["verify", "--out", "nowhere"],
    ] {
        home.run(arguments).exits(1);
    }
    home.write("secret.jsonl", user(ID, 1, &format!("it is {}", github_token(1))));
    home.run(&["audit", "secret.jsonl", "--fail-on-findings"]).exits(1);
    home.run(&["audit", "secret.jsonl"]).exits(0);
}

#[test]
fn wrong_usage_and_a_wrong_configuration_exit_2() {
    let home = Home::archived();
    home.claude_session(&id(2), &lines(&id(2), 3));
    home.write("broken.json", "{");
    home.run(&["list", "--bogus"]).exits(2);
    home.run(&["import", "--config", "broken.json"]).exits(2);
    let other = ID.replace("000000000001", "000000000002");
    home.claude_session(&other, &lines(&other, 5));
    home.run(&["import"]).exits(0);
    home.run(&["show", "a1b2c3d4"]).exits(2);
}

#[test]
fn a_file_that_cannot_be_read_exits_3_and_the_others_are_archived() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 3));
    let run =
        home.run(&["archive", "missing.jsonl", &format!(".claude/projects/-home-me-my-project/{ID}.jsonl")]);
    assert_eq!(run.exits(3).stderr.matches("archived 3 lines").count(), 1);
}

#[test]
fn a_damaged_archive_exits_4() {
    let home = Home::archived();
    let path = home.store().join(NAME);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(&path, bytes).unwrap();
    home.run(&["verify"]).exits(4);
}

#[test]
fn a_store_that_another_run_has_exits_75() {
    let home = Home::archived();
    let held = fs::File::options().write(true).open(home.store().join(".sessionkeep/locks/import")).unwrap();
    held.lock().unwrap();
    home.run(&["repair"]).exits(75);
    drop(held);
    home.run(&["repair"]).exits(0);
}
