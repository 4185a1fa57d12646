//! `prune`, `pin` and `unpin`: what is kept, what goes, and that it stays away.

mod kills;
mod pins;
mod returns;
mod rules;

use crate::home::*;
use serde_json::Value;
use std::path::PathBuf;

/// Returns a record of a Claude Code session of a project, written on this day at 12 o'clock.
pub fn said(id: &str, project: &str, day: &str, text: &str) -> String {
    let record = serde_json::json!({
        "sessionId": id, "cwd": format!("/home/me/{project}"), "type": "user",
        "message": {"role": "user", "content": text}, "timestamp": format!("{day}T12:00:00.000Z"),
    });
    format!("{record}\n")
}

/// Writes a session of a project that ended on this day; returns its path.
pub fn session(home: &Home, number: u32, project: &str, day: &str) -> PathBuf {
    let text = [said(&id(number), project, day, "hello"), said(&id(number), project, day, "and more")];
    home.write(&format!(".claude/projects/-home-me-{project}/{}.jsonl", id(number)), text.concat())
}

/// Returns a home whose store has sessions 0, 1, 2... of these projects and days, the last of which ended last.
pub fn archived(sessions: &[(&str, &str)]) -> Home {
    let home = Home::new();
    for (number, (project, day)) in sessions.iter().enumerate() {
        session(&home, number as u32, project, day);
    }
    home.run(&["import"]).exits(0);
    home
}

/// Returns the numbers of the sessions that are listed, in ascending order.
#[track_caller]
pub fn numbers(home: &Home, arguments: &[&str]) -> Vec<u32> {
    let mut numbers: Vec<u32> = home
        .listed(arguments)
        .iter()
        .map(|session| (0..100).find(|number| session["session_id"] == id(*number)).unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// Runs `prune --json` with these arguments; returns what it says.
#[track_caller]
pub fn pruned(home: &Home, arguments: &[&str]) -> Value {
    let run = home.run(&[&["prune", "--json"], arguments].concat()).exits(0);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Asserts that an import archives so many files and leaves so many alone that were pruned.
#[track_caller]
pub fn imports(home: &Home, archived: u32, left: u32) {
    let run = home.run(&["import"]).exits(0);
    assert!(run.stderr.contains(&format!("archived {archived}, ")), "{run:?}");
    let files = if left == 1 { "file" } else { "files" };
    let said = format!("left {left} {files} alone, pruned before");
    assert_eq!(run.stderr.contains(&said), left > 0, "{run:?}");
}

/// Asserts that the store is as it should be in every respect.
#[track_caller]
pub fn is_well(home: &Home) {
    let run = home.run(&["verify", "--json"]).exits(0);
    let verified: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(verified["findings"], serde_json::json!([]), "{run:?}");
}
