//! A source that holds what its archive held before that was masked again, with newer rules: it is the same session, grows
//! its archive, and can be masked as its archive is.

use crate::home::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is masked by rules that come later.
const LATER: [&str; 2] = ["kestrel-works", "osprey-field"];

/// Makes a rule of the first `count` of [`LATER`], and masks what is archived with it.
fn remask(home: &Home, count: usize) {
    let literals = serde_json::json!({ "mask_literals": LATER[..count] });
    home.write(".sessionkeep/config.json", literals.to_string());
    let run = home.run(&["remask"]).exits(0);
    assert!(run.stderr.contains("1 masked more"), "{run:?}");
}

#[track_caller]
fn imports(home: &Home, count: u32) {
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains(&format!("archived {count}")), "{run:?}");
}

/// Asserts that the source at `path` is its archive's session, whatever the store knows of it, and that it grows it.
#[track_caller]
fn stays_one_session(home: &Home, path: &Path) {
    let archives = home.archives();
    imports(home, 0);
    set_age(path, Duration::from_secs(5000));
    imports(home, 0);
    fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    imports(home, 0);
    for number in 0..2 {
        append(path, &user(ID, 59, &format!("{number} more of {} and {}", LATER[0], github_token(7))));
        imports(home, 1);
        assert_eq!(home.archives(), archives);
        imports(home, 0);
    }
    let text = String::from_utf8(home.text(NAME)).unwrap();
    assert!(!text.contains(LATER[0]) && !text.contains(&github_token(7)), "{text}");
    assert!(text.contains("1 more of ***"), "{text}");
    assert!(home.run(&["verify", "--deep"]).exits(0).stderr.contains("all well"));
}

/// Returns lines of a session with a secret, and with what later rules mask before and behind it.
fn secrets(count: usize) -> Vec<String> {
    let mut lines: Vec<String> =
        (0..count).map(|line| user(ID, line as u32 % 60, &format!("{line} ").repeat(60))).collect();
    let told = format!("{} push with {} to {} and {}", LATER[0], github_token(1), LATER[1], LATER[0]);
    for line in [0, count / 2, count - 1] {
        lines[line] = user(ID, 1, &told);
    }
    lines
}

fn redact(home: &Home) -> Run {
    home.run(&["redact", "--in-place", "--yes", "--min-age", "0"]).exits(0)
}

/// Returns a home in which a session was masked where it lies, and its source.
fn redacted(lines: &[String]) -> (Home, PathBuf) {
    let home = Home::new();
    let path = home.claude_session(ID, lines);
    redact(&home);
    assert_eq!(fs::read(&path).unwrap(), home.text(NAME));
    (home, path)
}

#[test]
fn a_source_masked_where_it_lies_stays_one_session_when_its_archive_is_masked_again() {
    for (lines, times) in [(12, 1), (12, 2), (9000, 2)] {
        let (home, path) = redacted(&secrets(lines));
        for count in 1..=times {
            remask(&home, count);
        }
        assert_ne!(fs::read(&path).unwrap(), home.text(NAME));
        stays_one_session(&home, &path);
    }
}

#[test]
fn a_part_masked_where_it_lies_stays_one_when_its_archive_is_masked_again() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 20));
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    let part = home.write(&part, user(ID, 1, &format!("{} {}", LATER[0], github_token(1))));
    redact(&home);
    remask(&home, 1);
    let archives = home.archives();
    append(&part, &user(ID, 2, "more"));
    imports(&home, 1);
    assert_eq!(home.archives(), archives);
}

#[test]
fn a_session_that_was_put_back_stays_one_when_its_archive_is_masked_again() {
    let home = Home::new();
    let path = home.claude_session(ID, &secrets(12));
    imports(&home, 1);
    fs::remove_file(&path).unwrap();
    home.run(&["restore", ID]).exits(0);
    assert!(path.exists());
    remask(&home, 1);
    stays_one_session(&home, &path);
}

#[test]
fn a_source_masked_where_it_lies_is_masked_as_its_archive_is() {
    for (lines, times) in [(12, 1), (12, 2), (9000, 2)] {
        let (home, path) = redacted(&secrets(lines));
        for count in 1..=times {
            remask(&home, count);
        }
        let masked = home.text(NAME);
        let run = redact(&home);
        assert!(run.stdout.contains("masked 3 lines") && run.stdout.contains("literal"), "{run:?}");
        assert!(fs::read(&path).unwrap() == masked && home.text(NAME) == masked);
        assert!(!String::from_utf8(masked).unwrap().contains(LATER[0]));
        assert!(redact(&home).stderr.contains("nothing to mask"));
        stays_one_session(&home, &path);
    }
}

#[test]
fn what_goes_on_differently_behind_a_text_that_was_is_no_growth_of_another() {
    let (home, path) = redacted(&secrets(12));
    remask(&home, 1);
    let mut text = fs::read(&path).unwrap();
    let at = text.len() - 30;
    text[at] ^= 1;
    fs::write(&path, text).unwrap();
    imports(&home, 1);
    assert_eq!(home.archives().len(), 2);
}
