//! `remask`: what older rules left is masked with today's, and nothing else changes: not what a session is, not what of it is
//! archived, not that it can grow.
//!
//! In these stores the older rules are those of a configuration that switches some off. `masks` is about what is masked,
//! `replaces` about what takes the place of what, `killed` about runs that end early, `copied` about
//! stores whose files have other inodes than the catalog knows, `sources`
//! about sessions that are archived again from what they were made of.

mod copied;
#[cfg(target_os = "linux")]
mod killed;
mod masks;
mod replaces;
mod sources;

use crate::home::*;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// The rules that the older configuration switches off: tokens of GitHub, and passwords that are assigned.
const OLDER: &str = r#"{"disable_rules": ["github-classic", "password"]}"#;

const PART: &str = "2026/06/2026-06-05_1430_my-project_a1b2c3d4.parts/agent-a1b2c3d.jsonl.gz";

fn password() -> String {
    ["correct", "Horse9", "battery", "Xq7"].concat()
}

/// Makes the configuration today's again.
fn todays_rules(home: &Home) {
    fs::remove_file(home.path(".sessionkeep/config.json")).unwrap();
}

/// Writes a session with secrets that the older rules leave, and one in its part that teaches a value; returns the source.
fn sources(home: &Home) -> PathBuf {
    let part = format!(".claude/projects/-home-me-my-project/{ID}/subagents/agent-a1b2c3d.jsonl");
    home.write(&part, user(ID, 1, &format!("DB_PASSWORD={}", password())));
    let texts = [
        format!("push with {}", github_token(1)),
        "nothing to see".to_owned(),
        format!("it is {} after all", password()),
        format!("twice {} {}", github_token(1), github_token(2)),
    ];
    let lines: Vec<String> =
        texts.iter().enumerate().map(|(second, text)| user(ID, second as u32, text)).collect();
    home.claude_session(ID, &lines)
}

/// Returns a home in which older rules masked [`sources`], and today's are those in force.
fn stale() -> Home {
    let home = Home::new();
    home.write(".sessionkeep/config.json", OLDER);
    sources(&home);
    home.run(&["import"]).exits(0);
    for secret in secrets() {
        assert!(holds(&home, &secret), "the older rules leave it");
    }
    todays_rules(&home);
    home
}

fn secrets() -> [String; 3] {
    [github_token(1), github_token(2), password()]
}

/// Returns whether any archive or sidecar of the store holds this.
fn holds(home: &Home, secret: &str) -> bool {
    let is_in = |bytes: Vec<u8>| memchr::memmem::find(&bytes, secret.as_bytes()).is_some();
    files_below(&home.store()).iter().any(|path| {
        let is_archive = path.extension().is_some_and(|extension| extension == "gz");
        is_in(if is_archive { gunzip(path) } else { fs::read(path).unwrap() })
    })
}

#[track_caller]
fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

/// Asserts that nothing is left to be done or found.
#[track_caller]
fn is_clean(home: &Home) {
    for secret in secrets() {
        assert!(!holds(home, &secret), "a secret is left");
    }
    let verified = home.run(&["verify", "--deep"]).exits(0);
    assert!(verified.stderr.contains("all well"), "{verified:?}");
    let again = home.run(&["remask"]).exits(0);
    assert!(again.stderr.contains("nothing to do"), "{again:?}");
    let imported = home.run(&["import"]).exits(0);
    assert!(imported.stderr.contains("archived 0"), "{imported:?}");
}
