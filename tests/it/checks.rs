//! What must be true of a store whatever happened to the runs that wrote it.

use crate::home::*;
use sessionkeep::testing::archive::Archive;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Asserts that every archive reads to its end, that no session's version is there twice and that nothing lies about
/// that a user would see; returns the archives' texts, sorted by path.
#[track_caller]
pub fn check_store(store: &Path) -> Vec<(String, Vec<u8>)> {
    let mut texts = Vec::new();
    let mut identities = BTreeSet::new();
    for path in files_below(store) {
        let relative = path.strip_prefix(store).unwrap().to_string_lossy().into_owned();
        if relative.split('/').any(|component| component.starts_with('.')) {
            continue;
        }
        if relative.ends_with(".meta.json") {
            let sidecar: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert!(sidecar["session_id"].is_string(), "{relative}");
            continue;
        }
        assert!(relative.ends_with(".jsonl.gz"), "litter: {relative}");
        let archive = Archive::open(&path).unwrap();
        let header = archive.header().unwrap_or_else(|| panic!("{relative} has no header"));
        let identity = (
            header.identity.agent.clone(),
            header.identity.session_id.clone(),
            header.identity.part_id.clone(),
        );
        assert!(identities.insert((identity, header.version)), "{relative} is there twice");
        texts.push((relative, gunzip(&path)));
    }
    texts
}

/// Asserts that `store` holds each of these texts exactly once, and nothing else.
#[track_caller]
pub fn check_holds(store: &Path, wanted: &[Vec<u8>]) {
    let mut held: Vec<Vec<u8>> = check_store(store).into_iter().map(|(_, text)| text).collect();
    let mut wanted = wanted.to_vec();
    held.sort();
    wanted.sort();
    assert_eq!(held.len(), wanted.len(), "archives and sessions");
    assert!(held == wanted, "another text than its source's");
}

/// Returns whether a program is there to be run.
pub fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|directory| directory.join(name).is_file())
}

/// Returns lines of a Claude Code session that nothing is masked in.
pub fn lines(session: &str, count: u32) -> Vec<String> {
    (0..count).map(|second| user(session, second, &format!("line {second} of {session}"))).collect()
}

/// Returns the id of a session, a different one for each number.
pub fn id(number: u32) -> String {
    format!("{:08x}-0000-4000-8000-{number:012x}", number.wrapping_mul(0x9E37_79B1))
}

/// Returns the characters of a text that would do something to a terminal: controls but the newline, and those that
/// turn the direction of writing.
pub fn live_characters(text: &str) -> Vec<char> {
    let is_live = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().filter(is_live).collect()
}

/// Runs a shell script with mounts of its own, as root there; `None`, said on stderr, where the system forbids it. In
/// the script `$0` is the program.
pub fn run_with_mounts(home: &Home, script: &str) -> Option<std::process::Output> {
    for flags in ["-m", "-rm"] {
        let probe = std::process::Command::new("unshare")
            .args([flags, "mount", "-t", "tmpfs", "none", "/mnt"])
            .output();
        if probe.is_ok_and(|output| output.status.success()) {
            let mut command = std::process::Command::new("unshare");
            command.args([flags, "sh", "-c", script, env!("CARGO_BIN_EXE_sessionkeep")]);
            return Some(command.env("HOME", home.path("")).current_dir(home.path("")).output().unwrap());
        }
    }
    eprintln!("skipped: mounting is not allowed here");
    None
}
