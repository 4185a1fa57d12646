//! Large sessions that grow: most of the old archive is kept, and what is kept is what archiving afresh would make.

use crate::home::*;
use std::fs;
use std::path::Path;

/// Lines of several blocks, the number of each in it.
fn long(count: u32) -> Vec<String> {
    (0..count).map(|line| user(ID, line % 60, &format!("{line} ").repeat(60))).collect()
}

/// Archives `before`, then `after` in the same file, and returns what the store has of it then.
fn grow(home: &Home, before: &[String], after: &[String]) -> Vec<u8> {
    let path = home.claude_session(ID, before);
    home.run(&["import"]).exits(0);
    fs::write(&path, after.concat()).unwrap();
    home.run(&["import"]).exits(0);
    assert_eq!(home.archives(), [NAME]);
    home.run(&["verify", "--deep"]).exits(0);
    home.text(NAME)
}

fn afresh(home: &Home) -> Vec<u8> {
    home.run(&["import", "--out", "afresh"]).exits(0);
    gunzip(&home.path("afresh").join(NAME))
}

fn holds(text: &[u8], wanted: &str) -> bool {
    String::from_utf8_lossy(text).contains(wanted)
}

#[test]
fn blocks_with_and_without_secrets_are_kept_as_they_are() {
    let home = Home::new();
    let mut lines = long(14_000);
    for line in [3000, 13_500] {
        lines[line] = user(ID, 1, &format!("push with {}", github_token(line as u64)));
    }
    let text = grow(&home, &lines[..12_000], &lines);
    assert_eq!(text, afresh(&home));
    assert!(holds(&text, "ghp_***MASKED***") && !holds(&text, &github_token(3000)));
    let sidecar = home.sidecar(NAME);
    assert_eq!((&sidecar["line_count"], &sidecar["masked_lines"]), (&14_000.into(), &2.into()));
}

#[test]
fn growing_again_and_again_is_the_same_as_at_once() {
    let home = Home::new();
    let mut lines = long(20_000);
    lines[11_000] = user(ID, 1, &format!("push with {}", github_token(1)));
    let path = home.claude_session(ID, &lines[..6000]);
    for count in [6000, 9000, 9001, 12_000, 12_100, 20_000] {
        fs::write(&path, lines[..count].concat()).unwrap();
        home.run(&["import"]).exits(0);
    }
    assert_eq!(home.archives(), [NAME]);
    assert_eq!(home.text(NAME), afresh(&home));
    home.run(&["verify", "--deep"]).exits(0);
    assert_eq!(home.sidecar(NAME)["line_count"], 20_000);
}

#[test]
fn what_looks_like_growth_and_was_rewritten_is_searched_whole() {
    let home = Home::new();
    let (before, mut after) = (long(12_000), long(14_000));
    let path = home.claude_session(ID, &before);
    home.run(&["import"]).exits(0);
    // In a block in which nothing was found, and in its place.
    let token = github_token(7);
    after[4000] = user(ID, 4000 % 60, &format!("push with {token}"));
    fs::write(&path, after.concat()).unwrap();
    home.run(&["import"]).exits(0);
    let second = NAME.replace(".jsonl.gz", ".v2.jsonl.gz");
    assert_eq!(home.archives(), [NAME.to_owned(), second.clone()]);
    assert_eq!(home.text(NAME), before.concat().into_bytes());
    let text = home.text(&second);
    assert!(!holds(&text, &token) && holds(&text, "ghp_***MASKED***"));
    assert_eq!(home.sidecar(&second)["masked_lines"], 1);
}

#[test]
fn a_value_that_the_growth_teaches_is_masked_in_the_old_part_too() {
    let home = Home::new();
    let value = ["wq7Zt", "Rm4xL", "p9Kd2"].concat();
    let mut lines = long(14_000);
    lines[4000] = user(ID, 1, &format!("it said {value} and went on"));
    lines[13_000] = user(ID, 1, &format!("export DATABASE_PASSWORD={value}"));
    let text = grow(&home, &lines[..12_000], &lines);
    assert!(!holds(&text, &value));
    assert_eq!(text, afresh(&home));
}

#[test]
fn a_touched_session_is_the_same() {
    let home = Home::new();
    let path = home.claude_session(ID, &long(12_000));
    home.run(&["import"]).exits(0);
    let archived = fs::read(home.store().join(NAME)).unwrap();
    set_age(Path::new(&path), std::time::Duration::from_secs(10));
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains("archived 0, skipped 1 already-archived"), "{run:?}");
    assert_eq!(fs::read(home.store().join(NAME)).unwrap(), archived);
}

#[test]
fn a_dry_run_tells_what_growth_would_be() {
    let home = Home::new();
    let path = home.claude_session(ID, &long(12_000));
    home.run(&["import"]).exits(0);
    fs::write(&path, long(14_000).concat()).unwrap();
    let run = home.run(&["import", "--dry-run"]).exits(0);
    assert!(run.stderr.contains("would archive 1"), "{run:?}");
    assert!(run.stderr.contains("0 of 14000 lines masked"), "{run:?}");
    assert_eq!(home.text(NAME), long(12_000).concat().into_bytes());
}
