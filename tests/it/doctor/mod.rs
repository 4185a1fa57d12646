//! `doctor`: what is set up, what is not, and what to do about it.

mod callers;
mod mending;

use crate::home::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

/// Runs the program where the only programs are itself and a `crontab` that prints `table`.
fn doctor(home: &Home, table: &str, code: i32) -> serde_json::Value {
    let bin = home.path("bin");
    fs::create_dir_all(&bin).unwrap();
    let crontab = bin.join("crontab");
    // By another process: a file that this one has open for writing cannot be run by another test's child.
    let write = r#"printf '#!/bin/sh\necho "%s"\n' "$1" > "$2""#;
    assert!(Command::new("sh").args(["-c", write, "sh", table]).arg(&crontab).status().unwrap().success());
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
        ("schedule", "sessionkeep setup"),
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
fn of_a_store_that_holds_the_home_no_more_than_the_store_itself_is_to_be_closed() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    let out = home.path("");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o755)).unwrap();
    home.run(&["import", "--out", out.to_str().unwrap()]).exits(0);
    let run = home.run(&["doctor", "--out", out.to_str().unwrap()]).exits(1);
    assert!(run.stdout.contains("chmod go=") && !run.stdout.contains("chmod -R"), "{run:?}");
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

#[test]
fn histories_and_what_belongs_to_sessions_are_counted_as_an_import_takes_them() {
    let home = Home::new();
    let prompt = "{\"session_id\":\"x\",\"ts\":1780000000,\"text\":\"hi\"}\n";
    home.write(".codex/history.jsonl", prompt);
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    let pasted = r#"{"1":{"id":1,"type":"text","contentHash":"ab12"}}"#;
    let history = format!(
        "{{\"display\":\"x\",\"pastedContents\":{pasted},\"timestamp\":1780000000000,\"project\":\"/p\"}}\n"
    );
    home.write(".claude/history.jsonl", history);
    home.write(".claude/paste-cache/ab12.txt", "named\n");
    let unnamed = home.write(".claude/paste-cache/ffff.txt", "nobody's\n");
    home.write(&format!(".claude/file-history/{ID}/0c0c@v1"), "before the edit\n");
    let report = doctor(&home, "", 1);
    let agent = |report: &serde_json::Value, id: &str| {
        report["agents"].as_array().unwrap().iter().find(|agent| agent["agent"] == id).unwrap().clone()
    };
    assert!(point(&report, "codex-sessions").1.contains("1 of 1 file not archived"), "{report}");
    let claude = agent(&report, "claude-code");
    assert_eq!((&claude["files"], &claude["unarchived"]), (&4.into(), &4.into()), "{claude}");
    assert_eq!(claude["left_alone"][0]["path"], unnamed.to_str().unwrap(), "{claude}");
    assert_eq!(claude["left_alone"][0]["reason"], "pasted or edited text that no session names");
    home.run(&["import"]).exits(0);
    let report = doctor(&home, "", 1);
    for (id, files) in [("codex", 1), ("claude-code", 4)] {
        let agent = agent(&report, id);
        assert_eq!((&agent["files"], &agent["unarchived"]), (&files.into(), &0.into()), "{agent}");
    }
    assert!(report["points"].as_array().unwrap().iter().all(|point| point["topic"] != "main-transcripts"));
    fs::remove_dir_all(home.path(".claude/projects")).unwrap();
    let report = doctor(&home, "", 1);
    assert_eq!(
        agent(&report, "claude-code")["left_alone"].as_array().unwrap().len(),
        1,
        "its session is archived"
    );
}

#[test]
fn what_is_in_use_is_not_said_to_be_archived() {
    let home = Home::new();
    let path = home.claude_session(ID, &[user(ID, 0, "hello")]);
    set_age(&path, Duration::ZERO);
    let says = |code| point(&doctor(&home, "", code), "claude-code-sessions").1;
    let said = says(1);
    assert!(said.contains("0 of 1 file archived, 1 in use and not archived yet;"), "{said}");
    home.run(&["import"]).exits(0);
    let said = says(1);
    assert!(said.contains("all of 1 file archived;"), "{said}");
    fs::write(&path, user(ID, 0, "hello") + &user(ID, 1, "more")).unwrap();
    let said = says(1);
    assert!(said.contains("0 of 1 file archived as they are now, 1 in use and changed since;"), "{said}");
}

