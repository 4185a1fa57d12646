//! `audit`: kinds, counts and places of secrets, and never a value.

use crate::home::*;
use std::fs;

const OTHER: &str = "a1b2c3d4-0000-4000-8000-000000000002";

fn with_secrets() -> (Home, String) {
    let home = Home::new();
    let token = github_token(1);
    let push = format!("push with {token}");
    home.claude_session(ID, &[user(ID, 0, "hello"), user(ID, 1, &push), user(ID, 2, &push)]);
    home.claude_session(OTHER, &[user(OTHER, 5, &format!("{token} again"))]);
    (home, token)
}

#[test]
fn secrets_are_counted_by_rule_session_and_line() {
    let (home, token) = with_secrets();
    let run = home.run(&["audit", "--all", "--json"]).exits(0);
    assert!(!run.stdout.contains(&token) && !run.stderr.contains(&token));
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let rule = &report["rules"][0];
    assert_eq!(
        (&rule["rule"], &rule["count"], &rule["sessions"]),
        (&"github-classic".into(), &3.into(), &2.into())
    );
    assert!(rule["rotate"].as_str().unwrap().starts_with("https://"), "{rule}");
    assert_eq!(rule["last_seen"], "2026-06-05T14:30:05Z");
    let lines: Vec<(&str, u64)> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["session_id"].as_str().unwrap(), finding["line"].as_u64().unwrap()))
        .collect();
    assert_eq!(lines, [(ID, 2), (ID, 3), (OTHER, 1)]);
    assert!(!home.path(".sessionkeep").exists(), "nothing is written");
}

#[test]
fn the_table_names_rules_and_v_the_places() {
    let (home, token) = with_secrets();
    let run = home.run(&["audit", ".claude", "-v"]).exits(0);
    assert!(!run.stdout.contains(&token));
    let mut lines = run.stdout.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("3  2 sessions  last 2026-06-05  github-classic  GitHub "), "{first}");
    assert!(lines.next().unwrap().ends_with(&format!("{ID}.jsonl:2 github-classic")), "{run:?}");
    assert!(run.stderr.contains("3 secrets of 1 kind in 2 of 2 files"), "{run:?}");
}

#[test]
fn findings_fail_only_if_wanted() {
    let (home, _) = with_secrets();
    home.run(&["audit", "--all", "--fail-on-findings"]).exits(1);
    home.write("clean/a.jsonl", "{}\n");
    let run = home.run(&["audit", "clean", "--fail-on-findings"]).exits(0);
    assert!(run.stdout.is_empty() && run.stderr.contains("no secrets in 1 file"), "{run:?}");
}

#[test]
fn known_values_of_the_environment_count_unless_told_otherwise() {
    let home = Home::new();
    let value = ["Zq7wLx", "9Rt2Vb", "Kp4Hn8"].concat();
    home.write("a.jsonl", format!("{{\"text\": \"it printed {value} here\"}}\n"));
    let run = |arguments: &[&str]| {
        let output = home.command(arguments).env("DEPLOY_PASSWORD", &value).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run(&["audit", "a.jsonl"]).contains("known-value"));
    assert_eq!(run(&["audit", "a.jsonl", "--no-known-values"]), "");
}

#[test]
fn wrong_paths_are_named_and_the_rest_is_looked_at() {
    let (home, _) = with_secrets();
    home.run(&["audit"]).exits(2);
    home.run(&["audit", "nowhere"]).exits(3);
    let status = std::process::Command::new("mkfifo")
        .arg(home.path(".claude/projects/-home-me-my-project/x.jsonl"))
        .status();
    assert!(status.unwrap().success());
    let run = home.run(&["audit", "--all"]).exits(3);
    assert!(run.stdout.contains("github-classic") && run.stderr.contains("not a regular file"), "{run:?}");
}

#[test]
fn compressed_and_large_sources_are_looked_at_from_start_to_end() {
    let home = Home::new();
    let token = github_token(3);
    let filler = format!("{{\"text\": \"{}\"}}\n", "x".repeat(1000));
    // The one is mapped and scanned on all threads, the other decompressed from start to end.
    let text = filler.repeat(9_500) + &user(ID, 0, &token);
    home.write("large.jsonl", &text);
    fs::write(home.path("large.jsonl.zst"), zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
    for name in ["large.jsonl", "large.jsonl.zst"] {
        let run = home.run(&["audit", name, "--json"]).exits(0);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(report["findings"][0]["line"], 9_501, "{name}");
        assert_eq!(report["count"], 1);
    }
}

#[test]
fn of_a_match_longer_than_what_is_shown_an_import_and_an_audit_of_a_packed_source_find_the_same() {
    let home = Home::new();
    // A token without end in which another one would be found by itself, more than a whole line's length further on; the
    // line goes on, so that blocks are cut within it.
    let (head, token) = (["op", "s_ey", "J"].concat(), github_token(4));
    let letters = |count: usize| -> String {
        let mut state = 7u64;
        let mut letter = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            char::from(
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                    [(state >> 33) as usize % 62],
            )
        };
        (0..count).map(|_| letter()).collect()
    };
    let endless = format!("{head}{}/{token}/{}", letters(6 << 20), letters(1 << 19));
    let text = format!("{{\"text\": \"{} {endless} {}\"}}\n", "x ".repeat(5000), "y ".repeat(5 << 19));
    home.write("large.jsonl", &text);
    home.write("large.jsonl.zst", zstd::encode_all(text.as_bytes(), 1).unwrap());
    home.run(&["archive", "large.jsonl.zst"]).exits(0);
    let masked = &home.sidecar(&home.archives()[0])["masked_by_rule"];
    assert_eq!(masked, &serde_json::json!({"1password": 1}));
    for name in ["large.jsonl", "large.jsonl.zst"] {
        let run = home.run(&["audit", name, "--json"]).exits(0);
        let audit: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let rules: Vec<(&str, u64)> = audit["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| (rule["rule"].as_str().unwrap(), rule["count"].as_u64().unwrap()))
            .collect();
        assert_eq!(rules, [("1password", 1)], "{name}");
    }
}
