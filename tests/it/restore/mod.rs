//! `restore`: archived sessions, back where their agents find them.
//!
//! [`agents`] has a session of each agent; [`files`] what becomes of those that are there, or in the way; [`copies`] gives
//! sessions new ids; [`hostile`] has archives that lie; [`kills`] ends it at every call that changes something.

mod agents;
mod copies;
mod files;
#[cfg(target_os = "linux")]
mod hostile;
#[cfg(target_os = "linux")]
mod kills;

use crate::home::*;
use std::fs;
use std::path::Path;

/// Returns a home with an archived session of Claude Code that a secret and two parts are in, and its three files.
fn archived() -> (Home, Vec<String>) {
    let home = Home::new();
    let token = github_token(1);
    let mut lines = lines(ID, 3);
    lines.push(user(ID, 9, &format!("it is {token}, is it not?")));
    home.claude_session(ID, &lines);
    let directory = format!(".claude/projects/-home-me-my-project/{ID}");
    home.write(
        &format!("{directory}/subagents/agent-a1b2c3d.jsonl"),
        user(ID, 1, &format!("below: {token}")),
    );
    home.write(&format!("{directory}/tool-results/toolu_1.txt"), format!("a result\n{token}\n"));
    home.run(&["import"]).exits(0);
    let files = vec![
        format!("{directory}.jsonl"),
        format!("{directory}/subagents/agent-a1b2c3d.jsonl"),
        format!("{directory}/tool-results/toolu_1.txt"),
    ];
    (home, files)
}

/// Removes all that agents keep in a home.
fn forget(home: &Home) {
    for entry in fs::read_dir(home.path("")).unwrap().flatten() {
        if entry.file_name() != ".sessionkeep" {
            let removed = match entry.path().is_dir() {
                true => fs::remove_dir_all(entry.path()),
                false => fs::remove_file(entry.path()),
            };
            removed.unwrap();
        }
    }
}

/// Returns all files of a home but the store's, relative to it.
fn files_of(home: &Home) -> Vec<String> {
    let relative =
        |path: std::path::PathBuf| path.strip_prefix(home.path("")).unwrap().to_str().unwrap().to_owned();
    let files = files_below(&home.path("")).into_iter().map(relative);
    files.filter(|path| !path.starts_with(".sessionkeep")).collect()
}

/// Returns the text of the archives of a home, sorted.
fn texts(home: &Home) -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> = home.archives().iter().map(|archive| home.text(archive)).collect();
    texts.sort();
    texts
}

fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o7777
}
