//! `doctor`: what is set up, what is not, and what to do about it.

use crate::home::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const ID: &str = "a1b2c3d4-0000-4000-8000-000000000001";

/// Runs the program where the only programs are itself and a `crontab` that prints `table`.
fn doctor(home: &Home, table: &str, code: i32) -> serde_json::Value {
    let bin = home.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let crontab = bin.join("crontab");
    fs::write(&crontab, format!("#!/bin/sh\necho '{table}'\n")).unwrap();
    fs::set_permissions(&crontab, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(bin.join("sessionkeep"), b"").unwrap();
    let output = home.command(&["doctor", "--json"]).env("PATH", &bin).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn point(report: &serde_json::Value, topic: &str) -> (bool, String) {
    let point = report["points"].as_array().unwrap().iter().find(|point| point["topic"] == topic);
    let point = point.unwrap_or_else(|| panic!("no {topic} in {report}"));
    assert_eq!(point["is_ok"].as_bool(), Some(point["advice"].is_null()));
    let text = format!("{} | {}", point["says"].as_str().unwrap(), point["advice"].as_str().unwrap_or(""));
    (point["is_ok"].as_bool().unwrap(), text)
}

#[test]
fn with_hook_and_everything_archived_all_is_well() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    let settings = r#"{"cleanupPeriodDays": 90, "hooks": {"SessionEnd": [{"hooks": [
        {"type": "command", "command": "sessionkeep hook", "timeout": 5}]}]}}"#;
    home.write(".claude/settings.json", settings);
    home.run(&["import"]).exits(0);
    let report = doctor(&home, "", 0);
    assert_eq!(report["is_well"], true);
    assert_eq!(
        point(&report, "claude-code-hook"),
        (true, "Claude Code calls sessionkeep on SessionEnd (timeout 5s) | ".into())
    );
    assert!(point(&report, "claude-code-sessions").1.contains("after 90 days"));
    assert!(point(&report, "hook-calls").1.contains("not called yet"));
    home.run_with_input(&["hook", "--wait"], br#"{"session_id": "x", "transcript_path": "/nowhere.jsonl"}"#);
    assert!(point(&doctor(&home, "", 0), "hook-calls").1.contains("last called 20"));
}

#[test]
fn what_is_missing_is_named_with_what_to_do() {
    let home = Home::new();
    let session = home.claude_session(ID, &[user(ID, 0, "hello")]);
    set_age(&session, Duration::from_secs(28 * 24 * 3600));
    fs::create_dir_all(home.path(".codex")).unwrap();
    let report = doctor(&home, "", 1);
    assert!(!home.store().exists(), "a look makes no store");
    for (topic, advice) in [
        ("store", "sessionkeep import"),
        ("claude-code-hook", "\"SessionEnd\""),
        ("codex-hook", ".codex/hooks.json"),
        ("schedule", "crontab -"),
        ("claude-code-sessions", "sessionkeep import --agent claude-code"),
    ] {
        let (is_ok, text) = point(&report, topic);
        assert!(!is_ok && text.contains(advice), "{topic}: {text}");
    }
    assert_eq!(report["agents"][0]["unarchived"], 1);
    let deletion: jiff::Timestamp = report["agents"][0]["first_deletion"].as_str().unwrap().parse().unwrap();
    let left = deletion.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((1..=2 * 24 * 3600).contains(&left), "{left}");
}

#[test]
fn a_schedule_makes_up_for_hooks_and_a_hook_that_calls_nothing_is_named() {
    let home = Home::new();
    home.write(
        ".claude/settings.json",
        r#"{"hooks": {"Stop": [{"hooks": [{"command": "/gone/sessionkeep hook"}]}]}}"#,
    );
    let report = doctor(&home, "*/15 * * * * sessionkeep import -q", 1);
    assert_eq!(point(&report, "schedule"), (true, "sessionkeep import is run by crontab | ".into()));
    let (is_ok, text) = point(&report, "claude-code-hook");
    assert!(!is_ok && text.contains("/gone/sessionkeep, which is not there"), "{text}");
}

#[test]
fn a_broken_configuration_and_an_open_store_are_named() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    home.run(&["import"]).exits(0);
    home.write(".sessionkeep/config.json", r#"{"mask_patterns": [["(", ""]]}"#);
    fs::set_permissions(home.store(), fs::Permissions::from_mode(0o755)).unwrap();
    let report = doctor(&home, "", 1);
    assert!(!point(&report, "config").0);
    assert!(point(&report, "store").1.contains("chmod -R go="));
}

#[test]
fn a_session_that_grew_is_not_archived_yet() {
    let home = Home::new();
    let path = home.claude_session(ID, &[user(ID, 0, "hello")]);
    home.run(&["import"]).exits(0);
    fs::write(&path, user(ID, 0, "hello") + &user(ID, 1, "more")).unwrap();
    assert_eq!(doctor(&home, "", 1)["agents"][0]["active"], 1);
    set_age(&path, Duration::from_secs(7200));
    let report = doctor(&home, "", 1);
    assert_eq!(report["agents"][0]["unarchived"], 1);
    assert_eq!(report["agents"][0]["cleanup_days"], 30);
}