#[test]
fn each_cause_of_what_is_not_read_has_advice_of_its_own() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    let projects = home.path(".claude/projects");
    for name in ["-gone-1", "-gone-2", "-gone\n3"] {
        symlink("/nope", projects.join(name)).unwrap();
    }
    symlink("-circle", projects.join("-circle")).unwrap();
    symlink(home.path("."), projects.join("-up")).unwrap();
    let report = doctor(&home, "", 1);
    let points = report["points"].as_array().unwrap();
    let point = points.iter().find(|point| point["topic"] == "claude-code-not-read").unwrap();
    let advice: Vec<&str> = point["advice"].as_str().unwrap().lines().collect();
    assert_eq!(advice.len(), 3, "{advice:?}");
    let of = |cause: &str| *advice.iter().find(|line| line.starts_with(cause)).unwrap();
    let gone = of("a symlink that leads nowhere: Bring back what it led to");
    assert!(gone.ends_with("# and so for 2 more: sessionkeep doctor -v"), "{gone}");
    assert_eq!(of("a symlink that leads to itself"), "a symlink that leads to itself: Remove the link.");
    of("a symlink to a directory that it lies in: What is in the agent's own directory is looked at anyway");
    let shown = home.run(&["doctor"]).exits(1).stdout;
    assert!(advice.iter().all(|line| shown.contains(&format!("\n        {line}\n"))), "{shown}");
}

/// Hooks of Claude Code at the beginning and the end of a session.
const HOOKS: &str = r#"{"cleanupPeriodDays": 90, "hooks": {
    "SessionStart": [{"hooks": [{"type": "command", "command": "sessionkeep hook", "timeout": 10}]}],
    "SessionEnd": [{"hooks": [{"type": "command", "command": "sessionkeep hook", "timeout": 10}]}]}}"#;

/// Returns the ids of this many sessions.
fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:08x}-0000-4000-8000-000000000000")).collect()
}

const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn a_machine_without_agents_is_well() {
    let home = Home::new();
    let report = doctor(&home, "", 0);
    assert_eq!(point(&report, "store").1, "none yet, and no agent has sessions here | ");
    assert!(!home.store().exists());
    let run = home.run(&["doctor", "-q"]).exits(0);
    assert_eq!((run.stdout, run.stderr), (String::new(), String::new()));
}

#[test]
fn what_an_agent_deletes_within_a_week_is_counted_and_to_do_if_it_is_not_archived() {
    let home = Home::new();
    for (id, days) in ids(3).iter().zip([1, 25, 28]) {
        let path = home.claude_session(id, &[user(id, 0, "hello")]);
        set_age(&path, DAY * days);
    }
    home.write(".claude/settings.json", HOOKS.replace("90", "30"));
    home.run(&["import"]).exits(0);
    let report = doctor(&home, "", 0);
    let says = "Claude Code deletes 2 files within 7 days, all archived | ";
    assert_eq!(point(&report, "claude-code-deletion"), (true, says.to_owned()));
    let path = home.claude_session(ID, &[user(ID, 0, "hello")]);
    set_age(&path, DAY * 29);
    let report = doctor(&home, "", 1);
    let (is_ok, text) = point(&report, "claude-code-deletion");
    assert!(
        !is_ok && text.contains("deletes 3 files within 7 days, 1 of them not archived | sessionkeep import"),
        "{text}"
    );
    let agent = &report["agents"][0];
    assert_eq!(
        (&agent["deleted_within_7_days"], &agent["deleted_within_7_days_unarchived"]),
        (&3.into(), &1.into())
    );
}

#[test]
fn an_agent_of_which_nothing_is_archived_is_named() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    home.write(".claude/settings.json", HOOKS);
    home.run(&["import"]).exits(0);
    assert_eq!(point(&doctor(&home, "", 0), "agents").1, "sessions of 1 agent are archived | ");
    let name = "rollout-2026-06-05T14-30-00-0195d000-0000-7000-8000-000000000001.jsonl";
    home.write(&format!(".codex/sessions/2026/06/05/{name}"), "{\"type\":\"session_meta\"}\n");
    let (is_ok, text) = point(&doctor(&home, "", 1), "agents");
    assert!(!is_ok, "{text}");
    assert_eq!(
        text,
        "nothing is archived of Codex, which has sessions here | sessionkeep import --agent codex"
    );
}

#[test]
fn the_growth_of_the_store_is_told_by_month() {
    let home = Home::new();
    home.claude_session(ID, &[user(ID, 0, "hello")]);
    home.run(&["import"]).exits(0);
    let report = doctor(&home, "", 1);
    let growth = &report["growth"];
    assert!(growth["bytes"].as_u64().unwrap() > growth["months"]["2026-06"].as_u64().unwrap(), "{growth}");
    assert!(growth["free_bytes"].as_u64().unwrap() > 0);
    assert!(point(&report, "growth").1.starts_with("the store has "));
}
