//! A source that holds what its archive holds, masked, is the same session, and grows its archive.

use crate::home::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PART: &str = "2026/06/2026-06-05_1430_my-project_a1b2c3d4.parts/agent-a1b2c3d.jsonl.gz";

/// Puts the text of an archive where its source is.
fn put_back(home: &Home, source: &Path, archive: &str) {
    fs::write(source, home.text(archive)).unwrap();
    set_age(source, Duration::from_secs(3600));
}

/// Imports; asserts how many sessions that archived.
#[track_caller]
fn imports(home: &Home, count: u32) {
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains(&format!("archived {count}")), "{run:?}");
}

/// Asserts that the source at `path` is known as its archive's, whatever is known of it, and that it grows it.
#[track_caller]
fn stays_one_session(home: &Home, path: &Path, grown_by: &str) {
    let archives = home.archives();
    imports(home, 0);
    // Touched, it is looked at again.
    set_age(path, Duration::from_secs(1800));
    imports(home, 0);
    let catalog = || fs::remove_file(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    catalog();
    imports(home, 0);
    for number in 0..3 {
        append(path, &grown_by.replace("NUMBER", &number.to_string()));
        imports(home, 1);
        assert_eq!(home.archives(), archives);
        imports(home, 0);
        if number == 1 {
            catalog();
            imports(home, 0);
        }
    }
    home.run(&["verify", "--deep"]).exits(0);
}

fn next() -> String {
    user(ID, 59, &format!("and NUMBER, with {}", github_token(77)))
}

fn secret(home: &Home, lines: &[String]) -> PathBuf {
    let path = home.claude_session(ID, lines);
    imports(home, 1);
    assert_ne!(home.text(NAME), fs::read(&path).unwrap());
    path
}

#[test]
fn a_source_of_one_block() {
    let home = Home::new();
    let mut lines = lines(ID, 20);
    // In the first line, too, by which sources are told apart.
    lines[0] = user(ID, 0, &format!("push with {}", github_token(1)));
    lines[7] = user(ID, 7, "PASSWORD=hunter2hunter3");
    let path = secret(&home, &lines);
    put_back(&home, &path, NAME);
    let masked = home.text(NAME);
    stays_one_session(&home, &path, &next());
    let text = home.text(NAME);
    assert!(text.starts_with(&masked));
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 23);
}

#[test]
fn a_source_whose_masks_are_longer_than_what_they_hide() {
    let home = Home::new();
    let mut lines = lines(ID, 20);
    lines[7] = user(ID, 7, "DB_PASSWORD=hT4z9qLw");
    let path = secret(&home, &lines);
    assert!(home.text(NAME).len() as u64 > fs::metadata(&path).unwrap().len());
    put_back(&home, &path, NAME);
    stays_one_session(&home, &path, &next());
}

#[test]
fn a_source_of_many_blocks() {
    let home = Home::new();
    let mut lines: Vec<String> =
        (0..9000).map(|line| user(ID, line % 60, &format!("{line} ").repeat(60))).collect();
    for line in [2, 3000, 8990] {
        lines[line] = user(ID, 1, &format!("push with {}", github_token(line as u64)));
    }
    let path = secret(&home, &lines);
    put_back(&home, &path, NAME);
    stays_one_session(&home, &path, &next());
    home.run(&["import", "--out", "afresh"]).exits(0);
    assert!(home.text(NAME) == gunzip(&home.path("afresh").join(NAME)));
}

#[test]
fn a_source_with_parts() {
    let home = Home::new();
    home.claude_session(ID, &lines(ID, 20));
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    let part = home.write(&part, user(ID, 1, &format!("a subagent's {}", github_token(1))));
    imports(&home, 2);
    put_back(&home, &part, PART);
    stays_one_session(&home, &part, &next());
}

#[test]
fn a_source_whose_last_line_is_not_finished() {
    let home = Home::new();
    let mut lines = lines(ID, 20);
    lines[7] = user(ID, 7, &format!("push with {}", github_token(1)));
    let cut = user(ID, 8, &format!("push with {}", github_token(2)));
    lines.push(cut[..cut.find("ghp_").unwrap() + 20].to_owned());
    let path = secret(&home, &lines);
    put_back(&home, &path, NAME);
    stays_one_session(&home, &path, &format!("\"}}}}\n{}", next()));
}

#[test]
fn a_source_with_another_secret_in_the_same_place_is_another_version() {
    let home = Home::new();
    let mut lines = lines(ID, 20);
    lines[7] = user(ID, 7, &format!("push with {}", github_token(1)));
    let path = secret(&home, &lines);
    lines[7] = user(ID, 7, &format!("push with {}", github_token(2)));
    lines.push(user(ID, 30, "and more"));
    fs::write(&path, lines.concat()).unwrap();
    imports(&home, 1);
    assert_eq!(home.archives().len(), 2);
}
