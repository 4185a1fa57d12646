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
        let is_hidden = relative.split('/').any(|component| component.starts_with('.'));
        if is_hidden || relative == "pruned.jsonl" || relative == "pinned.jsonl" {
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

/// Makes the catalog believe that what it knows was looked at three seconds later, so that sources which were written to
/// just before count as settled without being waited for.
pub fn settle_sources(home: &Home) {
    let catalog = rusqlite::Connection::open(home.store().join(".sessionkeep/catalog.sqlite")).unwrap();
    let changed = catalog.execute("UPDATE source SET observed_at_ns = observed_at_ns + 3000000000", []);
    assert!(changed.unwrap() > 0);
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
